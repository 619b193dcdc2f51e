"""Chapter 19, LeNet: the checks of its exercises."""

import torch
from torch import nn

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    agree,
    agree_gradients,
    call,
    function,
    number,
    numbers,
)


@exercise(
    "19.1",
    hint="Follow the side: 64, less four, halved, less four, halved.",
    wrong=[
        lambda: (338_186, 2_704),  # the other way round
        lambda: (256, 44_426),  # of 28 × 28
        lambda: (16 * 16 * 16, 2572 + 4097 * 120 + 11_014),  # with padding
        lambda: (2_704, 2572 + 2704 * 120 + 11_014),  # no biases in the first dense
        lambda: (2_704, 2705 * 120 + 11_014),  # without the body
        lambda: (13 * 13, 2572 + 170 * 120 + 11_014),  # one map of the 16
        lambda: (2_704, 44_426),
        lambda: 338_186,
    ],
    right=[lambda: (2_704, 338_186), lambda: torch.tensor([2_704, 338_186])],
)
def check_larger_image(answer):
    """16 · 13 · 13 inputs and 338,186 parameters."""
    inputs, parameters = numbers(answer, ("inputs", "parameters"), whole=True)
    if inputs in (13 * 13, 16 * 13):
        raise Wrong("There are 16 maps of 13 × 13, and the head takes all of them.")
    if inputs != 16 * 13 * 13:
        raise Wrong("The sides go 64, 60, 30, 26, 13. What comes out of 16 such maps?")
    if parameters == 44_426:
        raise Wrong("That is LeNet for 28 × 28. The first dense layer has grown.")
    if parameters == 2572 + 2704 * 120 + 11_014:
        raise Wrong("The first dense layer has biases, too.")
    if parameters != 338_186:
        raise Wrong("The body keeps its 2,572, the last two layers their 11,014.")


@exercise(
    "19.2",
    hint="Write both counts as a number times h, plus a constant.",
    wrong=[
        lambda: (354, 55),  # the other way round
        lambda: (56, 354),  # rounded up
        lambda: (55, 355),
        lambda: (56, 358),  # neither biases nor output layer
        lambda: (55.86, 354.7),  # no whole units
        lambda: (55, 55),
        lambda: 55,
    ],
    right=[lambda: (55, 354), lambda: torch.tensor([55.0, 354.0])],
)
def check_rivals(answer):
    """(44,426 - 10) // 795 and 281,640 // 794."""
    names = ("by_parameters", "by_multiply_adds")
    by_parameters, by_multiply_adds = numbers(answer, names, whole=True)
    if by_parameters == 56:
        raise Wrong(
            "56 units have a hundred parameters more than LeNet (or no biases)."
        )
    if by_parameters != 55:
        raise Wrong("A unit costs 784 weights in, 10 out and a bias; ten biases more.")
    if by_multiply_adds == 355:
        raise Wrong("355 units do a little more than LeNet's 281,640.")
    if by_multiply_adds != 354:
        raise Wrong("Each unit does 784 products, and its output goes into 10 more.")


