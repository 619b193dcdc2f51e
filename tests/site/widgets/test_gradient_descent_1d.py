"""Descent on a parabola against torch.optim.SGD, from crawling to diverging."""

import pytest

from d2lutils.widgets import GradientDescent1D


@pytest.mark.parametrize("lr", [0, 0.001, 0.02, 0.1, 3 / 28, 0.2, 3 / 14, 0.25, 1, 10])
def test_the_path_is_that_of_torch(show, lr):
    live = show(GradientDescent1D(lr=lr, w0=1.0, steps=100))
    live.agrees()


def test_mouse_keyboard_and_touch_move_the_start_and_the_rate(show):
    live = show(GradientDescent1D())
    live.drag("Start", 40, 0)
    assert live.state()["w0"] > 0.3
    live.agrees()
    live.touch("Start", -90, 0)
    assert live.state()["w0"] < 0
    live.agrees()
    before = live.state()["w0"]
    live.press("Start", "ArrowRight", times=3)
    assert live.state()["w0"] == pytest.approx(before + 0.3)
    live.press("learning rate η", "End")
    assert live.state()["lr"] == 0.3
    live.agrees()


def test_it_says_what_the_rate_does(show):
    live = show(GradientDescent1D())
    said = {
        "0.01": "leaves",
        "0.15": "overshoots, but",
        "0.25": "diverges above η = 0.214",
        "0": "nothing moves",
    }
    for rate, words in said.items():
        assert live.typed("learning rate η", rate) == ""
        assert words in live.root.inner_text()
    assert "At most 10" in live.typed("learning rate η", "11")


def test_steps_are_written_out(show):
    live = show(GradientDescent1D(w0=1.0, lr=0.05, step=0))
    live.click("Step")
    w1 = live.agrees()["path"][1]
    assert f"{w1:.3f}" in live.root.inner_text()


def test_python_refuses_what_has_no_minimum():
    with pytest.raises(ValueError, match="differ from 0"):
        GradientDescent1D(x=[0.0], y=[1.0])
    with pytest.raises(ValueError, match="x has 1 numbers, y has 2"):
        GradientDescent1D(x=[1.0], y=[1.0, 2.0])
