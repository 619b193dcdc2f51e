"""Checks of the exercises of chapter 2, back-propagation."""

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    agree,
    by_hand,
    call,
    close,
    function,
    number,
    numbers,
    parts,
    subclass,
    tensor,
)

EXACT = {"atol": 1e-12, "rtol": 1e-11}  # neither nudged nor rounded to 32 bits


@exercise(
    "02.1",
    hint="forward first: y_hat, then the error y_hat - y; what multiplies w in y_hat?",
    wrong=[
        lambda: (3.0, 1.0),
        lambda: (2.0, 6.0),
        lambda: (-6.0, -2.0),
        lambda: (6.0,),
        lambda: ("6", "2"),
    ],
    right=[lambda: (6.0, 2.0), lambda: torch.tensor([6, 2])],
)
def check_line_gradients(answer):
    """Gradients of (wx + b - y)^2 by w and b at w=2, b=-1, x=3, y=4: (6, 2)."""
    d_w, d_b = numbers(answer, ("by w", "by b"))
    if close(d_w, 6) and close(d_b, 2):
        return
    if close(d_w, 3) and close(d_b, 1):
        raise Wrong("Half of it is missing: what is the derivative of a square?")
    if close(d_w, 2) and close(d_b, 6):
        raise Wrong("The numbers are right, but for w and b the other way round.")
    if d_w < 0 or d_b < 0:
        raise Wrong("Look at the sign: does the loss grow or shrink as y_hat grows?")
    raise Wrong(
        "Go back from the loss: 2 (y_hat - y) first, then by what w is multiplied."
    )


class _NoDifferentiation(TorchFunctionMode):
    """Refuses to leave inference mode, as torch.func.grad, vjp and jvp do on their own."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        """Call the function, unless something may be recording."""
        if not torch.is_inference_mode_enabled():
            raise Wrong("Autograd can't be used here: derive it by hand.")
        return func(*args, **(kwargs or {}))


def _by_hand(answer, *inputs):
    """What the reader's function returns where neither autograd nor torch.func works."""
    with torch.inference_mode(), _NoDifferentiation():
        return by_hand(answer, *inputs)


def _sigmoid_of_z(grad, out):
    s = torch.sigmoid(out)
    return grad * s * (1 - s)


def _sigmoid_by_nudges(grad, out):
    z, eps = out.logit(), 1e-6
    return grad * (torch.sigmoid(z + eps) - torch.sigmoid(z - eps)) / (2 * eps)


def _sigmoid_in_32_bits(grad, out):
    return (grad.float() * out.float() * (1 - out.float())).double()


def _sigmoid_by_vjp(grad, out):
    return torch.func.vjp(torch.sigmoid, out.logit())[1](grad)[0]


def _sigmoid_by_autograd(grad, out):
    z = out.logit().detach().requires_grad_()
    return torch.autograd.grad(z.sigmoid(), z, grad)[0]


@exercise(
    "02.2",
    hint="the derivative of the sigmoid can be written with its value alone",
    wrong=[
        lambda: lambda grad, out: out * (1 - out),
        lambda: lambda grad, out: grad * (1 - out**2),
        lambda: _sigmoid_of_z,
        lambda: lambda grad, out: -grad * out * (1 - out),
        lambda: _sigmoid_by_autograd,
        lambda: _sigmoid_by_vjp,
        lambda: _sigmoid_by_nudges,
        lambda: _sigmoid_in_32_bits,
        lambda: lambda grad, out: (grad * out * (1 - out)).float(),
        lambda: lambda grad, out: grad * out**2 * (1 / out - 1),
    ],
    right=[
        lambda: lambda grad, out: grad * out * (1 - out),
        lambda: lambda grad, out: grad * (out - out.square()),
    ],
)
def check_sigmoid_backward(answer):
    """grad * out * (1 - out), for arrays of any shape."""
    function(answer, "sigmoid_backward")
    generator = torch.Generator().manual_seed(2)
    for shape in [(), (3,), (4, 5), (0,)]:
        z = 2 * torch.randn(shape, generator=generator, dtype=torch.float64)
        if shape == (3,):
            z[:2] = torch.tensor([-800.0, 800.0])  # out is 0, and 1
        grad = torch.randn(shape, generator=generator, dtype=torch.float64)
        z.requires_grad_()
        out = torch.sigmoid(z)
        (right,) = torch.autograd.grad(out, z, grad)
        ours = tensor(_by_hand(answer, grad, out.detach()), "The gradient", shape=shape)
        if ours.dtype == grad.dtype and close(ours, right, **EXACT):
            continue
        if close(ours, right):
            raise Wrong(
                "Nearly, but not to the last digits: stay in the 64 bits that came in, "
                "and derive the slope instead of nudging."
            )
        if close(ours * grad, right):
            raise Wrong(
                "That is the local derivative; what has come from above is missing."
            )
        if close(ours, _sigmoid_of_z(grad, out.detach())):
            raise Wrong(
                "out is the sigmoid already; you take the sigmoid of it once more."
            )
        raise Wrong(
            "The numbers differ from autograd's: how does the slope follow from out?"
        )


