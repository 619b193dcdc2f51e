"""Chapter 15, layers of your own: the checks of its exercises."""

import torch
import torch.nn.functional as F
from torch import nn

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    agree,
    agree_gradients,
    call,
    close,
    function,
    number,
    subclass,
    tensor,
)


def _random(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=torch.float64, generator=generator)


@exercise(
    "15.1",
    hint="Go through the layers one by one. Which of them hold only state, or nothing?",
    wrong=[lambda: 870, lambda: 845, lambda: 780, lambda: 810, lambda: "840"],
)
def check_parameter_count(answer):
    """20*30 + 30, no parameters twice, 30 + 30, 30*5."""
    count = number(answer, "The number of parameters", whole=True)
    if count == 870:
        raise Wrong("A buffer isn't a parameter: what has RunningCenter to learn?")
    if count == 845:
        raise Wrong("The last layer has no bias.")
    if count == 780:
        raise Wrong("The layer normalization has a scale and a shift for each unit.")
    if count == 810:
        raise Wrong("A vector of 30 is missing. Count biases, scales and shifts again.")
    if count != 840:
        raise Wrong("Write down the shapes of the parameters of each layer, then add.")


def _one_sided(f, x, h=1e-6):
    out = torch.zeros_like(x)
    for j in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[j] = h
        out.view(-1)[j] = (f(x + step) - f(x)) / h
    return out


def _half_step(f, x, h=1e-6):
    out = torch.zeros_like(x)
    for j in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[j] = h
        out.view(-1)[j] = (f(x + step) - f(x - step)) / h
    return out


def _views(f, x, h=1e-6):
    """Right, but view(-1) fails where x isn't contiguous."""
    out = torch.zeros_like(x)
    for j in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[j] = h
        out.view(-1)[j] = (f(x + step) - f(x - step)) / (2 * h)
    return out


def _by_unit_vectors(f, x, h=1e-6):
    """A right answer."""
    steps = h * torch.eye(x.numel(), dtype=x.dtype).view(-1, *x.shape)
    slopes = [(f(x + s) - f(x - s)) / (2 * h) for s in steps.unbind()]
    return torch.stack(slopes).reshape(x.shape)


def _flat(f, x, h=1e-6):
    steps = h * torch.eye(x.numel(), dtype=x.dtype)
    slopes = [
        (f(x + s.view_as(x)) - f(x - s.view_as(x))) / (2 * h) for s in steps.unbind()
    ]
    return torch.stack(slopes)


def _leaves_traces(f, x, h=1e-6):
    out = torch.zeros_like(x)
    for j in range(x.numel()):
        x.view(-1)[j] += h
        up = f(x)
        x.view(-1)[j] -= 2 * h
        out.view(-1)[j] = (up - f(x)) / (2 * h)
    return out


@exercise(
    "15.2",
    hint="Two calls of f for each entry. x.flatten() is a row, also where view(-1) fails, "
    "and reshape(x.shape) leads back.",
    wrong=[
        lambda: _one_sided,
        lambda: _half_step,
        lambda: _flat,
        lambda: _leaves_traces,
        lambda: lambda f, x, h=1e-6: torch.full_like(x, float("nan")),
        lambda: _views,
    ],
    right=[lambda: _by_unit_vectors],
)
def check_numerical_slope(answer):
    """The gradient of f by two-sided differences, in the shape of x."""
    function(answer, "numerical_slope")
    inputs = [_random(*shape) + 2 for shape in [(), (3,), (2, 3)]]
    for x in [*inputs, _random(2, 3).T]:
        # With a step of 0.1, one-sided differences of a cube are far off.
        ours = call(answer, lambda x: (x**3).sum(), x, 0.1, untouched=True)
        tensor(ours, f"For x {tuple(x.shape)}, the slope", shape=x.shape, dtype=x.dtype)
        theirs = 3 * x**2 + 0.01  # the two-sided difference of x**3, exactly
        if close(ours, 2 * theirs):
            raise Wrong("Twice too much: how far apart are the two points?")
        if not close(ours, theirs):
            raise Wrong("For the sum of x**3 with h = 0.1 it should be 3x² + h².")
    x = _random(4)
    ours = tensor(call(answer, lambda x: x.sin().sum(), x), "The slope", shape=x.shape)
    agree(ours, x.cos(), "for the sum of sin(x) with the default h")


class _Shrink(nn.Module):
    def __init__(self, num_features, start=0.1):
        super().__init__()
        self.threshold = nn.Parameter(torch.full((num_features,), float(start)))

    def forward(self, X):
        return X.sign() * F.relu(X.abs() - self.threshold)


class _OneThreshold(_Shrink):
    def __init__(self, num_features, start=0.1):
        super().__init__(1, start)


class _HardThreshold(_Shrink):
    def forward(self, X):
        return X * (X.abs() > self.threshold)


class _PositiveOnly(_Shrink):
    def forward(self, X):
        return F.relu(X - self.threshold)


class _IgnoresStart(_Shrink):
    def __init__(self, num_features, start=0.1):
        super().__init__(num_features)


class _PlainTensor(_Shrink):
    def __init__(self, num_features, start=0.1):
        nn.Module.__init__(self)
        self.threshold = torch.full((num_features,), float(start))


class _InputDetached(_Shrink):
    def forward(self, X):
        return super().forward(X.detach())


class _NoGradient(_Shrink):
    def forward(self, X):
        return X.sign() * F.relu(X.abs() - self.threshold.detach())


