"""Chapter 21, VGG: the checks of its exercises."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    agree,
    call,
    close,
    function,
    number,
    numbers,
    parts,
    tensor,
)


@exercise(
    "21.1",
    hint="The first layer sees 3. What does each further one add on both sides?",
    wrong=[
        lambda: (12, 36, 144),  # fields added up
        lambda: (7, 27, 49),  # three layers
        lambda: (9, 36, 36),
        lambda: (9, 4 * 10, 82),  # with biases
        lambda: (81, 36, 81),  # the area
        lambda: (9, 81, 36),  # the wrong way round
        lambda: (9, 36),
        lambda: 9,
    ],
    right=[lambda: (9, 36, 81), lambda: torch.tensor([9, 36, 81])],
)
def check_four_layers(answer):
    """A field of 9, with 4 · 9 weights against 81."""
    field, stack, one = numbers(answer, ("field", "stack", "one"), whole=True)
    if field == 12:
        raise Wrong("Neighbouring windows overlap: fields don't simply add up.")
    if field == 81:
        raise Wrong("The field along one axis, please, not its area.")
    if field != 9:
        raise Wrong("The field: 3 for the first layer, and 2 more for each other.")
    if (stack, one) == (81, 36):
        raise Wrong("First the stack, then the one layer.")
    if stack != 36:
        raise Wrong("The stack: four layers with 3 · 3 weights each, without biases.")
    if one != 81:
        raise Wrong("The one layer has as many rows and columns as its field.")


def _count(conv_arch):
    total = 0
    for num_convs, c_in, c_out in conv_arch:
        total += (9 * c_in + 1) * c_out + (num_convs - 1) * (9 * c_out + 1) * c_out
    return total


def _count_by_pairs(conv_arch):
    channels = []
    for num_convs, c_in, c_out in conv_arch:
        channels += [(c_in, c_out), *[(c_out, c_out)] * (num_convs - 1)]
    return sum(9 * a * b + b for a, b in channels)


def _builds(conv_arch):
    """Right, but it builds the layers."""
    return sum(
        p.numel()
        for num_convs, c_in, c_out in conv_arch
        for i in range(num_convs)
        for p in nn.Conv2d(c_out if i else c_in, c_out, 3).parameters()
    )


def _without_biases(conv_arch):
    return sum(9 * o * (i + (n - 1) * o) for n, i, o in conv_arch)


@exercise(
    "21.2",
    hint="Which convolutions of a block have c_in channels, and which c_out?",
    wrong=[
        lambda: _builds,
        lambda: _without_biases,
        lambda: lambda arch: sum(n * o * (9 * i + 1) for n, i, o in arch),
        lambda: lambda arch: sum(o * (9 * i + 1) for n, i, o in arch),
        lambda: lambda arch: _count(arch) if len(arch) == 5 else 9_219_328,
        lambda: lambda arch: 9_219_328,
        lambda: (
            lambda arch: sum(i * (9 * i + 1) + n * i * (9 * o + 1) for n, i, o in arch)
        ),
        lambda: lambda arch: _count(arch[:5]),
        lambda: 9_219_328,
    ],
    right=[lambda: _count, lambda: _count_by_pairs],
)
def check_count_convs(answer):
    """The sum by hand, for lists of none to six blocks; no layer may be built."""
    function(answer, "count_convs")
    for arch in [
        ((1, 1, 64), (1, 64, 128), (2, 128, 256), (2, 256, 512), (2, 512, 512)),
        ((2, 3, 64), (2, 64, 128), (3, 128, 256), (3, 256, 512), (3, 512, 512)),
        ((1, 2, 3),),
        ((3, 1, 5), (1, 5, 2)),
        (),
        ((1, 1, 1), (2, 1, 2), (3, 2, 3), (4, 3, 4), (5, 4, 5), (6, 5, 6)),
    ]:
        with _NoLayers():
            found = number(call(answer, arch), f"For {arch}, the number", whole=True)
        if found == _without_biases(arch) != _count(arch):
            raise Wrong("That is the weights; each kernel has a bias, too.")
        if found != _count(arch):
            raise Wrong(f"For {arch} it is {_count(arch):,}, not {found:,}.")


class _NoLayers:
    """A context in which building a layer is ``Wrong``."""

    def __enter__(self):
        self.usual = nn.Module.__init__

        def refuse(module, *inputs, **options):
            raise Wrong("Without building a layer, please: compute.")

        nn.Module.__init__ = refuse

    def __exit__(self, *error):
        nn.Module.__init__ = self.usual


def _moves(K, high=2):
    """Nine moved copies, and the rest of each move in the second layer."""
    W1 = torch.eye(9, dtype=K.dtype).view(9, 1, 3, 3)
    W2 = torch.zeros(1, 9, 3, 3, dtype=K.dtype)
    for r in range(5):
        for s in range(5):
            i, j = min(r, high), min(s, high)
            W2[0, 3 * i + j, r - i, s - j] = K[r, s]
    return W1, W2


def _weights_first(K):
    """The kernel's weights in the first layer, and plain moves in the second."""
    kernels = torch.zeros(9, 1, 3, 3, dtype=K.dtype)
    moves = torch.eye(9, dtype=K.dtype).view(1, 9, 3, 3)
    free = torch.ones_like(K)  # weights that no window has taken yet
    for place in range(9):
        a, b = divmod(place, 3)
        window = slice(a, a + 3), slice(b, b + 3)
        kernels[place, 0] = K[window] * free[window].clone()
        free[window] = 0
    return kernels, moves