def _as_convolution(linear, channels, *, change=None):
    """The right answer; ``change`` may spoil the weight (out, channels, side, side)."""
    side = round((linear.in_features // channels) ** 0.5)
    conv = nn.Conv2d(
        channels, linear.out_features, side, bias=linear.bias is not None
    ).to(linear.weight.dtype)
    weight = linear.weight.view(-1, channels, side, side)
    with torch.no_grad():
        conv.weight.copy_(weight if change is None else change(weight))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv


def _by_state(linear, channels):
    """Another way of writing it."""
    side = next(k for k in range(1, 999) if channels * k * k == linear.in_features)
    weight = linear.weight.detach().clone()
    state = {"weight": weight.unflatten(1, (channels, side, side))}
    if linear.bias is not None:
        state["bias"] = linear.bias.detach().clone()
    size = channels, linear.out_features, (side, side)
    conv = nn.Conv2d(*size, bias="bias" in state, dtype=weight.dtype)
    conv.load_state_dict(state)
    return conv


def _shared(linear, channels):
    """Looks into the dense layer's memory."""
    conv = _as_convolution(linear, channels)
    conv.weight.data = linear.weight.data.view_as(conv.weight)
    return conv


def _shared_bias(linear, channels):
    conv = _as_convolution(linear, channels)
    conv.bias = linear.bias
    return conv


def _changed(change):
    return lambda linear, channels: _as_convolution(linear, channels, change=change)


def _no_bias(linear, channels):
    conv = _as_convolution(linear, channels)
    if conv.bias is not None:
        nn.init.zeros_(conv.bias)
    return conv


def _only_lenet(linear, channels):
    conv = nn.Conv2d(16, 120, 4).to(linear.weight.dtype)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.view(120, 16, 4, 4))
        conv.bias.copy_(linear.bias)
    return conv


def _padded(linear, channels):
    conv = _as_convolution(linear, channels)
    conv.padding = (conv.kernel_size[0] // 2,) * 2
    return conv


class _Disguised(nn.Module):
    """Still the dense layer."""

    def __init__(self, linear):
        super().__init__()
        self.linear = linear

    def forward(self, X):
        return self.linear(X.flatten(1))[:, :, None, None]


def _frozen(linear, channels):
    return _as_convolution(linear, channels).requires_grad_(False)


@exercise(
    "19.3",
    hint="In which order does flatten(1) go through channels, rows and columns?",
    wrong=[
        lambda: (
            lambda linear, channels: nn.Conv2d(channels, linear.out_features, 4)
        ),  # random weights
        lambda: _changed(lambda W: W.mT),
        lambda: _changed(lambda W: W.flip(2, 3)),
        lambda: _changed(
            lambda W: W.flatten(1).view(len(W), -1, W.shape[1]).mT.view_as(W)
        ),
        lambda: _no_bias,
        lambda: _only_lenet,
        lambda: _padded,
        lambda: _shared,
        lambda: _shared_bias,
        lambda: _frozen,
        lambda: lambda linear, channels: _Disguised(linear),
        lambda: lambda linear, channels: linear,
        lambda: 0,
    ],
    right=[lambda: _as_convolution, lambda: _by_state],
)
def check_as_convolution(answer):
    """Values and gradients of the dense layer, a larger map, weights of its own."""
    function(answer, "as_convolution")
    made = torch.Generator().manual_seed(0)

    def random(*shape):
        return torch.randn(shape, generator=made, dtype=torch.float64)

    for channels, side, out, biased in [
        (16, 4, 120, True),
        (3, 5, 7, True),
        (4, 1, 2, True),
        (1, 3, 1, False),
    ]:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            linear = nn.Linear(channels * side**2, out, bias=biased).double()
        where = f"For {channels} maps of {side} × {side} and {out} units"
        before = [p.detach().clone() for p in linear.parameters()]
        conv = call(answer, linear, channels)
        if not isinstance(conv, nn.Conv2d):
            raise Wrong(f"{where}: return an nn.Conv2d, not {type(conv).__name__}.")
        if tuple(conv.kernel_size) != (side, side):
            raise Wrong(f"{where} the kernel has side {side}, as large as the maps.")
        if not all(p.requires_grad for p in conv.parameters()):
            raise Wrong(f"{where}: the new layer must be trainable, too.")
        maps = random(2, channels, side, side)

        def dense(X, linear=linear):
            return linear(X.flatten(1))

        def layer(X, conv=conv):
            return conv(X.to(conv.weight.dtype)).flatten(1)

        if layer(maps).shape != (2, out):
            raise Wrong(f"{where} one pixel must come out: no padding, stride 1.")
        agree(layer(maps), dense(maps), where)
        agree_gradients(layer, dense, maps, where=f"{where}, by the maps")
        with torch.no_grad():
            for p in conv.parameters():
                p.add_(1)
        if not all(map(torch.equal, linear.parameters(), before)):
            raise Wrong(
                f"{where}: to change the new layer changes the dense one. Copy the weights."
            )
        wide = conv(random(1, channels, side, side + 2).to(conv.weight.dtype))
        if wide.shape != (1, out, 1, 3):
            raise Wrong(f"{where}: on a wider map there must be three places.")


def _last(side):
    return ((side - 4) // 2 - 4) // 2


def _count(side, channels=1):
    last = _last(side)
    if last < 1:
        raise ValueError("too small")
    return 6 * (25 * channels + 1) + 2416 + 120 * (16 * last**2 + 1) + 11_014


def _by_torch(side, channels=1):
    """Lets PyTorch count."""
    last = _last(side)
    if side < 16:
        raise ValueError("too small")
    with torch.device("meta"):
        layers = nn.Conv2d(channels, 6, 5), nn.Conv2d(6, 16, 5)
        layers += (
            nn.Linear(16 * last * last, 120),
            nn.Linear(120, 84),
            nn.Linear(84, 10),
        )
    return sum(p.numel() for layer in layers for p in layer.parameters())


def _unguarded(side, channels=1):
    return 6 * (25 * channels + 1) + 2416 + 120 * (16 * _last(side) ** 2 + 1) + 11_014


def _exact(side, channels=1):
    """Divides without rounding down."""
    if side < 16:
        raise ValueError
    last = (side - 12) / 4
    return round(_count(28, channels) + 1920 * (last**2 - 16))


def _rounds_up(side, channels=1):
    if side < 16:
        raise ValueError
    return _count(28, channels) + 1920 * ((-(-(side - 12) // 4)) ** 2 - 16)


def _colour_everywhere(side, channels=1):
    return _count(side) * channels


@exercise(
    "19.5",
    hint="What is left of a side after the second pooling?",
    wrong=[
        lambda: lambda side, channels=1: {28: 44_426, 32: 61_706}.get(side, 0),
        lambda: _unguarded,
        lambda: _exact,
        lambda: _rounds_up,
        lambda: _colour_everywhere,
        lambda: lambda side, channels=1: _count(side),
        lambda: lambda side, channels=1: _count(side, channels) - 236,  # no biases
        lambda: lambda side, channels=1: float("nan"),
        lambda: 44_426,
    ],
    right=[lambda: _count, lambda: _by_torch],
)
def check_lenet_parameters(answer):
    """The count for many sides, with and without colours; ValueError below 16."""
    function(answer, "lenet_parameters")
    for size in [
        (28,),
        (32,),
        (29,),
        (30, 3),
        (31,),
        (16,),
        (17, 2),
        (32, 3),
        (224, 3),
    ]:
        found = number(call(answer, *size), f"For {size}, the count", whole=True)
        if found == _count(*size):
            continue
        if found == _count(size[0]):
            raise Wrong(f"For {size}: the first kernels have a sheet for each channel.")
        raise Wrong(
            f"For {size} there are {_count(*size):,} parameters, not {found:,}: "
            f"the last maps have side {_last(size[0])}."
        )
    for side in (15, 12, 4, 1):
        try:
            found = answer(side)
        except ValueError:
            continue
        except Exception as error:
            kind = type(error).__name__
            raise Wrong(f"For side {side}: ValueError, please, not {kind}.") from error
        raise Wrong(f"Of an image of side {side} nothing is left; yours says {found}.")
