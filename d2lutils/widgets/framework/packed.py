"""Weights that travel in a page: whole numbers of 8 or 16 bits as text, and back.

``front/network.js`` reads the same form. Nothing is pickled: names, shapes, and the numbers
one after the other in base64.
"""

import base64
import json
import math

import numpy as np
import torch

_STORED = {8: "<i1", 16: "<i2", 32: "<f4"}


def pack(tensors, bits=8, budget_kb=200):
    """Named tensors as plain JSON values.

    A tensor of two or more dimensions is rounded, each row (the weights of one unit or
    channel) with a scale of its own; vectors (biases, statistics), which weigh little and
    matter much, keep float32. The same tensors give the same bytes.

    Parameters
    ----------
    tensors : dict of str to Tensor
        For instance a ``state_dict()``. Counts of batches are left out.
    bits : {8, 16, 32}, optional
        Of each rounded number; 32 rounds nothing. None: 16 where they fit into the budget,
        else 8.
    budget_kb : float
        Most kilobytes (of 1,000 bytes) that the result may weigh as JSON.

    Returns
    -------
    dict
        ``entries``, a list of [name, shape, bits], and ``bytes``, base64 text.

    Raises
    ------
    TypeError, ValueError
        For what is no tensor of floats, for numbers that are not finite, and when the budget
        is exceeded.
    """
    if bits is None:
        finest = _weighed(tensors, 16)
        return finest[0] if finest[1] <= budget_kb else pack(tensors, 8, budget_kb)
    if bits not in _STORED:
        raise ValueError(f"weights have 8, 16 or 32 bits, not {bits!r}")
    packed, size = _weighed(tensors, bits)
    if size > budget_kb:
        count = sum(math.prod(shape) for _, shape, _ in packed["entries"])
        raise ValueError(
            f"{count:,} weights of {bits} bits make the page {size:.0f} kB heavier; its budget "
            f"is {budget_kb:g} kB. Use a narrower network"
            + (", or bits=8" if bits > 8 else "")
            + ", or give a larger budget_kb where the page can bear it."
        )
    return packed


def _weighed(tensors, bits):
    """The tensors packed, and the kilobytes that they weigh as JSON."""
    entries, parts = [], []
    for name, tensor in tensors.items():
        if name.endswith("num_batches_tracked"):
            continue
        if not isinstance(tensor, torch.Tensor) or not tensor.is_floating_point():
            kind = getattr(tensor, "dtype", type(tensor).__name__)
            raise TypeError(f"{name} must be a tensor of floats, not {kind}")
        numbers = tensor.detach().cpu().float()
        if not numbers.isfinite().all():
            raise ValueError(
                f"{name} holds nan or infinity: the training that made it diverged"
            )
        kept = bits if numbers.dim() > 1 else 32
        entries.append([name, list(numbers.shape), kept])
        parts += _rounded(numbers, kept)
    packed = {
        "entries": entries,
        "bytes": base64.b64encode(b"".join(parts)).decode(),
    }
    return packed, len(json.dumps(packed, separators=(",", ":"))) / 1000


def _rounded(numbers, bits):
    """The bytes of one tensor: the scales of its rows, then its numbers."""
    if bits == 32:
        return [numbers.numpy().astype(_STORED[32]).tobytes()]
    rows = numbers.reshape(numbers.shape[0], -1).double()
    most = 2 ** (bits - 1) - 1
    scale = (rows.abs().amax(dim=1, keepdim=True) / most).float()
    scale[scale == 0] = 1  # a row of zeros, or of numbers too small to matter
    whole = (rows / scale.double()).round().clamp(-most, most)
    return [
        scale.numpy().astype(_STORED[32]).tobytes(),
        whole.numpy().astype(_STORED[bits]).tobytes(),
    ]


def unpack(packed):
    """The tensors of :func:`pack` as float32: what the page computes with.

    Raises ValueError when the bytes don't fit the shapes.
    """
    raw, at, found = base64.b64decode(packed["bytes"]), 0, {}

    def take(count, bits):
        nonlocal at
        end = at + count * bits // 8
        if end > len(raw):
            raise ValueError(f"the weights end after {len(raw)} bytes, too early")
        numbers = np.frombuffer(raw[at:end], _STORED[bits])
        at = end
        return torch.tensor(numbers.astype("f8"))

    for name, shape, bits in packed["entries"]:
        scale = 1 if bits == 32 else take(shape[0], 32).unsqueeze(1)
        numbers = take(math.prod(shape), bits)
        if bits != 32:
            numbers = numbers.reshape(shape[0], -1) * scale
        found[name] = numbers.reshape(shape).float()
    if at != len(raw):
        raise ValueError(f"the weights are {len(raw)} bytes long, not {at}")
    return found
