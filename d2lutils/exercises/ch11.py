"""Chapter 11, loss functions: the checks of its exercises."""

import math

import torch
import torch.nn.functional as F

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    agree,
    agree_gradients,
    call,
    close,
    function,
    number,
)


@exercise(
    "11.1",
    hint="By how many numbers does the mean divide, for a batch of shape (64, 10)?",
    wrong=[lambda: 0.0005, lambda: 0.032, lambda: 0.005, lambda: 0.0005 / 640],
)
def check_rate_of_the_mean(answer):
    """0.0005 * 640 = 0.32."""
    rate = number(answer, "The learning rate")
    if abs(rate - 0.032) < 1e-4:
        raise Wrong("The mean divides by all elements, not only by the examples.")
    if 0 < rate < 0.0005:
        raise Wrong("The mean has the smaller gradient: does it need a smaller rate?")
    if not abs(rate - 0.32) <= 1e-3:
        raise Wrong("Compare the two gradients: sum = m times mean. What is m here?")


def _mean_constant(y, delta):
    return y.mean()


def _median_constant(y, delta):
    return y.median()


def _clipped_mean(y, delta):
    centre = y.median()
    return centre + (y - centre).clamp(-delta, delta).mean()


@exercise(
    "11.2",
    hint="Each label adds one slope. What must they add up to at the best c?",
    wrong=[
        lambda: _mean_constant,
        lambda: _median_constant,
        lambda: _clipped_mean,
        lambda: lambda y, delta: float("nan"),
    ],
)
def check_huber_constant(answer):
    """The c at which the clipped errors add up to zero."""
    function(answer, "huber_constant")
    generator = torch.Generator().manual_seed(0)
    spread = torch.randn(41, dtype=torch.float64, generator=generator)
    far = torch.tensor([1.0, 1.5, 2.0, 3.0, 9.0], dtype=torch.float64)
    for y in (far, spread, far.float()):
        for delta in (0.05, 1.0, 2.0, 100.0):
            c = number(call(answer, y, delta), "The constant")
            low, high = y.min().item(), y.max().item()
            for _ in range(60):
                middle = (low + high) / 2
                rises = (middle - y.double()).clamp(-delta, delta).sum() > 0
                low, high = (low, middle) if rises else (middle, high)
            if not abs(c - low) <= 2e-3:
                raise Wrong(
                    f"For {len(y)} labels and delta = {delta} the best constant is "
                    f"{low:.3f}, not {c:.3f}. (Large delta: near the mean; small: near "
                    "the median.)"
                )


def _naive_bce(z, y, w):
    p = torch.sigmoid(z)
    return -(w * y * p.log() + (1 - y) * (1 - p).log()).mean()


def _weighs_both(z, y, w):
    return w * F.binary_cross_entropy_with_logits(z, y)


def _weighs_negatives(z, y, w):
    return (y * F.softplus(-z) + w * (1 - y) * F.softplus(z)).mean()


def _weighted_mean(z, y, w):
    prices = w * y * F.softplus(-z) + (1 - y) * F.softplus(z)
    return prices.sum() / (w * y + 1 - y).sum()


def _summed_bce(z, y, w):
    return (w * y * F.softplus(-z) + (1 - y) * F.softplus(z)).sum()


def _weighs_positives(z, y, w):
    """A right answer."""
    return ((1 + (w - 1) * y) * F.softplus(-z) + (1 - y) * z).mean()


def _by_clamp_and_abs(z, y, w):
    """The right value; at z = 0 the wrong slope."""
    softplus = (-z).clamp(min=0) + (-z.abs()).exp().log1p()
    return ((1 + (w - 1) * y) * softplus + (1 - y) * z).mean()


@exercise(
    "11.3",
    hint="Write -log p and -log(1 - p) in terms of z, so that no p is ever rounded.",
    wrong=[
        lambda: _naive_bce,
        lambda: _weighs_both,
        lambda: _weighs_negatives,
        lambda: _weighted_mean,
        lambda: _summed_bce,
        lambda: lambda z, y, w: _weighs_positives(z, y, w).item(),
        lambda: lambda z, y, w: _weighs_positives(z.clamp(-500, 500), y, w) * 1.0,
        lambda: _by_clamp_and_abs,
    ],
    right=[lambda: _weighs_positives],
)
def check_weighted_bce(answer):
    """F.binary_cross_entropy_with_logits(..., pos_weight=w), gradients included."""
    function(answer, "weighted_bce")
    generator = torch.Generator().manual_seed(0)
    z = 3 * torch.randn(8, 2, dtype=torch.float64, generator=generator)
    y = torch.randint(2, (8, 2), generator=generator).double()
    big = torch.tensor([1000.0, -1000, 1000, -1000], dtype=torch.float64)
    labels = torch.tensor([1.0, 0, 0, 1], dtype=torch.float64)
    cases = [
        (z, y, "moderate logits"),
        (big, labels, "logits of ±1000"),
        (0 * big, labels, "logits of 0"),
    ]
    for inputs, targets, what in cases:
        for w in (1.0, 3.0):

            def theirs(z, y, w):
                weight = torch.tensor(w, dtype=z.dtype)
                return F.binary_cross_entropy_with_logits(z, y, pos_weight=weight)

            value = number(call(answer, inputs, targets, w), f"With {what}, the loss")
            right, where = (
                theirs(inputs, targets, w).item(),
                f"with {what} and w = {w:g}",
            )
            if right and close(value, right * targets.numel()):
                raise Wrong(
                    "That is the sum; the mean over the elements was asked for."
                )
            advice = (
                "Only the positive examples are weighed, and the mean divides by their "
                "plain number."
            )
            agree(value, right, where, advice, what="the loss")
            agree_gradients(answer, theirs, inputs, targets, w, where=where)


