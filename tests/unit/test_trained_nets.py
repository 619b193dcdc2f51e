"""Trained nets for the page, the Python side: weights as text, nets as steps, and the errors."""

import base64
import json

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from d2lutils.widgets.framework import network, packed


@pytest.fixture
def tensors():
    made = torch.Generator().manual_seed(2)
    return {
        "conv.weight": torch.randn(5, 3, 2, 2, generator=made)
        * torch.logspace(-6, 3, 5).reshape(5, 1, 1, 1),
        "conv.bias": torch.randn(5, generator=made),
        "dead.weight": torch.cat([torch.zeros(1, 4), torch.randn(1, 4, generator=made)]),
        "one": torch.tensor(0.1),
        "double.weight": torch.randn(2, 7, generator=made, dtype=torch.float64),
    }  # fmt: skip


def test_each_row_is_rounded_by_a_scale_of_its_own(tensors):
    for bits in 8, 16:
        found = packed.unpack(packed.pack(tensors, bits))
        assert list(found) == list(tensors)
        for name, tensor in tensors.items():
            back, wanted = found[name], tensor.float()
            assert back.shape == wanted.shape and back.dtype == torch.float32
            if wanted.dim() < 2:
                assert torch.equal(back, wanted)
                continue
            rows = wanted.flatten(1).abs().amax(dim=1)
            off = (back - wanted).flatten(1).abs().amax(dim=1)
            assert (off <= rows * 0.5001 / (2 ** (bits - 1) - 1)).all(), name


def test_32_bits_round_nothing(tensors):
    found = packed.unpack(packed.pack(tensors, 32))
    assert all(torch.equal(found[name], tensors[name].float()) for name in tensors)


@pytest.mark.parametrize(("rows", "bits"), [(70, 16), (90, 8)])
def test_the_finest_weights_that_fit_the_budget(rows, bits):
    found = packed.pack({"w": torch.ones(rows, 1000)}, None)
    assert found["entries"] == [["w", [rows, 1000], bits]]
    with pytest.raises(ValueError, match="of 8 bits make the page"):
        packed.pack({"w": torch.ones(rows, 1000)}, None, budget_kb=50)


def test_the_bytes_are_the_same_every_time_and_plain_json(tensors):
    one = packed.pack(tensors)
    copies = {name: tensor.clone() for name, tensor in tensors.items()}
    assert json.dumps(one) == json.dumps(packed.pack(copies))


def test_counts_of_batches_are_left_out():
    entries = packed.pack(nn.BatchNorm2d(3).state_dict())["entries"]
    names = [name for name, _, _ in entries]
    assert names == ["weight", "bias", "running_mean", "running_var"]


