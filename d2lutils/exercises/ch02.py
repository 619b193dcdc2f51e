"""Checks of the exercises of chapter 2, back-propagation."""

import math

from d2lutils.exercises import Wrong, exercise


def _numbers(answer, count):
    """Return the answer as a list of ``count`` floats, or say what is missing."""
    try:
        values = [float(value) for value in answer]
    except TypeError:
        raise Wrong(f"Give {count} numbers, such as (1.0, -2.5).") from None
    if len(values) != count:
        raise Wrong(f"Give {count} numbers; there are {len(values)}.")
    return values


@exercise(
    "02.1",
    hint="forward first: y_hat, then the error y_hat - y; what multiplies w in y_hat?",
    wrong=[
        lambda: (3.0, 1.0),
        lambda: (2.0, 6.0),
        lambda: (-6.0, -2.0),
        lambda: (6.0,),
    ],
)
def check_line_gradients(answer):
    """Gradients of (wx + b - y)^2 by w and b at w=2, b=-1, x=3, y=4: (6, 2)."""
    d_w, d_b = _numbers(answer, 2)
    if math.isclose(d_w, 6) and math.isclose(d_b, 2):
        return
    if math.isclose(d_w, 3) and math.isclose(d_b, 1):
        raise Wrong("Half of it is missing: what is the derivative of a square?")
    if math.isclose(d_w, 2) and math.isclose(d_b, 6):
        raise Wrong("The numbers are right, but for w and b the other way round.")
    if d_w < 0 or d_b < 0:
        raise Wrong("Look at the sign: does the loss grow or shrink as y_hat grows?")
    raise Wrong(
        "Go back from the loss: 2 (y_hat - y) first, then by what w is multiplied."
    )


def _sigmoid_of_z(grad, out):
    import torch

    s = torch.sigmoid(out)
    return grad * s * (1 - s)


@exercise(
    "02.2",
    hint="the derivative of the sigmoid can be written with its value alone",
    wrong=[
        lambda: lambda grad, out: out * (1 - out),
        lambda: lambda grad, out: grad * (1 - out**2),
        lambda: _sigmoid_of_z,
    ],
)
def check_sigmoid_backward(answer):
    """grad * out * (1 - out), for arrays of any shape."""
    import torch

    generator = torch.Generator().manual_seed(2)
    for shape in [(), (3,), (4, 5)]:
        z = 2 * torch.randn(shape, generator=generator, dtype=torch.float64)
        grad = torch.randn(shape, generator=generator, dtype=torch.float64)
        z.requires_grad_()
        out = torch.sigmoid(z)
        (right,) = torch.autograd.grad(out, z, grad)
        ours = answer(grad, out.detach())
        _same_shape("The gradient", ours, right, strict=True)
        if torch.allclose(ours, right, rtol=1e-9, atol=1e-12):
            continue
        if torch.allclose(ours * grad, right, rtol=1e-9, atol=1e-12):
            raise Wrong(
                "That is the local derivative; what has come from above is missing."
            )
        if torch.allclose(ours, _sigmoid_of_z(grad, out.detach())):
            raise Wrong(
                "out is the sigmoid already; you take the sigmoid of it once more."
            )
        raise Wrong(
            "The numbers differ from autograd's: how does the slope follow from out?"
        )


@exercise(
    "02.3",
    hint="which arrays do rules 6 and 7 ask for, and how many numbers does each hold?",
    wrong=[
        lambda: 64 * (784 + 3 * 256),
        lambda: 4 * 64 * 3 * 256,
        lambda: 4 * 64 * (784 + 6 * 256),
        lambda: 4 * 64 * (784 + 3 * 256 + 10),
        lambda: 4 * (784 + 3 * 256),
    ],
)
def check_saved_bytes(answer):
    """Bytes kept for backward by 784-256-256-256-10 (tanh), batch 64, in float32."""
    (answer,) = _numbers([answer], 1)
    numbers = 64 * (784 + 3 * 256)
    if answer == 4 * numbers:
        return
    messages = {
        numbers: "That is how many numbers are kept. How many bytes has each?",
        4 * 64 * 3 * 256: "The gradient of the first weights needs one more array.",
        4 * 64 * (784 + 6 * 256): "Are the values before the tanh needed by any rule?",
        4 * (numbers + 640): "Nothing in the network itself needs the outputs again.",
        4 * (784 + 3 * 256): "That is for one example; the batch has 64.",
    }
    raise Wrong(
        messages.get(answer, "List what each of the rules 4, 6 and 7 looks up.")
    )


def _relu_network(d_b=None, slope=None, divide=True):
    """The gradients of 02.4, with a mistake where one is asked for."""

    def gradients(W1, b1, W2, b2, X, Y):
        Z = X @ W1.T + b1
        H = Z.clamp(min=0)
        d_O = (H @ W2.T + b2 - Y) / (len(X) if divide else 1)
        d_Z = (d_O @ W2) * (slope(Z) if slope else (Z > 0))
        add = d_b or (lambda d: d.sum(0))
        return d_Z.T @ X, add(d_Z), d_O.T @ H, add(d_O)

    return gradients


