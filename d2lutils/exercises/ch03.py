"""Checks of chapter 3, logistic regression."""

import numpy as np
import torch
import torch.nn.functional as F

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    agree,
    agree_gradients,
    by_hand,
    call,
    close,
    function,
    number,
    tensor,
    without,
)


@exercise(
    "03.1",
    hint="What does one more hour do to the odds? Start from odds of 1 after three hours.",
    wrong=[
        lambda: 7 / 8,
        lambda: 1.0,
        lambda: 8.0,
        lambda: 0.75,
        lambda: 6 / 7,
        lambda: "8/9",
    ],
    right=[lambda: 8 / 9, lambda: torch.tensor(0.89), lambda: np.float32(0.8889)],
)
def check_odds(answer):
    """The probability 8/9."""
    value = number(answer, "The probability")
    if value > 1:
        raise Wrong(
            f"{value:g} is no probability. Turn the odds into one: odds/(1+odds)."
        )
    if value == 1:
        raise Wrong("The curve comes close to 1, but never gets there.")
    if not abs(value - 8 / 9) < 2e-3:  # so that 0.89 is right
        raise Wrong("Double the odds three times, then compute odds/(1+odds).")


READY_MADE = (
    "binary_cross_entropy_with_logits",
    "binary_cross_entropy",
    "cross_entropy",
    "soft_margin_loss",
)


def _random(n=50, seed=1, spread=3.0):
    generator = torch.Generator().manual_seed(seed)
    logits = spread * torch.randn(n, generator=generator, dtype=torch.float64)
    y = (torch.rand(n, generator=generator) < 0.4).double()
    return logits, y


def _naive(logits, y):
    y_hat = torch.sigmoid(logits)
    return -(y * torch.log(y_hat) + (1 - y) * torch.log(1 - y_hat)).mean()


def _clamped(logits, y):
    return F.binary_cross_entropy(logits.sigmoid(), y)


def _summed(logits, y):
    return (F.softplus(logits) - logits * y).sum()


def _one_sided(logits, y):
    """The right value everywhere, the slope 1 - y at z = 0, where training begins."""
    rest = torch.log1p(torch.exp(-logits.abs()))
    return (logits.clamp(min=0) - logits * y + rest).mean()


def _two_classes(logits, y):
    """The lazy way: the ready-made loss of two classes, whose logits are 0 and z."""
    two = torch.stack([torch.zeros_like(logits), logits], dim=-1)
    return F.cross_entropy(two.view(-1, 2), y.long().view(-1))


def _softplus(logits, y):
    return (F.softplus(logits) - logits * y).mean()


def _both_sides(logits, y):
    zero = torch.zeros_like(logits)
    against = (1 - y) * torch.logaddexp(logits, zero)
    return (y * torch.logaddexp(-logits, zero) + against).mean()


@exercise(
    "03.2",
    hint="The loss is log(1 + exp(z)) - z y. Which function has the first part, safely?",
    wrong=[
        lambda: _naive,
        lambda: _clamped,
        lambda: _summed,
        lambda: _one_sided,
        lambda: F.binary_cross_entropy_with_logits,
        lambda: _two_classes,
        lambda: lambda logits, y: F.soft_margin_loss(logits, 2 * y - 1),
        lambda: lambda logits, y: _softplus(logits, y).detach(),
        lambda: lambda logits, y: _softplus(logits, y).item(),
        lambda: lambda logits, y: _softplus(logits.clamp(-90, 90), y),
        lambda: lambda logits, y: _softplus(logits.flatten(), y),
    ],
    right=[lambda: _softplus, lambda: _both_sides],
)
def check_stable_bce(answer):
    """The mean BCE from logits, finite and right at any score, gradients included."""
    function(answer, "answer")
    right = F.binary_cross_entropy_with_logits
    logits, y = _random()
    with without(*READY_MADE):
        ours = tensor(call(answer, logits, y), "The mean over all examples", shape=())
    if close(ours, len(y) * right(logits, y)):
        raise Wrong("That is the sum over the examples; the mean was asked for.")
    agree(ours, right(logits, y), "at ordinary scores", what="the loss")
    agree_gradients(answer, right, logits, y, where="at ordinary scores")
    column = (logits[:7].unsqueeze(1), y[:7].unsqueeze(1))
    agree(call(answer, *column), right(*column), "for columns (7, 1)", what="the loss")
    for score in (1000.0, -1000.0, 30.0):
        z, label = torch.tensor([score]), torch.tensor([0.0 if score > 0 else 1.0])
        where = f"at z = {score:g} with label {label.item():.0f}"
        advice = "Never take the logarithm of a rounded 0 or 1."
        agree(call(answer, z, label), right(z, label), where, advice, what="the loss")
        agree_gradients(answer, right, z, label, where=where)
    agree_gradients(
        answer,
        right,
        torch.zeros(2, dtype=torch.float64),
        torch.tensor([0.0, 1.0], dtype=torch.float64),
        where="at z = 0, where training begins",
        hint="abs() and clamp() have a kink there; F.softplus has none.",
    )


