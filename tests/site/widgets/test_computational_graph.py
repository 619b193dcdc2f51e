"""Values and gradients on the graph, against autograd."""

import pytest

from d2lutils.widgets import ComputationalGraph


def test_typed_inputs_agree_with_autograd(show):
    live = show(ComputationalGraph())
    for row in (2, 1, 1, 2), (-1.5, 0.25, 3, 10), (0, 0, 0, 0), (100, -100, 1e-3, -7):
        for name, number in zip("wxby", row, strict=True):
            assert live.typed(name, repr(number)) == ""
        live.agrees()


def test_mouse_keyboard_and_touch_move_a_number(show):
    live = show(ComputationalGraph())
    box = live.knob("w").bounding_box()
    live.page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    assert live.state()["w"] < 0
    live.agrees()
    live.page.touchscreen.tap(
        box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2
    )
    assert live.state()["w"] > 3
    live.agrees()
    live.press("b", "ArrowRight", times=2)
    assert live.state()["b"] == pytest.approx(1.2)
    live.agrees()


def test_the_walk_shows_values_forward_and_gradients_backward(show):
    live = show(ComputationalGraph(step=0))
    drawing = live.root.locator(".d2l-view")
    assert "u =" not in drawing.text_content()
    live.click("Step")
    assert "u = 2" in drawing.text_content()
    for _ in range(3):
        live.click("Step")
    assert "ℓ = 1" in drawing.text_content()
    assert "∂ℓ" not in drawing.text_content()
    for _ in range(5):
        live.click("Step")
    shown = drawing.text_content()
    assert "∂ℓ/∂w = 2" in shown and "∂ℓ/∂x = 4" in shown and "∂ℓ/∂y = −2" in shown
    live.click("Step")
    assert live.state()["step"] == 9
    live.click("Reset")
    assert live.state()["step"] == 0
