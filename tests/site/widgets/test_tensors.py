"""The layers that answer in the page (front/tensors.js, front/recurrent.js) against torch."""

import itertools

import pytest
import torch
import torch.nn.functional as F
from playwright.sync_api import Error
from torch import nn

from d2lutils.widgets import LinearFit
from d2lutils.widgets.framework import source


@pytest.fixture
def random():
    """random(3, 4): a float32 tensor of standard normal numbers, the same in every run."""
    made = torch.Generator().manual_seed(11)
    return lambda *shape: torch.randn(*shape, generator=made)


@pytest.fixture(scope="module")
def js(front):
    return front("recurrent")


def agree(ours, theirs):
    """The page's tensor is torch's, in shape and to 1e-5."""
    __tracebackhide__ = True
    torch.testing.assert_close(ours, theirs.detach().double(), rtol=1e-5, atol=1e-5)


def doubled(*tensors):
    return [None if t is None else t.double() for t in tensors]


@pytest.mark.parametrize(
    ("shape", "out"),
    [((1,), 1), ((7,), 3), ((1, 5), 4), ((6, 3), 1), ((2, 3, 5), 2)],
)
def test_linear(js, random, shape, out):
    x, weight, bias = random(*shape), random(out, shape[-1]), random(out)
    for b in bias, None:
        wanted = F.linear(*doubled(x, weight, b))
        agree(js("nn.linear(a[0], { weight: a[1], bias: a[2] })", x, weight, b), wanted)


def test_conv2d(js, random):
    sizes = [(1, 1, 1), (1, 7, 4), (3, 5, 9), (4, 6, 6)]
    kernels = [(1, 1), (3, 3), (2, 5), (5, 1)]
    moves = [
        {"stride": s, "padding": p, "dilation": d}
        for s, p, d in [
            ([1, 1], [0, 0], [1, 1]), ([2, 1], [1, 2], [1, 1]), ([1, 3], [4, 4], [2, 1]),
            ([3, 2], [2, 3], [1, 2]), ([5, 5], [1, 1], [1, 1]),
        ]
    ]  # fmt: skip
    tried = 0
    for (c, *size), kernel, move in itertools.product(sizes, kernels, moves):
        span = [d * (k - 1) + 1 for k, d in zip(kernel, move["dilation"], strict=True)]
        room = [n + 2 * p for n, p in zip(size, move["padding"], strict=True)]
        if any(s > r for s, r in zip(span, room, strict=True)):
            continue
        for groups in {1, c}:
            x, weight = random(c, *size), random(2 * groups, c // groups, *kernel)
            bias = random(2 * groups) if tried % 2 else None
            wanted = F.conv2d(*doubled(x, weight, bias), **move, groups=groups)
            options = {"weight": weight, "bias": bias, "groups": groups} | move
            agree(js("nn.conv2d(a[0], a[1])", x, options), wanted)
            tried += 1
    assert tried > 60


def pooled(size, kernel, **more):
    """Whether torch pools an image of this size so."""
    try:
        return F.max_pool2d(torch.zeros(1, *size), kernel, **more)
    except RuntimeError:
        return None


def test_pooling(js, random):
    tried = 0
    for size, kernel, stride, padding, ceil in itertools.product(
        [(1, 1), (5, 8), (7, 7), (2, 9)],
        [(1, 1), (2, 2), (3, 2), (3, 4)],
        [[1, 1], [2, 2], [3, 1], [4, 5]],
        [[0, 0], [1, 1], [1, 0], [0, 2]],
        [False, True],
    ):
        x, same = random(2, *size), {"stride": stride, "padding": padding}
        if pooled(size, kernel, **same, ceil_mode=ceil) is None:
            continue
        tried += 1
        shared = {"kernel": kernel, "ceil": ceil} | same
        wanted = F.max_pool2d(x, kernel, **same, ceil_mode=ceil)
        agree(js("nn.maxPool2d(a[0], a[1])", x, shared), wanted)
        for count, divisor in (True, None), (False, None), (True, 3):
            if tried % 3 and divisor:
                continue
            wanted = F.avg_pool2d(
                x.double(), kernel, **same, ceil_mode=ceil,
                count_include_pad=count, divisor_override=divisor,
            )  # fmt: skip
            options = shared | {"countPad": count, "divisor": divisor}
            agree(js("nn.avgPool2d(a[0], a[1])", x, options), wanted)
    assert tried > 100


def test_max_pooling_with_dilation(js, random):
    x = random(2, 9, 7)
    more = {"stride": [2, 1], "padding": [1, 0], "dilation": [3, 2]}
    for ceil in False, True:
        wanted = F.max_pool2d(x, (3, 2), **more, ceil_mode=ceil)
        options = {"kernel": [3, 2], "ceil": ceil} | more
        agree(js("nn.maxPool2d(a[0], a[1])", x, options), wanted)


@pytest.mark.parametrize("size", [[1, 1], [2, 3], [7, 5], [1, 4]])
def test_adaptive_average_pooling(js, random, size):
    for shape in (1, 1, 1), (3, 7, 5), (2, 8, 9):
        x = random(*shape)
        wanted = F.adaptive_avg_pool2d(x.double(), size)
        agree(js("nn.adaptiveAvgPool2d(a[0], { size: a[1] })", x, size), wanted)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 4, 5), (6,)])