def _weighted(scale):
    def gradient(logits, y, c):
        y_hat = logits.sigmoid()
        return scale(c, y) * (c * y * (y_hat - 1) + (1 - y) * y_hat) / len(y)

    return gradient


def _weighted_by_autograd(logits, y, c):
    z = logits.clone().requires_grad_()
    weight = torch.tensor(c, dtype=z.dtype)
    F.binary_cross_entropy_with_logits(z, y, pos_weight=weight).backward()
    return z.grad


def _weighted_by_func(logits, y, c):
    """The lazy way that inference mode doesn't stop."""

    def loss(z):
        weight = torch.tensor(c, dtype=z.dtype)
        return F.binary_cross_entropy_with_logits(z, y, pos_weight=weight)

    return torch.func.grad(loss)(logits)


def _by_differences(logits, y, c, step=1e-5):
    """The lazy way by two values of the ready-made loss for each logit."""
    weight = torch.tensor(c, dtype=logits.dtype)

    def loss(z):
        return F.binary_cross_entropy_with_logits(z, y, pos_weight=weight)

    rows = step * torch.eye(len(logits), dtype=logits.dtype)
    slopes = [(loss(logits + e) - loss(logits - e)) / (2 * step) for e in rows]
    return torch.stack(slopes)


def _through_exp(logits, y, c):
    """The right formula, with infinity over infinity at large scores."""
    y_hat = logits.exp() / (1 + logits.exp())
    return (c * y * (y_hat - 1) + (1 - y) * y_hat) / len(y)


@exercise(
    "03.3",
    hint="Treat y = 1 and y = 0 separately, then write both cases in one line with y.",
    wrong=[
        lambda: lambda logits, y, c: (logits.sigmoid() - y) / len(y),
        lambda: lambda logits, y, c: c * (logits.sigmoid() - y) / len(y),
        lambda: _weighted(lambda c, y: len(y)),
        lambda: _weighted(lambda c, y: -1),
        lambda: _weighted(lambda c, y: len(y) / (c * y + 1 - y).sum()),
        lambda: _weighted_by_autograd,
        lambda: _weighted_by_func,
        lambda: _by_differences,
        lambda: _through_exp,
    ],
    right=[
        lambda: _weighted(lambda c, y: 1),
        lambda: (
            lambda logits, y, c: (
                torch.where(y == 1, -c * (-logits).sigmoid(), logits.sigmoid()) / len(y)
            )
        ),
    ],
)
def check_weighted_gradient(answer):
    """Gradient of the mean BCE with positive examples counted c times."""
    function(answer, "answer")
    for n, c, spread in (
        (50, 1.0, 3.0),
        (7, 4.0, 3.0),
        (1, 0.3, 3.0),
        (20, 2.0, 900.0),
    ):
        logits, y = _random(n, seed=n, spread=spread)
        z = logits.clone().requires_grad_()
        weight = torch.tensor(c, dtype=torch.float64)
        F.binary_cross_entropy_with_logits(z, y, pos_weight=weight).backward()
        with without(*READY_MADE):
            ours = by_hand(answer, logits, y, c)
        tensor(ours, "The gradient (one slope for each logit)", shape=z.shape)
        if close(ours, z.grad, atol=1e-8):
            continue
        if close(ours, len(y) * z.grad):
            raise Wrong("Right for the sum of the losses; the task asks for the mean.")
        if close(ours, -z.grad):
            raise Wrong("It has the wrong sign everywhere.")
        raise Wrong(
            f"For c = {c:g} and {n} scores up to {logits.abs().max():.0f} it differs from "
            "autograd. What is it where y = 1?"
        )


def _without_ties(y, scores):
    gap = scores[y == 1].unsqueeze(1) - scores[y == 0].unsqueeze(0)
    return (gap > 0).double().mean()


def _ties_count_whole(y, scores):
    return 1 - _without_ties(1 - y, scores)


def _pairs(y, scores):
    gap = scores[y == 1].unsqueeze(1) - scores[y == 0].unsqueeze(0)
    return (gap.sign() + 1).mean() / 2


def _some_pairs(y, scores):
    """The lazy way, right on average: ten thousand pairs drawn at random."""
    ill, healthy = scores[y == 1], scores[y == 0]
    one = ill[torch.randint(len(ill), (10_000,))]
    other = healthy[torch.randint(len(healthy), (10_000,))]
    return ((one - other).sign().mean() + 1) / 2


def _by_scikit_learn(y, scores):
    """The lazy way: a library that refuses infinite scores, as the pairs don't."""
    from sklearn.metrics import roc_auc_score

    with np.errstate(invalid="ignore"):  # its own look for infinite numbers
        return float(roc_auc_score(y, scores))


def _by_ranks(y, scores):
    """Mann and Whitney: how many healthy ones lie below, ties counted half."""
    healthy = scores[y == 0].sort().values
    below = torch.searchsorted(healthy, scores[y == 1])
    up_to = torch.searchsorted(healthy, scores[y == 1], right=True)
    return ((below + up_to).double().mean() / 2 / len(healthy)).item()


