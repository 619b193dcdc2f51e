"""Checks of the exercises of chapter 1, linear regression."""

import math

import torch

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import call, close, function, number, numbers, tensor


@exercise(
    "01.1",
    hint="Write down the three errors at w = 3 first, then 2 · x · error for each.",
    wrong=[
        lambda: 3 + 0.05 * 28 / 3,  # uphill
        lambda: 3 - 0.05 * 28,  # the sum instead of the mean
        lambda: 3 - 0.05 * 14 / 3,  # the loss instead of its slope
        lambda: 28 / 3,  # the slope instead of the new w
        lambda: "2.533",
    ],
    right=[lambda: 3 - 0.05 * 28 / 3, lambda: torch.tensor([2.533])],
)
def check_one_step(answer):
    """One step from w = 3 with rate 0.05 leads to 3 - 0.05 · 28/3."""
    w = number(answer, "The new w")
    if math.isclose(w, 3 - 0.05 * 28 / 3, abs_tol=5e-3):
        return
    if math.isclose(w, 28 / 3, abs_tol=5e-2):
        raise Wrong("That is the slope. Where does a step of 0.05 times it lead?")
    if w > 3:
        raise Wrong(
            "You went uphill: at w = 3 the slope is positive, and the step goes against it."
        )
    if math.isclose(w, 3 - 0.05 * 28, abs_tol=2e-3):
        raise Wrong("That is the sum of the three slopes; the MSE asks for their mean.")
    raise Wrong("Check the slope: the mean of 2 · x · (3x - y) over the three rides.")


@exercise(
    "01.2",
    hint="By which factor does one step multiply w - 2, in terms of the mean of x²?",
    wrong=[
        lambda: 3 / 14,  # of the three rides
        lambda: 1 / 15,  # where the factor is zero
        lambda: 2 / 7.5,  # without the 2 of the derivative
        lambda: 1 / 30,  # the sum instead of the mean
        lambda: math.nan,
        lambda: 0.138,  # diverges
    ],
    right=[lambda: 1 / 7.5, lambda: 0.133, lambda: 0.13],
)
def check_largest_rate(answer):
    """Four rides: 1 - 15 · rate > -1."""
    rate = number(answer, "The learning rate")
    if -4e-3 < rate - 1 / 7.5 < 1e-3:  # above the limit it diverges
        return
    if math.isclose(rate, 3 / 14, abs_tol=5e-3):
        raise Wrong(
            "That is the limit for three rides. The fourth changes the mean of x²."
        )
    if math.isclose(rate, 1 / 15, abs_tol=5e-3):
        raise Wrong(
            "There the factor is 0: one step arrives. How far can it go below 0?"
        )
    if math.isclose(rate, 1 / 30, abs_tol=5e-3):
        raise Wrong("The loss is the mean over the four rides, not the sum.")
    raise Wrong("Find the factor 1 - rate · (something), and ask when it reaches -1.")


@exercise(
    "01.3",
    hint="For the absolute error, count how many labels pull b up and how many down.",
    wrong=[
        lambda: (3, 22),  # the other way round
        lambda: (22, 22),
        lambda: (22, 2.5),  # as if the outlier had been left out
        lambda: (2.5, 3),
        lambda: 22,
    ],
    right=[lambda: (22, 3), lambda: torch.tensor([22.0, 3.0])],
)
def check_best_constants(answer):
    """The mean for the squared error, the median for the absolute one."""
    squared, absolute = numbers(answer, ("best for squared", "best for absolute"))
    if (squared, absolute) == (3, 22):
        raise Wrong("The right two numbers in the wrong order.")
    if not math.isclose(squared, 22, abs_tol=1e-3):
        raise Wrong(
            "The first: the derivative of the mean of (b - y)² is 2 · mean(b - y)."
        )
    if not math.isclose(absolute, 3, abs_tol=1e-3):
        raise Wrong(
            "The second: |b - y| has slope +1 where b is above y and -1 where it is below. "
            "At which b do as many labels pull up as down?"
        )


def _fit(X, y, weights, power=1.0):
    """Weighted least squares; other powers of the weights give wrong answers."""
    A = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], dim=1)
    C = weights[:, None] ** power
    return torch.linalg.solve(A.T @ (C * A), A.T @ (C * y))


def _by_lstsq(X, y, weights):
    A = torch.cat([X, torch.ones_like(y)], dim=1)
    root = weights.sqrt().unsqueeze(1)
    return torch.linalg.lstsq(root * A, root * y).solution


def _repeated_rows(X, y, weights):
    """Each sample as often as its trust says, rounded."""
    times = weights.round().long()
    X, y = X.repeat_interleave(times, dim=0), y.repeat_interleave(times, dim=0)
    return _fit(X, y, torch.ones_like(y).flatten())


def _for_doubles_only(X, y, weights):
    ones = torch.ones(len(X), 1, dtype=torch.float64)
    A, C = torch.cat([X, ones], dim=1), weights[:, None]
    return torch.linalg.solve(A.T @ (C * A), A.T @ (C * y))


@exercise(
    "01.4",
    hint="Multiply row i of both sides by the root of its weight: what does lstsq minimize then?",
    wrong=[
        lambda: lambda X, y, weights: _fit(X, y, weights, power=0),  # weights ignored
        lambda: lambda X, y, weights: _fit(X, y, weights, power=2),  # no square root
        lambda: lambda X, y, weights: _fit(X, y, weights)[:-1],  # the bias forgotten
        lambda: lambda X, y, weights: _fit(X, y, weights).flatten(),
        lambda: _repeated_rows,
        lambda: lambda X, y, weights: _fit(X, y, weights.clamp(max=3.1)),
        lambda: _for_doubles_only,
        lambda: lambda X, y, weights: _by_lstsq(X * weights[:, None], y, weights),
    ],
    right=[lambda: _fit, lambda: _by_lstsq],
)
def check_weighted_fit(answer):
    """The weighted normal equations, on four random problems."""
    function(answer, "weighted_fit")
    double, single = torch.float64, torch.float32
    for seed, (n, d, dtype, most) in enumerate(
        [
            (30, 1, double, 3),
            (50, 3, double, 3),
            (200, 5, double, 100),
            (80, 2, single, 3),
        ]
    ):
        rng = torch.Generator().manual_seed(seed)
        X = torch.randn(n, d, generator=rng, dtype=dtype)
        y = torch.randn(n, 1, generator=rng, dtype=dtype)
        weights = most * torch.rand(n, generator=rng, dtype=dtype) + 0.1
        weights[: n // 10] = 0  # not trusted at all
        what = (
            f"For X {tuple(X.shape)}, theta (a weight for each feature, last the bias)"
        )
        atol = 1e-8 if dtype == double else 1e-4
        found = tensor(call(answer, X, y, weights), what, shape=(d + 1, 1))
        if close(found, _fit(X, y, weights), atol=atol):
            continue
        if close(found, _fit(X, y, weights, power=0), atol=atol):
            raise Wrong("That is the fit that trusts all samples alike.")
        if close(found, _fit(X, y, weights, power=2), atol=atol):
            raise Wrong(
                "Your weights count twice: lstsq squares what it is given, so a row must "
                "be multiplied by the root of its weight."
            )
        raise Wrong(
            "The result does not minimize the weighted sum. Its condition is "
            "AᵀC(Aθ - y) = 0, with C the diagonal matrix of the weights."
        )