@exercise(
    "02.3",
    hint="which arrays do rules 2, 4 and 5 look up, and how many numbers does each hold?",
    wrong=[
        lambda: 64 * (784 + 3 * 256),
        lambda: 4 * 64 * 3 * 256,
        lambda: 4 * 64 * (784 + 6 * 256),
        lambda: 4 * 64 * (784 + 3 * 256 + 10),
        lambda: 4 * (784 + 3 * 256),
    ],
    right=[lambda: 4 * 64 * (784 + 3 * 256), lambda: torch.tensor(397_312)],
)
def check_saved_bytes(answer):
    """Bytes kept for backward by 784-256-256-256-10 (tanh), batch 64, in float32."""
    answer = number(answer, "The number of bytes", whole=True)
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
        messages.get(answer, "List what each of the rules 2, 4 and 5 looks up.")
    )


def _relu_network(d_b=None, slope=None, divide=True):
    """The gradients of 02.4, with a mistake where one is asked for."""

    def gradients(W1, b1, W2, b2, X, Y):
        Z = X @ W1 + b1
        H = Z.clamp(min=0)
        d_O = (H @ W2 + b2 - Y) / (len(X) if divide else 1)
        d_Z = (d_O @ W2.T) * (slope(Z) if slope else (Z > 0))
        add = d_b or (lambda d: d.sum(0))
        return X.T @ d_Z, add(d_Z), H.T @ d_O, add(d_O)

    return gradients


def _relu_by_autograd(*data):
    leaves = [p.clone().requires_grad_() for p in data[:4]]
    W1, b1, W2, b2, X, Y = *leaves, *data[4:]
    O = F.relu(X @ W1 + b1) @ W2 + b2
    return torch.autograd.grad(0.5 * (O - Y).square().sum() / len(X), leaves)


def _relu_by_nudges(*data):
    def loss(*p):
        O = F.relu(data[4] @ p[0] + p[1]) @ p[2] + p[3]
        return 0.5 * (O - data[5]).square().sum() / len(data[4])

    gradients = [torch.zeros_like(p) for p in data[:4]]
    for gradient, p in zip(gradients, data, strict=False):
        for index in range(p.numel()):
            old = p.view(-1)[index].item()
            p.view(-1)[index] = old + 1e-6
            up = loss(*data[:4])
            p.view(-1)[index] = old - 1e-6
            gradient.view(-1)[index] = (up - loss(*data[:4])) / 2e-6
            p.view(-1)[index] = old
    return gradients


def _relu_by_func(*data):
    def loss(W1, b1, W2, b2):
        O = F.relu(data[4] @ W1 + b1) @ W2 + b2
        return 0.5 * (O - data[5]).square().sum() / len(data[4])

    return torch.func.grad(loss, argnums=(0, 1, 2, 3))(*data[:4])


def _relu_by_einsum(W1, b1, W2, b2, X, Y):
    H = F.relu(torch.addmm(b1, X, W1))
    d_O = (torch.addmm(b2, H, W2) - Y) / X.shape[0]
    d_Z = torch.where(H > 0, torch.einsum("nq,hq->nh", d_O, W2), 0.0)
    d_W1, d_W2 = (torch.einsum("ni,nj->ij", a, b) for a, b in ((X, d_Z), (H, d_O)))
    return [d_W1, d_Z.sum(dim=0), d_W2, d_O.sum(dim=0)]


@exercise(
    "02.4",
    hint="start from loss_and_gradients; slope 1 where Z > 0, else 0",
    wrong=[
        lambda: _relu_network(divide=False),
        lambda: _relu_network(d_b=lambda d: d.mean(0)),
        lambda: _relu_network(slope=lambda Z: 1.0),
        lambda: _relu_network(slope=lambda Z: Z.clamp(min=0)),
        lambda: lambda *a: _relu_network()(*a)[::2],
        lambda: _relu_by_autograd,
        lambda: _relu_by_func,
        lambda: _relu_by_nudges,
        lambda: lambda *a: [g.float() for g in _relu_network()(*a)],
    ],
    right=[lambda: _relu_network(), lambda: _relu_by_einsum],
)
def check_relu_gradients(answer):
    """The four gradients of a ReLU network with biases, mean half squared error."""
    function(answer, "relu_gradients")
    g = torch.Generator().manual_seed(4)
    for n, d, h, q in [(7, 3, 6, 2), (1, 2, 4, 3), (4, 4, 4, 4)]:
        shapes = [(d, h), (h,), (h, q), (q,), (n, d), (n, q)]
        data = [torch.randn(s, generator=g, dtype=torch.float64) for s in shapes]
        leaves = [p.clone().requires_grad_() for p in data[:4]]
        W1, b1, W2, b2, X, Y = *leaves, *data[4:]
        O = torch.relu(X @ W1 + b1) @ W2 + b2
        right = torch.autograd.grad(0.5 * ((O - Y) ** 2).sum() / n, leaves)
        names = ("W1", "b1", "W2", "b2")
        ours = parts(_by_hand(answer, *data), names, of="gradients")
        for name, a, b in zip(names, ours, right, strict=True):
            tensor(a, f"The gradient of {name}", shape=b.shape)
        triples = zip(names, ours, right, strict=True)
        wrong = [name for name, a, b in triples if not close(a, b)]
        if wrong:
            raise Wrong(_relu_advice(wrong, ours, right, n))
        if not all(close(a, b, **EXACT) for a, b in zip(ours, right, strict=True)):
            raise Wrong(
                "Nearly, but not to the last digits: stay in the 64 bits that came in, "
                "and derive the gradients instead of nudging."
            )


