"""Losses against error and margin, their slopes and best constants, against torch."""

import statistics

import pytest
import traitlets

from d2lutils.widgets import Losses
from d2lutils.widgets.losses import torch_losses

NAMES = {family: list(losses) for family, losses in torch_losses().items()}


def test_every_loss_agrees_with_torch_at_many_points(show):
    live = show(Losses(**NAMES))
    for x in (-4, -2.5, -1, -0.3, 0, 0.2, 0.9999, 1, 1.5, 3.99, 4):
        for delta in (0.05, 1.0, 2.5, 10.0):
            live.set(family="regression", error=x, delta=delta)
            live.agrees(rtol=1e-8, atol=1e-9)
        live.set(family="classification", margin=x, share=round(0.5 + x / 10, 4))
        live.agrees(rtol=1e-8, atol=1e-9)


def test_mouse_touch_and_keyboard_move_the_error_and_the_targets(show):
    live = show(Losses())
    live.drag("Position on the loss", -60, 0)
    assert live.state()["error"] < 1
    live.agrees()
    live.touch("Position on the slope", 30, 0)
    live.agrees()
    before = live.state()["error"]
    live.press("Position on the loss", "ArrowLeft", times=3)
    assert live.state()["error"] == pytest.approx(before - 0.3)
    live.agrees()
    live.drag("Target 5", -90, 0)
    assert live.state()["targets"][4] < 6
    live.agrees()
    live.control("losses of").select_option(label="a class (margin m = y·z)")
    live.drag("Share of positives", 0, 60)
    assert live.state()["share"] < 0.5
    live.agrees()
    live.control("Squared hinge").check()
    assert "hinge2" in live.agrees()["best"]


def test_an_outlier_moves_the_mean_and_not_the_median(show):
    live = show(Losses())
    with_it = live.agrees()["best"]
    y = live.state()["targets"]
    assert with_it["mse"] == pytest.approx([statistics.mean(y)] * 2)
    assert with_it["mae"] == pytest.approx([2.0, 2.0])
    assert with_it["mae"][0] < with_it["huber"][0] < with_it["mse"][0]
    live.click("No outlier")
    without = live.agrees()["best"]
    assert without["mse"][0] < with_it["mse"][0] - 1
    assert without["mae"] == pytest.approx(with_it["mae"])
    live.click("Outlier")
    live.typed("Huber's δ", "10")
    assert live.agrees()["best"]["huber"] == pytest.approx(with_it["mse"])
    live.click("Reset")
    assert live.agrees()["best"] == with_it


def test_where_many_constants_are_best_all_are_shown(show):
    live = show(Losses(targets=[1.0, 2.0, 4.0, 7.0], delta=0.5))
    best = live.agrees()["best"]
    assert best["mae"] == pytest.approx([2, 4])
    assert best["huber"] == pytest.approx([2.5, 3.5])
    assert "anything in 2.00 … 4.00" in live.root.inner_text()
    live.set(family="classification", share=0.5)
    assert live.agrees()["best"]["hinge"] == pytest.approx([-1, 1])


def test_cross_entropy_gives_the_share_back_and_hinge_the_majority(show):
    live = show(Losses(family="classification", share=0.9))
    best = live.agrees()["best"]
    assert best["bce"] == pytest.approx(best["brier"])
    assert best["hinge"] == pytest.approx([1, 1])


def test_bad_input_and_no_loss_break_nothing(show):
    live = show(Losses())
    assert "not a number" in live.typed("Huber's δ", "small")
    assert live.typed("Huber's δ", "0") != ""
    assert live.typed("error e", "5") != ""
    assert live.state()["delta"] == 1
    live.set(regression=[])
    assert live.agrees()["best"] == {}
    assert "Choose a loss." in live.root.inner_text()


@pytest.mark.parametrize(
    "state",
    [{"delta": 0}, {"regression": ["mape"]}, {"targets": []}, {"share": float("nan")}],
)
def test_python_refuses_what_does_not_fit(state):
    with pytest.raises(traitlets.TraitError):
        Losses(**state)
