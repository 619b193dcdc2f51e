"""Dropout: mask, scaled values, gradient and running mean, against torch."""

import pytest
import torch
import traitlets
from torch import nn

from d2lutils.widgets import Dropout
from d2lutils.widgets.framework.seeded import uniforms


def test_mouse_touch_and_keyboard_move_the_units_and_torch_agrees(show):
    live = show(Dropout())
    live.agrees()
    live.drag("Value of h2", 0, 30)
    assert live.state()["h"][1] < 1.5
    live.agrees()
    live.touch("Value of h4", 0, -25)
    assert live.state()["h"][3] > 2
    live.agrees()
    before = live.state()["h"][0]
    live.press("Value of h1", "ArrowUp", times=3)
    assert live.state()["h"][0] == pytest.approx(before + 0.3)
    live.agrees()


def test_masks_are_those_of_python_for_every_seed_and_p(show):
    live = show(Dropout())
    for seed in (0, 1, 77, 9999):
        for p in (0.0, 0.05, 0.4, 0.5, 0.95, 1.0):
            live.set(seed=seed, p=p, draw=(seed + 13) % 300)
            live.agrees(rtol=1e-9, atol=1e-12)


def test_the_mean_approaches_the_input(show):
    live = show(Dropout(draw=0))
    first = live.agrees()
    assert set(first["mask"]) == {0, 1}
    for _ in range(2):
        live.click("Step")
    assert live.state()["draw"] == 2
    live.agrees()
    live.set(draw=299)
    last = live.agrees()
    assert last["kept"] == pytest.approx(0.6, abs=0.03)
    for h, mean, spread in zip(
        live.state()["h"], last["mean"], last["spread"], strict=True
    ):
        assert abs(mean - h) < 3 * spread / 300**0.5
    live.control("divide what is kept by 1 − p").uncheck()
    unscaled = live.agrees()
    assert unscaled["mean"] == pytest.approx([0.6 * m for m in last["mean"]])
    assert "(1 − p)·h, not h" in live.root.inner_text()


def test_dropped_units_have_no_gradient_and_eval_drops_none(show):
    live = show(Dropout())
    values = live.agrees()
    assert values["mask"] == [1, 0, 1, 1, 0]  # the classic picture: h2 and h5 are gone
    for keep, out, g in zip(
        values["mask"], values["output"], values["gradient"], strict=True
    ):
        assert g == pytest.approx(keep / 0.6) and (out > 0) == bool(keep)
    live.control("mode").select_option(label="net.eval()")
    assert live.agrees()["output"] == live.state()["h"]
    assert live.values()["mean"] == pytest.approx(live.state()["h"])
    live.click("Defaults")
    assert live.agrees() == values


def test_nothing_and_everything_dropped(show):
    live = show(Dropout(p=1.0))
    assert live.agrees()["output"] == [0] * 5
    assert "nothing is learned" in live.root.inner_text()
    assert live.typed("dropped with p", "0") == ""
    assert live.agrees()["output"] == live.state()["h"]
    assert live.typed("dropped with p", "1.1") != ""
    assert "not a number" in live.typed("dropped with p", "half")
    live.agrees()


def test_it_does_what_pytorchs_dropout_does():
    torch.manual_seed(0)
    layer = nn.Dropout(0.4)
    scale = Dropout(p=0.4).values()["scale"]
    seen = layer(torch.ones(1000, dtype=torch.float64)).unique()
    torch.testing.assert_close(seen, torch.tensor([0, scale], dtype=torch.float64))
    layer.eval()
    assert layer(torch.ones(3)).tolist() == [1, 1, 1]


def test_the_shared_generator_is_uniform_and_can_start_anywhere():
    u = uniforms(5, 20_000)
    assert u.min() >= 0 and u.max() < 1
    assert u.mean() == pytest.approx(0.5, abs=0.01)
    assert u.var() == pytest.approx(1 / 12, abs=0.002)
    assert torch.equal(uniforms(5, 50, start=700), u[700:750])


@pytest.mark.parametrize("state", [{"p": -0.1}, {"h": []}, {"draw": 300}, {"seed": -1}])
def test_python_refuses_what_does_not_fit(state):
    with pytest.raises(traitlets.TraitError):
        Dropout(**state)
