"""Chapter 6, multilayer perceptrons: the checks of its exercises."""

import itertools
import math

import torch
import torch.nn.functional as F

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    by_hand,
    call,
    close,
    function,
    number,
    numbers,
    parts,
    tensor,
)


def _random(*shapes, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(s, dtype=torch.float64, generator=generator) for s in shapes]


@exercise(
    "06.1",
    hint="How many weights and how many biases lie between 3072 inputs and 512 units?",
    wrong=[
        lambda: 3072 * 512 + 512 * 256 + 256 * 100,
        lambda: 3072 * 512 * 256 * 100,
        lambda: 3072 * 512 + 512 * 256 + 256 * 100 + 3072 + 512 + 256 + 100,
        lambda: math.nan,
    ],
)
def check_parameter_count(answer):
    """The sum of (inputs + 1) * outputs over three layers: 1,730,404."""
    count = number(answer, "The number of parameters", whole=True)
    weights = 3072 * 512 + 512 * 256 + 256 * 100
    right = weights + 512 + 256 + 100
    if count == weights:
        raise Wrong("These are the weights. Does a unit have nothing else to learn?")
    if count == right + 3072:
        raise Wrong("The inputs have no bias: they compute nothing.")
    if count != right:
        raise Wrong(
            "Count layer by layer: a weight for each line, a bias for each unit."
        )


def _collapse(layers):
    W, b = layers[0]
    for W_next, b_next in layers[1:]:
        W, b = W @ W_next, b @ W_next + b_next
    return W, b


def _adds_biases(layers):
    return _collapse(layers)[0], layers[-1][1]


def _two_only(layers):
    return _collapse(layers[:2])


def _wrong_bias(layers):
    W, b = layers[0]
    for W_next, b_next in layers[1:]:
        b = (b + 1.0) @ W_next + b_next
        W = W @ W_next
    return W, b


@exercise(
    "06.2",
    hint="Collapse the first two layers, then the result with the third, and so on.",
    wrong=[
        lambda: _adds_biases,
        lambda: _two_only,
        lambda: _wrong_bias,
        lambda: lambda layers: tuple(reversed(_collapse(layers))),
        lambda: lambda layers: tuple(t * math.nan for t in _collapse(layers)),
    ],
)
def check_collapse(answer):
    """W = W1 W2 ..., and each bias goes through all later matrices."""
    function(answer, "collapse")
    for sizes in [(4, 3), (4, 5, 3), (3, 6, 2, 5), (2, 2, 2, 2, 2)]:
        pairs = list(itertools.pairwise(sizes))
        layers = [tuple(_random((i, o), (o,), seed=7 * i + o)) for i, o in pairs]
        W, b = _collapse(layers)
        where = f"For {len(layers)} layers of sizes {sizes}"
        ours_W, ours_b = parts(call(answer, layers), ("W", "b"))
        tensor(ours_W, f"{where}, W", shape=W.shape)
        tensor(ours_b, f"{where}, b", shape=b.shape)
        if not close(ours_W, W):
            raise Wrong(
                f"{where}, the matrix is not right. In which order do they act?"
            )
        if not close(ours_b, b):
            raise Wrong(
                f"{where}, the bias is not right. What do later layers do to b?"
            )


def _hat(x):
    return (1 - (x - 1).abs()).clamp(min=0)


@exercise(
    "06.3",
    hint="By how much does the slope of the hat change, and at which three places?",
    wrong=[
        lambda: ([1, 1, 1], [0, -1, -2], [1, -1, 1]),
        lambda: ([1, 1, 1], [0, -1, -2], [1, -1, 0]),
        lambda: ([1, 1, 1], [0, 1, 2], [1, -2, 1]),
        lambda: ([1, 1, 1], [0, -1, -2], [1, -2, 0]),
        lambda: ([1, 1], [0, -1], [1, -2]),
        lambda: ([1, 1, 1], [0, -1, -2], [1, math.nan, 1]),
    ],
)
def check_hat(answer):
    """Three lists w, b, v; sum of v relu(w x + b) is the hat on [0, 2]."""
    rows = parts(answer, "wbv", of="lists of three numbers")
    w, b, v = (
        torch.tensor(
            numbers(row, [f"{name}{i}" for i in (1, 2, 3)]), dtype=torch.float64
        )
        for name, row in zip("wbv", rows, strict=True)
    )
    x = torch.linspace(-5, 7, 241, dtype=torch.float64)
    ours = F.relu(x[:, None] * w + b) @ v
    misses = (ours - _hat(x)).abs()
    if not misses.max() <= 1e-4:
        at = x[misses.argmax()].item()
        raise Wrong(
            f"Farthest off at x = {at:.2f}: yours is {ours[misses.argmax()]:.2f}, the "
            f"hat {_hat(x)[misses.argmax()]:.2f}."
        )


def _backward(X, W1, b1, W2, b2, dO, mask=True, mean=False):
    Z = X @ W1 + b1
    H = Z.clamp(min=0)
    dZ = dO @ W2.T
    if mask:
        dZ = dZ * (Z > 0)
    share = len(X) if mean else 1
    return X.T @ dZ, dZ.sum(0) / share, H.T @ dO, dO.sum(0) / share


def _unbent(X, W1, b1, W2, b2, dO):
    """The gradient of W2 with the values before the ReLU."""
    first = _backward(X, W1, b1, W2, b2, dO)
    return first[0], first[1], (X @ W1 + b1).T @ dO, first[3]


def _by_autograd(X, W1, b1, W2, b2, dO):
    leaves = [t.clone().requires_grad_() for t in (W1, b1, W2, b2)]
    O = F.relu(X @ leaves[0] + leaves[1]) @ leaves[2] + leaves[3]
    return torch.autograd.grad(O, leaves, dO)


@exercise(
    "06.4",
    hint="Go backwards: dO to W2 and b2, then to H, then through the ReLU, then to W1.",
    wrong=[
        lambda: lambda *a: _backward(*a, mask=False),
        lambda: lambda *a: _backward(*a, mean=True),
        lambda: _unbent,
        lambda: lambda *a: _backward(*a)[::-1],
        lambda: lambda *a: tuple(-g for g in _backward(*a)),
        lambda: lambda *a: tuple(g * math.nan for g in _backward(*a)),
        lambda: _by_autograd,
    ],
)
def check_backward(answer):
    """The four gradients, as autograd computes them."""
    function(answer, "backward")
    names = ["W1", "b1", "W2", "b2"]
    for n, d, h, q in [(7, 4, 5, 3), (1, 3, 6, 2)]:
        X, W1, b1, W2, b2, dO = _random((n, d), (d, h), (h,), (h, q), (q,), (n, q))
        leaves = [t.clone().requires_grad_() for t in (W1, b1, W2, b2)]
        O = F.relu(X @ leaves[0] + leaves[1]) @ leaves[2] + leaves[3]
        theirs = torch.autograd.grad(O, leaves, grad_outputs=dO)
        result = by_hand(answer, X, W1, b1, W2, b2, dO)
        result = parts(result, names, of="gradients")
        for name, ours, right in zip(names, result, theirs, strict=True):
            tensor(ours, f"The gradient of {name}", shape=right.shape)
            if close(ours, -right):
                raise Wrong(f"The gradient of {name} has the wrong sign.")
            if not close(ours, right):
                raise Wrong(
                    f"The gradient of {name} differs from autograd's. Where a hidden "
                    "unit was cut off, nothing comes back; and dO is summed, not averaged."
                )
