"""Chapter 12, optimization algorithms: the checks of its exercises."""

import math

import torch

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    agree,
    call,
    function,
    number,
    tensor,
)


@exercise(
    "12.1",
    hint="Write the Hessian, a 2 x 2 matrix, and find its largest eigenvalue.",
    wrong=[lambda: 0.5, lambda: 1.0, lambda: 1 / 6, lambda: 0.25, lambda: math.nan],
)
def check_limit(answer):
    """2 / 6."""
    value = number(answer, "The learning rate")
    if abs(value - 0.5) < 1e-3:
        raise Wrong(
            "That is the limit along the axes. Which direction is the steepest?"
        )
    if abs(value - 1.0) < 1e-3:
        raise Wrong("The smallest eigenvalue doesn't limit anything.")
    if abs(value - 1 / 6) < 1e-3:
        raise Wrong("1/L arrives in one step along that direction. What is the limit?")
    if not abs(value - 1 / 3) <= 1e-3:
        raise Wrong("Look for 2 / L, L the largest eigenvalue of the Hessian.")


@exercise(
    "12.2",
    hint="What are m and s after the first gradient g?",
    wrong=[lambda: 3.16, lambda: 0.1, lambda: 10, lambda: 0.316, lambda: "1"],
)
def check_first_step(answer):
    """0.1 / sqrt(0.01) = 1."""
    value = number(answer, "The step")
    if abs(value - 3.162) < 5e-3:
        raise Wrong("That is so for the default 0.999; here it is 0.99.")
    if abs(value - 10) < 1e-2:
        raise Wrong("Don't forget the root.")
    if not abs(value - 1) <= 5e-3:
        raise Wrong(
            "Take any gradient g and compute m and s from it, each with its own β."
        )


def _adamax(x, grads, lr, corrected=True, average=False, order=True):
    m, u = torch.zeros_like(x), torch.zeros_like(x)
    for t, g in enumerate(grads, start=1):
        m = 0.9 * m + 0.1 * g
        if average:
            u = 0.999 * u + 0.001 * (g.abs() + 1e-8)
        elif order:
            u = torch.maximum(0.999 * u, g.abs() + 1e-8)
        else:
            u = torch.maximum(u, g.abs() + 1e-8)
        x = x - lr / ((1 - 0.9**t) if corrected else 1) * m / u
    return x


@exercise(
    "12.3",
    hint="Start with m = u = zeros_like(x), and count t from 1.",
    wrong=[
        lambda: lambda x, grads, lr: _adamax(x, grads, lr, corrected=False),
        lambda: lambda x, grads, lr: _adamax(x, grads, lr, average=True),
        lambda: lambda x, grads, lr: _adamax(x, grads, lr, order=False),
        lambda: lambda x, grads, lr: x - lr * sum(grads),
        lambda: lambda x, grads, lr: torch.full_like(x, math.nan),
        lambda: lambda x, grads, lr: x.sub_(lr * grads[0].sign()),
        lambda: 3.0,
    ],
)
def check_adamax(answer):
    """torch.optim.Adamax over 30 gradients."""
    function(answer, "adamax")
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(3, 2, dtype=torch.float64, generator=generator)
    grads = [
        torch.randn(3, 2, dtype=torch.float64, generator=generator) * 1.1 ** (-i)
        for i in range(30)
    ]
    for steps in (1, 2, 30):
        p = start.clone().requires_grad_()
        optimizer = torch.optim.Adamax([p], lr=0.05)
        for g in grads[:steps]:
            p.grad = g.clone()
            optimizer.step()
        ours = call(answer, start, grads[:steps], 0.05, untouched=True)
        tensor(ours, "The new x", shape=start.shape)
        advice = (
            "Is m corrected by 1 - 0.9^t, and does u fade by 0.999 before the maximum is "
            "taken?"
        )
        where = f"after {steps} step(s) of torch.optim.Adamax"
        # A result of float32 is precise to a few 1e-6.
        agree(ours, p.detach(), where, advice, what="x", atol=1e-5)


def _trapezoid(t, lr, total, warm_up, cool_down):
    return lr * max(0.0, min(1.0, t / warm_up, (total - t) / cool_down))


@exercise(
    "12.4",
    hint="Three candidates: the line up, the constant, the line down. Which one counts?",
    wrong=[
        lambda: lambda t, lr, total, warm_up, cool_down: lr * min(1, t / warm_up),
        lambda: (
            lambda t, lr, total, warm_up, cool_down: _trapezoid(
                t + 1, lr, total, warm_up, cool_down
            )
        ),
        lambda: (
            lambda t, lr, total, warm_up, cool_down: _trapezoid(
                t, 1.0, total, warm_up, cool_down
            )
        ),
        lambda: (
            lambda t, lr, total, warm_up, cool_down: _trapezoid(
                t, lr, total, warm_up, total - warm_up
            )
        ),
        lambda: lambda t, lr, total, warm_up, cool_down: math.nan,
        lambda: 0.1,
    ],
)
def check_trapezoid(answer):
    """Up, flat, down."""
    function(answer, "trapezoid")
    for lr, total, warm_up, cool_down in ((0.5, 100, 10, 30), (2.0, 20, 5, 15)):
        for t in range(total + 1):
            value = number(answer(t, lr, total, warm_up, cool_down), "The rate")
            right = _trapezoid(t, lr, total, warm_up, cool_down)
            if not abs(value - right) <= 1e-5:
                raise Wrong(
                    f"lr = {lr}, total = {total}, warm_up = {warm_up}, cool_down = "
                    f"{cool_down}: at t = {t} the rate should be {right:.4f}, not "
                    f"{value:.4f}."
                )
