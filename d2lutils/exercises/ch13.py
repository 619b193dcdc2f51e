"""Chapter 13, modules and containers: the checks of its exercises."""

import math
from contextlib import suppress

import torch
from torch import nn

from d2lutils.exercises import Wrong, exercise


def _number(answer):
    if isinstance(answer, (bool, str, bytes)):
        raise Wrong(f"The answer is one number, not {type(answer).__name__}.")
    if torch.is_tensor(answer):
        answer = answer.detach()  # float() warns when a gradient would be lost
    try:
        value = float(answer)
    except (TypeError, ValueError, RuntimeError):
        raise Wrong(f"The answer is one number, not {type(answer).__name__}.") from None
    if not math.isfinite(value):
        raise Wrong(f"The answer is a finite number, not {value}.")
    return value


def _function(answer, number, name):
    if not callable(answer):
        raise Wrong(f"Hand over the function itself: d2l.check('{number}', {name}).")


@exercise(
    "13.1",
    hint="List the modules made in __init__, each with its weight and its bias.",
    wrong=[
        lambda: 1530 + 2 * 930,
        lambda: 2460 + 900,
        lambda: 50 * 30 + 30 * 30,
        lambda: 1530,
        lambda: math.nan,
        lambda: "2460",
    ],
)
def check_fancy_count(answer):
    """(50 * 30 + 30) + (30 * 30 + 30) = 2460."""
    count = _number(answer)
    if count == 3390:
        raise Wrong(
            "The shared layer is used twice, but how many weights does it have?"
        )
    if count == 3360:
        raise Wrong("The mixing matrix is a buffer: it isn't learned.")
    if count == 2400:
        raise Wrong(
            "These are the weights; each layer also has a bias for every output."
        )
    if count != 2460:
        raise Wrong("Count linear and shared: inputs times outputs, plus outputs.")


def _right_sizes(output, kernel, stride=1, padding=0, dilation=1):
    smallest = (output - 1) * stride + dilation * (kernel - 1) + 1 - 2 * padding
    return smallest, smallest + stride - 1


def _one_size(output, kernel, stride=1, padding=0, dilation=1):
    return (_right_sizes(output, kernel, stride, padding, dilation)[0],) * 2


def _one_too_many(output, kernel, stride=1, padding=0, dilation=1):
    low, high = _right_sizes(output, kernel, stride, padding, dilation)
    return low, high + 1


def _padding_once(output, kernel, stride=1, padding=0, dilation=1):
    low, high = _right_sizes(output, kernel, stride, padding, dilation)
    return low + padding, high + padding


def _no_dilation(output, kernel, stride=1, padding=0, dilation=1):
    return _right_sizes(output, kernel, stride, padding)


@exercise(
    "13.2",
    hint="How many pixels do `output` windows cover, each a stride after the other?",
    wrong=[
        lambda: _one_size,
        lambda: _one_too_many,
        lambda: _padding_once,
        lambda: _no_dilation,
        lambda: 7,
    ],
)
def check_input_sizes(answer):
    """(output - 1) * s + d * (k - 1) + 1 - 2 p, and s - 1 more."""
    _function(answer, "13.2", "input_sizes")
    for setting in [(7, 3), (7, 3, 2), (14, 5, 2, 2), (4, 3, 3, 1, 2), (1, 7, 4, 3, 1)]:
        result = answer(*setting)
        result = result.tolist() if hasattr(result, "tolist") else result
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise Wrong("Return two numbers: the smallest and the largest input size.")
        low, high = map(_number, result)
        right_low, right_high = _right_sizes(*setting)
        named = dict(
            zip(
                ("output", "kernel", "stride", "padding", "dilation"),
                setting,
                strict=False,
            )
        )
        if low != right_low:
            raise Wrong(f"For {named} the smallest is {right_low}, not {low:g}.")
        if high != right_high:
            raise Wrong(
                f"For {named} the smallest is right, but the largest is not {high:g}: "
                "how many pixels can be left over before another window fits?"
            )


class _PlainList(nn.Module):
    def __init__(self, branches):
        super().__init__()
        self.branches = list(branches)

    def forward(self, X):
        return torch.cat([branch(X) for branch in self.branches], dim=1)


class _ParametersOnly(_PlainList):
    def __init__(self, branches):
        super().__init__(branches)
        kept = [p for branch in branches for p in branch.parameters()]
        self.kept = nn.ParameterList(kept)


