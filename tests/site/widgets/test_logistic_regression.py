"""Logistic regression: boundary, threshold and counts, against torch."""

import pytest

from d2lutils.widgets import LogisticRegression


def test_mouse_keyboard_and_touch_move_the_boundary_and_torch_agrees(show):
    live = show(LogisticRegression())
    live.agrees()

    live.drag("Weights", 30, -40)
    assert live.state()["w2"] > -1
    live.agrees()

    live.touch("Boundary", 25, 10)
    assert live.state()["b"] != 0
    live.agrees()

    before = live.state()["threshold"]
    live.press("threshold", "ArrowRight", times=5)
    assert live.state()["threshold"] == pytest.approx(before + 0.05)
    live.agrees()

    assert live.typed("weight w₁", "12") == ""
    live.agrees()


def test_descent_finds_a_good_boundary(show):
    live = show(LogisticRegression())
    first = live.agrees()
    for _ in range(4):
        live.click("50 steps of gradient descent")
    last = live.agrees()
    assert last["loss"] < first["loss"] / 2
    assert max(map(abs, last["gradient"])) < 0.02
    assert last["TP"] + last["TN"] >= 22
    live.click("Reset")
    assert live.agrees() == first


def test_a_lower_threshold_trades_misses_for_false_alarms(show):
    live = show(LogisticRegression(w1=1.5, w2=1.5))
    strict = live.agrees()
    live.typed("threshold", "0.05")
    lenient = live.agrees()
    assert lenient["FN"] < strict["FN"] and lenient["FP"] > strict["FP"]


def test_no_weights_and_bad_input_break_nothing(show):
    live = show(LogisticRegression(w1=0.0, w2=0.0))
    assert live.agrees()["p"] == [0.5] * 28
    assert "not a number" in live.typed("bias b", "high")
    assert live.typed("threshold", "1.5") != ""
    live.agrees()


def test_python_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="2 points need as many labels"):
        LogisticRegression(points=[[0.0, 0.0], [1.0, 1.0]], labels=[1])
