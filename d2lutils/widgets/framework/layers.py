"""The layers that a page has (``front/tensors.js``): how a net's are described, how they run.

:func:`describe` turns one node of a traced net into steps; :data:`RUN` is each step in torch.
"""

import operator

import torch
import torch.nn.functional as F
from torch import nn

# Batches stay in Python: an axis in the page is one less than torch's.
RUN = {
    "linear": lambda x, o: F.linear(x[0], o["weight"], o.get("bias")),
    "conv2d": lambda x, o: F.conv2d(
        x[0], o["weight"], o.get("bias"),
        o["stride"], o["padding"], o["dilation"], o["groups"],
    ),
    "maxPool2d": lambda x, o: F.max_pool2d(
        x[0], o["kernel"], o["stride"], o["padding"], o["dilation"], o["ceil"]
    ),
    "avgPool2d": lambda x, o: F.avg_pool2d(
        x[0], o["kernel"], o["stride"], o["padding"], o["ceil"], o["countPad"], o["divisor"]
    ),
    "adaptiveAvgPool2d": lambda x, o: F.adaptive_avg_pool2d(x[0], o["size"]),
    "batchNorm": lambda x, o: F.batch_norm(
        x[0], o["running_mean"], o["running_var"], o.get("weight"), o.get("bias"), eps=o["eps"]
    ),
    "relu": lambda x, o: x[0].relu(),
    "sigmoid": lambda x, o: x[0].sigmoid(),
    "tanh": lambda x, o: x[0].tanh(),
    "softmax": lambda x, o: x[0].softmax(-1),
    "logSoftmax": lambda x, o: x[0].log_softmax(-1),
    "flatten": lambda x, o: x[0].flatten(1),
    "add": lambda x, o: x[0] + x[1],
    "concat": lambda x, o: torch.cat(x, o["axis"] + 1),
    "pad2d": lambda x, o: F.pad(x[0], o["padding"], value=o["value"]),
}  # fmt: skip


def _pair(value):
    return [value, value] if isinstance(value, int) else [int(v) for v in value]


