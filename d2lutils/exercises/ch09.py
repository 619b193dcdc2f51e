"""Chapter 9, dropout: the checks of its exercises."""

import math

import torch
from torch import nn

from d2lutils.exercises import Wrong, exercise


def _number(answer, what="The answer"):
    try:
        return float(answer)
    except (TypeError, ValueError, RuntimeError):
        kind = type(answer).__name__
        raise Wrong(f"{what} is one number, not {kind}.") from None


def _function(answer, number, name):
    if not callable(answer):
        raise Wrong(f"Hand over the function itself: d2l.check('{number}', {name}).")


def _tensor(result, shape, what):
    if not torch.is_tensor(result):
        raise Wrong(f"{what} must be a tensor, not {type(result).__name__}.")
    if tuple(result.shape) != tuple(shape):
        raise Wrong(
            f"{what} has shape {tuple(result.shape)} instead of {tuple(shape)}."
        )
    if not result.is_floating_point() or not result.isfinite().all():
        raise Wrong(f"{what} must hold finite floating-point numbers.")
    return result.detach()


@exercise(
    "09.1",
    hint="What is the survivor divided by? The mean needs no arithmetic at all.",
    wrong=[
        lambda: (0.9, 0.675, 0.25 * 0.75 * 0.81),  # without the division
        lambda: (3.6, 0.9, 0.27),  # divided by p
        lambda: (1.2, 0.9, math.sqrt(0.27)),  # the standard deviation
        lambda: (1.2, 0.9, 0.75 / 0.25 * 0.81),  # p taken as the keep probability
        lambda: (1.2, 0.9, float("nan")),
    ],
)
def check_one_unit(answer):
    """0.9 / 0.75 = 1.2, 0.9 and 0.25 / 0.75 * 0.81 = 0.27."""
    if torch.is_tensor(answer) or hasattr(answer, "tolist"):
        answer = answer.tolist()
    if not isinstance(answer, (tuple, list)) or len(answer) != 3:
        raise Wrong("Give three numbers: (value if kept, expected value, variance).")
    kept, mean, variance = (_number(v, "Each of the three") for v in answer)
    if not abs(kept - 1.2) <= 5e-3:  # nan is wrong, too
        raise Wrong("The value if kept: divide by the probability of being kept.")
    if not abs(mean - 0.9) <= 5e-3:
        raise Wrong("The expected value: what is the division by 1 - p there for?")
    if abs(variance - math.sqrt(0.27)) < 5e-3:
        raise Wrong("The third is the standard deviation; the variance was asked for.")
    if not abs(variance - 0.27) <= 5e-3:
        raise Wrong("The variance: p / (1 - p) times something squared.")


def _tail(n, p, first):
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(first, n + 1))


@exercise(
    "09.2",
    hint="First: how probable are exactly k zeros? Then: which k are asked for?",
    wrong=[
        lambda: math.comb(16, 8) * 0.24**8,  # exactly 8
        lambda: _tail(16, 0.4, 9),  # more than 8
        lambda: _tail(16, 0.6, 8),  # p and 1 - p exchanged
        lambda: 1 - _tail(16, 0.4, 8),
        lambda: 28.39,
    ],
)
def check_eight_zeros(answer):
    """P(at least 8 of 16) at 0.4 is 0.2839."""
    value = _number(answer)
    if 0.13 < value < 0.15:
        raise Wrong(
            "Exactly 8, or more than 8? (The two are nearly equal.) Here 8 counts, and "
            "so do 9, 10, ..., 16: add them all."
        )
    if abs(value - _tail(16, 0.6, 8)) < 5e-3:
        raise Wrong("p = 0.4 is the probability of a zero, not of being kept.")
    if abs(value - (1 - _tail(16, 0.4, 8))) < 5e-3:
        raise Wrong("That is the probability of fewer than 8.")
    if abs(value - 100 * _tail(16, 0.4, 8)) < 0.5:
        raise Wrong("A probability lies between 0 and 1; this is a percentage.")
    if not abs(value - _tail(16, 0.4, 8)) <= 5.1e-3:  # nan is wrong, too
        raise Wrong("Add the binomial probabilities of 8, 9, ..., 16 zeros.")


