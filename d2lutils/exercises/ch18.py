"""Chapter 18, convolutions: the checks of its exercises."""

import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    agree,
    agree_gradients,
    call,
    close,
    function,
    number,
    numbers,
    tensor,
    without,
)


@exercise(
    "18.1",
    hint="Rows and columns separately: how many cells are left after the first window?",
    wrong=[
        lambda: (14, 15),  # the other way round
        lambda: (15.5, 14.33),  # not rounded down
        lambda: (14, 13),  # the first window forgotten
        lambda: (15, 15),  # rounded up
        lambda: (14, 14),  # without the padding
        lambda: (30, 45),
        lambda: 15,
        lambda: "15, 14",
    ],
    right=[lambda: (15, 14), lambda: torch.tensor([15, 14])],
)
def check_output_size(answer):
    """(30 + 2 - 3) // 2 + 1 rows and (45 - 5) // 3 + 1 columns."""
    found = numbers(answer, ("rows", "columns"), whole=True)
    if found == (15, 14):
        return
    if found == (14, 15):
        raise Wrong("Rows first: they have kernel 3, padding 1 and stride 2.")
    if found == (14, 13):
        raise Wrong("These are the steps between windows. Count the first window, too.")
    if found[0] != 15:
        raise Wrong("The rows: 30 and padding on both sides, less 3, in steps of 2.")
    raise Wrong("The columns: 45 less 5, in steps of 3; a rest makes no window.")


@exercise(
    "18.2",
    hint="How many weights has one of the 128 kernels, and how often is each used?",
    wrong=[
        lambda: (128 * 64 * 9, 128 * 14 * 14 * 64 * 9),  # no biases
        lambda: (64 * (128 * 9 + 1), 128 * 14 * 14 * 64 * 9),  # a bias a channel in
        lambda: (128 * (64 * 9 + 1), 128 * 64 * 9),  # for one place only
        lambda: (128 * (64 * 9 + 1), 128 * 12 * 12 * 64 * 9),  # without padding
        lambda: (128 * (9 + 1), 128 * 14 * 14 * 9),  # one slice a kernel
        lambda: (128 * (64 * 9 + 1), 28 * 28 * 128 * 64 * 9),
        lambda: 73856,
    ],
    right=[
        lambda: (73_856, 14_450_688),
        lambda: torch.tensor([73_856, 14_450_688]),
    ],
)
def check_cost(answer):
    """73,856 parameters and 14,450,688 multiply-adds."""
    names = ("parameters", "multiply-adds")
    parameters, multiply_adds = numbers(answer, names, whole=True)
    if parameters == 128 * 64 * 9:
        raise Wrong("These are the weights; each kernel has a bias, too.")
    if parameters != 128 * (64 * 9 + 1):
        raise Wrong("128 kernels, each with 64 slices of 3 × 3 weights, and one bias.")
    if multiply_adds == 128 * 64 * 9:
        raise Wrong("That is the work at one place. At how many is it done?")
    if multiply_adds == 128 * 12 * 12 * 64 * 9:
        raise Wrong("With padding 1 the maps stay 14 × 14.")
    if multiply_adds != 128 * 14 * 14 * 64 * 9:
        raise Wrong("Each of 128 · 14 · 14 outputs costs one product for each weight.")


def _unit(row, column, value=1.0):
    kernel = torch.zeros(3, 3)
    kernel[row, column] = value
    return kernel


@exercise(
    "18.3",
    hint="Output (i, j) must be input (i - 1, j - 1). Where in the window is that?",
    wrong=[
        lambda: _unit(2, 2),  # up and left: a true convolution's kernel
        lambda: _unit(0, 1),  # down only
        lambda: _unit(1, 0),  # right only
        lambda: _unit(1, 1),  # stays
        lambda: _unit(0, 0, 2.0),
        lambda: _unit(0, 2),
        lambda: _unit(0, 0)[None, None],
        lambda: _unit(0, 0).tolist(),
    ],
    right=[lambda: _unit(0, 0), lambda: _unit(2, 2).flip(0, 1).double()],
)
def check_moving_kernel(answer):
    """A single 1 in the upper left corner, tried on random images."""
    kernel = tensor(answer, "The kernel", shape=(3, 3)).detach().cpu().double()
    for seed, size in enumerate([(4, 6), (5, 5), (1, 3)]):
        generator = torch.Generator().manual_seed(seed)
        X = torch.randn(size, generator=generator, dtype=torch.float64)
        out = F.conv2d(X[None, None], kernel[None, None], padding=1)[0, 0]
        if close(out, F.pad(X, (1, -1, 1, -1))):
            continue
        if close(out, F.pad(X, (-1, 1, -1, 1))):
            raise Wrong("That moves it to the left and up.")
        raise Wrong(
            f"A random image of {size[0]} × {size[1]} pixels is not moved one right and "
            "one down. Only one weight is not zero."
        )


