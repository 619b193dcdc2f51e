"""Chapter 8, weight decay: the checks of its exercises."""

import math

import torch
from torch import nn

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    call,
    close,
    function,
    number,
    numbers,
    parts,
    tensor,
)


@exercise(
    "08.1",
    hint="Two things move the weight. Which way does each of them move a weight of -4?",
    wrong=[
        lambda: -4 - 0.2 * 1.5,
        lambda: (1 + 0.2 * 0.1) * -4 - 0.2 * 1.5,
        lambda: (1 - 0.1) * -4 - 0.2 * 1.5,
        lambda: (1 - 0.2 * 0.1) * -4 + 0.2 * 1.5,
        lambda: float("nan"),
    ],
)
def check_one_step(answer):
    """(1 - 0.02) * -4 - 0.3 = -4.22."""
    value = number(answer, "The weight")
    if abs(value + 4.3) < 1e-3:
        raise Wrong("That is the step without decay.")
    if abs(value + 4.38) < 1e-3:
        raise Wrong("Decay moves a weight towards zero; this went away from it.")
    if abs(value + 3.9) < 1e-3:
        raise Wrong("The decay is multiplied by the learning rate, like the gradient.")
    if abs(value + 3.62) < 1e-3:
        raise Wrong("The gradient is subtracted.")
    if not abs(value + 4.22) < 1e-3:
        raise Wrong("Add weight_decay * w to the gradient, then step.")


@exercise(
    "08.2",
    hint="Compare gradients: what is the derivative of 0.01 w², what that of wd/2 w²?",
    wrong=[
        lambda: (0.01, 0.5),
        lambda: (0.02, 1.0),
        lambda: (0.02, 0.01),
        lambda: (0.5, 0.02),
        lambda: (float("nan"), 0.5),
        lambda: 0.02,
    ],
)
def check_translate(answer):
    """weight_decay 0.02 and lambda 0.5."""
    decay, lam = numbers(answer, ("weight_decay", "lambda"))
    if abs(decay - 0.5) < 1e-6 and abs(lam - 0.02) < 1e-6:
        raise Wrong("Both numbers are there, in the wrong order.")
    if abs(decay - 0.01) < 1e-6:
        raise Wrong("weight_decay: the derivative of 0.01 w² isn't 0.01 w.")
    if not abs(decay - 0.02) < 1e-6:
        raise Wrong("weight_decay: it must give the gradient of 0.01 w².")
    if abs(lam - 1.0) < 1e-6:
        raise Wrong("lambda: with the ½ in the loss, the penalty is halved as well.")
    if not abs(lam - 0.5) < 1e-6:
        raise Wrong("lambda: halve the whole objective, then compare with lambda / 2n.")


def _wide_data():
    generator = torch.Generator().manual_seed(8)
    X = torch.randn(6, 15, dtype=torch.float64, generator=generator) + 1
    y = torch.randn(6, 1, dtype=torch.float64, generator=generator) + 3
    return X, y


def _ridge(X, y, lam, center=True):
    x_mean = X.mean(dim=0) if center else torch.zeros_like(X[0])
    y_mean = y.mean(dim=0) if center else torch.zeros_like(y[0])
    A, t = X - x_mean, y - y_mean
    gram = A @ A.T + lam * torch.eye(len(A), dtype=A.dtype)
    w = A.T @ torch.linalg.solve(gram, t)
    return w, y_mean - x_mean @ w


def _not_centred(X, y, lam):
    return _ridge(X, y, lam, center=False)


def _no_bias(X, y, lam):
    w, b = _ridge(X, y, lam)
    return w, torch.zeros_like(b)


def _big_system(X, y, lam):
    A, t = X - X.mean(0), y - y.mean(0)
    gram = A.T @ A + lam * torch.eye(A.shape[1], dtype=A.dtype)
    w = torch.linalg.solve(gram, A.T @ t)
    return w, y.mean(0) - X.mean(0) @ w


@exercise(
    "08.3",
    hint="Centre X and y as in ridge(); the matrix to solve with is A @ A.T + lam I.",
    wrong=[
        lambda: _not_centred,
        lambda: _no_bias,
        lambda: _big_system,
        lambda: lambda X, y, lam: _ridge(X, y, 2 * lam),
        lambda: lambda X, y, lam: _ridge(X, y, lam * len(X)),
        lambda: lambda X, y, lam: tuple(v * math.nan for v in _ridge(X, y, lam)),
        lambda: lambda X, y, lam: _ridge(X, y, lam)[0],
    ],
)
def check_wide_ridge(answer):
    """A.T (A A.T + lam I)^-1 t with centred A and t; bias from the means."""
    function(answer, "wide_ridge")
    X, y = _wide_data()
    for lam in (0.5, 4.0):
        w, b = parts(call(answer, X, y, lam), ("w", "b"), of="tensors")
        w_right, b_right = _ridge(X, y, lam)
        tensor(w, "w", shape=w_right.shape)
        tensor(b, "b", shape=(1,))
        if not close(w, w_right):
            raise Wrong(
                f"With lam = {lam} the weights aren't those of ridge(). Are X and y "
                "centred, and is lam itself on the diagonal?"
            )
        if not close(b, b_right):
            raise Wrong("The bias makes the mean prediction equal the mean label.")
    # A square system of the size of the features: 30,000² numbers are 7 GB.
    generator = torch.Generator().manual_seed(9)
    X = torch.randn(5, 30_000, dtype=torch.float64, generator=generator)
    seen = _largest_result(answer, X, X[:, :1].clone())
    if seen > 10 * X.numel():
        raise Wrong("It builds a d × d matrix; solve with the n × n one.")