def _inverted(X, p, training):
    return nn.functional.dropout(X, p, training)


def _never_scaled(X, p, training):
    return X * torch.empty_like(X).bernoulli_(1 - p) if training else X * 1.0


def _keeps_with_p(X, p, training):
    return X * torch.empty_like(X).bernoulli_(p) if training else X * p


def _scales_by_p(X, p, training):
    return X * torch.empty_like(X).bernoulli_(1 - p) if training else X * p


def _always_drops(X, p, training):
    return X * torch.empty_like(X).bernoulli_(1 - p)


@exercise(
    "09.3",
    hint="Two cases: training multiplies by zeros and ones, evaluation by one number.",
    wrong=[
        lambda: _inverted,
        lambda: _never_scaled,
        lambda: _keeps_with_p,
        lambda: _scales_by_p,
        lambda: _always_drops,
    ],
)
def check_original_dropout(answer):
    """Training: X times a mask of zeros and ones; evaluation: X times 1 - p."""
    _function(answer, "09.3", "original_dropout")
    X = torch.linspace(0.5, 2, 40_000, dtype=torch.float64).view(200, 200)
    for p in (0.0, 0.2, 0.5, 1.0):
        calm = _tensor(answer(X.clone(), p, False), X.shape, "The result (evaluation)")
        if not torch.allclose(calm.to(X), (1 - p) * X, rtol=1e-5, atol=1e-6):
            raise Wrong(
                f"In evaluation mode with p = {p}, every element should be its mean in "
                "training. Which number is that?"
            )
        out = _tensor(answer(X.clone(), p, True), X.shape, "The result (training)")
        kept = out != 0
        if not torch.allclose(out[kept].to(X), X[kept], rtol=1e-5, atol=1e-6):
            raise Wrong("While training, what is kept stays as it is, unscaled.")
        if abs((~kept).double().mean().item() - p) > 6 * math.sqrt(p * (1 - p)) / 200:
            share = (~kept).double().mean().item()
            raise Wrong(f"With p = {p}, the share of zeros is {share:.3f}.")
    first, second = (answer(X.clone(), 0.5, True) for _ in range(2))
    if torch.equal(first, second):
        raise Wrong("Two calls gave the same mask; draw a new one in each call.")


def _mask_times(X, p, size):
    return X * torch.bernoulli(torch.full(size, 1.0 - p, dtype=X.dtype)) / (1 - p)


def _elementwise(X, p):
    return nn.functional.dropout(X, p)


def _same_for_all_images(X, p):
    return _mask_times(X, p, (1, X.shape[1], 1, 1))


def _whole_images(X, p):
    return _mask_times(X, p, (len(X), 1, 1, 1))


def _pixels(X, p):
    return _mask_times(X, p, (len(X), 1, *X.shape[2:]))


def _not_scaled(X, p):
    return (1 - p) * nn.functional.dropout2d(X, p)


@exercise(
    "09.4",
    hint="How many coins do n images with c channels need? Give them a shape that "
    "broadcasts.",
    wrong=[
        lambda: _elementwise,
        lambda: _same_for_all_images,
        lambda: _whole_images,
        lambda: _pixels,
        lambda: _not_scaled,
    ],
)
def check_spatial_dropout(answer):
    """One coin for each image and channel; survivors divided by 1 - p."""
    _function(answer, "09.4", "spatial_dropout")
    X = torch.linspace(0.5, 2, 60 * 50 * 6).double().view(60, 50, 2, 3)
    for p in (0.0, 0.25, 0.5):
        out = _tensor(answer(X.clone(), p), X.shape, "The result")
        kept = (out != 0).flatten(2)  # (n, c, h w)
        if not (kept.all(dim=2) | ~kept.any(dim=2)).all():
            raise Wrong("Some channels are dropped in part; drop all of it or nothing.")
        kept = kept[:, :, 0]  # (n, c)
        share = (~kept).double().mean().item()
        if p and (kept == kept[:1]).all():
            raise Wrong("All images lost the same channels; each needs its own coins.")
        if p and (kept == kept[:, :1]).all():
            raise Wrong("Whole images are gone; each channel needs its own coin.")
        if abs(share - p) > 6 * math.sqrt(p * (1 - p) / kept.numel()):
            raise Wrong(f"With p = {p}, the share of dropped channels is {share:.3f}.")
        if not torch.allclose(out[kept].to(X), X[kept] / (1 - p), rtol=1e-5, atol=1e-6):
            raise Wrong("The survivors must be divided by 1 - p.")
    if torch.equal(answer(X.clone(), 0.5), answer(X.clone(), 0.5)):
        raise Wrong("Two calls gave the same mask; draw a new one in each call.")