class _Adds(nn.Module):
    def __init__(self, branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, X):
        return sum(branch(X) for branch in self.branches)


class _LastAxis(_Adds):
    def forward(self, X):
        return torch.cat([branch(X) for branch in self.branches], dim=-1)


class _Chains(_Adds):
    def forward(self, X):
        for branch in self.branches:
            X = branch(X)
        return X


class _CallsForward(_Adds):
    def forward(self, X):
        return torch.cat([branch.forward(X) for branch in self.branches], dim=1)


@exercise(
    "13.3",
    hint="Keep the branches where nn.Module can see them; torch.cat joins.",
    wrong=[
        lambda: _PlainList,
        lambda: _ParametersOnly,
        lambda: _Adds,
        lambda: _LastAxis,
        lambda: _Chains,
        lambda: _CallsForward,
        lambda: 3,
    ],
)
def check_parallel(answer):
    """A ModuleList of the branches, and torch.cat(..., dim=1)."""
    if not isinstance(answer, type) or not issubclass(answer, nn.Module):
        raise Wrong("Hand over the class, a subclass of nn.Module.")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        branches = [
            nn.Conv2d(2, 2, 1),
            nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.ReLU()),
        ]
        X = torch.rand(2, 2, 4, 4)
    wanted = {id(p) for branch in branches for p in branch.parameters()}
    right = torch.cat([branch(X) for branch in branches], dim=1)
    net = answer(branches)
    if {id(p) for p in net.parameters()} != wanted:
        raise Wrong(
            "net.parameters() doesn't list exactly the parameters of the branches. "
            "Where do the branches have to stand to be registered?"
        )
    if not {id(branch) for branch in branches} <= {id(m) for m in net.modules()}:
        raise Wrong(
            "The parameters are listed, but the branches aren't: print(net) shows none, and "
            "net.eval() won't reach them. Where do modules have to stand?"
        )
    calls = []
    handle = branches[0].register_forward_hook(lambda *_: calls.append(1))
    try:
        result = net(X.clone())
    finally:
        handle.remove()
    if not torch.is_tensor(result):
        raise Wrong(f"forward returns a tensor, not {type(result).__name__}.")
    if result.shape != right.shape:
        raise Wrong(
            f"Two branches with outputs (2, 2, 4, 4) must give {tuple(right.shape)}, not "
            f"{tuple(result.shape)}."
        )
    if not torch.allclose(result, right, atol=1e-6):
        raise Wrong(
            "The shape is right, but not the numbers: each branch gets X itself."
        )
    if len(calls) != 1:
        raise Wrong("A hook on a branch must be called once: call branch(X), once.")


def _net():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        block = nn.Sequential(nn.Linear(4, 6), nn.Tanh())
        net = nn.Sequential(block, nn.Linear(6, 2), nn.Sigmoid())
        return net, torch.rand(5, 4)


def _truth(net, X):
    hidden = net[0][0](X)
    active = net[0][1](hidden)
    logits = net[1](active)
    steps = {"0.0": hidden, "0.1": active, "1": logits, "2": net[2](logits)}
    return {name: value.mean().item() for name, value in steps.items()}


def _leaves_hooks(net, X):
    return _means(net, X, remove=False)


def _late_name(net, X):
    means = {}
    handles = []
    for name, module in net.named_modules():
        if not list(module.children()):

            def note(module, inputs, output):
                means[name] = output.mean().item()  # noqa: B023

            handles.append(module.register_forward_hook(note))
    net(X)
    for handle in handles:
        handle.remove()
    return means


def _means(net, X, remove=True, leaves=True, of_input=False):
    means, handles = {}, []
    for name, module in net.named_modules():
        if leaves and list(module.children()):
            continue

        def note(module, inputs, output, name=name):
            means[name] = (inputs[0] if of_input else output).mean().item()

        handles.append(module.register_forward_hook(note))
    net(X)
    for handle in handles if remove else []:
        handle.remove()
    return means


def _hooks_of(net):
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")
    return sum(len(getattr(m, kind)) for m in net.modules() for kind in kinds)


