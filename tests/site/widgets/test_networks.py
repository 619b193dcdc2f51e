"""Whole nets in the page (front/network.js) against the modules that they were made from."""

import base64

import pytest
import torch
import torch.nn.functional as F
from playwright.sync_api import Error
from torch import nn

import d2lutils as d2l
from d2lutils.widgets.framework import network, packed

ANSWERS = "loadNetwork(a[0])(tensor(a[1].shape, a[1].data))"


@pytest.fixture(scope="module")
def js(front):
    return front("network", "unpackWeights", "loadNetwork")


class LeNet(nn.Sequential):
    """LeNet-5 with ReLU and max pooling, 61,706 weights."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(400, 120), nn.ReLU(),
            nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
        )  # fmt: skip


class Sigmoids(nn.Module):
    """A net of functions, as the notes write it."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 10, 5, stride=2)
        self.last = nn.Linear(250, 10)

    def forward(self, X):
        X = F.avg_pool2d(torch.sigmoid(self.conv(X)), 3, 2, padding=1, ceil_mode=True)
        return self.last(F.max_pool2d(X, 3, 1).flatten(1))


class Residual(nn.Module):
    def __init__(self, wide):
        super().__init__()
        self.path = nn.Sequential(
            nn.Conv2d(wide, wide, 3, padding=1, bias=False), nn.BatchNorm2d(wide), nn.ReLU(),
            nn.Conv2d(wide, wide, 3, padding=1), nn.BatchNorm2d(wide),
        )  # fmt: skip

    def forward(self, X):
        return F.relu(self.path(X) + X)


class Dense(nn.Module):
    def __init__(self, wide):
        super().__init__()
        self.norm, self.conv = nn.BatchNorm2d(wide), nn.Conv2d(wide, 4, 3, padding=1)

    def forward(self, X):
        return torch.cat((X, self.conv(F.relu(self.norm(X)))), dim=1)


class Inception(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(10, 3, 1)
        self.two = nn.Sequential(
            nn.Conv2d(10, 4, 1), nn.Tanh(), nn.Conv2d(4, 6, 5, padding=2)
        )
        self.three = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1), nn.Conv2d(10, 5, 1)
        )

    def forward(self, X):
        return torch.cat([self.one(X), self.two(X), self.three(X)], 1)


class Padded(nn.Module):
    def forward(self, X):
        return F.pad(X, (2, 2, 2, 2))


NETS = {
    "LeNet": LeNet,
    "functions": Sigmoids,
    "residual, dense, inception": lambda: nn.Sequential(
        Padded(), nn.Conv2d(1, 6, 7, stride=3, padding=3), Residual(6), Dense(6), Inception(),
        nn.Dropout(), nn.Conv2d(14, 14, 3, groups=7, dilation=2), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.BatchNorm1d(14), nn.Linear(14, 10), nn.LogSoftmax(dim=1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", NETS)
def test_a_net_answers_in_the_page_as_in_torch(js, kind):
    torch.manual_seed(0)
    net = NETS[kind]()
    net(torch.rand(32, 1, 28, 28))  # running statistics other than 0 and 1
    net.eval()
    made = network.convert(net, (1, 28, 28), bits=32, budget_kb=400)
    for X in torch.rand(3, 1, 1, 28, 28):
        values = js(ANSWERS, made, X[0])
        for ours, theirs in zip(
            values, network.run(made, X, torch.float64), strict=True
        ):
            torch.testing.assert_close(ours, theirs[0], rtol=1e-5, atol=1e-5)
        with torch.no_grad():
            torch.testing.assert_close(
                values[-1], net(X)[0].double(), rtol=0, atol=1e-4
            )


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_the_page_reads_the_weights_to_the_last_bit(js, bits):
    torch.manual_seed(1)
    tensors = LeNet().state_dict() | {
        "scalar": torch.tensor(-1e-30),
        "none": torch.zeros(0),
    }
    tensors["0.weight"][2] = 0
    made = packed.pack(tensors, bits, budget_kb=400)
    found = js("unpackWeights(a[0])", made)
    assert list(found) == list(tensors)
    for name, tensor in packed.unpack(made).items():
        assert torch.equal(found[name].float(), tensor), name


def test_bytes_too_many_are_found(js):
    made = packed.pack({"w": torch.ones(2, 2)})
    made["bytes"] = base64.b64encode(base64.b64decode(made["bytes"]) + b"0").decode()
    with pytest.raises(Error, match="13 bytes long, not 12"):
        js("unpackWeights(a[0])", made)


def test_a_layer_that_the_page_lacks_is_named(js):
    steps = [{"op": "gelu", "name": "act"}]
    with pytest.raises(Error, match="act: this page has no layer gelu"):
        js("loadNetwork(a[0])", {"steps": steps, "weights": packed.pack({})})


@pytest.fixture(scope="module")
def trained():
    """A LeNet trained for a few seconds, and 1,000 test images as bytes."""
    data = d2l.mnist(n_train=20_000, n_test=1_000)
    (X, y), (X_test, y_test) = data.train, data.test
    torch.manual_seed(0)
    net, steps = LeNet(), 400
    optimizer = torch.optim.Adam(net.parameters())
    slower = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.006, total_steps=steps)
    for _ in range(steps):
        batch = torch.randint(len(X), (64,))
        optimizer.zero_grad()
        F.cross_entropy(net(X[batch]), y[batch]).backward()
        optimizer.step()
        slower.step()
    # the stand-in has 360 test images: those of training fill up the 1,000
    images = torch.cat([X_test, X])[:1000].mul(255).round()
    with torch.no_grad():
        logits = net.eval()(images / 255)
    right = (logits[: len(y_test)].argmax(1) == y_test).float().mean()
    assert right > 0.9, "it learned too little"
    return net, images, logits


EVERY = """(() => {
  const bytes = Uint8Array.from(atob(a[1]), (c) => c.charCodeAt(0)), run = loadNetwork(a[0]);
  return Array.from({ length: bytes.length / 784 }, (_, n) => {
    const pixels = Array.from(bytes.subarray(784 * n, 784 * (n + 1)), (v) => v / 255);
    return Array.from(run(tensor([1, 28, 28], pixels)).at(-1).data);
  });
})()"""


def test_a_trained_lenet_reads_1000_test_images_as_torch_does(js, trained):
    net, images, wanted = trained
    raw = base64.b64encode(images.to(torch.uint8).numpy().tobytes()).decode()
    exact = network.convert(net, (1, 28, 28), bits=32, budget_kb=400)
    found = torch.tensor(js(EVERY, exact, raw))
    assert found.shape == wanted.shape
    assert (found - wanted).abs().max() < 1e-3
    assert torch.equal(found.argmax(1), wanted.argmax(1))

    for bits in (8, None):  # None: 16, as in the drawing's page
        small = network.convert(net, (1, 28, 28), bits=bits)
        found = torch.tensor(js(EVERY, small, raw))
        torch.testing.assert_close(
            found, network.run(small, images / 255)[-1], rtol=1e-4, atol=1e-4
        )
    same = (found.argmax(1) == wanted.argmax(1)).float().mean().item()
    assert same >= 0.999, f"the same class on {same:.2%} of the images"
