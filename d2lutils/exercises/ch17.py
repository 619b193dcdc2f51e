"""Chapter 17, GPUs: the checks of its exercises."""

import copy
import math
from collections import OrderedDict, namedtuple

import torch
import torch.nn.functional as F
from torch import nn

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    call,
    close,
    function,
    number,
    tensor,
)


@exercise(
    "17.1",
    hint="How many numbers are stored for each parameter, and how many bytes has each?",
    wrong=[lambda: 0.4, lambda: 0.8, lambda: 1.2, lambda: 1.6e9, lambda: math.nan],
)
def check_training_bytes(answer):
    """100e6 parameters times 16 bytes: 1.6 GB."""
    value = number(answer, "The answer, in gigabytes,")
    if abs(value - 1.6e9) < 2e8:
        raise Wrong("That is in bytes; gigabytes were asked for.")
    if abs(value - 0.4) < 0.01:
        raise Wrong("That holds the parameters. What else is stored for each of them?")
    if abs(value - 0.8) < 0.01:
        raise Wrong("Parameters and gradients, yes. Now Adam's own memory.")
    if abs(value - 1.2) < 0.01:
        raise Wrong("Adam keeps two running means for each parameter.")
    if abs(value - 1.6) > 0.01:
        raise Wrong("Count the numbers stored per parameter, times four bytes each.")


def _flat_move(batch, device):
    return [part.to(device) if torch.is_tensor(part) else part for part in batch]


def _lists_only(batch, device):
    if torch.is_tensor(batch):
        return batch.to(device)
    if isinstance(batch, (list, tuple)):
        return [_lists_only(part, device) for part in batch]
    return batch


def _in_place(batch, device):
    if torch.is_tensor(batch):
        return batch.to(device)
    if isinstance(batch, dict):
        for key in batch:
            batch[key] = _in_place(batch[key], device)
        return batch
    if isinstance(batch, list):
        batch[:] = [_in_place(part, device) for part in batch]
        return batch
    if isinstance(batch, tuple):
        return tuple(_in_place(part, device) for part in batch)
    return batch


def _same_place(batch, device):
    return batch


def _plain_kinds(batch, device):
    if torch.is_tensor(batch):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: _plain_kinds(value, device) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        return type(batch)(_plain_kinds(value, device) for value in batch)
    return batch


def _keeps_kinds(batch, device):
    """A right answer."""
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        new = copy.copy(batch)
        new.update({key: _keeps_kinds(value, device) for key, value in batch.items()})
        return new
    if isinstance(batch, (list, tuple)):
        parts = [_keeps_kinds(value, device) for value in batch]
        make = getattr(type(batch), "_make", type(batch))
        return make(parts)
    return batch


_Point = namedtuple("_Point", "x label")


@exercise(
    "17.2",
    hint="A function that calls itself: a tensor, a dict, a list or tuple, the rest.",
    wrong=[
        lambda: _flat_move,
        lambda: _lists_only,
        lambda: _in_place,
        lambda: _same_place,
        lambda: _plain_kinds,
    ],
    right=[lambda: _keeps_kinds],
)
def check_move(answer):
    """Nested containers of the same kinds, tensors on the device, the rest as it was."""
    function(answer, "move")
    for device in ("meta", torch.device("meta")):
        inner = {"ids": torch.arange(3), "name": "a text", "n": 5}
        ordered = OrderedDict(b=torch.ones(1), a=[torch.ones(1)])
        point = _Point(torch.ones(3), ("label", torch.tensor(1)))
        batch = [torch.ones(2), (torch.zeros(1), inner), None, ordered, point, 2.5]
        moved = answer(batch, device)
        if batch[0].device.type != "cpu" or inner["ids"].device.type != "cpu":
            raise Wrong("The batch that was given is changed; build a new one.")
        _compare(batch, moved)
    result = answer(torch.ones(2), "meta")
    if not torch.is_tensor(result) or result.device.type != "meta":
        raise Wrong("A batch that is a single tensor must work, too.")


