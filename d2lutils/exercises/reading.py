"""How a check reads an answer: a number, parts, a tensor, a function, a class."""

import math
from decimal import Decimal
from numbers import Complex, Real

import numpy as np
import torch

from d2lutils.exercises import Wrong


def number(answer, what="The answer", *, whole=False):
    """Return one finite number as a float; with ``whole`` as an int.

    Raises
    ------
    Wrong
        When it is none; ``what`` begins the sentence.
    """
    value = _element(answer, what)
    if isinstance(value, (str, bytes)):
        raise Wrong(f"{what} is the text {value!r}; give the number, without quotes.")
    if isinstance(value, (bool, np.bool_)):
        raise Wrong(f"{what} is one number, not {value}.")
    if not isinstance(value, (Real, Decimal)):
        kind = "a complex number" if isinstance(value, Complex) else _kind(value)
        raise Wrong(f"{what} is one number, not {kind}.")
    try:
        value = float(value)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise Wrong(f"{what} is a finite number, not {value}.")
    if not whole:
        return value
    if abs(value - round(value)) > 1e-9 * max(1, abs(value)):
        raise Wrong(f"{what} is a whole number, not {value:g}.")
    return round(value)


def _element(value, what):
    """The Python number in a NumPy or torch value with one element."""
    if torch.is_tensor(value):
        if value.is_meta:
            raise Wrong(f"{what} is a tensor on meta: it holds no number.")
        value = value.detach().cpu()
        if value.numel() != 1:
            raise Wrong(f"{what} is one number, not {_kind(value)}.")
        return value.item()
    if isinstance(value, (np.generic, np.ndarray)):
        if value.size != 1:
            raise Wrong(f"{what} is one number, not an array of shape {value.shape}.")
        return value.item()
    return value


def _kind(value):
    if torch.is_tensor(value):
        return f"a tensor of shape {tuple(value.shape)}"
    if callable(value) and not isinstance(value, type):
        return "a function (call it, and give what it returns)"
    return type(value).__name__


def numbers(answer, names, *, whole=False):
    """Return several finite numbers as a tuple of floats (ints with ``whole``).

    ``names`` are what the numbers are, such as ("trainings", "patients"); a tuple, a
    list, or a tensor or array with one axis may hold them.
    """
    found = parts(answer, names, of="numbers")
    pairs = zip(found, names, strict=True)
    return tuple(number(v, n[:1].upper() + n[1:], whole=whole) for v, n in pairs)


def parts(found, names, of="parts"):
    """Return the parts of a tuple or list that must hold one for each name."""
    wanted = f"{len(names)} {of}: ({', '.join(names)})"
    if (torch.is_tensor(found) or isinstance(found, np.ndarray)) and found.ndim:
        found = list(found)
    if not isinstance(found, (tuple, list)):
        raise Wrong(f"There must be {wanted}, not {_kind(found)}.")
    if len(found) != len(names):
        raise Wrong(f"There must be {wanted}; you give {len(found)}.")
    return tuple(found)


def function(answer, name):
    """Refuse what isn't a function, or is a class; ``name`` is what the task calls it."""
    if isinstance(answer, type) or not callable(answer):
        raise Wrong(f"Hand over the function {name} itself, not {_kind(answer)}.")


def subclass(answer, base):
    """Refuse what isn't a class that inherits from ``base``."""
    if not (isinstance(answer, type) and issubclass(answer, base)):
        name = "nn.Module" if base is torch.nn.Module else base.__name__
        raise Wrong(f"Hand over the class itself, a subclass of {name}.")


def call(answer, *inputs, untouched=False, **options):
    """Call the reader's function with copies of the inputs; return what it returns.

    Tensors, also those in lists, tuples and dicts, are cloned, unless gradients are wanted
    from them; all else is handed over as it is. With ``untouched`` it is ``Wrong`` to
    change them in place, and returning nothing always is.
    """
    given = [copied(value) for value in inputs]
    found = answer(*given, **options)
    if untouched and not all(map(_same, given, inputs)):
        raise Wrong("What was handed in has changed; work on a copy.")
    if found is None:
        raise Wrong("The function returned nothing; did you forget return?")
    return found


def copied(value):
    """Clone the tensors in a value, which may be a list, tuple or dict of them."""
    if torch.is_tensor(value):
        return value if value.requires_grad else value.clone()
    if type(value) in (list, tuple):
        return type(value)(map(copied, value))
    if type(value) is dict:
        return {key: copied(v) for key, v in value.items()}
    return value


def _same(a, b):
    if torch.is_tensor(b):
        return torch.is_tensor(a) and torch.equal(a, b)
    if type(b) in (list, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    if type(b) is dict:
        return list(a) == list(b) and all(_same(a[key], b[key]) for key in b)
    return a is b


KINDS = {  # what dtype= asks for, and what such a tensor holds
    "real": lambda t: not t.is_complex() and t.dtype != torch.bool,
    "floating": torch.Tensor.is_floating_point,
    "whole": lambda t: (
        not (t.is_floating_point() or t.is_complex() or t.dtype == torch.bool)
    ),
}


def tensor(found, what="The result", *, shape=None, dtype="real"):
    """Return ``found`` when it is a finite tensor of this shape and type.

    ``dtype`` is a ``torch.dtype`` or "real" (any numbers), "floating" or "whole".
    """
    if not torch.is_tensor(found):
        raise Wrong(f"{what} must be a tensor, not {_kind(found)}.")
    if shape is not None and tuple(found.shape) != tuple(shape):
        raise Wrong(
            f"{what} has shape {tuple(found.shape)}; it must be {tuple(shape)}."
        )
    fits = KINDS[dtype](found) if dtype in KINDS else found.dtype == dtype
    if not fits:
        wanted = f"{dtype} numbers" if dtype in KINDS else dtype
        raise Wrong(f"{what} holds {found.dtype}; it must hold {wanted}.")
    if found.is_meta:
        raise Wrong(f"{what} is on meta: it holds no numbers.")
    if not found.detach().isfinite().all():
        raise Wrong(f"{what} holds nan or infinity.")
    return found