@pytest.mark.parametrize(
    ("tensors", "options", "message"),
    [
        ({"w": torch.ones(2)}, {"bits": 4}, "8, 16 or 32 bits, not 4"),
        ({"w": torch.tensor([1])}, {}, "w must be a tensor of floats, not torch.int64"),
        ({"w": [1.0]}, {}, "w must be a tensor of floats, not list"),
        ({"w": torch.tensor([1, torch.nan])}, {}, "w holds nan or infinity"),
        ({"w": torch.ones(200, 1000)}, {},
         r"200,000 weights of 8 bits make the page 268 kB heavier; its .* 200 kB\. Use a narrower "
         r"network, or give a larger budget_kb"),
        ({"w": torch.ones(90, 1000)}, {"bits": 16}, "Use a narrower network, or bits=8, or give"),
    ],
)  # fmt: skip
def test_what_cannot_be_packed_is_answered(tensors, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        packed.pack(tensors, **options)


def test_bytes_that_do_not_fit_the_shapes_are_refused(tensors):
    one = packed.pack(tensors)
    raw = base64.b64decode(one["bytes"])
    for wrong, message in (raw[:-1], "too early"), (raw + b"\0", "bytes long, not"):
        with pytest.raises(ValueError, match=message):
            packed.unpack(one | {"bytes": base64.b64encode(wrong).decode()})


class Branches(nn.Module):
    """Everything that the converter follows: functions, branches, sums, shared layers."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 4, padding="same", bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.twice = nn.Conv2d(4, 4, 3, padding=1, groups=2)
        self.left = nn.Sequential(nn.AvgPool2d(3, 1, 1), nn.Conv2d(4, 2, 1))
        self.pool = nn.AdaptiveAvgPool2d((None, 1))
        self.drop = nn.Dropout(0.5)
        self.last = nn.Linear(48, 10)

    def forward(self, X):
        n = X.size(0)
        X = F.relu(self.norm(self.stem(F.pad(X, (1, 0, 2, 1)))))
        Y = torch.tanh(self.twice(self.twice(X)))
        Y += X
        X = torch.cat([self.left(Y), Y], dim=1)
        X = F.max_pool2d(X, 3, stride=2, ceil_mode=True)
        X = self.pool(X + X).view(n, -1)
        return F.log_softmax(self.last(self.drop(X)), dim=1)


def plain(*layers):
    return nn.Sequential(*layers)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_a_description_answers_as_the_net_does():
    torch.manual_seed(0)
    net = Branches()
    net(torch.rand(8, 1, 14, 15))  # running statistics other than 0 and 1
    before = {k: v.clone() for k, v in net.state_dict().items()}
    found = network.convert(net, (1, 14, 15), bits=32)
    assert net.training, "the net must stay as it was"
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    X = torch.rand(5, 1, 14, 15)
    ours = network.run(found, X)[-1]
    torch.testing.assert_close(ours, net.eval()(X), rtol=1e-5, atol=1e-5)
    assert json.loads(json.dumps(found)) == found
    assert found == network.convert(net, (1, 14, 15), bits=32)
    ops = [step["op"] for step in found["steps"]]
    assert {
        "pad2d",
        "add",
        "concat",
        "batchNorm",
        "adaptiveAvgPool2d",
        "logSoftmax",
    } <= set(ops)
    names = [name for name, _, _ in found["weights"]["entries"]]
    assert names.count("twice.weight") == 1 and "norm.running_var" in names
    assert found["steps"][ops.index("concat")]["of"]


class Odd(nn.Module):
    """One forward of a lambda."""

    def __init__(self, forward, **layers):
        super().__init__()
        self.path = forward
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, X):
        return self.path(self, X)


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (lambda x: x, "must be an nn.Module, not function"),
        (plain(nn.ConvTranspose2d(1, 2, 3)),
         r"0 is a ConvTranspose2d, which does not run in the page. It knows Adaptive"),
        (plain(nn.ReLU(), nn.GELU()), "1 is a GELU"),
        (plain(nn.Conv2d(1, 2, 3, padding=1, padding_mode="reflect")), "0 pads by 'reflect'"),
        (plain(nn.BatchNorm2d(1, track_running_stats=False)), "keeps no running statistics"),
        (plain(nn.Conv2d(3, 2, 3)), r"takes no input of shape \(1, 1, 8, 8\)"),
        (plain(nn.Softmax(dim=1)), "0 must go over the last dimension"),
        (plain(nn.MaxPool2d(2, return_indices=True)), "must return one tensor"),
        (Odd(lambda s, X: X if X.sum() > 0 else -X), "path depends on the numbers"),
        (Odd(lambda s, X: X.sin()), "forward calls sin, which does not run"),
        (Odd(lambda s, X: X + 1), "add adds what is not two tensors of one shape"),
        (Odd(lambda s, X: X + X.amax()), "forward calls amax"),
        (Odd(lambda s, X: torch.cat([X, X])), "cat joins along the batch"),
        (Odd(lambda s, X: X.view(4, -1)), r"view makes the shape \(4, 16\)"),
        (Odd(lambda s, X: X * s.c.weight[0, 0], c=nn.Linear(1, 1)),
         "forward reads the tensor c.weight itself"),
        (Odd(lambda s, X: (X.relu(), X)), "must return one tensor"),
        (Odd(lambda s, X: F.pad(X, (1, 1, 0, 0), mode="circular")), "pads .* by 'circular'"),
        (Odd(lambda s, X: s.r(X).transpose(2, 3), r=nn.ReLU()), "forward calls transpose"),
    ],
)  # fmt: skip
def test_what_the_page_does_not_have_is_said(net, message):
    with pytest.raises((TypeError, ValueError), match=message):
        network.convert(net, (1, 8, 8))


def test_a_net_over_the_budget_is_refused():
    net = plain(nn.Flatten(), nn.Linear(64, 3000))
    with pytest.raises(
        ValueError, match=r"195,000 weights of 8 bits .* its budget is 200 kB"
    ):
        network.convert(net, (1, 8, 8))
    assert network.convert(net, (1, 8, 8), budget_kb=300)


def test_a_layer_that_computes_something_else_is_found_out():
    class Louder(nn.ReLU):
        def forward(self, X):
            return 2 * X.relu()

    with pytest.raises(TypeError, match="forward calls mul"):
        network.convert(plain(Louder()), (1, 8, 8))
    hooked = plain(nn.ReLU(), nn.Flatten())
    hooked[0].register_forward_hook(lambda module, given, answer: answer * 2)
    with pytest.raises(ValueError, match="does more than its layers say"):
        network.convert(hooked, (1, 8, 8))