def _compare(before, after):
    if type(after) is not type(before):
        raise Wrong(
            f"A {type(before).__name__} became a {type(after).__name__}; keep the kinds."
        )
    if torch.is_tensor(before):
        if after.device.type != "meta":
            raise Wrong(f"A tensor inside is still on {after.device}.")
        if after.shape != before.shape or after.dtype != before.dtype:
            raise Wrong("A moved tensor has another shape or type than before.")
    elif isinstance(before, dict):
        if list(before) != list(after):
            raise Wrong("The keys of a dictionary are not the same.")
        for key in before:
            _compare(before[key], after[key])
    elif isinstance(before, (list, tuple)):
        if len(before) != len(after):
            raise Wrong("A list or tuple has another length than before.")
        for a, b in zip(before, after, strict=True):
            _compare(a, b)
    elif before != after:
        raise Wrong("What is not a tensor must stay as it is.")


@exercise(
    "17.3",
    hint="Set 2 b n^2 / (4 (n^2 + 2 b n)) equal to 100 and solve for b.",
    wrong=[lambda: 200, lambda: 328, lambda: 512, lambda: 165, lambda: math.inf],
)
def check_ridge(answer):
    """b (n - 400) >= 200 n, so b = 329."""
    value = number(answer, "The batch size")
    if value == 200:
        raise Wrong("You left out the bytes of input and output.")
    if 328 <= value < 329:
        raise Wrong("At that batch the intensity is still a little below 100.")
    if value != 329:
        raise Wrong("Put your b into linear_intensity(b, 1024): is it just above 100?")


def _pieces(net, X, y, size, share):
    parameters = list(net.parameters())
    total = [torch.zeros_like(p) for p in parameters]
    for X_part, y_part in zip(X.split(size), y.split(size), strict=True):
        loss = F.cross_entropy(net(X_part), y_part) * share(len(X_part), len(X), size)
        for t, g in zip(total, torch.autograd.grad(loss, parameters), strict=True):
            t += g
    return total


def _mean_of_means(net, X, y, size):
    return _pieces(net, X, y, size, lambda n, N, s: 1 / math.ceil(N / s))


def _sum_of_means(net, X, y, size):
    return _pieces(net, X, y, size, lambda n, N, s: 1.0)


def _first_piece(net, X, y, size):
    return _pieces(net, X[:size], y[:size], size, lambda n, N, s: 1.0)


def _into_grad(net, X, y, size):
    for X_part, y_part in zip(X.split(size), y.split(size), strict=True):
        (F.cross_entropy(net(X_part), y_part) * len(X_part) / len(X)).backward()
    return [p.grad for p in net.parameters()]


def _whole_by_forward(net, X, y, size):
    return list(
        torch.autograd.grad(F.cross_entropy(net.forward(X), y), net.parameters())
    )


def _whole_by_layers(net, X, y, size):
    logits = X
    for layer in net:
        logits = layer(logits)
    return list(torch.autograd.grad(F.cross_entropy(logits, y), net.parameters()))


def _by_sums(net, X, y, size):
    """A right answer."""
    total = None
    for start in range(0, len(X), size):
        rows = slice(start, start + size)
        loss = F.cross_entropy(net(X[rows]), y[rows], reduction="sum") / len(X)
        grads = torch.autograd.grad(loss, tuple(net.parameters()))
        total = (
            grads
            if total is None
            else [a + b for a, b in zip(total, grads, strict=True)]
        )
    return total


