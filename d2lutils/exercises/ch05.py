"""Chapter 5, softmax regression: the checks of its exercises."""

import math

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
    parts,
    tensor,
    without,
)


def _examples(n=12, d=5, q=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n, d, dtype=torch.float64, generator=generator)
    W = torch.randn(d, q, dtype=torch.float64, generator=generator)
    b = torch.randn(q, dtype=torch.float64, generator=generator)
    return X, torch.randint(q, (n,), generator=generator), W, b


@exercise(
    "05.1",
    hint="How many weights does a single class have, and what else does it have?",
    wrong=[
        lambda: 307_200,
        lambda: 3 * 32 * 32 + 100,
        lambda: 7_850,
        lambda: 32 * 32 * 100 + 100,
        lambda: "307300",
    ],
    right=[lambda: 307_300, lambda: torch.tensor(307_300.0)],
)
def check_parameter_count(answer):
    """3 * 32 * 32 inputs times 100 classes, and 100 biases."""
    count = number(answer, "The number of parameters", whole=True)
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


def _shifted(logits, temperature):
    scaled = logits / temperature
    votes = (scaled - scaled.max(dim=-1, keepdim=True).values).exp()
    return votes / votes.sum(dim=-1, keepdim=True)


@exercise(
    "05.2",
    hint="Divide by the temperature, subtract the largest entry of each row, then exp.",
    wrong=[
        lambda: _naive_softmax,
        lambda: _times_temperature,
        lambda: _first_dimension,
        lambda: _second_dimension,
        lambda: _ignores_temperature,
        lambda: lambda logits, temperature: _shifted(logits, temperature).detach(),
        lambda: (
            lambda logits, temperature: _shifted(logits.clamp(-70, 70), temperature)
        ),
    ],
    right=[
        lambda: _shifted,
        lambda: (
            lambda logits, temperature: (logits / temperature).log_softmax(-1).exp()
        ),
    ],
)
def check_softmax_t(answer):
    """Softmax of logits / temperature over the last dimension, without overflow."""
    function(answer, "softmax_t")
    generator = torch.Generator().manual_seed(0)
    for shape in [(3,), (2, 3), (2, 3, 4)]:
        logits = torch.randn(shape, dtype=torch.float64, generator=generator)
        for temperature in (1.0, 0.5, 5.0):
            where = f"for logits {shape} at temperature {temperature:g}"
            p = tensor(call(answer, logits, temperature), "The result", shape=shape)
            rows = torch.ones(shape[:-1], dtype=p.dtype)
            agree(p.sum(dim=-1), rows, where, what="the sum along dim=-1")
            agree(p, (logits / temperature).softmax(-1), where, what="the share")
    large = torch.tensor([[1e4, 10.0, 1e4], [-1e4, -1e4, -1e4], [9e3, 1e4, 9e3]])
    p = call(answer, large, 1.0)
    if torch.is_tensor(p) and not p.isfinite().all():
        raise Wrong("Logits of ±10,000 give nan or inf. Which shift is free of charge?")
    agree(p, large.softmax(-1), "for logits of ±10,000", what="the share")
    agree_gradients(
        lambda o: answer(o, 2.0), lambda o: (o / 2).softmax(-1), logits, where="at 2.0"
    )


def _summed_gradient(X, labels, W, b):
    error = (X @ W + b).softmax(1) - F.one_hot(labels, W.shape[1])
    return X.T @ error, error.sum(0)


def _reversed_gradient(X, labels, W, b):
    error = F.one_hot(labels, W.shape[1]) - (X @ W + b).softmax(1)
    return X.T @ error / len(X), error.mean(0)


def _raw_score_gradient(X, labels, W, b):
    error = (X @ W + b) - F.one_hot(labels, W.shape[1])
    return X.T @ error / len(X), error.mean(0)


def _gradient(X, labels, W, b):
    error = (X @ W + b).softmax(dim=1)
    error[torch.arange(len(labels)), labels] -= 1
    return X.T @ error / len(labels), error.mean(dim=0)


def _gradient_per_class(X, labels, W, b):
    truth = torch.eye(W.shape[1], dtype=X.dtype)[labels]
    P = torch.addmm(b, X, W).log_softmax(dim=1).exp()
    return [torch.einsum("nd,nq->dq", X, P - truth) / len(X), P.mean(0) - truth.mean(0)]