@exercise(
    "11.4",
    hint="Write down the five numbers of the smoothed label. Who predicts it perfectly?",
    wrong=[
        lambda: 0.0,
        lambda: -math.log(0.84),
        lambda: -math.log(0.8),
        lambda: -0.8 * math.log(0.8) - 0.2 * math.log(0.05),
        lambda: math.log(5),
    ],
)
def check_smallest_smoothed_loss(answer):
    """The entropy of (0.84, 0.04, 0.04, 0.04, 0.04), 0.661."""
    value = number(answer, "The smallest loss")
    entropy = -0.84 * math.log(0.84) - 4 * 0.04 * math.log(0.04)
    if value == 0:
        raise Wrong("The label isn't one-hot any more, so even the best answer costs.")
    if abs(value + math.log(0.84)) < 1e-3:
        raise Wrong("That is the price of the true class alone; the others count, too.")
    if abs(value + 0.8 * math.log(0.8) + 0.2 * math.log(0.05)) < 1e-3:
        raise Wrong("The true class gets its share of eps / q as well.")
    if not abs(value - entropy) <= 1e-3:
        raise Wrong("At best the prediction equals the smoothed label. What is left?")


def _naive_focal(logits, y, gamma):
    p = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
    p = p[torch.arange(len(y)), y]
    return -((1 - p) ** gamma * p.log()).mean()


def _focal_of_p(logits, y, gamma):
    log_p = logits.log_softmax(dim=1)[torch.arange(len(y)), y]
    return -(log_p.exp() ** gamma * log_p).mean()


def _focal_of_mean(logits, y, gamma):
    ce = F.cross_entropy(logits, y)
    return (1 - (-ce).exp()) ** gamma * ce


def _focal_sum(logits, y, gamma):
    log_p = logits.log_softmax(dim=1)[torch.arange(len(y)), y]
    return -((1 - log_p.exp()) ** gamma * log_p).sum()


def _focal(logits, y, gamma):
    """A right answer: log(1 - p) from the other classes, so that it never is log(0)."""
    log_p = logits.log_softmax(dim=1)
    own = log_p.gather(1, y[:, None])
    rest = log_p.scatter(1, y[:, None], -torch.inf).logsumexp(dim=1, keepdim=True)
    return -((gamma * rest).exp() * own).mean()


def _nan_at_one(logits, y, gamma):
    """Right values, but where p rounds to 1 and gamma < 1 the slope is nan."""
    log_p = logits.log_softmax(dim=1).gather(1, y[:, None])
    return (-((1 - log_p.exp()) ** gamma) * log_p).mean()


def _detached_factor(logits, y, gamma):
    log_p = logits.log_softmax(dim=1).gather(1, y[:, None])
    return (-((1 - log_p.detach().exp()) ** gamma) * log_p).mean()


@exercise(
    "11.5",
    hint="Which function gives log-probabilities that neither overflow nor underflow? "
    "And what is log(1 - p) in terms of the other classes?",
    wrong=[
        lambda: lambda o, y, gamma: F.cross_entropy(o, y),
        lambda: _naive_focal,
        lambda: _focal_of_p,
        lambda: _focal_of_mean,
        lambda: _focal_sum,
        lambda: _nan_at_one,
        lambda: _detached_factor,
        lambda: lambda o, y, gamma: _focal(o, y, gamma).item(),
    ],
    right=[lambda: _focal],
)
def check_focal(answer):
    """The mean of -(1 - p)^gamma log p, p the probability of the true class."""
    function(answer, "focal")
    generator = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(9, 4, dtype=torch.float64, generator=generator)
    y = torch.randint(4, (9,), generator=generator)
    for gamma in (0.0, 0.5, 1.0, 2.0):
        right, where = _focal(logits, y, gamma).item(), f"with gamma = {gamma:g}"
        value = number(call(answer, logits, y, gamma), "The loss")
        if close(value, 9 * right):
            raise Wrong("That is the sum; the mean over the batch was asked for.")
        advice = "Weigh each example by (1 - its own p) ** gamma, then take the mean."
        agree(value, right, where, advice, what="the loss")
        agree_gradients(answer, _focal, logits, y, gamma, where=where)
    big = torch.tensor([[1000.0, 0.0], [1000.0, 0.0]], dtype=torch.float64)
    both = torch.tensor([0, 1])
    for gamma in (0.5, 2.0):
        where = f"for logits (1000, 0) and gamma = {gamma:g}"
        value = number(call(answer, big, both, gamma), "For logits (1000, 0), the loss")
        advice = "Use log_softmax, not log of p."
        agree(value, 500.0, where, advice, what="the loss", atol=1e-3)
        advice = "Where p rounds to 1, the root of 1 - p has no finite slope: use log(1 - p)."
        agree_gradients(answer, _focal, big, both, gamma, where=where, hint=advice)
