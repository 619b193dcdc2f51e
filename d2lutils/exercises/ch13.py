"""Chapter 13, modules and containers: the checks of its exercises."""

import math
from contextlib import suppress

import torch
from torch import nn

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    agree_gradients,
    call,
    close,
    function,
    number,
    numbers,
    subclass,
    tensor,
)


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
    count = number(answer, "The number of parameters", whole=True)
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
    largest = smallest + stride - 1
    if largest < 1:
        raise ValueError("no input has this output")
    return max(smallest, 1), largest


def _impossible_sizes(output, kernel, stride=1, padding=0, dilation=1):
    """Also sizes below 1, which don't exist."""
    smallest = (output - 1) * stride + dilation * (kernel - 1) + 1 - 2 * padding
    return smallest, smallest + stride - 1


def _by_trying(output, kernel, stride=1, padding=0, dilation=1):
    """The other right answer."""
    fitting = [
        size
        for size in range(1, (output + 1) * stride + dilation * kernel + 1)
        if size + 2 * padding >= dilation * (kernel - 1) + 1
        and (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1 == output
    ]
    if not fitting:
        raise ValueError("no input has this output")
    return fitting[0], fitting[-1]


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
        lambda: _impossible_sizes,
        lambda: 7,
    ],
    right=[lambda: _right_sizes, lambda: _by_trying],
)
def check_input_sizes(answer):
    """(output - 1) * s + d * (k - 1) + 1 - 2 p, and s - 1 more."""
    function(answer, "input_sizes")
    settings = [(7, 3), (7, 3, 2), (14, 5, 2, 2), (4, 3, 3, 1, 2), (1, 7, 4, 3, 1)]
    for setting in [*settings, (1, 1, 4, 1), (2, 1, 5, 2)]:
        low, high = numbers(answer(*setting), ("smallest", "largest"), whole=True)
        right_low, right_high = _right_sizes(*setting)
        named = dict(
            zip(
                ("output", "kernel", "stride", "padding", "dilation"),
                setting,
                strict=False,
            )
        )
        if low != right_low:
            raise Wrong(f"For {named} the smallest is {right_low}, not {low}.")
        if high != right_high:
            raise Wrong(
                f"For {named} the smallest is right, but the largest is not {high}: "
                "how many pixels can be left over before another window fits?"
            )
    try:
        answer(1, 1, 1, 1)
    except ValueError:
        return
    raise Wrong(
        "No input gives one output with kernel 1 and padding 1: even a single pixel gives "
        "three. Raise ValueError."
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


class _TwoBranches(_Adds):
    def forward(self, X):
        return torch.cat([self.branches[0](X), self.branches[1](X)], dim=1)


class _Detaches(_Adds):
    def forward(self, X):
        return torch.cat([branch(X).detach() for branch in self.branches], dim=1)


class _ByName(nn.Module):
    """A right answer with add_module."""

    def __init__(self, branches):
        super().__init__()
        for place, branch in enumerate(branches):
            self.add_module(f"branch{place}", branch)

    def forward(self, X):
        return torch.concat([branch(X) for branch in self.children()], 1)


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
        lambda: _TwoBranches,
        lambda: _Detaches,
        lambda: 3,
    ],
    right=[lambda: _ByName],
)
def check_parallel(answer):
    """A ModuleList of the branches, and torch.cat(..., dim=1)."""
    subclass(answer, nn.Module)
    third = nn.Sequential(nn.Conv2d(2, 1, 1), nn.Tanh(), nn.Conv2d(1, 4, 1))
    second = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.ReLU())
    first, X = nn.Conv2d(2, 2, 1), torch.rand(2, 2, 4, 4)
    for branches in ([first, nn.Conv2d(2, 2, 1)], [first, second, third], [third]):
        _check_branches(answer, branches, X)


