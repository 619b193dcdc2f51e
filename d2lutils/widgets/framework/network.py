"""A trained net as a list of steps that runs in the page, and here in torch.

:func:`convert` follows a module's ``forward`` (by ``torch.fx``) and writes down what it does
with one example; ``front/network.js`` does it in the browser, :func:`run` in torch. What a
step can be is in ``layers.py``.
"""

import copy

import torch
from torch import fx, nn

from d2lutils.widgets.framework import layers, packed


def convert(net, shape, bits=8, budget_kb=200):
    """A net as plain JSON values: its steps, and its weights for the page.

    Parameters
    ----------
    net : nn.Module
        Takes (n, \\*shape) to one tensor, by the layers that ``layers.py`` knows, one after
        the other or with branches, sums and concatenation. It is described as it
        works in evaluation, and stays as it is.
    shape : sequence of int
        Of one example, for instance (1, 28, 28).
    bits, budget_kb : int, float
        As in :func:`packed.pack`.

    Returns
    -------
    dict
        ``shape``; ``steps``, a list of {op, name, ...options}, where ``of`` counts the
        earlier values that a step takes (0 is the example; left out: the one before) and
        ``own`` names the layer whose weights it uses; ``weights``.

    Raises
    ------
    TypeError, ValueError
        For a layer that the page does not have, a forward that can't be followed, weights
        over the budget, and a description that does not answer as the net does.
    """
    if not isinstance(net, nn.Module):
        raise TypeError(f"a net must be an nn.Module, not {type(net).__name__}")
    net = copy.deepcopy(net).cpu().float().eval()
    steps = _steps(net, shape)
    owners = {step["own"] for step in steps if "own" in step}
    tensors = {
        name: tensor
        for name, tensor in net.state_dict().items()
        if name.rpartition(".")[0] in owners
    }
    exact = {"shape": list(shape), "steps": steps}
    _prove(net, exact, tensors)
    return exact | {"weights": packed.pack(tensors, bits, budget_kb)}


def run(network, X, dtype=torch.float32):
    """All values of the steps for a batch ``X`` (n, \\*shape), X first and the answer last.

    With the weights as the page has them, rounded.
    """
    return _run(network["steps"], packed.unpack(network["weights"]), X, dtype)


def _run(steps, tensors, X, dtype):
    values = [X.to(dtype)]
    for step in steps:
        own = step.get("own")
        weights = {
            name.rpartition(".")[2]: tensor.to(dtype)
            for name, tensor in tensors.items()
            if name.rpartition(".")[0] == own
        }
        given = [values[i] for i in step.get("of", [len(values) - 1])]
        values.append(layers.RUN[step["op"]](given, step | weights))
    return values


class _Recorder(fx.Interpreter):
    """Runs a traced net once and keeps what every node gave."""

    def __init__(self, traced):
        super().__init__(traced)
        self.results = {}

    def run_node(self, node):
        self.results[node] = super().run_node(node)
        return self.results[node]


def _steps(net, shape):
    """What a net does with one example, as a list of steps."""
    name = type(net).__name__
    try:
        traced = fx.symbolic_trace(net)
    except Exception as error:  # whatever forward() raises when it meets a proxy
        raise TypeError(
            f"the forward of {name} can't be followed, because its path depends on the numbers "
            f"or shapes that pass ({error}). Write it as layers one after the other."
        ) from error
    recorder = _Recorder(traced)
    with torch.no_grad():
        try:
            recorder.run(torch.zeros(1, *shape))
        except RuntimeError as error:
            why = str(error).partition("\n")[0]
            raise ValueError(
                f"{name} takes no input of shape {(1, *shape)}: {why}"
            ) from error
    place, steps = {}, []
    for node in traced.graph.nodes:
        result = recorder.results[node]
        if node.op == "placeholder":
            if place:
                raise TypeError(f"{name} must take one input, not also {node.name}")
            place[node] = 0
        elif node.op != "output" and isinstance(result, torch.Tensor):
            part = net.get_submodule(node.target) if node.op == "call_module" else None
            at, made = layers.describe(node, part, recorder.results, place)
            for step in made:
                if at == [len(steps)]:
                    step.pop("of", None)
                else:
                    step["of"] = at
                steps.append(step)
                at = [len(steps)]
            (place[node],) = at
        elif node.op == "output":
            last = node.args[0]
            if not isinstance(last, fx.Node) or place.get(last) != len(steps):
                raise TypeError(f"{name} must return one tensor, the last it computes")
    return steps


def _prove(net, exact, tensors):
    """The description answers as the net does, on random examples."""
    made = torch.Generator().manual_seed(0)
    X = torch.rand(3, *exact["shape"], generator=made)
    with torch.no_grad():
        wanted = net(X)
        found = _run(exact["steps"], tensors, X, torch.float32)[-1]
    if found.shape != wanted.shape or not torch.allclose(found, wanted, 1e-3, 1e-4):
        raise ValueError(
            f"{type(net).__name__} does more than its layers say: by them, its answer differs "
            "from what it returns. Is there arithmetic on the way that keeps the shape?"
        )