@exercise(
    "02.4",
    hint="start from objective_and_gradients; slope 1 where Z > 0, else 0",
    wrong=[
        lambda: _relu_network(divide=False),
        lambda: _relu_network(d_b=lambda d: d.mean(0)),
        lambda: _relu_network(slope=lambda Z: 1.0),
        lambda: _relu_network(slope=lambda Z: Z.clamp(min=0)),
        lambda: lambda *a: _relu_network()(*a)[::2],
    ],
)
def check_relu_gradients(answer):
    """The four gradients of a ReLU network with biases, mean half squared error."""
    import torch

    g = torch.Generator().manual_seed(4)
    for n, d, h, q in [(7, 3, 6, 2), (1, 2, 4, 3)]:
        shapes = [(h, d), (h,), (q, h), (q,), (n, d), (n, q)]
        data = [torch.randn(s, generator=g, dtype=torch.float64) for s in shapes]
        leaves = [p.clone().requires_grad_() for p in data[:4]]
        W1, b1, W2, b2, X, Y = *leaves, *data[4:]
        O = torch.relu(X @ W1.T + b1) @ W2.T + b2
        right = torch.autograd.grad(0.5 * ((O - Y) ** 2).sum() / n, leaves)
        ours = answer(*data)
        if not isinstance(ours, (tuple, list)) or len(ours) != 4:
            raise Wrong("Return four tensors: the gradients by W1, b1, W2, b2.")
        for name, a, b in zip(("W1", "b1", "W2", "b2"), ours, right, strict=True):
            _same_shape(f"The gradient of {name}", a, b)
        wrong = [
            name
            for name, a, b in zip(("W1", "b1", "W2", "b2"), ours, right, strict=True)
            if not torch.allclose(a, b, rtol=1e-9, atol=1e-12)
        ]
        if wrong:
            raise Wrong(_relu_advice(wrong, ours, right, n))


def _relu_advice(wrong, ours, right, n):
    import torch

    if all(torch.allclose(a, n * b) for a, b in zip(ours, right, strict=True)):
        return "All four are too large by the same factor: the loss is a mean."
    if wrong == ["b1", "b2"]:
        return "The biases' gradients differ: each example that used b sends one back; add."
    if "W2" not in wrong and "b2" not in wrong:
        return "W2 and b2 are right. Look at the slope of max(Z, 0) on the way to Z."
    return f"These differ from autograd's: {', '.join(wrong)}. Start with d_O."


def _softplus(forward, backward):
    """A torch.autograd.Function out of two functions, for the wrong answers."""
    import torch

    class Softplus(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return forward(z)

        @staticmethod
        def backward(ctx, grad):
            return backward(grad, *ctx.saved_tensors)

    return Softplus


def _naive(z):
    return (1 + z.exp()).log()


def _stable(z):
    import torch

    return torch.logaddexp(z, torch.zeros_like(z))


@exercise(
    "02.6",
    hint="save z in forward; in backward multiply grad by the slope at z",
    wrong=[
        lambda: _softplus(_stable, lambda grad, z: z.sigmoid()),
        lambda: _softplus(_naive, lambda grad, z: grad * z.sigmoid()),
        lambda: _softplus(_stable, lambda grad, z: grad * (1 - z.tanh() ** 2)),
        lambda: _softplus(lambda z: z.clamp(min=0), lambda grad, z: grad * (z > 0)),
        lambda: _softplus(_stable, lambda grad, z: grad * z.exp() / (1 + z.exp())),
    ],
)
def check_softplus(answer):
    """A torch.autograd.Function for log(1 + e^z) with the gradient grad * sigmoid(z)."""
    import torch

    if not (isinstance(answer, type) and issubclass(answer, torch.autograd.Function)):
        raise Wrong("Give the class itself, a subclass of torch.autograd.Function.")
    z = torch.tensor([-30.0, -1.0, 0.3, 2.0], dtype=torch.float64, requires_grad=True)
    right = torch.nn.functional.softplus(z, threshold=100)
    out = answer.apply(z)
    _same_shape("The output", out, right)
    if not torch.allclose(out, right, rtol=1e-9, atol=1e-12):
        raise Wrong("forward does not return log(1 + e^z).")
    grad = torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64)
    (ours,) = torch.autograd.grad(out, z, grad)
    if not torch.allclose(ours, grad * z.sigmoid(), rtol=1e-9, atol=1e-12):
        if torch.allclose(ours, z.sigmoid()):
            raise Wrong("backward returns the slope, but must multiply it by grad.")
        raise Wrong(
            "backward's result differs; the slope of log(1 + e^z) is sigmoid(z)."
        )
    large = torch.tensor([1000.0], requires_grad=True)
    out = answer.apply(large)
    if not torch.isfinite(out).all():
        raise Wrong("At z = 1000 the output is not finite: e^z overflows.")
    (slope,) = torch.autograd.grad(out, large)
    if not torch.isfinite(slope).all():
        raise Wrong("At z = 1000 the gradient is not finite: e^z overflows.")


def _same_shape(what, ours, right, strict=True):
    import torch

    if not torch.is_tensor(ours):
        raise Wrong(f"{what} should be a tensor, not a {type(ours).__name__}.")
    if ours.shape != right.shape:
        raise Wrong(
            f"{what} has the shape {tuple(ours.shape)}; it must be {tuple(right.shape)}."
        )
