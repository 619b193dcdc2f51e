"""Two structures of numbers, brought side by side value by value."""

import math
from collections.abc import Mapping

import torch


def pairs(ours, theirs, where=""):
    """Yield ``(where, a, b)`` for each value of two structures: detached CPU tensors.

    Mappings are matched by key, tuples and lists by position, nested as they may be.
    Floats and complex numbers come in 64 bits each, whole numbers as int64. A number of
    Python's has no dtype and no device that would have to agree.

    Raises
    ------
    AssertionError
        When one side has a key, a position, a shape, a dtype or a device that the other
        has not.
    TypeError
        When a value is neither a number nor a tensor or an array of numbers.
    """
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        _check_keys(ours, theirs, where)
        for key in ours:
            yield from pairs(ours[key], theirs[key], f"{where}[{key!r}]")
    elif (_is_sequence(ours) and _has_rows(theirs)) or (
        _is_sequence(theirs) and _has_rows(ours)
    ):
        if len(ours) != len(theirs):
            raise AssertionError(
                f"{_at(where)}{len(ours)} values against {len(theirs)}."
            )
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            yield from pairs(a, b, f"{where}[{i}]")
    elif any(isinstance(v, Mapping) or _is_sequence(v) for v in (ours, theirs)):
        raise AssertionError(f"{_at(where)}{_name(ours)} against {_name(theirs)}.")
    else:
        a, b = _tensor(ours, where), _tensor(theirs, where)
        free = _is_number(ours) or _is_number(theirs)
        for kind in ("shape",) if free else ("shape", "dtype", "device"):
            x, y = getattr(a, kind), getattr(b, kind)
            if x != y:
                x, y = (tuple(v) if kind == "shape" else v for v in (x, y))
                raise AssertionError(f"{_at(where)}{kind} {x} against {y}.")
        wide = _wide(torch.promote_types(a.dtype, b.dtype))
        yield where, a.cpu().to(wide), b.cpu().to(wide)  # MPS has no 64 bits


def check_tolerance(a, b, atol, rtol, where=""):
    """Return the largest ``|a - b|`` of two tensors as a float, 0 if they are empty.

    Raises
    ------
    AssertionError
        Unless ``|a - b| <= atol + rtol * |b|`` everywhere.
    """
    if not a.numel():
        return 0.0
    same = a == b  # equal infinities too, whose difference is nan
    difference = torch.where(same, 0, (a - b).abs())
    size = b.abs().double()
    allowed = (atol + rtol * size).where(size.isfinite(), atol)
    wrong = ~(same | (difference <= allowed))  # nan is never <= anything
    if wrong.any():
        by = difference.double().nan_to_num(nan=math.inf)
        at = torch.where(wrong, by, -1).argmax()
        index = tuple(int(i) for i in torch.unravel_index(at, a.shape))
        where += str(list(index)) if index else ""
        raise AssertionError(
            f"{_at(where)}{a[index].item()!r} against {b[index].item()!r}. "
            f"{int(wrong.sum())} of {wrong.numel()} values differ by more than "
            f"{atol:g} + {rtol:g} * |theirs|."
        )
    return difference.max().item()


def _wide(dtype):
    if dtype.is_complex:
        return torch.complex128
    # not float64: whole numbers beyond 2**53 would meet there
    return torch.float64 if dtype.is_floating_point else torch.int64


def _check_keys(ours, theirs, where):
    for have, other, side in ((ours, theirs, "ours"), (theirs, ours, "theirs")):
        lost = [repr(key) for key in have if key not in other]
        if lost:
            raise AssertionError(f"{_at(where)}only {side} has {', '.join(lost)}.")


def _tensor(value, where):
    if isinstance(value, (int, float, complex)) or hasattr(value, "__array__"):
        kind = torch.float64 if isinstance(value, float) else None
        kind = torch.complex128 if isinstance(value, complex) else kind
        try:
            tensor = torch.as_tensor(value, dtype=kind).detach()
        except (TypeError, ValueError, RuntimeError) as error:
            raise TypeError(
                f"{_at(where)}{_name(value)} is no numbers: {error}"
            ) from None
        if tensor.device.type == "meta":
            raise TypeError(f"{_at(where)}a tensor on meta has no values to compare.")
        return tensor if tensor.layout == torch.strided else tensor.to_dense()
    advice = " Make it a list first." if hasattr(value, "__iter__") else ""
    raise TypeError(
        f"{_at(where)}{_name(value)} can't be compared: assert_close() takes numbers, "
        f"tensors, arrays, and lists or dicts of them.{advice}"
    )


def _is_number(value):
    """Tell whether it is one of Python's own numbers (NumPy's float64 is, too)."""
    return isinstance(value, (int, float, complex)) and not isinstance(value, bool)


def _is_sequence(value):
    return isinstance(value, (tuple, list))


def _has_rows(value):
    # beside a list, a tensor counts as the list of its rows
    return _is_sequence(value) or bool(getattr(value, "ndim", 0))


def _name(value):
    return f"a {type(value).__name__}"


def _at(where):
    return f"at {where}: " if where else ""
