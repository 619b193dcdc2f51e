"""Chapter 5, softmax regression: the checks of its exercises."""

import math

import torch
import torch.nn.functional as F

from d2lutils.exercises import Wrong, exercise


def _number(answer):
    try:
        return float(answer)
    except (TypeError, ValueError):
        raise Wrong(f"The answer is one number, not {type(answer).__name__}.") from None


def _examples(n=12, d=5, q=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n, d, dtype=torch.float64, generator=generator)
    W = torch.randn(d, q, dtype=torch.float64, generator=generator)
    b = torch.randn(q, dtype=torch.float64, generator=generator)
    return X, torch.randint(q, (n,), generator=generator), W, b


def _same(ours, theirs, atol=1e-6):
    return torch.allclose(torch.as_tensor(ours).to(theirs), theirs, rtol=0, atol=atol)


@exercise(
    "05.1",
    hint="How many weights does a single class have, and what else does it have?",
    wrong=[lambda: 307_200, lambda: 3 * 32 * 32 + 100, lambda: 7_850],
)
def check_parameter_count(answer):
    """3 * 32 * 32 inputs times 100 classes, and 100 biases."""
    count = _number(answer)
    if count == 3 * 32 * 32 * 100:
        raise Wrong("These are the weights. What else does each class have?")
    if count == 3 * 32 * 32 + 100:
        raise Wrong("Each class has its own weight for every input: multiply.")
    if count != 3 * 32 * 32 * 100 + 100:
        raise Wrong("Count the inputs of one image first, then the weights of a class.")


def _naive_softmax(logits, temperature=1.0):
    votes = (logits / temperature).exp()
    return votes / votes.sum(dim=-1, keepdim=True)


def _times_temperature(logits, temperature=1.0):
    return (logits * temperature).softmax(dim=-1)


def _first_dimension(logits, temperature=1.0):
    return (logits / temperature).softmax(dim=0)


def _second_dimension(logits, temperature=1.0):
    return (logits / temperature).softmax(dim=1 if logits.ndim > 1 else 0)


def _ignores_temperature(logits, temperature=1.0):
    return logits.softmax(dim=-1)


@exercise(
    "05.2",
    hint="Divide by the temperature, subtract the largest entry of each row, then exp.",
    wrong=[
        lambda: _naive_softmax,
        lambda: _times_temperature,
        lambda: _first_dimension,
        lambda: _second_dimension,
        lambda: _ignores_temperature,
    ],
)
def check_softmax_t(answer):
    """Softmax of logits / temperature over the last dimension, without overflow."""
    if not callable(answer):
        raise Wrong("Hand over the function itself: d2l.check('05.2', softmax_t).")
    generator = torch.Generator().manual_seed(0)
    for shape in [(3,), (2, 3), (2, 3, 4)]:
        logits = torch.randn(shape, dtype=torch.float64, generator=generator)
        p = torch.as_tensor(answer(logits.clone()))
        if p.shape != logits.shape:
            raise Wrong(f"For logits {shape} the result has shape {tuple(p.shape)}.")
        if not _same(p, logits.softmax(dim=-1)):
            raise Wrong(f"For logits {shape}, each row along dim=-1 must add up to 1.")
    logits = torch.tensor([[1.0, 2.0, 4.0]], dtype=torch.float64)
    for temperature in (0.5, 5.0):
        ours = answer(logits.clone(), temperature)
        if not _same(ours, (logits / temperature).softmax(-1)):
            raise Wrong(f"At temperature {temperature} the shares are not right.")
    p = torch.as_tensor(answer(torch.tensor([[1e4, 10.0, 1e4], [-1e4, -1e4, -1e4]])))
    if not p.isfinite().all():
        raise Wrong("Logits of ±10,000 give nan or inf. Which shift is free of charge?")
    if not _same(p, torch.tensor([[0.5, 0.0, 0.5], [1 / 3, 1 / 3, 1 / 3]])):
        raise Wrong("For large logits the shares are not right.")


def _summed_gradient(X, labels, W, b):
    error = (X @ W + b).softmax(1) - F.one_hot(labels, W.shape[1])
    return X.T @ error, error.sum(0)


def _reversed_gradient(X, labels, W, b):
    error = F.one_hot(labels, W.shape[1]) - (X @ W + b).softmax(1)
    return X.T @ error / len(X), error.mean(0)


def _raw_score_gradient(X, labels, W, b):
    error = (X @ W + b) - F.one_hot(labels, W.shape[1])
    return X.T @ error / len(X), error.mean(0)


@exercise(
    "05.3",
    hint="First the error of every example and class: prediction minus truth, (n, q).",
    wrong=[
        lambda: _summed_gradient,
        lambda: _reversed_gradient,
        lambda: _raw_score_gradient,
    ],
)
def check_gradient(answer):
    """X^T (P - Y) / n and the mean of P - Y over the examples."""
    if not callable(answer):
        raise Wrong("Hand over the function itself: d2l.check('05.3', gradient).")
    X, labels, W, b = _examples()
    result = answer(X.clone(), labels.clone(), W.clone(), b.clone())
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise Wrong("Return two tensors: the gradients of W and of b.")
    W_grad, b_grad = W.clone().requires_grad_(), b.clone().requires_grad_()
    F.cross_entropy(X @ W_grad + b_grad, labels).backward()
    for name, ours, theirs in zip(
        "Wb", result, (W_grad.grad, b_grad.grad), strict=True
    ):
        ours = torch.as_tensor(ours).detach()
        if ours.shape != theirs.shape:
            raise Wrong(
                f"The gradient of {name} has shape {tuple(ours.shape)}; it must have "
                f"the shape of {name}, {tuple(theirs.shape)}."
            )
        if _same(ours, -theirs):
            raise Wrong("The sign: the gradient is prediction minus truth.")
        if _same(ours, len(X) * theirs):
            raise Wrong("This is the gradient of the summed loss; the mean was asked.")
        if not _same(ours, theirs):
            raise Wrong(f"The gradient of {name} differs from autograd's.")