@exercise(
    "13.4",
    hint="register_forward_hook on every module without children; keep the handles.",
    wrong=[
        lambda: _leaves_hooks,
        lambda: _late_name,
        lambda: lambda net, X: _means(net, X),  # doesn't clean up after an error
        lambda: lambda net, X: _means(net, X, leaves=False),
        lambda: lambda net, X: _means(net, X, of_input=True),
        lambda: {"0.0": 1.0},
    ],
)
def check_output_means(answer):
    """Means of all leaves by name, and every hook removed, also after an error."""
    _function(answer, "13.4", "output_means")
    net, X = _net()
    means, truth = answer(net, X), _truth(net, X)
    if not isinstance(means, dict):
        raise Wrong(f"Return a dictionary, not {type(means).__name__}.")
    if set(means) != set(truth):
        raise Wrong(
            f"The names should be {sorted(truth)}, the leaves only, not "
            f"{sorted(map(str, means))}. (If one name is missing or holds everything: a "
            "function made in a loop looks a name up when it is called.)"
        )
    for name, value in truth.items():
        if not abs(_number(means[name]) - value) <= 1e-5:
            raise Wrong(f"The mean of the output of {name} should be {value:.4f}.")
    if _hooks_of(net):
        raise Wrong("Hooks are left behind: remove every handle.")
    with suppress(Exception):  # the shapes don't fit: the network fails, as it should
        answer(net, torch.rand(5, 3))
    if _hooks_of(net):
        raise Wrong("When the network fails, hooks are left behind: try ... finally.")


class _Hides(nn.Module):
    def __init__(self, **attributes):
        super().__init__()
        self.note = ["just", "text"]
        self.sizes = (3, 4)
        self.options = {"p": 0.5}
        for name, value in attributes.items():
            setattr(self, name, value)


def _cases():
    def layer():
        return nn.Linear(2, 2)

    yield [], nn.Sequential(layer(), nn.BatchNorm1d(2))
    yield [], _Hides(good=nn.ModuleList([layer()]), also=layer())
    yield [], _Hides(p=nn.ParameterList([torch.ones(2)]))
    yield ["a"], _Hides(a=[layer()])
    yield ["a", "b"], _Hides(a=(layer(), 3), b={"x": layer()})
    yield ["weights"], _Hides(weights=[nn.Parameter(torch.ones(2))])
    yield ["0.a"], nn.Sequential(_Hides(a=[1, layer()]), nn.ReLU())
    yield ["body.inner.a"], _Hides(body=_Hides(inner=_Hides(a={"k": layer()})))


def _search(net, kinds=(list, tuple, dict), parts=(nn.Module, nn.Parameter), deep=True):
    shelves = ("_parameters", "_modules", "_buffers")
    found = []
    for path, module in net.named_modules() if deep else [("", net)]:
        for name, value in vars(module).items():
            if name in shelves or not isinstance(value, kinds):
                continue
            values = value.values() if isinstance(value, dict) else value
            if any(isinstance(v, parts) for v in values):
                found.append(f"{path}.{name}".strip("."))
    return found


def _with_shelves(net):
    return [
        f"{path}.{name}".strip(".")
        for path, module in net.named_modules()
        for name, value in vars(module).items()
        if isinstance(value, dict) and any(map(torch.is_tensor, value.values()))
    ]


@exercise(
    "13.5",
    hint="Go through net.named_modules(), and in each through vars(module).items().",
    wrong=[
        lambda: lambda net: _search(net, kinds=(list,)),
        lambda: lambda net: _search(net, kinds=(list, tuple)),
        lambda: lambda net: _search(net, parts=(nn.Module,)),
        lambda: lambda net: _search(net, deep=False),
        lambda: lambda net: [name.rsplit(".", 1)[-1] for name in _search(net)],
        lambda: _with_shelves,
        lambda: ["hidden"],
    ],
)
def check_unregistered(answer):
    """Paths of plain containers that hold modules or parameters."""
    _function(answer, "13.5", "unregistered")
    for right, net in _cases():
        found = answer(net)
        if not isinstance(found, (list, tuple, set)):
            raise Wrong(f"Return a list of paths, not {type(found).__name__}.")
        found = sorted(map(str, found))
        if found != sorted(right):
            raise Wrong(
                f"For a network where {right or 'nothing'} is hidden, you found {found}. "
                "Mind tuples, dictionaries, lists of parameters and nested modules, and "
                "leave out the shelves _parameters, _modules and _buffers."
            )