def _separable(K):
    """One channel in between: right for one kernel in a million."""
    return K[:3, :3][None, None], torch.ones(1, 1, 3, 3, dtype=K.dtype)


def _leaving(part):
    def answer(K):
        W1, W2 = _moves(K)
        return part(W1, W2)

    return answer


@exercise(
    "21.3",
    hint="A kernel with a single 1 moves the image (exercise 18.3). Which moves can two "
    "such layers make together?",
    wrong=[
        lambda: _separable,
        lambda: lambda K: _moves(K.detach()),
        lambda: lambda K: _moves(K.flip(0, 1)),
        lambda: lambda K: _moves(K.T),
        lambda: _leaving(lambda a, b: (b, a)),
        lambda: _leaving(lambda a, b: (a, b.abs())),
        lambda: _leaving(lambda a, b: (a[:8], b[:, :8])),
        lambda: _leaving(lambda a, b: a),
        lambda: lambda K: (K[None, None], torch.ones(1, 1, 1, 1, dtype=K.dtype)),
        lambda: lambda K: _moves(K / K.norm() * 5),
    ],
    right=[lambda: _moves, lambda: _weights_first],
)
def check_as_two(answer):
    """Two layers do what the kernel does, with its gradient, for several kernels."""
    function(answer, "as_two")
    kernels = [torch.randn(5, 5, dtype=torch.float64) for _ in range(3)]
    kernels += [torch.zeros(5, 5, dtype=torch.float64), torch.ones(5, 5).double()]
    kernels += [torch.randn(5, 5), 1e4 * torch.randn(5, 5, dtype=torch.float64)]
    for r, s in ((0, 0), (4, 4), (0, 4), (2, 2), (3, 1)):
        kernel = torch.zeros(5, 5, dtype=torch.float64)
        kernel[r, s] = 1
        kernels.append(kernel)
    for K in kernels:
        X = torch.randn(2, 1, 9, 7, dtype=K.dtype)
        K.requires_grad_()
        # call() would clone K, and no gradient would come back to it
        found = answer(K)
        W1, W2 = parts(found, ("W1", "W2"))
        m = len(W1) if torch.is_tensor(W1) and W1.ndim else 1
        W1 = tensor(W1, "W1", shape=(m, 1, 3, 3))
        W2 = tensor(W2, "W2", shape=(1, m, 3, 3))
        ours = F.conv2d(F.conv2d(X, W1.to(X)), W2.to(X))
        theirs = F.conv2d(X, K[None, None])
        if not close(ours, theirs, 1e-5 * (1 + float(theirs.detach().abs().max()))):
            turned = F.conv2d(X, K.flip(0, 1)[None, None])
            hint = (
                "It is turned by 180°."
                if close(ours, turned) and K.any()
                else "Put in a kernel with a single 1 and look where it ends up."
            )
            raise Wrong(f"Together they don't do what K does. {hint}")
        weights = torch.randn_like(theirs)
        right = torch.autograd.grad((theirs * weights).sum(), K)[0]
        lost = "The values are right, but no gradient comes back to K."
        if not ours.requires_grad:
            raise Wrong(lost)
        own = torch.autograd.grad((ours * weights).sum(), K, allow_unused=True)[0]
        if own is None:
            raise Wrong(lost)
        agree(own, right, what="the gradient for K", atol=1e-4)


def _dividing_by(spread, kinds=(nn.Conv2d, nn.Linear), zero_bias=True):
    """An answer: go through the layers, zero the bias, divide the weight by spread(output)."""

    @torch.no_grad()
    def equalize(net, X):
        for layer in net:
            if isinstance(layer, kinds):
                if zero_bias:
                    layer.bias.zero_()
                layer.weight /= spread(layer(X))
            X = layer(X)
        return net

    return equalize


_equalize = _dividing_by(torch.std)


def _each_channel(H):
    """The spread of every channel for itself, shaped for the weights that make it."""
    spread = H.transpose(0, 1).flatten(1).std(dim=1)
    return spread.view(-1, *[1] * (H.dim() - 1))


def _by_hooks(net, X):
    """The whole net anew for each layer, as one does it without taking it apart."""
    for layer in net:
        if not hasattr(layer, "weight"):
            continue
        nn.init.zeros_(layer.bias)
        seen = []
        hook = layer.register_forward_hook(lambda _, __, out, s=seen: s.append(out))
        net(X)
        hook.remove()
        layer.weight.data = layer.weight.data / seen[0].detach().std()
    return net