def _conv(layer, name, given):
    if layer.padding_mode != "zeros":
        raise TypeError(
            f"{name} pads by {layer.padding_mode!r}; the page pads by zeros"
        )
    moves = {"stride": _pair(layer.stride), "dilation": _pair(layer.dilation)}
    padding, before = layer.padding, []
    if padding == "valid":
        padding = 0
    elif padding == "same":
        full = [
            d * (k - 1)
            for d, k in zip(moves["dilation"], layer.kernel_size, strict=True)
        ]
        padding = [n // 2 for n in full]
        if any(n % 2 for n in full):
            (up, left), (down, right) = padding, (n - n // 2 for n in full)
            before = [_padded([left, right, up, down], 0)]
            padding = 0
    step = {
        "op": "conv2d",
        "own": name,
        "padding": _pair(padding),
        "groups": layer.groups,
    }
    return [*before, step | moves]


def _padded(frame, value):
    return {"op": "pad2d", "padding": [int(n) for n in frame], "value": float(value)}


def _pool(layer, name, given):
    step = {
        "op": "maxPool2d",
        "kernel": _pair(layer.kernel_size),
        "stride": _pair(layer.stride or layer.kernel_size),
        "padding": _pair(layer.padding),
        "ceil": bool(layer.ceil_mode),
    }
    if isinstance(layer, nn.MaxPool2d):
        return [step | {"dilation": _pair(layer.dilation)}]
    more = {"countPad": layer.count_include_pad, "divisor": layer.divisor_override}
    return [step | {"op": "avgPool2d"} | more]


def _adaptive(layer, name, given):
    size = layer.output_size
    size = [size, size] if size is None or isinstance(size, int) else list(size)
    rows = given[0].shape[2:]
    size = [
        n if wanted is None else wanted for wanted, n in zip(size, rows, strict=True)
    ]
    return [{"op": "adaptiveAvgPool2d", "size": size}]


def _norm(layer, name, given):
    if layer.running_mean is None:
        raise TypeError(f"{name} keeps no running statistics, which the page needs")
    return [{"op": "batchNorm", "own": name, "eps": layer.eps}]


def _last(op):
    def step(layer, name, given):
        if layer.dim not in (-1, given[0].dim() - 1):
            raise TypeError(f"{name} must go over the last dimension, not {layer.dim}")
        return [{"op": op}]

    return step


def _plain(op):
    return lambda layer, name, given: [{"op": op}]


def _frame(layer, name, given):
    return [_padded(layer.padding, layer.value)]


MODULES = {
    nn.Linear: lambda layer, name, given: [{"op": "linear", "own": name}],
    nn.Conv2d: _conv,
    nn.MaxPool2d: _pool,
    nn.AvgPool2d: _pool,
    nn.AdaptiveAvgPool2d: _adaptive,
    nn.BatchNorm1d: _norm,
    nn.BatchNorm2d: _norm,
    nn.ReLU: _plain("relu"),
    nn.Sigmoid: _plain("sigmoid"),
    nn.Tanh: _plain("tanh"),
    nn.Softmax: _last("softmax"),
    nn.LogSoftmax: _last("logSoftmax"),
    nn.Flatten: _plain("flatten"),
    nn.ZeroPad2d: _frame,
    nn.ConstantPad2d: _frame,
    nn.Dropout: lambda layer, name, given: [],
    nn.Dropout2d: lambda layer, name, given: [],
    nn.Identity: lambda layer, name, given: [],
}
# Functions that do what a module does: the module, and the names of its arguments.
_POOL = ("kernel_size", "stride", "padding")
FUNCTIONS = {
    F.relu: (nn.ReLU, ()), torch.relu: (nn.ReLU, ()), "relu": (nn.ReLU, ()),
    F.sigmoid: (nn.Sigmoid, ()), torch.sigmoid: (nn.Sigmoid, ()), "sigmoid": (nn.Sigmoid, ()),
    F.tanh: (nn.Tanh, ()), torch.tanh: (nn.Tanh, ()), "tanh": (nn.Tanh, ()),
    F.dropout: (nn.Dropout, ("p",)), F.dropout2d: (nn.Dropout2d, ("p",)),
    F.softmax: (nn.Softmax, ("dim",)), torch.softmax: (nn.Softmax, ("dim",)),
    "softmax": (nn.Softmax, ("dim",)),
    F.log_softmax: (nn.LogSoftmax, ("dim",)), torch.log_softmax: (nn.LogSoftmax, ("dim",)),
    "log_softmax": (nn.LogSoftmax, ("dim",)),
    F.max_pool2d: (nn.MaxPool2d, (*_POOL, "dilation", "ceil_mode")),
    torch.max_pool2d: (nn.MaxPool2d, (*_POOL, "dilation", "ceil_mode")),
    F.avg_pool2d: (
        nn.AvgPool2d, (*_POOL, "ceil_mode", "count_include_pad", "divisor_override")
    ),
    F.adaptive_avg_pool2d: (nn.AdaptiveAvgPool2d, ("output_size",)),
}  # fmt: skip
_SHAPING = (torch.flatten, torch.reshape, "flatten", "view", "reshape")
_ADDING = (operator.add, operator.iadd, torch.add, "add", "add_")
_JOINING = (torch.cat, torch.concat)


def describe(node, part, results, place):
    """(places of the values that a node takes, its steps); no step: the value passes through.

    ``part`` is the module that it calls, if it does; ``results`` what every node gave for one
    example; ``place`` where in the list of values a node's result stands. Raises TypeError for
    what the page does not have.
    """
    given = [n for n in node.all_input_nodes if n in place]
    at, values = [place[n] for n in given], [results[n] for n in given]
    result = results[node]
    if node.op == "call_module":
        name, kind = node.target, type(part)
        if kind not in MODULES:
            raise _unknown(f"{name} is a {kind.__name__}")
        steps = MODULES[kind](part, name, values)
    else:
        name = getattr(node.target, "__name__", str(node.target))
        if node.target in _ADDING:  # in the order written; x + x takes one value twice
            given = [n for n in node.args if n in place]
        elif node.target in _JOINING:
            given = list(node.args[0])
        at, values = [place[n] for n in given], [results[n] for n in given]
        steps = _called(node, name, values, result)
    if any(step["op"] == "flatten" for step in steps):
        if result.shape == values[0].shape:
            steps = []
        elif result.shape != (1, values[0].numel()):
            raise _unknown(f"{name} makes the shape {tuple(result.shape)}")
    return at, [{"name": name} | step for step in steps]


def _called(node, name, values, result):
    """The steps of a function or method."""
    target, rest = node.target, node.args[1:]
    if target in FUNCTIONS:
        kind, names = FUNCTIONS[target]
        options = dict(zip(names, rest, strict=False)) | {
            key: value for key, value in node.kwargs.items() if key in names
        }
        return MODULES[kind](kind(**options), name, values)
    if target in _SHAPING:
        return [{"op": "flatten"}]
    if target in ("contiguous", "float"):
        return []
    if target in _ADDING:
        if len(values) != 2 or values[0].shape != values[1].shape or node.kwargs:
            raise _unknown(f"{name} adds what is not two tensors of one shape")
        return [{"op": "add"}]
    if target in _JOINING:
        axis = node.kwargs.get("dim", rest[0] if rest else 0) % result.dim()
        if axis < 1:
            raise _unknown(f"{name} joins along the batch")
        return [{"op": "concat", "axis": axis - 1}]
    if target in (F.pad, torch._C._nn.pad):
        frame = node.kwargs.get("pad", rest[0] if rest else [])
        mode = node.kwargs.get("mode", rest[1] if len(rest) > 1 else "constant")
        value = node.kwargs.get("value", rest[2] if len(rest) > 2 else 0) or 0
        if mode != "constant" or len(frame) not in (2, 4):
            raise _unknown(f"{name} pads {frame} by {mode!r}")
        return [_padded([*frame, 0, 0][:4], value)]
    if node.op == "get_attr":
        raise _unknown(f"forward reads the tensor {target} itself")
    raise _unknown(f"forward calls {name}")


def _unknown(what):
    known = ", ".join(sorted(kind.__name__ for kind in MODULES))
    return TypeError(
        f"{what}, which does not run in the page. It knows {known}; their functions in "
        "torch.nn.functional; sums, torch.cat and flattening."
    )