def test_batch_norm_as_in_evaluation(js, random, shape):
    c = shape[0]
    x = random(*shape)
    stats = {"running_mean": random(c), "running_var": random(c).abs() + 1e-3}
    affine = {"weight": random(c), "bias": random(c)}
    for more, eps in (affine, 1e-5), ({}, 1e-3):
        wide = {k: v.double() for k, v in (stats | more).items()}
        wanted = F.batch_norm(x[None].double(), **wide, eps=eps)[0]
        agree(js("nn.batchNorm(a[0], a[1])", x, stats | more | {"eps": eps}), wanted)


def test_activations_and_softmax_far_out(js, random):
    x = torch.cat([random(30), torch.tensor([0.0, -0.0, 80, -80, 200, -200])])
    x = x.reshape(4, 9)
    for name in "relu", "sigmoid", "tanh":
        agree(js(f"nn.{name}(a[0])", x), getattr(torch, name)(x.double()))
    for rows in x, x[:1], x[:, :1], x[0], torch.tensor([[1e4, -1e4, 1e4]]):
        agree(js("nn.softmax(a[0])", rows), rows.double().softmax(-1))
        agree(js("nn.logSoftmax(a[0])", rows), rows.double().log_softmax(-1))


def test_embedding_and_one_hot(js, random):
    weight, ids = random(5, 3), [4, 0, 0, 2]
    wanted = F.embedding(torch.tensor(ids), weight)
    agree(js("nn.embedding(a[0], { weight: a[1] })", ids, weight), wanted)
    agree(js("nn.oneHot(a[0], 5)", ids), F.one_hot(torch.tensor(ids), 5))
    assert js("nn.oneHot([], 5)").shape == (0, 5)


def test_joining_adding_flattening_padding(js, random):
    parts = [random(2, 3, 4), random(1, 3, 4), random(5, 3, 4)]
    agree(js("nn.concat(a[0])", parts), torch.cat(parts))
    for axis in 1, 2:
        turned = [p.movedim(0, axis).contiguous() for p in parts]
        agree(js(f"nn.concat(a[0], {axis})", turned), torch.cat(turned, axis))
    agree(js("nn.concat(a[0])", parts[:1]), parts[0])
    x, y = random(2, 3, 4), random(2, 3, 4)
    agree(js("nn.add(a[0], a[1])", x, y), x + y)
    agree(js("nn.flatten(a[0])", x), x.flatten())
    for frame, value in ([1, 0, 2, 3], 0.0), ([0, 0, 0, 0], 0.0), ([2, 2, 1, 1], -1.5):
        wanted = F.pad(x, frame, value=value)
        options = {"padding": frame, "value": value}
        agree(js("nn.pad2d(a[0], a[1])", x, options), wanted)


CELLS = [
    (kind, size) for kind in ("rnn", "gru", "lstm") for size in ((1, 1), (3, 5), (6, 2))
]
TORCH = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
CELL = {"rnn": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}


@pytest.mark.parametrize(("kind", "size"), CELLS)
@pytest.mark.parametrize("bias", [True, False])
def test_a_recurrent_cell(js, random, kind, size, bias):
    torch.manual_seed(3)
    cell = CELL[kind](*size, bias=bias)
    x, h, c = random(size[0]), random(size[1]), random(size[1])
    weights = dict(cell.named_parameters())
    found = js(f"nn.{kind}Cell(a[0], {{ h: a[1], c: a[2] }}, a[3])", x, h, c, weights)
    cell.double()
    x, h, c = doubled(x, h, c)
    if kind == "lstm":
        h, c = cell(x, (h, c))
        agree(found["c"], c)
        agree(found["gates"]["o"] * c.tanh(), h)
    else:
        h = cell(x, h)
    agree(found["h"], h)