class _TooLarge(Exception):
    pass


def _largest_result(f, X, y):
    """The largest tensor that f(X, y, 1.0) makes; huge ones are refused unmade."""
    from torch.utils._python_dispatch import TorchDispatchMode

    largest = 0

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            nonlocal largest
            name = func.overloadpacket.__name__
            sizes = [a.shape for a in args if torch.is_tensor(a)]
            if name in ("mm", "bmm", "matmul") and len(sizes) == 2:
                largest = max(largest, sizes[0][-2] * sizes[1][-1])
            if "svd" in name and True in args[1:2]:  # full_matrices
                largest = max(largest, max(sizes[0]) ** 2)
            if name in ("eye", "ones", "zeros") and args and isinstance(args[0], int):
                largest = max(largest, args[0] ** 2 if name == "eye" else args[0])
            if largest > 10 * X.numel():
                raise _TooLarge
            result = func(*args, **(kwargs or {}))
            if torch.is_tensor(result):
                largest = max(largest, result.numel())
            return result

    try:
        with Watch():
            f(X, y, 1.0)
    except _TooLarge:
        pass
    return largest


def _by_axes(net, weight_decay):
    decaying = [p for p in net.parameters() if p.ndim >= 2]
    others = [p for p in net.parameters() if p.ndim < 2]
    return [
        {"params": decaying, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def _by_name(net, weight_decay, others_too=True):
    named = [(n, p) for n, p in net.named_parameters() if p.requires_grad]
    groups = [
        {
            "params": [p for n, p in named if n.endswith("weight")],
            "weight_decay": weight_decay,
        },
        {
            "params": [p for n, p in named if not n.endswith("weight")],
            "weight_decay": 0.0,
        },
    ]
    return groups if others_too else groups[:1]


@exercise(
    "08.4",
    hint="Loop over net.named_parameters() and put each one into one of two lists.",
    wrong=[
        lambda: _by_axes,
        lambda: _by_name,
        lambda: lambda net, wd: _by_name(net, wd, others_too=False),
        lambda: (
            lambda net, wd: [{"params": list(net.parameters()), "weight_decay": wd}]
        ),
        lambda: lambda net, wd: list(net.parameters()),
    ],
)
def check_groups(answer):
    """Matrices named ...weight decay; every other trainable parameter doesn't."""
    function(answer, "sgd_groups")
    net = nn.Sequential(
        nn.Linear(4, 5), nn.LayerNorm(5), nn.ReLU(), nn.Linear(5, 5), nn.Linear(5, 2)
    )
    net.register_parameter("positions", nn.Parameter(torch.zeros(3, 4)))
    net[3].requires_grad_(False)
    groups = answer(net, 0.25)
    if not isinstance(groups, (list, tuple)) or not all(
        isinstance(g, dict) and {"params", "weight_decay"} <= set(g) for g in groups
    ):
        raise Wrong('Return a list of dicts with the keys "params" and "weight_decay".')
    found = {}
    for group in groups:
        params = group["params"]
        for p in [params] if torch.is_tensor(params) else list(params):
            if id(p) in found:
                raise Wrong("A parameter is in two groups.")
            found[id(p)] = number(group["weight_decay"], "Each weight_decay")
    for name, p in net.named_parameters():
        decay = found.pop(id(p), None)
        if not p.requires_grad:
            if decay is not None:
                raise Wrong(f"{name} is frozen; leave it out.")
            continue
        if decay is None:
            raise Wrong(f"{name} is in no group: it would never be trained.")
        wanted = 0.25 if name.endswith("weight") and p.ndim >= 2 else 0.0
        if abs(decay - wanted) > 1e-9:
            raise Wrong(
                f"{name} of shape {tuple(p.shape)} has decay {decay:g}, not {wanted:g}."
            )
    if found:
        raise Wrong("There is something in the groups that isn't a parameter of net.")


def _elastic(a, mu1, mu2):
    return a.sign() * (a.abs() - mu1).clamp(min=0) / (1 + mu2)


@exercise(
    "08.5",
    hint="Suppose w > 0, set the derivative to zero, and ask when the answer is > 0.",
    wrong=[
        lambda: lambda a, m1, m2: a.sign() * (a.abs() - m1).clamp(min=0),
        lambda: lambda a, m1, m2: a / (1 + m2),
        lambda: lambda a, m1, m2: _elastic(a / (1 + m2), m1, 0.0),
        lambda: lambda a, m1, m2: (a - m1).clamp(min=0) / (1 + m2),
        lambda: lambda a, m1, m2: _elastic(a, m1, m2) * math.nan,
        lambda: lambda a, m1, m2: _elastic(a, m1, 2 * m2),
    ],
)
def check_elastic(answer):
    """The soft threshold of a at mu1, divided by 1 + mu2."""
    function(answer, "elastic")
    a = torch.tensor([[-3.0, -0.7, 0.0], [0.2, 1.0, 2.5]], dtype=torch.float64)
    for mu1, mu2 in ((1.0, 0.0), (0.0, 1.0), (0.5, 1.0), (1.0, 3.0)):
        ours = tensor(call(answer, a, mu1, mu2), "The result", shape=a.shape)
        right = _elastic(a, mu1, mu2)
        if close(ours, right):
            continue
        worst = (ours - right).abs().argmax()
        raise Wrong(
            f"With mu1 = {mu1:g}, mu2 = {mu2:g} and a = {a.flatten()[worst]:g} your w "
            f"is {ours.flatten()[worst]:.3f}, but another w makes the sum smaller."
        )
