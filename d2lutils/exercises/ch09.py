"""Chapter 9, dropout: the checks of its exercises."""

import math

import torch
from torch import nn

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    call,
    close,
    fresh,
    function,
    independent,
    number,
    numbers,
    share,
    tensor,
    without,
)


def _gradient_is(out, X, right, what):
    """Refuse a result that doesn't send the slopes ``right`` back to X."""
    if not out.requires_grad:
        raise Wrong(f"{what} has lost its graph: nothing before it could be trained.")
    (slopes,) = torch.autograd.grad(out.sum(), X)
    if not close(slopes, right):
        raise Wrong(f"{what} is right, but the gradient that it sends back isn't.")


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
    names = ("value if kept", "expected value", "variance")
    kept, mean, variance = numbers(answer, names)
    if not abs(kept - 1.2) <= 5e-3:
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
    value = number(answer, "The probability")
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
    if not abs(value - _tail(16, 0.4, 8)) <= 5.1e-3:
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


def _one_coin_a_column(X, p, training):
    return (
        X * torch.bernoulli(torch.full_like(X[:1], 1 - p)) if training else X * (1 - p)
    )


def _one_half_twice(X, p, training):
    half = torch.empty_like(X[: len(X) // 2]).bernoulli_(1 - p)
    return X * half.repeat(2, 1) if training else X * (1 - p)


def _original(X, p, training):
    """A right answer."""
    return torch.where(torch.rand_like(X) < p, 0.0, X) if training else X * (1 - p)


@exercise(
    "09.3",
    hint="Two cases: training multiplies by zeros and ones, evaluation by one number.",
    wrong=[
        lambda: _inverted,
        lambda: _never_scaled,
        lambda: _keeps_with_p,
        lambda: _scales_by_p,
        lambda: _always_drops,
        lambda: _one_coin_a_column,
        lambda: lambda X, p, training: _one_coin_a_column(X.T, p, training).T,
        lambda: _one_half_twice,
        lambda: lambda X, p, training: _original(X, p, training).detach(),
    ],
    right=[lambda: _original],
)
def check_original_dropout(answer):
    """Training: X times a mask of zeros and ones; evaluation: X times 1 - p."""
    function(answer, "original_dropout")
    X = torch.linspace(0.5, 2, 40_000, dtype=torch.float64).view(200, 200)
    for p in (0.0, 0.2, 0.5, 1.0):
        X.requires_grad_()
        what = f"With p = {p:g}, the result"
        calm = tensor(call(answer, X, p, False), what, shape=X.shape)
        if not close(calm, (1 - p) * X):
            raise Wrong(
                f"In evaluation mode with p = {p}, every element should be its mean in "
                "training. Which number is that?"
            )
        _gradient_is(calm, X, torch.full_like(X, 1 - p), "The result (evaluation)")
        out = tensor(call(answer, X, p, True), what, shape=X.shape)
        kept = out != 0
        if not close(out[kept], X[kept]):
            raise Wrong("While training, what is kept stays as it is, unscaled.")
        share(~kept, p)
        independent(kept)
        _gradient_is(out, X, kept.double(), "The result (training)")
    fresh(lambda: answer(X.detach().clone(), 0.5, True))


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
    return (1 - p) * _channels(X, p)


def _channels(X, p):
    """A right answer."""
    kept = torch.rand(*X.shape[:2], 1, 1) >= p
    return torch.where(kept, X / (1 - p) if p < 1 else X, 0.0)


def _half_of_the_images(X, p):
    half = torch.bernoulli(torch.full((len(X) // 2, X.shape[1], 1, 1), 1.0 - p))
    return X * half.repeat(2, 1, 1, 1) / (1 - p)


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
        lambda: nn.functional.dropout2d,
        lambda: lambda X, p: nn.Dropout2d(p)(X),
        lambda: lambda X, p: _channels(X, p).detach(),
        lambda: _half_of_the_images,
    ],
    right=[lambda: _channels],
)
def check_spatial_dropout(answer):
    """One coin for each image and channel; survivors divided by 1 - p."""
    function(answer, "spatial_dropout")
    X = torch.linspace(0.5, 2, 60 * 50 * 6).double().view(60, 50, 2, 3)
    X.requires_grad_()
    ready_made = without("dropout2d", "dropout1d", "dropout3d", "feature_dropout")
    for p in (0.0, 0.25, 0.5, 1.0):
        with ready_made:
            out = call(answer, X, p)
        tensor(out, f"With p = {p:g}, the result", shape=X.shape)
        kept = (out != 0).flatten(2)  # (n, c, h w)
        if not (kept.all(dim=2) | ~kept.any(dim=2)).all():
            raise Wrong("Some channels are dropped in part; drop all of it or nothing.")
        kept = kept[:, :, 0]  # (n, c)
        if 0 < p < 1 and (kept == kept[:1]).all():
            raise Wrong("All images lost the same channels; each needs its own coins.")
        if 0 < p < 1 and (kept == kept[:, :1]).all():
            raise Wrong("Whole images are gone; each channel needs its own coin.")
        share(~kept, p, "the share of dropped channels")
        independent(kept, "Each image and channel needs a coin of its own.")
        if not close(out[kept], X[kept] / (1 - p) if p < 1 else X[kept]):
            raise Wrong("The survivors must be divided by 1 - p.")
        slopes = kept.double()[:, :, None, None].expand_as(X)
        _gradient_is(out, X, slopes / (1 - p) if p < 1 else slopes, "The result")
    fresh(lambda: answer(X.detach().clone(), 0.5))


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


def _batched(net, X, num_masks):
    """A right answer, all masks in one pass."""
    was_training = net.training
    net.train()
    with torch.no_grad():
        probabilities = net(X.repeat(num_masks, 1)).softmax(dim=1)
    net.train(was_training)
    return probabilities.view(num_masks, len(X), -1).mean(dim=0)


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
        lambda: lambda net, X, num_masks: _batched(net, X, 3000),
        lambda: lambda net, X, num_masks: _batched(net, X, 1 + num_masks),
    ],
    right=[lambda: _batched],
)
def check_monte_carlo(answer):
    """The mean of softmax(net(X)) over masks; mode restored, no gradients."""
    function(answer, "monte_carlo")
    X = torch.tensor([[1.0, 0.5, -1.0], [0.2, -0.4, 0.6], [1.0, 1.0, 1.0]])
    for training in (False, True):
        net = _little_net(training)
        rows = []
        net.register_forward_pre_hook(
            lambda _, inputs, rows=rows: rows.append(len(inputs[0]))
        )
        for num_masks in (1, 5, 3000):
            rows.clear()
            mean = tensor(
                call(answer, net, X, num_masks), shape=(3, 2), dtype="floating"
            )
            if sum(rows) != num_masks * len(X):
                raise Wrong(
                    f"For num_masks = {num_masks} and {len(X)} examples, {sum(rows)} rows "
                    "went through net(...): each mask needs each example once."
                )
        if mean.requires_grad:
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
