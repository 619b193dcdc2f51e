"""Chapter 15, layers of your own: the checks of its exercises."""

import torch
import torch.nn.functional as F
from torch import nn

from d2lutils.exercises import Wrong, exercise


def _number(answer):
    try:
        return float(answer)
    except (TypeError, ValueError):
        raise Wrong(f"The answer is one number, not {type(answer).__name__}.") from None


def _tensor(answer, what):
    if not isinstance(answer, torch.Tensor):
        raise Wrong(f"{what} must be a tensor, not {type(answer).__name__}.")
    return answer.detach()


def _random(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=torch.float64, generator=generator)


@exercise(
    "15.1",
    hint="Go through the layers one by one. Which of them hold only state, or nothing?",
    wrong=[lambda: 870, lambda: 845, lambda: 780, lambda: 810, lambda: 630],
)
def check_parameter_count(answer):
    """20*30 + 30, no parameters twice, 30 + 30, 30*5."""
    count = _number(answer)
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
    hint="Two calls of f for each entry. view(-1) shows a tensor of any shape as a row.",
    wrong=[
        lambda: _one_sided,
        lambda: _half_step,
        lambda: _flat,
        lambda: _leaves_traces,
        lambda: lambda f, x, h=1e-6: torch.full_like(x, float("nan")),
    ],
)
def check_numerical_slope(answer):
    """The gradient of f by two-sided differences, in the shape of x."""
    if not callable(answer):
        raise Wrong("Hand over the function: d2l.check('15.2', numerical_slope).")
    for shape in [(), (3,), (2, 3)]:
        x = _random(*shape) + 2
        before = x.clone()
        # With a step of 0.1, one-sided differences of a cube are far off.
        ours = _tensor(answer(lambda x: (x**3).sum(), x, 0.1), "The slope")
        if not torch.equal(x, before):
            raise Wrong("Your function changes x. Add the step to a copy.")
        if ours.shape != x.shape:
            raise Wrong(f"For x {tuple(x.shape)} it has shape {tuple(ours.shape)}.")
        if ours.dtype != x.dtype:
            raise Wrong(f"x is float64, your slope {ours.dtype}. Try zeros_like(x).")
        theirs = 3 * x**2 + 0.01  # the two-sided difference of x**3, exactly
        if torch.allclose(ours.double(), 2 * theirs, atol=1e-6):
            raise Wrong("Twice too much: how far apart are the two points?")
        if not torch.allclose(ours.double(), theirs, rtol=0, atol=1e-6):
            raise Wrong("For the sum of x**3 with h = 0.1 it should be 3x² + h².")
    x = _random(4)
    ours = _tensor(answer(lambda x: x.sin().sum(), x), "The slope")
    if not torch.allclose(ours.double(), x.cos(), rtol=0, atol=1e-6):
        raise Wrong("For the sum of sin(x) with the default h it should be cos(x).")


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
    ],
)
def check_shrink(answer):
    """Soft thresholding with one learned threshold a feature."""
    if not (isinstance(answer, type) and issubclass(answer, nn.Module)):
        raise Wrong("Hand over the class itself, a subclass of nn.Module.")
    layer = answer(3, start=0.25)
    parameters = dict(layer.named_parameters())
    if set(parameters) != {"threshold"}:
        raise Wrong(f"It should have one parameter, threshold, not {list(parameters)}.")
    if parameters["threshold"].shape != (3,):
        raise Wrong("threshold should have shape (num_features,).")
    if not (parameters["threshold"] == 0.25).all():
        raise Wrong("With start=0.25 every threshold should be 0.25 at first.")
    if not torch.allclose(answer(2).threshold, torch.tensor(0.1)):
        raise Wrong("Without start, the thresholds should be 0.1.")
    layer = layer.double()
    thresholds = torch.tensor([0.1, 0.5, 1.0], dtype=torch.float64)
    with torch.no_grad():
        layer.threshold.copy_(thresholds)
    for shape in [(3,), (5, 3), (2, 5, 3)]:
        X = _random(*shape)
        ours = _tensor(layer(X.clone()), "The output")
        theirs = X.sign() * (X.abs() - thresholds).clamp(min=0)
        if ours.shape != theirs.shape:
            raise Wrong(f"For X {shape} the output has shape {tuple(ours.shape)}.")
        if not torch.allclose(ours, theirs, rtol=0, atol=1e-9):
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
    if not torch.allclose(grad, theirs, rtol=0, atol=1e-9):
        raise Wrong("The gradient of threshold is not right.")


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
    ],
)
def check_safe_norm(answer):
    """Length along the last axis, with gradient x / |x|, and 0 at the zero vector."""
    if not (isinstance(answer, type) and issubclass(answer, torch.autograd.Function)):
        raise Wrong("Hand over the class, a subclass of torch.autograd.Function.")
    for shape in [(3,), (4, 3), (2, 4, 3)]:
        X = _random(*shape)
        ours = _tensor(answer.apply(X.clone()), "The length")
        if ours.shape != X.shape[:-1]:
            raise Wrong(f"For X {shape} the result has shape {tuple(ours.shape)}.")
        if not torch.allclose(ours, X.norm(dim=-1), rtol=0, atol=1e-9):
            raise Wrong("The lengths are not right.")
    X = _random(4, 3).requires_grad_()
    if not torch.autograd.gradcheck(answer.apply, X, raise_exception=False):
        raise Wrong("gradcheck says that the gradient is wrong. Is grad_output in it?")
    zero = torch.zeros(2, 3, dtype=torch.float64, requires_grad=True)
    (grad,) = torch.autograd.grad(answer.apply(zero).sum(), zero)
    if not (grad == 0).all():
        raise Wrong(f"At the zero vector the gradient is {grad[0].tolist()}, not 0.")
    if not torch.autograd.gradgradcheck(answer.apply, X, raise_exception=False):
        raise Wrong("The second derivative is wrong. What is saved: inputs, outputs?")