def _check_branches(answer, branches, X):
    wanted = {id(p) for branch in branches for p in branch.parameters()}

    def join(X):
        return torch.cat([branch(X) for branch in branches], dim=1)

    right, net = join(X), answer(list(branches))
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
    handles = [b.register_forward_hook(lambda *_: calls.append(1)) for b in branches]
    try:
        result = net(X.clone())
    finally:
        for handle in handles:
            handle.remove()
    what = f"For {len(branches)} branches and X {tuple(X.shape)}, the output"
    tensor(result, what, shape=right.shape)
    if not close(result, right):
        raise Wrong(
            "The shape is right, but not the numbers: each branch gets X itself."
        )
    if len(calls) != len(branches):
        raise Wrong("A hook on a branch must be called once: call branch(X), once.")
    agree_gradients(net, join, X)


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


def _tidy(net, X):
    """A right answer."""
    means, names = (
        {},
        {m: n for n, m in net.named_modules() if not len(list(m.children()))},
    )

    def note(module, inputs, output):
        means[names[module]] = float(output.mean())

    handles = [m.register_forward_hook(note) for m in names]
    try:
        with torch.no_grad():
            net(X)
    finally:
        for handle in handles:
            handle.remove()
    return means


def _tensors_with_graph(net, X):
    means, handles = {}, []
    for name, module in net.named_modules():
        if not list(module.children()):

            def note(module, inputs, output, name=name):
                means[name] = output.mean()

            handles.append(module.register_forward_hook(note))
    try:
        net(X)
    finally:
        for handle in handles:
            handle.remove()
    return means


def _forgets_a_global_hook(net, X):
    names, means = {module: name for name, module in net.named_modules()}, {}

    def note(module, inputs, output):
        if module in names and not list(module.children()):
            means[names[module]] = output.mean().item()

    nn.modules.module.register_module_forward_hook(note)
    net(X)
    return means


_GLOBAL_HOOKS = [
    value
    for name, value in vars(nn.modules.module).items()
    if name.startswith("_global_") and name.endswith("hooks")
]


def _hooks_of(net):
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")
    own = sum(len(getattr(m, kind)) for m in net.modules() for kind in kinds)
    return own + sum(map(len, _GLOBAL_HOOKS))


@exercise(
    "13.4",
    hint="register_forward_hook on every module without children; keep the handles.",
    wrong=[
        lambda: _leaves_hooks,
        lambda: _late_name,
        lambda: lambda net, X: _means(net, X),  # doesn't clean up after an error
        lambda: lambda net, X: _means(net, X, leaves=False),
        lambda: lambda net, X: _means(net, X, of_input=True),
        lambda: _tensors_with_graph,
        lambda: _forgets_a_global_hook,
        lambda: {"0.0": 1.0},
    ],
    right=[lambda: _tidy],
)
def check_output_means(answer):
    """Means of all leaves by name, and every hook removed, also after an error."""
    function(answer, "output_means")
    before = [dict(hooks) for hooks in _GLOBAL_HOOKS]
    try:
        _check_means(answer)
    finally:
        for hooks, old in zip(_GLOBAL_HOOKS, before, strict=True):
            hooks.clear()
            hooks.update(old)


def _check_means(answer):
    net, X = _net()
    hooks, truth = _hooks_of(net), _truth(net, X)
    means = call(answer, net, X)
    if not isinstance(means, dict):
        raise Wrong(f"Return a dictionary, not {type(means).__name__}.")
    if set(means) != set(truth):
        raise Wrong(
            f"The names should be {sorted(truth)}, the leaves only, not "
            f"{sorted(map(str, means))}. (If one name is missing or holds everything: a "
            "function made in a loop looks a name up when it is called.)"
        )
    for name, value in truth.items():
        if torch.is_tensor(means[name]):
            raise Wrong("A mean is a tensor; keep a Python number, by item().")
        if not close(number(means[name], f"The mean of {name}"), value, atol=1e-5):
            raise Wrong(f"The mean of the output of {name} should be {value:.4f}.")
    if _hooks_of(net) != hooks:
        raise Wrong("Hooks are left behind: remove every handle.")
    with suppress(Exception):  # the shapes don't fit: the network fails, as it should
        answer(net, torch.rand(5, 3))
    if _hooks_of(net) != hooks:
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
    function(answer, "unregistered")
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
