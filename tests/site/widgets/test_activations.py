"""Every activation function, its derivative and a stack of layers, against torch."""

import pytest

from d2lutils.widgets import Activations
from d2lutils.widgets.activations import torch_activations

NAMES = list(torch_activations(0.1))


def test_every_function_agrees_with_torch_at_many_points(show):
    live = show(Activations(chosen=NAMES))
    for x in (-6, -3, -2.5, -1, -0.51, 0, 0.01, 0.9, 1, 1.5, 2.7, 3, 3.6, 5.99, 6):
        for alpha, gain, depth in (0.1, 1.0, 8), (0.7, -1.3, 5), (0.0, 2.0, 12):
            live.set(x=x, alpha=alpha, gain=gain, depth=depth)
            live.agrees(rtol=1e-6, atol=1e-9)


def test_mouse_keyboard_touch_and_choice(show):
    live = show(Activations())
    point = live.root.get_by_role("slider", name="Input x", exact=True)
    assert point.count() == 2  # one under each plot
    live.knob = lambda label: live.root.get_by_role("slider", name=label).first
    live.drag("Input x", -60, 0)
    assert live.state()["x"] < 0
    live.agrees()
    live.touch("Input x", 25, 0)
    live.agrees()
    before = live.state()["x"]
    live.press("Input x", "ArrowRight", times=2)
    assert live.state()["x"] == pytest.approx(before + 0.2)
    live.agrees()
    live.control("GELU").check()
    assert live.state()["chosen"] == ["relu", "gelu", "sigmoid", "tanh"]
    assert "gelu" in live.agrees()["df"]
    live.control("Tanh").uncheck()
    assert "tanh" not in live.agrees()["f"]


def test_no_function_at_all_is_not_an_error(show):
    live = show(Activations(chosen=[]))
    assert live.agrees() == {"f": {}, "df": {}, "stack": {}}
    assert "Choose a function." in live.root.inner_text()