def _little_net(training):
    net = nn.Sequential(nn.Dropout(0.5), nn.Linear(3, 2), nn.Dropout(0.0))
    with torch.no_grad():
        net[1].weight.copy_(torch.tensor([[2.0, -1.0, 1.0], [0.0, 1.0, -2.0]]))
        net[1].bias.copy_(torch.tensor([0.5, -0.5]))
    return net.train(training)


def _exact_mean(net, X):
    masks = torch.cartesian_prod(*[torch.tensor([0.0, 2.0])] * 3)  # (8, 3)
    with torch.no_grad():
        return torch.stack([net[1](X * m).softmax(dim=1) for m in masks]).mean(dim=0)


def _with_mode(training, average):
    def monte_carlo(net, X, num_masks):
        was_training = net.training
        net.train(training)
        with torch.no_grad():
            logits = torch.stack([net(X) for _ in range(num_masks)])
        net.train(was_training)
        return average(logits)

    return monte_carlo


def _mode_not_restored(net, X, num_masks):
    net.train()
    with torch.no_grad():
        return torch.stack([net(X).softmax(1) for _ in range(num_masks)]).mean(0)


def _keeps_graph(net, X, num_masks):
    was_training = net.training
    net.train()
    mean = torch.stack([net(X).softmax(1) for _ in range(num_masks)]).mean(0)
    net.train(was_training)
    return mean


@exercise(
    "09.5",
    hint="In which mode are masks drawn, what is averaged, and what must you note down "
    "before you switch the mode?",
    wrong=[
        lambda: _with_mode(False, lambda o: o.softmax(2).mean(0)),
        lambda: _with_mode(True, lambda o: o.mean(0).softmax(1)),
        lambda: _with_mode(True, lambda o: o.softmax(2).sum(0)),
        lambda: _with_mode(True, lambda o: o.mean(0)),
        lambda: _with_mode(True, lambda o: o[0].softmax(1)),
        lambda: _mode_not_restored,
        lambda: _keeps_graph,
    ],
)
def check_monte_carlo(answer):
    """The mean of softmax(net(X)) over masks; mode restored, no gradients."""
    _function(answer, "09.5", "monte_carlo")
    X = torch.tensor([[1.0, 0.5, -1.0], [0.2, -0.4, 0.6], [1.0, 1.0, 1.0]])
    for training in (False, True):
        net = _little_net(training)
        result = answer(net, X, 3000)
        mean = _tensor(result, (3, 2), "The result")
        if result.requires_grad:
            raise Wrong("The result carries a graph; use torch.inference_mode().")
        if any(module.training != training for module in net.modules()):
            mode = "training" if training else "evaluation"
            raise Wrong(f"The net came in {mode} mode and isn't in it any more.")
        if not torch.allclose(mean.sum(dim=1).cpu().float(), torch.ones(3), atol=1e-3):
            raise Wrong("Each row must add up to 1: average the probabilities.")
        exact = _exact_mean(net, X)
        with torch.no_grad():
            calm = net[1](X).softmax(dim=1)
        if torch.allclose(mean.float(), calm, atol=1e-4):
            raise Wrong("That is evaluation mode; the dropout must be on.")
        # A probability has a standard deviation of 1/2 at most: 0.009 after 3,000 masks.
        if not (mean.float() - exact).abs().max() < 0.05:
            raise Wrong(
                "Not the mean of the probabilities over the masks. Take the softmax of "
                "every pass before you average, and draw all the masks."
            )