def _unstable_gradient(X, labels, W, b):
    votes = (X @ W + b).exp()
    error = votes / votes.sum(1, keepdim=True) - F.one_hot(labels, W.shape[1])
    return X.T @ error / len(X), error.mean(0)


def _gradient_of_twelve(X, labels, W, b):
    error = (X @ W + b).softmax(1) - F.one_hot(labels, W.shape[1])
    return X.T @ error / 12, error.sum(0) / 12


def _gradient_by_transform(X, labels, W, b):
    def loss(W, b):
        return F.cross_entropy(X @ W + b, labels)

    return torch.func.grad(loss, argnums=(0, 1))(W, b)


def _gradient_by_autograd(X, labels, W, b):
    W, b = W.clone().requires_grad_(), b.clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(X @ W + b, labels), (W, b))


@exercise(
    "05.3",
    hint="First the error of every example and class: prediction minus label, (n, q).",
    wrong=[
        lambda: _summed_gradient,
        lambda: _reversed_gradient,
        lambda: _raw_score_gradient,
        lambda: _gradient_by_autograd,
        lambda: _gradient_by_transform,
        lambda: _unstable_gradient,
        lambda: _gradient_of_twelve,
        lambda: lambda *a: (_gradient(*a)[0].T, _gradient(*a)[1]),
    ],
    right=[lambda: _gradient, lambda: _gradient_per_class],
)
def check_gradient(answer):
    """X^T (P - Y) / n and the mean of P - Y over the examples."""
    function(answer, "gradient")
    _compare_gradients(answer, *_examples())
    _compare_gradients(answer, *_examples(n=7, d=3, q=5, seed=1))
    _compare_gradients(answer, *_examples(n=1, d=2, q=3, seed=2))
    X, labels, W, b = _examples()
    with without("cross_entropy", "nll_loss"):
        large = parts(by_hand(answer, X, labels, 1e4 * W, b), ("W", "b"))
    for part in large:
        if torch.is_tensor(part) and not part.isfinite().all():
            raise Wrong("Scores of ±10,000 give nan or inf: exp overflows.")
    _compare_gradients(answer, X, labels, 1e4 * W, b)


def _compare_gradients(answer, X, labels, W, b):
    with without("cross_entropy", "nll_loss"):
        result = by_hand(answer, X, labels, W, b)
    result = parts(result, ("W", "b"), of="gradients")
    leaves = W.clone().requires_grad_(), b.clone().requires_grad_()
    loss = F.cross_entropy(X @ leaves[0] + leaves[1], labels)
    right = torch.autograd.grad(loss, leaves)
    for name, ours, theirs in zip("Wb", result, right, strict=True):
        tensor(ours, f"The gradient of {name}", shape=theirs.shape)
        if close(ours, -theirs):
            raise Wrong("The sign: the gradient is prediction minus label.")
        if len(X) > 1 and close(ours, len(X) * theirs):
            raise Wrong("This is the gradient of the summed loss; the mean was asked.")
        if not close(ours, theirs):
            where = f"{len(X)} examples of {X.shape[1]} features"
            raise Wrong(f"For {where}, the gradient of {name} differs from autograd's.")


@exercise(
    "05.4",
    hint="What does the first softmax return for a perfect prediction?",
    wrong=[
        lambda: 0.0,
        lambda: math.log(1 + 9 / math.e),
        lambda: math.log(100),
        lambda: math.e / (math.e + 99),
        lambda: math.log(math.e + 99),
    ],
    right=[lambda: math.log(1 + 99 / math.e), lambda: torch.tensor([3.622])],
)
def check_smallest_loss(answer):
    """-log(e / (e + 99)) = 3.622."""
    value = number(answer, "The smallest loss")
    if abs(value - math.log(1 + 9 / math.e)) < 5e-3:
        raise Wrong("That is the floor for ten classes; here there are 100.")
    if abs(value - math.e / (math.e + 99)) < 5e-4:
        raise Wrong("That is a probability. What does it cost?")
    if value == 0:
        raise Wrong(
            "The loss softmaxes its input once more: what becomes of (1, 0, ...)?"
        )
    if not abs(value - math.log(1 + 99 / math.e)) <= 2e-3:
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


