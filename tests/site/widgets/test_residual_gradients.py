"""Gradients through plain and residual stacks against torch's autograd."""

import pytest
import traitlets

from d2lutils.widgets import ResidualGradients

TINY = {"rtol": 1e-5, "atol": 1e-250}  # what vanishes is compared, too


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("normalize", [False, True])
def test_both_stacks_agree_with_torch(show, activation, normalize):
    live = show(ResidualGradients(activation=activation, normalize=normalize))
    for depth, gain, branch, seed in (
        (60, 0.8, 1.0, 1),
        (17, 3.0, 0.35, 9999),
        (5, 0.1, 0.0, 0),
        (1, 1.5, 0.05, 7),
    ):
        live.set(depth=depth, gain=gain, branch=branch, seed=seed)
        live.agrees(**TINY)


def test_mouse_touch_and_keyboard(show):
    live = show(ResidualGradients())
    live.drag("Block, gradients", 60, 0)
    block = live.state()["block"]
    assert block > 2
    live.touch("Block, activations", 40, 0)
    assert live.state()["block"] > block
    block = live.state()["block"]
    live.press("Block, gradients", "ArrowLeft")
    assert live.state()["block"] == block - 1
    live.press("blocks", "ArrowLeft", times=3)
    assert live.state()["depth"] == 27
    live.control("batch normalization before σ").check()
    live.control("activation σ").select_option(label="ReLU")
    live.agrees(**TINY)
    assert f"after block {block - 1}: gradient" in live.root.inner_text()
    live.click("Defaults")
    assert live.state() == ResidualGradients().state()


def test_a_skip_keeps_the_gradient_alive_and_its_limits_are_said(show):
    live = show(ResidualGradients())
    values = live.agrees(**TINY)
    assert values["plain"]["g"][0] / values["plain"]["g"][-1] < 1e-4
    assert 0.1 < values["skip"]["g"][0] / values["skip"]["g"][-1] < 100
    assert "1 plus that slope" in live.root.inner_text()
    live.set(branch=0)
    g = live.agrees(**TINY)["skip"]["g"]
    assert g == pytest.approx([g[0]] * 31, rel=1e-12)
    live.set(branch=1, gain=3, activation="relu", depth=60)
    assert live.agrees(**TINY)["skip"]["g"][0] > 1e10
    assert "not from growing" in live.root.inner_text()


def test_bad_input_changes_nothing(show):
    live = show(ResidualGradients())
    before = live.state()
    assert "At least 1" in live.typed("blocks", "0")
    assert "not a number" in live.typed("gain of the weights", "large")
    assert live.state() == before
    live.set(block=60, depth=3)
    live.agrees(**TINY)


@pytest.mark.parametrize("state", [{"depth": 0}, {"gain": 0}, {"branch": 1.5}])
def test_python_refuses_what_does_not_fit(state):
    with pytest.raises(traitlets.TraitError):
        ResidualGradients(**state)
