"""Cells that prove something: two results agree, or a mistake really fails."""

import math
import warnings
from contextlib import contextmanager


def assert_close(what, ours, theirs, atol=1e-12, rtol=0.0):
    """Prove that two results are the same and print by how much they differ.

    Parameters
    ----------
    what : str
        What is compared, for the printed line.
    ours, theirs : torch.Tensor, number, or matching sequences of them
        Values of the same shape, dtype and device (numbers become tensors).
    atol, rtol : float
        ``|ours - theirs| <= atol + rtol * |theirs|`` must hold elementwise. The default
        suits float64; use about ``1e-6`` for float32.

    Raises
    ------
    AssertionError
        When they differ by more, or in shape, dtype or device; it says where.
    """
    import torch

    if not isinstance(what, str):
        raise TypeError(
            "assert_close(what, ours, theirs): the first argument is a text that says "
            f"what is compared, not a {type(what).__name__}."
        )
    if isinstance(ours, dict):
        theirs = [theirs[key] for key in ours] if isinstance(theirs, dict) else theirs
        ours = list(ours.values())
    if not isinstance(ours, (tuple, list)):
        ours, theirs = [ours], [theirs]
    if len(ours) != len(theirs):
        raise AssertionError(f"{what}: {len(ours)} values against {len(theirs)}.")
    largest = 0.0
    for a, b in zip(ours, theirs, strict=True):
        a, b = (
            v.detach() if torch.is_tensor(v) else torch.as_tensor(v) for v in (a, b)
        )
        torch.testing.assert_close(
            a, b, atol=atol, rtol=rtol, msg=lambda m: f"{what} differs.\n{m}"
        )
        if a.numel():
            difference = (a.double() - b.double()).abs()
            # Equal infinities count as equal, as they do for torch.testing.
            difference = torch.where(a == b, 0.0, difference)
            largest = max(largest, difference.max().item())
    print(f"{what}: equal to {_power_of_ten(atol)} (largest difference {largest:.1e})")


def _power_of_ten(atol):
    if atol <= 0:
        return "the last bit"
    exponent = math.log10(atol)
    return f"1e{round(exponent)}" if abs(exponent - round(exponent)) < 1e-9 else atol


@contextmanager
def raises(expected):
    """Run a block that must fail, and print the error it fails with.

    >>> with raises(ValueError):
    ...     int("seven")
    ValueError: invalid literal for int() with base 10: 'seven'

    Raises
    ------
    AssertionError
        When the block runs without an error. An error of another type passes through.
    """
    try:
        yield
    except expected as error:
        print(f"{type(error).__name__}: {error}")
    else:
        raise AssertionError(
            f"This block was meant to fail with {expected.__name__}, but it ran. "
            "Perhaps a newer version of the library accepts it."
        )


@contextmanager
def warns(expected):
    """Run a block that must warn, and print its warnings instead of showing them.

    Raises
    ------
    AssertionError
        When no warning of that category is given.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    texts = [w for w in caught if issubclass(w.category, expected)]
    if not texts:
        raise AssertionError(f"This block was meant to give a {expected.__name__}.")
    for warning in texts:
        message = str(warning.message).splitlines()[0]
        # Where in PyTorch's C++ it was raised differs from build to build.
        message = message.split(" (Triggered internally at")[0]
        print(f"{warning.category.__name__}: {message}")