@exercise(
    "05.4",
    hint="What does the first softmax return for a perfect prediction?",
    wrong=[
        lambda: 0.0,
        lambda: math.log(1 + 9 / math.e),
        lambda: math.log(100),
        lambda: math.e / (math.e + 99),
    ],
)
def check_smallest_loss(answer):
    """-log(e / (e + 99)) = 3.622."""
    value = _number(answer)
    if abs(value - math.log(1 + 9 / math.e)) < 5e-3:
        raise Wrong("That is the floor for ten classes; here there are 100.")
    if abs(value - math.e / (math.e + 99)) < 5e-4:
        raise Wrong("That is a probability. What does it cost?")
    if value == 0:
        raise Wrong(
            "The loss softmaxes its input once more: what becomes of (1, 0, ...)?"
        )
    if not abs(value - math.log(1 + 99 / math.e)) <= 2e-3:  # nan is wrong, too
        raise Wrong(
            "Put the best possible output of the first softmax into the second."
        )


def _smoothed(logits, labels, eps, other=None):
    q = logits.shape[1]
    soft = (1 - eps) * F.one_hot(labels, q) + (eps / q if other is None else other)
    return -(soft * F.log_softmax(logits, dim=1)).sum(dim=1)


def _to_the_others(logits, labels, eps):
    one_hot, q = F.one_hot(labels, logits.shape[1]), logits.shape[1]
    soft = (1 - eps) * one_hot + eps / (q - 1) * (1 - one_hot)
    return -(soft * F.log_softmax(logits, dim=1)).sum(dim=1).mean()


@exercise(
    "05.5",
    hint="Build the (n, q) tensor of smoothed labels, then -sum(label * log_softmax).",
    wrong=[
        lambda: lambda o, y, eps: F.cross_entropy(o, y),
        lambda: lambda o, y, eps: _smoothed(o, y, eps).sum(),
        lambda: lambda o, y, eps: _smoothed(o, y, eps, other=eps).mean(),
        lambda: lambda o, y, eps: (1 - eps) * F.cross_entropy(o, y),
        lambda: lambda o, y, eps: _to_the_others(o, y, eps),
    ],
)
def check_smoothed(answer):
    """F.cross_entropy(..., label_smoothing=eps)."""
    if not callable(answer):
        raise Wrong("Hand over the function itself: d2l.check('05.5', smoothed).")
    X, labels, W, b = _examples()
    logits = X @ W + b
    for eps in (0.0, 0.1, 0.5):
        ours = torch.as_tensor(answer(logits, labels, eps)).detach()
        if ours.numel() != 1:
            raise Wrong(f"Return one number, the mean; this has {ours.numel()}.")
        theirs = F.cross_entropy(logits, labels, label_smoothing=eps)
        if _same(ours, len(labels) * theirs):
            raise Wrong("That is the sum over the examples; the mean was asked for.")
        if not _same(ours, theirs, atol=1e-5):
            raise Wrong(
                f"With eps = {eps} the loss should be {theirs:.4f}, not "
                f"{float(ours):.4f}. Do your smoothed labels add up to 1, and does the "
                "true class get its eps / q as well?"
            )
    big = torch.tensor([[1000.0, 0.0]], dtype=torch.float64)
    fifty = torch.tensor(50.0, dtype=torch.float64)
    if not _same(answer(big, torch.tensor([0]), 0.1), fifty, atol=1e-3):
        raise Wrong(
            "For logits (1000, 0) it breaks: use log_softmax, not log of softmax."
        )


@exercise(
    "05.6",
    hint="logits.topk(k, dim=1).indices has shape (n, k).",
    wrong=[
        lambda: lambda o, y, k: (o.argmax(1) == y).float().mean().item(),
        lambda: (
            lambda o, y, k: (
                (o.topk(k, dim=1).indices == y[:, None]).float().mean().item()
            )
        ),
        lambda: (
            lambda o, y, k: (o.topk(k, dim=1).indices == y[:, None]).any(1).sum().item()
        ),
    ],
)
def check_top_k_accuracy(answer):
    """The share of rows whose label is among the k largest logits."""
    if not callable(answer):
        raise Wrong("Hand over the function itself: d2l.check('05.6', top_k_accuracy).")
    X, labels, W, b = _examples(n=40, q=6)
    logits = X @ W + b
    for k in (1, 2, 3, 6):
        rank = (logits > logits.gather(1, labels[:, None])).sum(dim=1)
        share = (rank < k).double().mean().item()
        value = _number(answer(logits, labels, k))
        if value > 1:
            raise Wrong("That is a count; divide by the number of examples.")
        if not abs(value - share) <= 1e-6:  # nan is wrong, too
            raise Wrong(f"For k = {k} it should be {share:.3f}, not {value:.3f}.")