@exercise(
    "03.4",
    hint="scores[y == 1].unsqueeze(1) - scores[y == 0].unsqueeze(0) holds every pair.",
    wrong=[
        lambda: _without_ties,
        lambda: lambda y, scores: 1 - _without_ties(y, scores),
        lambda: lambda y, scores: ((scores > 0) == (y == 1)).double().mean(),
        lambda: lambda y, scores: _pairs(y, scores) * len(y) ** 2,
        lambda: _ties_count_whole,
        lambda: lambda y, scores: _pairs(y, scores.float().sigmoid()),
        lambda: _some_pairs,
        lambda: _by_scikit_learn,
    ],
    right=[lambda: _pairs, lambda: _by_ranks],
)
def check_auc(answer):
    """The area under the ROC curve as a share of pairs."""
    function(answer, "answer")
    for scores, y, where in _rankings():
        ours = number(call(answer, y, scores), "The AUC")
        finite = scores.isfinite().all()  # scikit-learn is a judge of its own
        right = _by_scikit_learn(y, scores) if finite else float(_pairs(y, scores))
        if abs(ours - (1 - right)) < 1e-6 < abs(ours - right):
            raise Wrong("It is one minus the AUC: which of the two must score higher?")
        if not abs(ours - right) < 1e-6:  # single precision is enough
            raise Wrong(f"{where} it gives {ours:.4f} instead of {right:.4f}.")


def _rankings():
    """Scores, labels and what is special about them."""
    scores, y = _random(seed=1)
    yield scores + y, y, "Without any ties"
    scores, y = _random(33, seed=2)
    yield (scores + y).round(), y, "With ties among the scores"
    yield torch.zeros(33, dtype=torch.float64), y, "With equal scores for everybody"
    yield 40 + scores + y, y, "With scores around 40"
    yield torch.tensor([2.0, 1.0]), torch.tensor([0.0, 1.0]), "With one of each class"
    inf, y = torch.inf, torch.tensor([1.0, 0.0, 1.0, 0.0])
    yield torch.tensor([inf, 1.0, 0.0, -inf]), y, "With infinite scores"


def _newton(hessian_factor, step=1.0):
    def update(w, X, y):
        y_hat = torch.sigmoid(X @ w)
        g = X.T @ (y_hat - y) / len(X)
        H = X.T @ (X * (y_hat * (1 - y_hat)).unsqueeze(1)) / len(X)
        return w - step * torch.linalg.solve(hessian_factor(len(X)) * H, g)

    return update


def _descent(w, X, y):
    return w - 0.5 * X.T @ ((X @ w).sigmoid() - y) / len(X)


def _diagonal_only(w, X, y):
    y_hat = (X @ w).sigmoid()
    curvature = X.T.square() @ (y_hat * (1 - y_hat))
    return w - X.T @ (y_hat - y) / curvature


def _to_the_end(w, X, y):
    """The lazy way to the right minimum: many steps instead of one."""
    for _ in range(20):
        w = _newton(lambda n: 1.0)(w, X, y)
    return w


def _reweighted(w, X, y):
    """The same step as a weighted least-squares fit."""
    y_hat = (X @ w).sigmoid()
    s = (y_hat * (1 - y_hat)).sqrt().unsqueeze(1)
    target = (y - y_hat).unsqueeze(1) / s
    return w + torch.linalg.lstsq(s * X, target).solution.flatten()


@exercise(
    "03.5",
    hint="Build H with X.T @ (X * s.unsqueeze(1)) / n, then torch.linalg.solve(H, g).",
    wrong=[
        lambda: _descent,
        lambda: _newton(lambda n: n),
        lambda: _newton(lambda n: 1.0, step=-1.0),
        lambda: lambda w, X, y: _newton(lambda n: 1.0)(w, X, y) - w,
        lambda: _diagonal_only,
        lambda: _to_the_end,
        lambda: lambda w, X, y: _newton(lambda n: 1.0)(w.round(decimals=3), X, y),
    ],
    right=[lambda: _newton(lambda n: 1.0), lambda: _reweighted],
)
def check_newton(answer):
    """One step of Newton's method for logistic regression."""
    function(answer, "answer")
    for n, d in ((40, 3), (60, 5), (12, 1)):
        generator = torch.Generator().manual_seed(n)
        X = torch.randn(n, d, generator=generator, dtype=torch.float64)
        y = (torch.rand(n, generator=generator) < 0.5).double()
        w = 0.3 * torch.randn(d, generator=generator, dtype=torch.float64)
        right = _newton(lambda n: 1.0)(w, X, y)
        ours = tensor(call(answer, w, X, y), "The new w", shape=w.shape)
        if close(ours, right):
            continue
        if close(ours - w, w - right):
            raise Wrong("The step has the right length and goes uphill.")
        if close(ours - w, (right - w) / len(X)):
            raise Wrong("The step is n times too short: g and H both carry 1/n.")
        raise Wrong("The new weights differ. Does H use y_hat (1 - y_hat) as weights?")