def _by_cells(X, W, b, padding, stride):
    X = F.pad(X, [padding] * 4)
    rows = (X.shape[2] - W.shape[2]) // stride + 1
    columns = (X.shape[3] - W.shape[3]) // stride + 1
    Y = b[:, None, None]
    for i in range(W.shape[2]):
        for j in range(W.shape[3]):
            part = X[:, :, i::stride, j::stride][:, :, :rows, :columns]
            Y = Y + torch.einsum("nchw,oc->nohw", part, W[:, :, i, j])
    return Y


def _by_channels(X, W, b, padding, stride):
    """The same, with a matrix product in place of einsum, and a copy for the padding."""
    n, c, h, w = X.shape
    wide = X.new_zeros(n, c, h + 2 * padding, w + 2 * padding)
    wide[:, :, padding : padding + h, padding : padding + w] = X
    o, _, k_h, k_w = W.shape
    rows = (h + 2 * padding - k_h) // stride + 1
    columns = (w + 2 * padding - k_w) // stride + 1
    total = X.new_zeros(n, rows, columns, o)
    for i in range(k_h):
        for j in range(k_w):
            part = wide[:, :, i : i + stride * rows : stride]
            part = part[:, :, :rows, j : j + stride * columns : stride][..., :columns]
            total = total + part.movedim(1, -1) @ W[:, :, i, j].T
    return (total + b).movedim(-1, 1)


def _ready_made(X, W, b, padding, stride):
    return F.conv2d(X, W, b, stride, padding)


def _operator(X, W, b, padding, stride):
    """What F.conv2d calls underneath: the ready-made one by its other name."""
    stride, padding = [stride] * 2, [padding] * 2
    convolution = torch.ops.aten.convolution.default
    return convolution(X, W, b, stride, padding, [1, 1], False, [0, 0], 1)


def _module(X, W, b, padding, stride):
    """A layer of PyTorch's with the weights put in: the ready-made one again."""
    layer = torch.nn.Conv2d(
        *W.shape[1::-1], W.shape[2:], stride, padding, dtype=X.dtype
    )
    return torch.func.functional_call(layer, {"weight": W, "bias": b}, X)


def _one_sided(X, W, b, padding, stride):
    return _by_cells(F.pad(X, (2 * padding, 0, 2 * padding, 0)), W, b, 0, stride)


def _square_only(X, W, b, padding, stride):
    """Takes the number of rows for the number of columns where there are enough."""
    Y = _by_cells(X, W, b, padding, stride)
    return Y[..., : Y.shape[2]]


def _laid_out(X, W, b, padding, stride):
    """Right, but im2col makes the slices and nothing is left to loop over."""
    windows = F.unfold(X, W.shape[2:], padding=padding, stride=stride)
    rows = (X.shape[2] + 2 * padding - W.shape[2]) // stride + 1
    out = W.flatten(1) @ windows + b[:, None]
    return out.view(len(X), len(W), rows, -1)


def _as_views(X, W, b, padding, stride):
    """The same by Tensor.unfold."""
    windows = F.pad(X, [padding] * 4).unfold(2, W.shape[2], stride)
    windows = windows.unfold(3, W.shape[3], stride)
    return torch.einsum("nchwij,ocij->nohw", windows, W) + b[:, None, None]


def _every_cell(X, W, b, padding, stride):
    """Right, but it loops over the output's cells."""
    X = F.pad(X, [padding] * 4)
    k_h, k_w = W.shape[2:]
    rows = range(0, X.shape[2] - k_h + 1, stride)
    columns = range(0, X.shape[3] - k_w + 1, stride)
    lines = [
        torch.stack(
            [
                torch.einsum("nchw,ochw->no", X[:, :, i : i + k_h, j : j + k_w], W)
                for j in columns
            ],
            dim=-1,
        )
        for i in rows
    ]
    return torch.stack(lines, dim=-2) + b[:, None, None]


class _Operators(TorchDispatchMode):
    """A context that notes the operators which torch's functions come down to."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.add(func.name())
        return func(*args, **(kwargs or {}))


class _Products(torch.overrides.TorchFunctionMode):
    """A context that counts calls of torch's functions."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.calls += 1
        return func(*args, **(kwargs or {}))


def _calls(answer, h, w, inputs):
    with _Products() as counted:
        call(answer, inputs[0].expand(1, 2, h, w), *inputs[1:], 0, 1)
    return counted.calls


_CONVOLUTIONS = ("conv2d", "convolution", "_convolution", "conv1d", "conv3d")