@torch.no_grad()
def _all_at_once(net, X):
    """Measures every layer before it scales any."""
    spreads = []
    for layer in net:
        if hasattr(layer, "weight"):
            layer.bias.zero_()
            X = layer(X)
            spreads.append((layer, X.std()))
        else:
            X = layer(X)
    for layer, spread in spreads:
        layer.weight /= spread
    return net


def _anew(net, X):
    """Draws new weights and scales those."""
    for layer in net:
        if hasattr(layer, "weight"):
            nn.init.kaiming_normal_(layer.weight)
    return _equalize(net, X)


@torch.no_grad()
def _weights_themselves(net, X):
    for layer in net:
        if hasattr(layer, "weight"):
            layer.bias.zero_()
            layer.weight /= layer.weight.std()
    return net


def _without_grad(net, X):
    _equalize(net, X)
    return net.requires_grad_(False)


@torch.no_grad()
def _after_relu(net, X):
    """Scales so that what follows the ReLU has spread 1."""
    layers = list(net)
    for layer, after in zip(layers, [*layers[1:], nn.Identity()], strict=True):
        if hasattr(layer, "weight"):
            layer.bias.zero_()
            layer.weight /= after(layer(X)).std()
        X = layer(X)
    return net


def _new_parameters(net, X):
    """An optimizer that was built before would go on changing the old ones."""
    for layer in _equalize(net, X):
        if hasattr(layer, "weight"):
            layer.weight = nn.Parameter(layer.weight.detach().clone())
    return net


@exercise(
    "21.4",
    hint="Go through the layers with X in hand: zero the bias, put X through, divide the "
    "weight, put X through again.",
    wrong=[
        lambda: _all_at_once,
        lambda: _dividing_by(torch.std, zero_bias=False),
        lambda: _dividing_by(torch.std, kinds=nn.Conv2d),
        lambda: _anew,
        lambda: _weights_themselves,
        lambda: _without_grad,
        lambda: _after_relu,
        lambda: lambda net, X: _equalize(copy.deepcopy(net), X),
        lambda: lambda net, X: _equalize(net, X[:1]),
        lambda: lambda net, X: net,
        lambda: lambda net, X: _equalize(net, X) and None,
        lambda: lambda net, X: _equalize(net, X).eval(),
        lambda: _dividing_by(_each_channel),
        lambda: _dividing_by(lambda H: H.square().mean().sqrt()),
        lambda: _new_parameters,
    ],
    right=[
        lambda: _equalize,
        lambda: _by_hooks,
        # as a mean over all the numbers: as good a standard deviation
        lambda: _dividing_by(lambda H: H.std(correction=0)),
    ],
)
def check_equalize(answer):
    """Spread 1 after each layer, the same directions, zero biases, in the same net."""
    function(answer, "equalize")
    nets = [
        nn.Sequential(nn.Flatten(), nn.Linear(50, 20), nn.ReLU(), nn.Linear(20, 3)),
        nn.Sequential(
            *(nn.Conv2d(2, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(6, 4, 3, padding=1), nn.Tanh(), nn.Flatten()),
            *(nn.Linear(16, 8), nn.Sigmoid(), nn.Linear(8, 5)),
        ),
        nn.Sequential(nn.Conv2d(2, 3, 5), nn.Flatten()),
    ]
    for net, scale in zip(nets, (1.0, 20.0, 0.01), strict=True):
        X = scale * torch.rand(32, 2, 5, 5)
        before = copy.deepcopy(net)
        parameters = [id(p) for p in net.parameters()]
        found = call(answer, net, X, untouched=False)
        if found is not net:
            raise Wrong("Return the net that was handed in, changed in place.")
        if parameters != [id(p) for p in net.parameters()]:
            raise Wrong("Scale in place: an optimizer holds the old parameters.")
        if not all(module.training for module in net.modules()):
            raise Wrong("The net was in training mode, and it no longer is.")
        _compare(before, net, X)


def _compare(before, net, X):
    for old, new in zip(before, net, strict=True):
        with torch.no_grad():
            X = new(X)
        if not hasattr(old, "weight"):
            continue
        name = type(new).__name__
        if new.bias is None or new.bias.any():
            raise Wrong(f"The bias of a {name} is not zero.")
        if not (new.weight.requires_grad and new.bias.requires_grad):
            raise Wrong("After it the net can't be trained: requires_grad is lost.")
        tensor(new.weight.detach(), f"The weight of a {name}", shape=old.weight.shape)
        factor = (new.weight / old.weight).detach()
        if not close(factor, factor.mean().expand_as(factor), 1e-4, 1e-3):
            raise Wrong(f"The weights of a {name} must be scaled, all by one number.")
        if factor.mean() <= 0:
            raise Wrong(f"The weights of a {name} have changed their sign.")
        # over n or over n - 1: both are called the standard deviation
        spreads = [X.std(correction=correction).item() for correction in (0, 1)]
        agree(
            min(spreads, key=lambda spread: abs(spread - 1)),
            1.0,
            f"After a {name}",
            "First layer first: when one is scaled, the next one's inputs change.",
            what="the standard deviation",
            atol=1e-3,
        )