@pytest.mark.parametrize(
    ("layers", "both", "steps"), [(1, False, 1), (2, False, 6), (3, True, 4)]
)
@pytest.mark.parametrize("kind", TORCH)
def test_a_recurrent_net(js, random, kind, layers, both, steps):
    torch.manual_seed(4)
    net = TORCH[kind](3, 4, layers, bidirectional=both)
    weights, ends = dict(net.named_parameters()), layers * (1 + both)
    x, h, c = random(steps, 3), random(ends, 4), random(ends, 4)
    states = [{"h": h[i], "c": c[i]} for i in range(ends)]
    code = "nn.recurrent(a[0], a[1], a[2], { layers: a[3], bidirectional: a[4], states: a[5] })"
    net.double()
    x, h, c = doubled(x, h, c)
    for given, state in (states, (h, c) if kind == "lstm" else h), (None, None):
        args = [kind, x.float(), weights, layers, both]
        found = js(code, *args, given or [])
        output, last = net(x, state)
        agree(found["output"], output)
        last_h, last_c = last if kind == "lstm" else (last, None)
        agree(torch.stack([s["h"] for s in found["states"]]), last_h)
        if last_c is not None:
            agree(torch.stack([s["c"] for s in found["states"]]), last_c)


def test_a_recurrent_net_with_relu(js, random):
    torch.manual_seed(5)
    net = nn.RNN(2, 3, nonlinearity="relu")
    x, weights = random(5, 2), dict(net.named_parameters()) | {"nonlinearity": "relu"}
    found = js("nn.recurrent('rnn', a[0], a[1])", x, weights)
    agree(found["output"], net(x)[0])


@pytest.mark.parametrize(
    ("queries", "keys", "valid"), [(1, 1, 1), (3, 5, 5), (2, 6, 4), (4, 3, 1)]
)
def test_attention(js, random, queries, keys, valid):
    q, k, v = random(queries, 4), random(keys, 4), random(keys, 3)
    mask = torch.arange(keys) < valid
    found = js("nn.dotAttention(a[0], a[1], a[2], { valid: a[3] })", q, k, v, valid)
    wanted = F.scaled_dot_product_attention(
        *(t[None] for t in doubled(q, k, v)), attn_mask=mask.expand(1, queries, keys)
    )
    agree(found["output"], wanted[0])
    agree(found["weights"].sum(dim=1), torch.ones(queries))
    plain = js("nn.dotAttention(a[0], a[1], a[2], { scale: 1 })", q, k, v)
    agree(plain["weights"], (q.double() @ k.double().T).softmax(-1))

    torch.manual_seed(6)
    parts = {
        "query": nn.Linear(4, 5),
        "key": nn.Linear(4, 5, bias=False),
        "score": nn.Linear(5, 1),
    }
    layers = {name: dict(part.named_parameters()) for name, part in parts.items()}
    code = "nn.additiveAttention(a[0], a[1], a[2], a[3], { valid: a[4] })"
    found = js(code, q, k, v, layers, valid)
    both = parts["query"](q)[:, None] + parts["key"](k)[None]
    scores = parts["score"](both.tanh()).squeeze(-1).masked_fill(~mask, -torch.inf)
    agree(found["weights"], scores.softmax(-1))
    agree(found["output"], scores.softmax(-1) @ v)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("tensor([2, 3], [1, 2])", "shape (2,3) holds 6 numbers, not 2"),
        ("nn.linear(tensor([4]), { weight: tensor([2, 3]) })", "takes 3 numbers, not 4"),
        ("nn.conv2d(tensor([2, 3, 3]), { weight: tensor([1, 1, 2, 2]) })",
         "takes 1 channels, not 2"),
        ("nn.conv2d(tensor([1, 3, 3]), { weight: tensor([1, 1, 4, 4]) })",
         "window of 4 does not fit into 3"),
        ("nn.conv2d(tensor([9]), { weight: tensor([1, 1, 2, 2]) })",
         "An image is (channels, rows, columns), not (9)"),
        ("nn.maxPool2d(tensor([1, 4, 4]), { kernel: [2, 2], padding: [2, 0] })", "at most half"),
        ("nn.batchNorm(tensor([2]), { running_mean: tensor([3]), running_var: tensor([3]) })",
         "normalizes 3 channels, not 2"),
        ("nn.embedding([5], { weight: tensor([5, 2]) })", "no row 5 of 5"),
        ("nn.oneHot([1.5], 3)", "1.5 is no class of 3"),
        ("nn.add(tensor([2]), tensor([2, 1]))", "Shapes (2) and (2,1) don't add"),
        ("nn.concat([tensor([2, 3]), tensor([2, 4])])", "differ beside axis 0"),
        ("nn.recurrent('rmm', tensor([1, 1]), {})", "no recurrent net rmm"),
        ("nn.dotAttention(tensor([1, 2]), tensor([3, 2]), tensor([3, 2]), { valid: 0 })",
         "1 to 3 can be valid, not 0"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(js, code, message):
    with pytest.raises(Error) as caught:
        js(code)
    assert message in str(caught.value)


def test_only_widgets_that_ask_carry_them():
    names = [name for name, _ in source.pieces(LinearFit._script)]
    assert len(names) == 2
    extras = [
        file.stem for file in source.extras(source.SHARED[0].parent / "recurrent.js")
    ]
    assert extras == ["tensors"]
