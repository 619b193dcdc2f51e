"""The line and its squares, moved in a browser and compared with torch."""

import pytest

from d2lutils.widgets import LinearFit


def test_mouse_keyboard_and_touch_move_the_line_and_torch_agrees(show):
    live = show(LinearFit())
    assert live.agrees()["mse"] == pytest.approx(14 / 3)

    live.drag("Slope of the line", 0, -40)
    assert live.state()["w"] > 1.2 and live.state()["b"] == 0
    live.agrees()

    live.touch("Weight and intercept", 30, -20)
    assert live.state()["b"] > 0.2
    live.agrees()

    before = live.state()["b"]
    live.press("Intercept of the line", "ArrowUp", times=3)
    assert live.state()["b"] > before
    live.agrees()

    assert live.typed("weight w", "1.75") == ""
    assert live.state()["w"] == 1.75
    live.agrees()


def test_least_squares_is_the_minimum(show):
    live = show(LinearFit(x=[0.0, 1.0, 2.0, 4.0], y=[1.0, 0.5, 3.0, 3.5]))
    live.click("Least squares")
    values = live.agrees()
    assert abs(values["dw"]) < 1e-4 and abs(values["db"]) < 1e-4
    live.click("Reset")
    assert live.state()["w"] == 1


def test_python_refuses_what_cannot_be_drawn():
    with pytest.raises(ValueError, match="x has 2 numbers, y has 1"):
        LinearFit(x=[1.0, 2.0], y=[1.0])
    with pytest.raises(Exception, match="finite"):
        LinearFit(w=float("nan"))
