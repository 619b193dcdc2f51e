"""Cells that check something: two results agree, or a mistake really fails."""

import math
import warnings
from contextlib import contextmanager


def assert_close(what, ours, theirs, atol=1e-12, rtol=0.0):
    """Check that two results are the same and print by how much they differ.

    Parameters
    ----------
    what : str
        What is compared, for the printed line.
    ours, theirs : torch.Tensor, array, number, or dicts, lists and tuples of them
        The same keys and lengths, and values of the same shape, dtype and device. A
        number of Python's is compared in 64 bits with whatever it stands beside.
    atol, rtol : float
        ``|ours - theirs| <= atol + rtol * |theirs|`` must hold elementwise. The default
        suits float64; use about ``1e-6`` for float32. Equal infinities agree, and so do
        zeros of either sign; ``nan`` agrees with nothing, not even with ``nan``.

    Raises
    ------
    AssertionError
        When they differ by more, or in keys, length, shape, dtype or device, or when
        there is not one number to compare; it says where.
    TypeError
        When something can't be compared (a text, None, an iterator, a meta tensor).
    ValueError
        When a tolerance is negative or ``nan``.
    """
    from d2lutils.comparison import check_tolerance, pairs

    if not isinstance(what, str):
        raise TypeError(
            "assert_close(what, ours, theirs): the first argument is a text that says "
            f"what is compared, not a {type(what).__name__}."
        )
    if not (atol >= 0 and rtol >= 0):
        raise ValueError(f"Tolerances start at 0, got atol={atol} and rtol={rtol}.")
    largest, count = 0.0, 0
    try:
        for where, a, b in pairs(ours, theirs):
            largest = max(largest, check_tolerance(a, b, atol, rtol, where))
            count += a.numel()
    except AssertionError as error:
        raise AssertionError(f"{what} differs.\n{error}") from None
    if not count:
        raise AssertionError(f"{what}: there is not one number to compare.")
    print(f"{what}: equal to {_bound(atol, rtol)} (largest difference {largest:.1e})")


def _bound(atol, rtol):
    if not rtol:
        return _power_of_ten(atol) if atol else "the last bit"
    relative = f"{_power_of_ten(rtol)} of each value"
    return f"{_power_of_ten(atol)} plus {relative}" if atol else relative


def _power_of_ten(tolerance):
    exponent = math.log10(tolerance)
    near = abs(exponent - round(exponent)) < 1e-9
    return f"1e{round(exponent)}" if near else f"{tolerance:g}"


def _names(expected):
    kinds = expected if isinstance(expected, tuple) else (expected,)
    return " or ".join(kind.__name__ for kind in kinds)


@contextmanager
def raises(expected):
    """Run a block that must fail, and print the error it fails with.

    ``expected`` is one type of error or a tuple of several.

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
            f"This block was meant to fail with {_names(expected)}, but it ran. "
            "Perhaps a newer version of the library accepts it."
        )


@contextmanager
def warns(expected):
    """Run a block that must warn, and print its warnings instead of showing them.

    ``expected`` is one category or a tuple of several; other warnings are shown.

    Raises
    ------
    AssertionError
        When no warning of that category is given.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    texts = [w for w in caught if issubclass(w.category, expected)]
    for w in caught:
        if w not in texts:
            warnings.warn_explicit(w.message, w.category, w.filename, w.lineno)
    if not texts:
        raise AssertionError(f"This block was meant to give a {_names(expected)}.")
    for warning in texts:
        message = str(warning.message).splitlines()[0]
        # Where in PyTorch's C++ it was raised differs from build to build.
        message = message.split(" (Triggered internally at")[0]
        print(f"{warning.category.__name__}: {message}")
