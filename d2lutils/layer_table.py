"""What each layer of a network puts out, holds and computes."""

from copy import deepcopy
from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode


@dataclass
class LayerTable:
    """The rows of :func:`layer_table`; prints as a table.

    Attributes
    ----------
    rows : list of (name, kind, output shape, parameters, multiply-adds)
        One for each layer, in the order in which they were called.
    parameters : int
        Of the whole net, each counted once.
    multiply_adds : int
        Of the whole net, for one example.
    """

    rows: list
    parameters: int
    multiply_adds: int

    def __str__(self):
        head = ("layer", "kind", "output", "parameters", "multiply–adds")
        cells = [
            (name, kind, _shape(shape), f"{held:,}", f"{adds:,}")
            for name, kind, shape, held, adds in self.rows
        ]
        last = ("total", "", "", f"{self.parameters:,}", f"{self.multiply_adds:,}")
        table = [head, *cells, last]
        widths = [max(len(row[column]) for row in table) for column in range(5)]
        return "\n".join(_line(row, widths) for row in table)

    __repr__ = __str__


def layer_table(net, shape, depth=1):
    """List a network's layers with output shapes, parameters and multiply–adds.

    A copy of the net is run once without its numbers (on PyTorch's ``meta`` device), in
    evaluation mode, so the reader's own is left alone. A network too large for the
    memory can be built under ``with torch.device("meta"):``.

    Parameters
    ----------
    net : torch.nn.Module
    shape : tuple of int
        Of one example, without the batch, such as ``(1, 28, 28)``.
    depth : int
        1 lists the net's children, 2 also opens those that have children themselves.

    Returns
    -------
    LayerTable
        Multiply–adds are those of convolutions and matrix products (half the floating
        point operations that ``torch.utils.flop_counter`` counts): biases, norms,
        activations and pooling are left out, as in most papers.

    Raises
    ------
    TypeError
        When ``net`` is no module or ``shape`` no tuple of whole numbers.
    ValueError
        When an example of this shape does not go through the net.
    """
    if not isinstance(net, torch.nn.Module):
        raise TypeError(f"layer_table() needs an nn.Module, got {type(net).__name__}.")
    if not _is_shape(shape):
        raise TypeError(
            "shape is that of one example, a tuple such as (1, 28, 28), "
            f"without the batch; got {shape!r}."
        )
    net = deepcopy(net).to("meta").eval()
    called = []  # (name, module, output shape), in the order of the calls
    for name, module in _layers(net, depth):
        module.register_forward_hook(
            lambda module, _, out, name=name: called.append((name, module, out.shape))
        )
    counter = FlopCounterMode(display=False)
    try:
        with torch.no_grad(), counter:
            net(torch.zeros(1, *shape, device="meta"))
    except (RuntimeError, ValueError) as error:
        where = f" after layer {called[-1][0]!r}" if called else ""
        raise ValueError(
            f"An example of shape {tuple(shape)} does not go through the net"
            f"{where}: {error}"
        ) from error
    by_module = counter.get_flop_counts()
    prefix = type(net).__name__
    rows = [
        (
            name,
            type(module).__name__,
            tuple(size[1:]),
            _held(module),
            _half(by_module.get(f"{prefix}.{name}", {})),
        )
        for name, module, size in called
    ]
    return LayerTable(rows, _held(net), _half(by_module.get("Global", {})))


def _layers(net, depth, prefix=""):
    """(name, module) of the children, opened down to the depth asked for."""
    for name, child in net.named_children():
        if depth > 1 and any(True for _ in child.children()):
            yield from _layers(child, depth - 1, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", child


def _held(module):
    return sum(parameter.numel() for parameter in module.parameters())


def _half(counts):
    return sum(counts.values()) // 2


def _is_shape(shape):
    return (
        isinstance(shape, tuple | list | torch.Size)
        and len(shape) > 0
        and all(isinstance(n, int) and n > 0 for n in shape)
    )


def _shape(shape):
    return " × ".join(map(str, shape))


def _line(row, widths):
    """Words to the left, numbers to the right."""
    sides = "<<<>>"
    cells = [f"{t:{s}{w}}" for t, s, w in zip(row, sides, widths, strict=True)]
    return "  ".join(cells).rstrip()