def _log_of_softmax(logits, labels, eps):
    q = logits.shape[1]
    soft = (1 - eps) * F.one_hot(labels, q) + eps / q
    return -(soft * logits.softmax(dim=1).clamp(min=1e-30).log()).sum(dim=1).mean()


def _two_terms(logits, labels, eps):
    even = (logits.logsumexp(dim=1) - logits.mean(dim=1)).mean()
    return (1 - eps) * F.nll_loss(F.log_softmax(logits, dim=1), labels) + eps * even


def _torch_smoothed(logits, labels, eps):
    return F.cross_entropy(logits, labels, label_smoothing=eps)


@exercise(
    "05.5",
    hint="Build the (n, q) tensor of smoothed labels, then -sum(label * log_softmax).",
    wrong=[
        lambda: lambda o, y, eps: F.cross_entropy(o, y),
        lambda: _torch_smoothed,
        lambda: lambda o, y, eps: _smoothed(o, y, eps).sum(),
        lambda: lambda o, y, eps: _smoothed(o, y, eps, other=eps).mean(),
        lambda: lambda o, y, eps: (1 - eps) * F.cross_entropy(o, y),
        lambda: lambda o, y, eps: _to_the_others(o, y, eps),
        lambda: lambda o, y, eps: _smoothed(o, y, eps).mean().item(),
        lambda: _log_of_softmax,
    ],
    right=[
        lambda: lambda o, y, eps: _smoothed(o, y, eps).mean(),
        lambda: _two_terms,
    ],
)
def check_smoothed(answer):
    """F.cross_entropy(..., label_smoothing=eps)."""
    function(answer, "smoothed")
    X, labels, W, b = _examples()
    logits = X @ W + b
    for eps in (0.0, 0.1, 0.5):
        with without("cross_entropy"):
            ours = call(answer, logits, labels, eps)
        ours = number(ours, "The mean over the examples")
        right, where = _torch_smoothed(logits, labels, eps).item(), f"with eps = {eps}"
        if close(ours, len(labels) * right):
            raise Wrong("That is the sum over the examples; the mean was asked for.")
        advice = (
            "Do your smoothed labels add up to 1, and does the true class get its eps / q "
            "as well?"
        )
        agree(ours, right, where, advice, what="the loss")
        agree_gradients(answer, _torch_smoothed, logits, labels, eps, where=where)
    big = torch.tensor([[1000.0, 0.0]], dtype=torch.float64)
    value = number(call(answer, big, torch.tensor([0]), 0.1), "The loss of (1000, 0)")
    advice = "Use log_softmax, not log of softmax."
    agree(value, 50.0, "for logits (1000, 0)", advice, what="the loss")


def _share_by_rank(logits, labels, k):
    rank = (logits > logits.gather(1, labels[:, None])).sum(dim=1)
    return (rank < k).double().mean()


def _share_by_topk(logits, labels, k):
    best = logits.topk(k, dim=1).indices
    return sum(y in row for row, y in zip(best, labels, strict=True)) / len(labels)


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
        lambda: lambda o, y, k: 100 * _share_by_rank(o, y, k),
        lambda: lambda o, y, k: _share_by_rank(-o, y, k),
        lambda: lambda o, y, k: 0.025 * len(o) * _share_by_rank(o, y, k),
    ],
    right=[lambda: _share_by_rank, lambda: _share_by_topk],
)
def check_top_k_accuracy(answer):
    """The share of rows whose label is among the k largest logits."""
    function(answer, "top_k_accuracy")
    for n, q, ks in ((40, 6, (1, 2, 3, 6)), (7, 3, (1, 2)), (1, 2, (1, 2))):
        X, labels, W, b = _examples(n=n, q=q)
        logits = X @ W + b
        for k in ks:
            value = number(call(answer, logits, labels, k), "The accuracy")
            if value > 1:
                raise Wrong("That is no share: divide by the number of examples.")
            share = _share_by_rank(logits, labels, k).item()
            agree(value, share, f"for {n} rows and k = {k}", what="the accuracy")
