"""Chapter 11, loss functions: the checks of its exercises."""

import math

import torch
import torch.nn.functional as F

from d2lutils.exercises import Wrong, exercise


def _number(answer):
    try:
        return float(answer)
    except (TypeError, ValueError, RuntimeError):
        raise Wrong(f"The answer is one number, not {type(answer).__name__}.") from None


def _function(answer, number, name):
    if not callable(answer):
        raise Wrong(f"Hand over the function itself: d2l.check('{number}', {name}).")


def _scalar(result, like):
    """The one number that a loss returned, as a tensor of the inputs' type."""
    if result is None:
        raise Wrong("The function returned nothing; did you forget return?")
    try:
        result = torch.as_tensor(result)
    except (TypeError, ValueError, RuntimeError):
        raise Wrong(f"Return one number, not {type(result).__name__}.") from None
    if result.numel() != 1:
        raise Wrong(f"Return one number, the mean; this has {result.numel()}.")
    return result.reshape(()).to(like)


def _slope(loss, x):
    """The gradient of loss(x) at x, or None when the result has no graph."""
    x = x.clone().requires_grad_()
    value = loss(x)
    if not torch.is_tensor(value) or not value.requires_grad:
        raise Wrong("The result has no gradient; compute with tensors, without item().")
    return torch.autograd.grad(value.sum(), x)[0]


def _close(ours, theirs, atol=1e-6):
    return torch.allclose(ours.to(theirs), theirs, rtol=1e-6, atol=atol)  # nan: False


@exercise(
    "11.1",
    hint="By how many numbers does the mean divide, for a batch of shape (64, 10)?",
    wrong=[lambda: 0.0005, lambda: 0.032, lambda: 0.005, lambda: 0.0005 / 640],
)
def check_rate_of_the_mean(answer):
    """0.0005 * 640 = 0.32."""
    rate = _number(answer)
    if abs(rate - 0.032) < 1e-4:
        raise Wrong("The mean divides by all elements, not only by the examples.")
    if 0 < rate < 0.0005:
        raise Wrong("The mean has the smaller gradient: does it need a smaller rate?")
    if not abs(rate - 0.32) <= 1e-3:  # nan is wrong, too
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
    _function(answer, "11.2", "huber_constant")
    generator = torch.Generator().manual_seed(0)
    spread = torch.randn(41, dtype=torch.float64, generator=generator)
    far = torch.tensor([1.0, 1.5, 2.0, 3.0, 9.0], dtype=torch.float64)
    for y in (far, spread, far.float()):
        for delta in (0.05, 1.0, 2.0, 100.0):
            c = _number(answer(y.clone(), delta))
            if not math.isfinite(c):
                raise Wrong(f"With delta = {delta} the constant is {c}.")
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


@exercise(
    "11.3",
    hint="Write -log p and -log(1 - p) in terms of z, so that no p is ever rounded.",
    wrong=[
        lambda: _naive_bce,
        lambda: _weighs_both,
        lambda: _weighs_negatives,
        lambda: _weighted_mean,
        lambda: _summed_bce,
    ],
)
def check_weighted_bce(answer):
    """F.binary_cross_entropy_with_logits(..., pos_weight=w), gradients included."""
    _function(answer, "11.3", "weighted_bce")
    generator = torch.Generator().manual_seed(0)
    z = 3 * torch.randn(8, 2, dtype=torch.float64, generator=generator)
    y = torch.randint(2, (8, 2), generator=generator).double()
    big = torch.tensor([1000.0, -1000, 1000, -1000], dtype=torch.float64)
    labels = torch.tensor([1.0, 0, 0, 1], dtype=torch.float64)
    for inputs, targets, what in [(z, y, "moderate"), (big, labels, "±1000 as")]:
        for w in (1.0, 3.0):
            weight = torch.tensor(w, dtype=torch.float64)

            def ours(z, targets=targets, w=w):
                return answer(z, targets.clone(), w)

            def theirs(z, targets=targets, weight=weight):
                return F.binary_cross_entropy_with_logits(z, targets, pos_weight=weight)

            value, right = _scalar(ours(inputs.clone()), inputs), theirs(inputs)
            if not value.isfinite():
                raise Wrong(f"With {what} logits the loss is {value.item()}.")
            if _close(value, right * targets.numel()):
                raise Wrong(
                    "That is the sum; the mean over the elements was asked for."
                )
            if not _close(value, right):
                raise Wrong(
                    f"With {what} logits and w = {w:g} the loss should be "
                    f"{right.item():.4f}, not {value.item():.4f}. Only the positive "
                    "examples are weighed, and the mean divides by their plain number."
                )
            if not _close(_slope(ours, inputs), _slope(theirs, inputs)):
                raise Wrong(
                    f"The value is right, the gradient at {what} logits is not."
                )


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
    value = _number(answer)
    entropy = -0.84 * math.log(0.84) - 4 * 0.04 * math.log(0.04)
    if value == 0:
        raise Wrong("The label isn't one-hot any more, so even the best answer costs.")
    if abs(value + math.log(0.84)) < 1e-3:
        raise Wrong("That is the price of the true class alone; the others count, too.")
    if abs(value + 0.8 * math.log(0.8) + 0.2 * math.log(0.05)) < 1e-3:
        raise Wrong("The true class gets its share of eps / q as well.")
    if not abs(value - entropy) <= 1e-3:  # nan is wrong, too
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


@exercise(
    "11.5",
    hint="Which function gives log-probabilities that neither overflow nor underflow?",
    wrong=[
        lambda: lambda o, y, gamma: F.cross_entropy(o, y),
        lambda: _naive_focal,
        lambda: _focal_of_p,
        lambda: _focal_of_mean,
        lambda: _focal_sum,
    ],
)
def check_focal(answer):
    """The mean of -(1 - p)^gamma log p, p the probability of the true class."""
    _function(answer, "11.5", "focal")
    generator = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(9, 4, dtype=torch.float64, generator=generator)
    y = torch.randint(4, (9,), generator=generator)
    log_p = logits.log_softmax(dim=1)[torch.arange(9), y]
    for gamma in (0.0, 1.0, 2.0):
        right = (-((1 - log_p.exp()) ** gamma) * log_p).mean()
        value = _scalar(answer(logits.clone(), y.clone(), gamma), logits)
        if _close(value, 9 * right):
            raise Wrong("That is the sum; the mean over the batch was asked for.")
        if not _close(value, right, atol=1e-5):
            raise Wrong(
                f"With gamma = {gamma:g} it should be {right:.4f}, not "
                f"{value.item():.4f}. Weigh each example by (1 - its own p) ** gamma, "
                "then take the mean."
            )
    big = torch.tensor([[1000.0, 0.0], [1000.0, 0.0]], dtype=torch.float64)
    value = _scalar(answer(big, torch.tensor([0, 1]), 2.0), big)
    if not _close(value, torch.tensor(500.0), atol=1e-3):
        raise Wrong("For logits (1000, 0) it breaks: use log_softmax, not log of p.")