@exercise(
    "15.3",
    hint="The formula is nearly the code. What lets the optimizer find the threshold?",
    wrong=[
        lambda: _OneThreshold,
        lambda: _HardThreshold,
        lambda: _PositiveOnly,
        lambda: _IgnoresStart,
        lambda: _PlainTensor,
        lambda: _NoGradient,
        lambda: _Shrink(4),
        lambda: _InputDetached,
    ],
)
def check_shrink(answer):
    """Soft thresholding with one learned threshold a feature."""
    subclass(answer, nn.Module)
    layer = answer(3, start=0.25)
    parameters = dict(layer.named_parameters())
    if set(parameters) != {"threshold"}:
        raise Wrong(f"It should have one parameter, threshold, not {list(parameters)}.")
    if parameters["threshold"].shape != (3,):
        raise Wrong("threshold should have shape (num_features,).")
    if not (parameters["threshold"] == 0.25).all():
        raise Wrong("With start=0.25 every threshold should be 0.25 at first.")
    if not close(answer(2).threshold, torch.tensor([0.1, 0.1])):
        raise Wrong("Without start, the thresholds should be 0.1.")
    layer = layer.double()
    thresholds = torch.tensor([0.1, 0.5, 1.0], dtype=torch.float64)
    with torch.no_grad():
        layer.threshold.copy_(thresholds)
    for shape in [(3,), (5, 3), (2, 5, 3)]:
        X = _random(*shape)
        ours = tensor(call(layer, X), f"For X {shape}, the output", shape=shape)
        if not close(ours, X.sign() * (X.abs() - thresholds).clamp(min=0)):
            raise Wrong("Outputs differ: try x = -2, -0.05, 2 with threshold 0.5.")
    X = _random(5, 3)
    weights = _random(5, 3, seed=1)
    Y = layer(X.clone())
    grad = None
    if Y.requires_grad:
        (grad,) = torch.autograd.grad(
            (Y * weights).sum(), layer.threshold, allow_unused=True
        )
    if grad is None:
        raise Wrong("No gradient arrives at threshold.")
    theirs = -(weights * X.sign() * (X.abs() > thresholds)).sum(dim=0)
    if not close(grad, theirs):
        raise Wrong("The gradient of threshold is not right.")
    agree_gradients(layer, lambda X: X * (X.abs() > thresholds), X)


class _SafeNorm(torch.autograd.Function):
    @staticmethod
    def forward(X):
        return X.square().sum(dim=-1).sqrt()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(inputs[0], output)

    @staticmethod
    def backward(ctx, grad_output):
        X, length = ctx.saved_tensors
        length = torch.where(length == 0, 1.0, length)
        return (grad_output / length).unsqueeze(-1) * X


class _NanAtZero(_SafeNorm):
    @staticmethod
    def backward(ctx, grad_output):
        X, length = ctx.saved_tensors
        return (grad_output / length).unsqueeze(-1) * X


class _ZeroBatchOnly(_SafeNorm):
    @staticmethod
    def backward(ctx, grad_output):
        X, length = ctx.saved_tensors
        if (length == 0).all():
            return torch.zeros_like(X)
        return (grad_output / length).unsqueeze(-1) * X


class _SmallIsZero(_SafeNorm):
    @staticmethod
    def backward(ctx, grad_output):
        X, length = ctx.saved_tensors
        return (grad_output / (length + 1e-6)).unsqueeze(-1) * X


class _ForgetsGradOutput(_SafeNorm):
    @staticmethod
    def backward(ctx, grad_output):
        X, length = ctx.saved_tensors
        return X / length.clamp(min=1e-30).unsqueeze(-1)


class _WholeTensor(_SafeNorm):
    @staticmethod
    def forward(X):
        return X.square().sum().sqrt()


class _FirstDerivativeOnly(_SafeNorm):
    @staticmethod
    def setup_context(ctx, inputs, output):
        length = torch.where(output == 0, 1.0, output)
        ctx.save_for_backward(inputs[0] / length.unsqueeze(-1))

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output.unsqueeze(-1) * ctx.saved_tensors[0]


@exercise(
    "15.4",
    hint="First on paper: which division fails at zero, and what could stand instead?",
    wrong=[
        lambda: _NanAtZero,
        lambda: _ForgetsGradOutput,
        lambda: _WholeTensor,
        lambda: _FirstDerivativeOnly,
        lambda: lambda X: X.norm(dim=-1),
        lambda: _ZeroBatchOnly,
        lambda: _SmallIsZero,
    ],
)
def check_safe_norm(answer):
    """Length along the last axis, with gradient x / |x|, and 0 at the zero vector."""
    subclass(answer, torch.autograd.Function)
    for shape in [(3,), (4, 3), (2, 4, 3)]:
        X = _random(*shape)
        what = f"For X {shape}, the length"
        ours = tensor(call(answer.apply, X), what, shape=X.shape[:-1])
        if not close(ours, X.norm(dim=-1)):
            raise Wrong("The lengths are not right.")
    X = _random(4, 3).requires_grad_()
    if not torch.autograd.gradcheck(answer.apply, X, raise_exception=False):
        raise Wrong("gradcheck says that the gradient is wrong. Is grad_output in it?")
    some = _random(4, 3)
    some[1] = 0
    for X_zero in (torch.zeros(2, 3, dtype=torch.float64), some, 1e-7 * some):
        X_zero.requires_grad_()
        (grad,) = torch.autograd.grad(call(answer.apply, X_zero).sum(), X_zero)
        right = F.normalize(X_zero.detach(), dim=-1, eps=1e-300)
        advice = "Mind rows of zeros, alone and among others, and very short ones."
        agree(grad, right, "at and near zero", advice, what="the gradient")
    if not torch.autograd.gradgradcheck(answer.apply, X, raise_exception=False):
        raise Wrong("The second derivative is wrong. What is saved: inputs, outputs?")