@exercise(
    "18.4",
    hint="Output (i, j) uses the padded input at (a + i · stride, b + j · stride): for one "
    "kernel cell (a, b) that is a single slice with a step.",
    wrong=[
        lambda: _ready_made,
        lambda: _module,
        lambda: _operator,
        lambda: _laid_out,
        lambda: _as_views,
        lambda: _every_cell,
        lambda: lambda X, W, b, p, s: _by_cells(X, W.flip(2, 3), b, p, s),
        lambda: lambda X, W, b, p, s: _by_cells(X, W, 0 * b, p, s),
        lambda: lambda X, W, b, p, s: _by_cells(X, W, b, 0, s),
        lambda: lambda X, W, b, p, s: _by_cells(X, W, b, p, 1),
        lambda: lambda X, W, b, p, s: _by_cells(X, W.detach(), b, p, s),
        lambda: lambda X, W, b, p, s: _by_cells(X, W.mT, b, p, s),
        lambda: lambda X, W, b, p, s: _by_cells(X, W, b, p, s).relu(),
        lambda: _one_sided,
        lambda: _square_only,
    ],
    right=[lambda: _by_cells, lambda: _by_channels],
)
def check_conv2d(answer):
    """Values and gradients of F.conv2d, in a number of calls that the image's size leaves alone."""
    function(answer, "conv2d")
    generator = torch.Generator().manual_seed(0)

    def random(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    for n, c, o, size, kernel, padding, stride in [
        (2, 3, 4, (7, 6), (3, 3), 1, 1),
        (2, 2, 3, (8, 9), (3, 2), 1, 2),
        (1, 1, 1, (3, 3), (3, 3), 0, 1),
        (3, 2, 2, (5, 11), (1, 4), 2, 3),
        (1, 4, 2, (6, 6), (1, 1), 0, 2),
    ]:
        inputs = random(n, c, *size), random(o, c, *kernel), random(o)
        where = f"For X {tuple(inputs[0].shape)}, W {tuple(inputs[1].shape)}, "
        where += f"padding {padding}, stride {stride}"
        right = F.conv2d(*inputs, stride, padding)
        with without(*_CONVOLUTIONS), _Operators() as used:
            found = call(answer, *inputs, padding, stride, untouched=True)
        if any("conv" in name for name in used.names):
            raise Wrong("That is PyTorch's own convolution; write it yourself.")
        if any("im2col" in name or "::unfold" in name for name in used.names):
            raise Wrong("unfold cuts the windows out for you; loop over the kernel.")
        tensor(found, f"{where}, the result", shape=right.shape)
        if close(
            found, F.conv2d(inputs[0], inputs[1].flip(2, 3), inputs[2], stride, padding)
        ) and not close(found, right):
            raise Wrong(
                "Your kernel is turned by 180°: that is mathematics' convolution."
            )
        agree(found, right, where)
        if size == (7, 6):
            for name, place in (("X", 0), ("W", 1), ("b", 2)):
                agree_gradients(
                    lambda *a, p=padding, s=stride: answer(*a, p, s),
                    lambda *a, p=padding, s=stride: F.conv2d(*a, s, p),
                    *inputs,
                    wrt=(place,),
                    where=f"by {name}",
                )
    small = random(1, 2, 1, 1), random(2, 2, 2, 2), random(2)
    if _calls(answer, 12, 12, small) > _calls(answer, 4, 4, small):
        raise Wrong(
            "On a larger image yours works more often: loop over the kernel only."
        )


def _field(layers):
    sees, jump = 1, 1
    for kernel, stride in layers:
        sees, jump = sees + (kernel - 1) * jump, jump * stride
    return sees


def _from_the_end(layers):
    sees = 1
    for kernel, stride in reversed(layers):
        sees = (sees - 1) * stride + kernel
    return sees


def _stride_first(layers):
    sees, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        sees += (kernel - 1) * jump
    return sees


@exercise(
    "18.5",
    hint="How far apart, in input pixels, are two neighbouring cells of a layer?",
    wrong=[
        lambda: lambda layers: sum(k - 1 for k, _ in layers) + 1,  # no strides
        lambda: _stride_first,
        lambda: lambda layers: _field(layers[::-1]),
        lambda: lambda layers: sum(k for k, _ in layers),
        lambda: lambda layers: layers[-1][0] if layers else 1,
        lambda: (
            lambda layers: {2: 5}.get(len(layers), 1) + 2 * (layers[:1] == [(3, 2)])
        ),
        lambda: lambda layers: _field(layers[:2]),
        lambda: lambda layers: float("nan"),
        lambda: 16,
    ],
    right=[lambda: _field, lambda: _from_the_end],
)
def check_receptive_field(answer):
    """The recursion, tried on stacks of up to six layers."""
    function(answer, "receptive_field")
    stacks = [
        [(3, 1), (3, 1)],
        [(3, 2), (3, 1)],
        [(3, 1), (3, 2)],
        [],
        [(1, 1)],
        [(7, 2)],
        [(5, 1), (2, 2), (5, 1), (2, 2)],
        [(2, 2), (3, 3), (2, 1)],
        [(7, 2), (3, 2), (3, 1), (3, 1), (3, 2), (3, 1)],
    ]
    for layers in stacks:
        found = number(call(answer, layers), f"For {layers}, the field", whole=True)
        if found == _field(layers):
            continue
        if layers and found == sum(k - 1 for k, _ in layers) + 1:
            raise Wrong(f"For {layers}: after a stride, neighbours are further apart.")
        raise Wrong(f"For {layers} it is {_field(layers)}, not {found}.")
