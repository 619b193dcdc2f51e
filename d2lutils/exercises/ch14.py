"""Chapter 14, parameters: the checks of its exercises."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import parametrize

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    agree,
    close,
    function,
    independent,
    number,
    share,
    subclass,
    tensor,
    unrelated,
)


@exercise(
    "14.1",
    hint="A layer from n to m units has n times m weights. What else?",
    wrong=[lambda: 574_080, lambda: 970, lambda: float("nan")],
)
def check_parameter_count(answer):
    """The weights and biases of 784-512-256-128-64-10."""
    sizes = [784, 512, 256, 128, 64, 10]
    weights = sum(n * m for n, m in pairwise(sizes))
    count = number(answer, "The number of parameters", whole=True)
    if count == weights:
        raise Wrong("These are the weights. The biases are missing.")
    if count != weights + sum(sizes[1:]):
        raise Wrong("Write down the five products first, then the five biases' counts.")


def _ignores_share(tensor, zero_share, low, high):
    with torch.no_grad():
        tensor.uniform_(-high, high)
        return tensor.mul_(tensor.abs() >= low)


def _only_positive(tensor, zero_share, low, high):
    with torch.no_grad():
        tensor.uniform_(low, high)
        return tensor.mul_(torch.rand_like(tensor) >= zero_share)


def _new_tensor(tensor, zero_share, low, high):
    values = torch.empty_like(tensor).uniform_(low, high)
    values = values * torch.where(torch.rand_like(values) < 0.5, -1.0, 1.0)
    return values * (torch.rand_like(values) >= zero_share)


def _two_sizes_only(tensor, zero_share, low, high):
    with torch.no_grad():
        size = torch.where(torch.rand_like(tensor) < 0.5, low, high)
        sign = torch.where(torch.rand_like(tensor) < 0.5, -1.0, 1.0)
        return tensor.copy_(size * sign * (torch.rand_like(tensor) >= zero_share))


def _in_front_of_autograd(tensor, zero_share, low, high):
    tensor.uniform_(low, high)
    return tensor


@torch.no_grad()
def _sign_of_the_size(tensor, zero_share, low, high):
    size = torch.empty_like(tensor).uniform_(low, high)
    sign = torch.where(size > (low + high) / 2, 1.0, -1.0)
    return tensor.copy_(size * sign * (torch.rand_like(tensor) >= zero_share))


@torch.no_grad()
def _zeros_in_whole_rows(tensor, zero_share, low, high):
    size = torch.empty_like(tensor).uniform_(low, high)
    sign = torch.where(torch.rand_like(tensor) < 0.5, -1.0, 1.0)
    return tensor.copy_(size * sign * (torch.rand(len(tensor), 1) >= zero_share))


@torch.no_grad()
def _one_sign_a_column(tensor, zero_share, low, high):
    size = torch.empty_like(tensor).uniform_(low, high)
    sign = torch.where(torch.rand_like(tensor[:1]) < 0.5, -1.0, 1.0)
    return tensor.copy_(size * sign * (torch.rand_like(tensor) >= zero_share))


@torch.no_grad()
def _step_by_step(tensor, zero_share, low, high):
    """A right answer."""
    tensor.uniform_(-1, 1)
    tensor.copy_(tensor.sign() * (low + tensor.abs() * (high - low)))
    return tensor.mul_(torch.empty_like(tensor).bernoulli_(1 - zero_share))


@exercise(
    "14.2",
    hint="Draw the size, the sign and whether it is kept, each on its own.",
    wrong=[
        lambda: _ignores_share,
        lambda: _only_positive,
        lambda: _new_tensor,
        lambda: _two_sizes_only,
        lambda: _in_front_of_autograd,
        lambda: _sign_of_the_size,
        lambda: _zeros_in_whole_rows,
        lambda: _one_sign_a_column,
    ],
    right=[lambda: _step_by_step],
)
def check_sparse_uniform(answer):
    """Zeros with a chosen probability, else uniform on ±[low, high], in place."""
    function(answer, "sparse_uniform_")
    for share_of_zeros, low, high in [
        (0.25, 5.0, 10.0),
        (0.9, 1.0, 2.0),
        (0.0, 0.0, 1.0),
    ]:
        parameter = nn.Parameter(torch.full((300, 400), 77.0))
        result = answer(parameter, share_of_zeros, low, high)
        if result is not parameter:
            raise Wrong("Fill the tensor itself, in place, and return it.")
        values = parameter.detach()
        if not values.isfinite().all() or (values == 77).any():
            raise Wrong("Some entries were left as they were, or are not finite.")
        if not parameter.requires_grad or not parameter.is_leaf:
            raise Wrong("Afterwards it must still be a parameter that can be trained.")
        share(values == 0, share_of_zeros)
        independent(values == 0, "Each entry is zero or not on its own.")
        others = values[values != 0]
        sizes = others.abs()
        if sizes.min() < low - 1e-6 or sizes.max() > high + 1e-6:
            raise Wrong(f"Some sizes lie outside {low} to {high}.")
        if abs((others > 0).float().mean() - 0.5) > 0.03:
            raise Wrong("Both signs must be equally frequent.")
        unrelated(
            others > 0, sizes, "The sign depends on the size; draw it on its own."
        )
        if share_of_zeros == 0:
            independent(values > 0, "Each entry draws its own sign.")
        width = high - low  # a uniform distribution's standard deviation is width / √12
        off_centre = abs(sizes.mean() - (low + high) / 2) > 0.03 * width
        if off_centre or abs(sizes.std() - width / 12**0.5) > 0.03 * width:
            raise Wrong(f"The sizes are not spread evenly between {low} and {high}.")


@exercise(
    "14.3",
    hint="Write the output as a power of w, then differentiate.",
    wrong=[lambda: 8, lambda: 6, lambda: 4, lambda: float("nan")],
    right=[lambda: 12],
)
def check_shared_three_times(answer):
    """The derivative of w**3 at w = 2."""
    value = number(answer, "The gradient")
    if value == 8:
        raise Wrong("8 is the output. How does it change with w?")
    if value == 4:
        raise Wrong("That is the share of one use. There are three.")
    if not abs(value - 12) < 1e-6:
        raise Wrong("The output is w * w * w * x. Each use sends back its own share.")


def _all_in_first(net, weight_decay):
    return [
        {"params": list(net.parameters()), "weight_decay": weight_decay},
        {"params": [], "weight_decay": 0.0},
    ]


def _by_name(net, weight_decay):
    named = [(n, p) for n, p in net.named_parameters() if p.requires_grad]
    return [
        {
            "params": [p for n, p in named if "weight" in n],
            "weight_decay": weight_decay,
        },
        {"params": [p for n, p in named if "bias" in n], "weight_decay": 0.0},
    ]


def _with_frozen(net, weight_decay):
    return [
        {
            "params": [p for p in net.parameters() if p.ndim >= 2],
            "weight_decay": weight_decay,
        },
        {"params": [p for p in net.parameters() if p.ndim < 2], "weight_decay": 0.0},
    ]


def _no_decay_named(net, weight_decay):
    return [
        {"params": group["params"]}
        for group in _with_frozen(net, weight_decay)
        if group["params"]
    ]


@exercise(
    "14.4",
    hint="parameter.ndim says how many dimensions; requires_grad who is trained.",
    wrong=[
        lambda: _all_in_first,
        lambda: _by_name,
        lambda: _with_frozen,
        lambda: _no_decay_named,
    ],
)
def check_decay_groups(answer):
    """Matrices decay; vectors do not; frozen ones are in neither group."""
    function(answer, "decay_groups")
    shared = nn.Linear(4, 4)
    net = nn.Sequential(
        nn.Linear(3, 4), nn.BatchNorm1d(4), shared, shared, nn.Conv1d(1, 2, 3)
    )
    net[0].weight.requires_grad_(False)
    net[4].bias.requires_grad_(False)
    groups = answer(net, 0.3)
    if not isinstance(groups, (list, tuple)) or len(groups) != 2:
        raise Wrong("Return a list of two groups.")
    wanted = [
        [net[2].weight, net[4].weight],
        [net[0].bias, net[1].weight, net[1].bias, net[2].bias],
    ]
    for group, right, decay in zip(groups, wanted, (0.3, 0.0), strict=True):
        if not isinstance(group, dict) or not {"params", "weight_decay"} <= set(group):
            raise Wrong("Each group is a dict with 'params' and 'weight_decay'.")
        group["params"] = list(group["params"])
        if not close(number(group["weight_decay"], "Each weight_decay"), decay):
            raise Wrong("The first group gets the weight decay, the second gets 0.")
        held = [id(p) for p in group["params"]]
        if len(held) != len(set(held)):
            raise Wrong("A shared parameter stands in a group twice.")
        frozen = {id(net[0].weight), id(net[4].bias)}
        if frozen & set(held):
            raise Wrong("A frozen parameter is in a group.")
        if set(held) != {id(p) for p in right}:
            raise Wrong(
                "Some parameters are in the wrong group. The scale of a normalization "
                "layer is called weight, too, but has one dimension."
            )
    torch.optim.AdamW(groups, lr=0.1)


class _NoInverse(nn.Module):
    def forward(self, free):
        return F.softplus(free)


class _WrongInverse(_NoInverse):
    def right_inverse(self, weight):
        return weight.log()


class _Exponential(nn.Module):
    def forward(self, free):
        return free.exp()

    def right_inverse(self, weight):
        return weight.log()


class _Overflowing(_NoInverse):
    def right_inverse(self, weight):
        return (weight.exp() - 1).log()


@exercise(
    "14.5",
    hint="F.softplus is the map; solve w = log(1 + exp(x)) for x.",
    wrong=[
        lambda: _NoInverse,
        lambda: _WrongInverse,
        lambda: _Exponential,
        lambda: _Overflowing,
    ],
)
def check_positive(answer):
    """A softplus parametrization with its inverse, stable for large weights."""
    subclass(answer, nn.Module)
    if not hasattr(answer, "right_inverse"):
        raise Wrong("right_inverse is missing.")
    free = torch.tensor([-20.0, -1.0, 0.0, 1.0, 200.0], dtype=torch.float64)
    positive = answer()(free)
    tensor(positive, "What forward returns", shape=free.shape)
    if not close(positive, F.softplus(free), rtol=1e-6, atol=1e-12):
        raise Wrong("forward must be the softplus, log(1 + exp(x)).")
    layer = nn.Linear(3, 2, bias=False).double()
    start = torch.tensor([[0.01, 0.5, 1.0], [2.0, 30.0, 1000.0]], dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(start)
    parametrize.register_parametrization(layer, "weight", answer())
    weight = layer.weight.detach()
    if not weight.isfinite().all():
        raise Wrong(
            "A weight of 1000 becomes infinite: exp(1000) overflows. Rewrite it."
        )
    if not close(weight, start, rtol=1e-6, atol=0):
        raise Wrong(
            "Registering it changed the weights: right_inverse is not the inverse."
        )
    original = layer.parametrizations.weight.original
    layer(torch.ones(1, 3, dtype=torch.float64)).sum().backward()
    if original.grad is None:
        raise Wrong("No gradient reaches the free numbers.")
    agree(original.grad, original.detach().sigmoid(), what="the gradient")


@exercise(
    "14.6",
    hint="Count B and A for each of the two layers, then the head and its bias.",
    wrong=[lambda: 4416, lambda: 4546 - 2, lambda: 109_386, lambda: float("nan")],
    right=[lambda: 4546],
)
def check_low_rank(answer):
    """4 * (784 + 128) + 4 * (128 + 64), and a head with 64 * 2 + 2."""
    count = number(answer, "The number of parameters", whole=True)
    products = 4 * (784 + 128) + 4 * (128 + 64)
    if count == products:
        raise Wrong("These are the two products. The new head is trained as well.")
    if count != products + 64 * 2 + 2:
        raise Wrong("For each layer: r times (inputs + outputs). Then add the head.")
