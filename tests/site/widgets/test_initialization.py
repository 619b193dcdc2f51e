"""Activations and gradients through depth, scheme by scheme, against torch."""

import pytest
import torch
import traitlets
from torch import nn

from d2lutils.widgets import Initialization
from d2lutils.widgets.framework.seeded import normals

ALL = ["small", "unit", "xavier", "he", "default", "orthogonal"]
TINY = {"rtol": 1e-5, "atol": 1e-250}  # what vanishes is compared, too


@pytest.mark.parametrize("activation", ["linear", "tanh", "sigmoid", "relu"])
def test_every_scheme_agrees_with_torch(show, activation):
    live = show(Initialization(schemes=ALL, activation=activation))
    for width, depth, gain, seed in (
        (64, 30, 1.0, 1),
        (33, 12, 0.2, 9999),
        (8, 30, 5.0, 0),
        (2, 1, 1.5, 7),
    ):
        live.set(width=width, depth=depth, gain=gain, seed=seed)
        live.agrees(**TINY)


def test_mouse_touch_and_keyboard_choose_the_layer_and_the_rest(show):
    live = show(Initialization())
    live.drag("Layer, activations", 40, 0)
    assert live.state()["layer"] > 10
    live.agrees(**TINY)
    live.touch("Layer, gradients", -60, 0)
    assert live.state()["layer"] < 12
    before = live.state()["layer"]
    live.press("Layer, slopes", "ArrowLeft", times=2)
    assert live.state()["layer"] == before - 2
    live.press("width n", "ArrowLeft", times=4)
    assert live.state()["width"] == 60
    live.agrees(**TINY)
    live.control("activation σ").select_option(label="ReLU")
    live.control("Gain × orthogonal").check()
    assert live.typed("gain", "1.4") == ""
    assert "orthogonal" in live.agrees(**TINY)["h"]
    assert f"layer {before - 2}: activations" in live.root.inner_text()


def test_thirty_layers_of_0_2_and_of_5(show):
    live = show(Initialization())
    for name, factor in ("0.2³⁰", 0.2**30), ("5³⁰", 5.0**30):
        live.click(name)
        h = live.agrees(**TINY)["h"]["orthogonal"]
        g = live.values()["g"]["orthogonal"]
        # a rotation keeps the root mean square, and the mean is near 0
        assert h[30] / h[0] == pytest.approx(factor, rel=0.02)
        assert g[0] / g[30] == pytest.approx(factor, rel=0.02)
    live.click("Defaults")
    assert live.state() == Initialization().state()


def test_what_each_scheme_is_for(show):
    live = show(Initialization(schemes=ALL, activation="relu", depth=30))
    h = live.agrees(**TINY)["h"]
    assert 0.2 < h["he"][30] / h["he"][1] < 5
    assert h["xavier"][30] < 1e-3
    live.set(activation="tanh", depth=20)
    values = live.agrees(**TINY)
    assert values["h"]["xavier"][20] > 0.1
    assert 0.1 < values["g"]["xavier"][0] < 10
    assert values["h"]["small"][20] < 1e-15
    assert min(values["flat"]["unit"]) > 0.7 > max(values["flat"]["xavier"])
    live.set(activation="sigmoid")
    assert max(live.agrees(**TINY)["g"][s][0] for s in ALL[2:]) < 1e-6


def test_bad_input_and_no_scheme_break_nothing(show):
    live = show(Initialization())
    assert live.typed("width n", "0") != ""
    assert "whole" in live.typed("layers", "2.5")
    assert "not a number" in live.typed("layers", "deep")
    live.agrees(**TINY)
    live.set(schemes=[], layer=30, depth=3)
    assert live.agrees()["h"] == {}
    assert "Choose a scheme." in live.root.inner_text()


def test_the_spread_is_that_of_torchs_initializers():
    torch.manual_seed(0)
    W, widget = torch.empty(64, 64, dtype=torch.float64), Initialization(gain=2.0)
    layer = nn.Linear(64, 64)
    for scheme, init in {
        "xavier": nn.init.xavier_normal_,
        "he": lambda W: nn.init.kaiming_normal_(W, nonlinearity="relu"),
        "default": lambda W: W.copy_(layer.weight.detach()),
        "orthogonal": lambda W: nn.init.orthogonal_(W, gain=2.0),
    }.items():
        wanted = init(W).std().item()
        assert widget.spread(scheme) == pytest.approx(wanted, rel=0.05)
        assert widget.weight(scheme, 1).std().item() == pytest.approx(wanted, rel=0.05)
    Q = widget.weight("orthogonal", 3) / 2
    torch.testing.assert_close(Q @ Q.T, torch.eye(64, dtype=torch.float64))


def test_the_shared_normal_numbers_are_normal():
    z = normals(3, 20_001)
    assert len(z) == 20_001 and z.mean() == pytest.approx(0, abs=0.03)
    assert z.std() == pytest.approx(1, abs=0.02)
    assert (z.abs() < 1.96).double().mean() == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("state", [{"width": 0}, {"schemes": ["zeros"]}, {"gain": 0}])
def test_python_refuses_what_does_not_fit(state):
    with pytest.raises(traitlets.TraitError):
        Initialization(**state)
