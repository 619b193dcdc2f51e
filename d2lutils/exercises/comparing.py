"""How a check compares numbers, tensors and gradients. Nothing is ever close to nan."""

import numpy as np
import torch

from d2lutils.exercises import Wrong
from d2lutils.exercises.reading import copied, number, tensor

ATOL, RTOL = 1e-6, 1e-5  # a result in single precision is right


def close(found, expected, atol=ATOL, rtol=RTOL):
    """Say whether numbers or tensors agree: never with nan, never of another shape."""
    found, expected = (
        torch.as_tensor(v, dtype=None if torch.is_tensor(v) else torch.float64)
        .detach()
        .cpu()
        .double()
        for v in (found, expected)
    )
    if found.shape != expected.shape:
        return False
    off = (found - expected).abs()
    return bool(((off <= atol + rtol * expected.abs()) | (found == expected)).all())


def agree(found, expected, where="", hint="", *, what="it", atol=ATOL, rtol=RTOL):
    """Refuse what differs from the expected number or tensor.

    The sentence says where ("for a batch with two axes"), what is right, what was found
    (in a tensor: where they differ most), and ends with the hint.
    """
    start = f"{where}, {what}" if where else what
    start = start[:1].upper() + start[1:]
    if not torch.is_tensor(expected):
        found = number(found, start)
        if not close(found, expected, atol, rtol):
            right = _shown(expected, found)
            raise Wrong(
                f"{start} should be {right}, not {_shown(found, expected)}. {hint}".strip()
            )
        return
    tensor(found, start, shape=expected.shape)
    if not close(found, expected, atol, rtol):
        ours, theirs = found.detach().cpu().double(), expected.detach().cpu().double()
        worst = int((ours - theirs).abs().argmax())
        index = tuple(int(i) for i in np.unravel_index(worst, ours.shape))
        a, b = ours.flatten()[worst].item(), theirs.flatten()[worst].item()
        place = f" at index {', '.join(map(str, index))}" if index else ""
        raise Wrong(
            f"{start} should be {_shown(b, a)}{place}, not {_shown(a, b)}. {hint}".strip()
        )


def _shown(value, beside):
    """A number with four digits, or with more where it would look like its neighbour."""
    short = f"{value:.4g}"
    if isinstance(value, int) or short == f"{beside:.4g}":
        return f"{value:.10g}"
    return short


def agree_gradients(
    answer, reference, *inputs, wrt=(0,), where="", hint="", atol=ATOL, rtol=RTOL
):
    """Refuse a function whose gradients by its inputs differ from the reference's.

    ``wrt`` are the places of the inputs to differentiate by. Both functions return one
    tensor; its entries are weighed at random, so that each of them counts.
    """
    right = _gradients(reference, inputs, wrt)
    ours = _gradients(answer, inputs, wrt)
    lost = (
        "The value is right, but no gradient comes back to the input: compute with "
        "tensors all the way, without item(), detach() or no_grad()."
    )
    if ours is None:
        raise Wrong(lost)
    for g, r in zip(ours, right, strict=True):
        if g is None and r.any():
            raise Wrong(lost)
        g = torch.zeros_like(r) if g is None else g
        agree(
            g, r, where, hint, what="the gradient (not the value)", atol=atol, rtol=rtol
        )


def _gradients(f, inputs, wrt):
    inputs = [copied(v.detach() if torch.is_tensor(v) else v) for v in inputs]
    for place in wrt:
        inputs[place].requires_grad_()
    result = f(*inputs)
    if not torch.is_tensor(result) or not result.requires_grad:
        return None
    generator = torch.Generator().manual_seed(1)
    weights = torch.randn(result.shape, generator=generator, dtype=torch.float64)
    total = (result * weights.to(result)).sum()
    leaves = [inputs[place] for place in wrt]
    found = torch.autograd.grad(total, leaves, allow_unused=True)
    return None if all(g is None for g in found) else found