@exercise(
    "17.4",
    hint="Each piece counts for len(piece) / len(X); torch.autograd.grad leaves .grad be.",
    wrong=[
        lambda: _mean_of_means,
        lambda: _sum_of_means,
        lambda: _first_piece,
        lambda: _into_grad,
        lambda: _whole_by_forward,
        lambda: _whole_by_layers,
    ],
    right=[lambda: _by_sums],
)
def check_accumulated(answer):
    """The gradients of the whole batch, for pieces that need not be equal."""
    function(answer, "accumulated")
    generator = torch.Generator().manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 3)).double()
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.randn(p.shape, generator=generator, dtype=torch.float64))
    X = torch.randn(10, 5, generator=generator, dtype=torch.float64)
    y = torch.randint(3, (10,), generator=generator)
    parameters = list(net.parameters())
    expected = torch.autograd.grad(F.cross_entropy(net(X), y), parameters)
    largest = []
    for module in net.modules():  # net.forward passes over the net's own hook
        module.register_forward_pre_hook(lambda _, x: largest.append(len(x[0])))
    for size in (5, 4, 10, 16):
        for p in parameters:
            p.grad = torch.ones_like(p)
        largest.clear()
        result = call(answer, net, X, y, size)
        if not isinstance(result, (list, tuple)) or len(result) != len(parameters):
            raise Wrong(
                f"Return a list of {len(parameters)} tensors, one per parameter."
            )
        if any(p.grad is None or not (p.grad == 1).all() for p in parameters):
            raise Wrong("The parameters' .grad was changed; torch.autograd.grad helps.")
        if not largest:
            raise Wrong("Call net(...): nothing went through the network.")
        if max(largest) > size:
            raise Wrong(f"The network saw {max(largest)} examples at once, not {size}.")
        for ours, theirs in zip(result, expected, strict=True):
            tensor(ours, "Each gradient", shape=theirs.shape)
            if not close(ours, theirs):
                raise Wrong(
                    f"For 10 examples in pieces of {size} the gradient is not that of "
                    "the whole batch. What does each piece count for?"
                )


def _no_traffic(tensors, send):
    total = sum(tensors)
    return [total.clone() for _ in tensors]


def _everything_to_all(tensors, send):
    K = len(tensors)
    results, moving = [t.clone() for t in tensors], list(tensors)
    for _ in range(K - 1):
        moving = [send((k - 1) % K, k, moving[(k - 1) % K]) for k in range(K)]
        results = [a + b for a, b in zip(results, moving, strict=True)]
    return results


def _to_a_master(tensors, send):
    total = tensors[0].clone()
    for k in range(1, len(tensors)):
        total = total + send(k, 0, tensors[k])
    return [total] + [send(0, k, total) for k in range(1, len(tensors))]


def _half_done(tensors, send):
    K = len(tensors)
    chunks = [list(t.clone().chunk(K)) for t in tensors]
    for r in range(K - 1):
        sent = [send(k, (k + 1) % K, chunks[k][(k - r) % K]) for k in range(K)]
        for k, piece in enumerate(sent):
            c = (k - r) % K
            chunks[(k + 1) % K][c] = chunks[(k + 1) % K][c] + piece
    return [torch.cat(parts) for parts in chunks]


@exercise(
    "17.5",
    hint="Two phases of K - 1 rounds: add what arrives, then hand finished chunks on.",
    wrong=[
        lambda: _no_traffic,
        lambda: _everything_to_all,
        lambda: _to_a_master,
        lambda: _half_done,
    ],
)
def check_ring(answer):
    """Sums on all devices, messages to the next neighbour only, little of them."""
    function(answer, "ring_all_reduce")
    for K in (2, 3, 5):
        generator = torch.Generator().manual_seed(K)
        length = 4 * K
        tensors = [
            torch.randn(length, generator=generator, dtype=torch.float64)
            for _ in range(K)
        ]
        given, sent = copy.deepcopy(tensors), [0] * K

        def send(source, target, piece, K=K, sent=sent):
            if target != (source + 1) % K:
                raise Wrong(f"Device {source} sent to {target}, not to its neighbour.")
            sent[source] += piece.numel()
            return piece.clone()

        result = answer(tensors, send)
        if not isinstance(result, (list, tuple)) or len(result) != K:
            raise Wrong(f"Return a list of {K} vectors, one per device.")
        total = sum(given)
        for k, ours in enumerate(result):
            tensor(ours, f"The result of device {k}", shape=total.shape)
            if not close(ours, total):
                raise Wrong(f"With {K} devices, device {k} does not hold the sum.")
        if min(sent) == 0:
            raise Wrong("Some device sent nothing: every transfer goes through send().")
        if max(sent) > 2 * (K - 1) * length / K:
            raise Wrong(
                f"With {K} devices one sent {max(sent)} numbers; the ring needs only "
                f"{2 * (K - 1) * length // K}. Send chunks, not whole vectors."
            )