def _relu_advice(wrong, ours, right, n):
    if all(close(a, n * b) for a, b in zip(ours, right, strict=True)):
        return "All four are too large by the same factor: the loss is a mean."
    if wrong == ["b1", "b2"]:
        return "The biases' gradients differ: each example that used b sends one back; add."
    if "W2" not in wrong and "b2" not in wrong:
        return "W2 and b2 are right. Look at the slope of max(Z, 0) on the way to Z."
    return f"These differ from autograd's: {', '.join(wrong)}. Start with d_O."


def _softplus(forward, backward):
    """A torch.autograd.Function out of two functions, for the wrong answers."""

    class Softplus(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return forward(z)

        @staticmethod
        def backward(ctx, grad):
            return backward(grad, *ctx.saved_tensors)

    return Softplus


def _softplus_by_autograd(grad, z):
    with torch.enable_grad():
        z = z.detach().requires_grad_()
        return torch.autograd.grad(F.softplus(z), z, grad)[0]


def _naive(z):
    return (1 + z.exp()).log()


def _stable(z):
    return torch.logaddexp(z, torch.zeros_like(z))


def _clamped(z):
    return z.clamp(max=80).exp().log1p()


@exercise(
    "02.6",
    hint="save z in forward; in backward multiply grad by the slope at z",
    wrong=[
        lambda: _softplus(_stable, lambda grad, z: z.sigmoid()),
        lambda: _softplus(_naive, lambda grad, z: grad * z.sigmoid()),
        lambda: _softplus(_stable, lambda grad, z: grad * (1 - z.tanh() ** 2)),
        lambda: _softplus(lambda z: z.clamp(min=0), lambda grad, z: grad * (z > 0)),
        lambda: _softplus(_stable, lambda grad, z: grad * z.exp() / (1 + z.exp())),
        lambda: _softplus(_clamped, lambda grad, z: grad * z.sigmoid()),
        lambda: _softplus(_stable, lambda grad, z: grad * z.sigmoid() * (z < 500)),
        lambda: _softplus(_stable, _softplus_by_autograd),
    ],
    right=[
        lambda: _softplus(_stable, lambda grad, z: grad * z.sigmoid()),
        lambda: _softplus(
            lambda z: z.clamp(min=0) + (-z.abs()).exp().log1p(),
            lambda grad, z: grad / (1 + (-z).exp()),
        ),
        lambda: _softplus(F.softplus, lambda grad, z: grad * z.sigmoid()),
    ],
)
def check_softplus(answer):
    """A torch.autograd.Function for log(1 + e^z) with the gradient grad * sigmoid(z)."""
    subclass(answer, torch.autograd.Function)
    small = torch.tensor([[-30.0, -1.0, 0.0], [0.3, 2.0, 20.0]], dtype=torch.float64)
    large = torch.tensor([1000.0, -1000.0, 90.0, -90.0, 50.0, 19.0])  # float32
    for z, where in ((small, "for ordinary z"), (large, "for z up to ±1000")):
        right = torch.logaddexp(z, torch.zeros_like(z))
        advice = "Does e^z overflow?" if z is large else "It must return log(1 + e^z)."
        z.requires_grad_()
        out = call(answer.apply, z)
        agree(out, right, where, advice, what="what forward returns")
        grad = torch.linspace(-2, 3, z.numel(), dtype=z.dtype).view_as(z)
        _by_hand(out.grad_fn.apply, grad)  # the reader's backward, without autograd
        (ours,) = torch.autograd.grad(out, z, grad)
        tensor(ours, f"The gradient {where}")
        if close(ours, z.sigmoid()) and not close(ours, grad * z.sigmoid()):
            raise Wrong("backward returns the slope, but must multiply it by grad.")
        agree(
            ours,
            grad * z.sigmoid(),
            where,
            "The slope of log(1 + e^z) is sigmoid(z).",
            what="what backward returns",
        )
