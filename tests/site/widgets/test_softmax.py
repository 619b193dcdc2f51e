"""Softmax: probabilities, loss and gradient, against torch."""

import pytest

from d2lutils.widgets import Softmax


def test_mouse_keyboard_and_touch_move_the_logits_and_torch_agrees(show):
    live = show(Softmax())
    values = live.agrees()
    assert sum(values["p"]) == pytest.approx(1)

    live.drag("Logit of dog", 0, -40)
    assert live.state()["logits"][0] > 1.2
    live.agrees()

    live.touch("Logit of cat", 0, 30)
    assert live.state()["logits"][1] < 2.4
    live.agrees()

    before = live.state()["logits"][2]
    live.press("Logit of chicken", "ArrowUp", times=3)
    assert live.state()["logits"][2] == pytest.approx(before + 0.3)
    live.agrees()

    assert live.typed("temperature T", "0.05") == ""
    live.agrees()
    live.control("the truth is").select_option(label="chicken")
    assert live.state()["target"] == 2
    assert live.agrees()["loss"] > 1


def test_extreme_logits_do_not_overflow(show):
    live = show(Softmax(logits=[20.0, -20.0, 0.0], temperature=0.05, target=1))
    assert live.agrees()["loss"] == pytest.approx(800)


def test_a_shift_changes_nothing_and_a_step_helps(show):
    live = show(Softmax())
    before = live.agrees()
    live.click("Add 1 to all")
    assert live.agrees()["p"] == pytest.approx(before["p"])
    live.click("Step down the gradient")
    assert live.agrees()["loss"] < before["loss"]
    live.click("Reset")
    assert live.agrees() == before


def test_bad_input_is_said_and_breaks_nothing(show):
    live = show(Softmax())
    assert "not a number" in live.typed("temperature T", "warm")
    assert live.typed("temperature T", "0") != ""
    assert live.state()["temperature"] == 1
    live.agrees()


@pytest.mark.parametrize(
    ("state", "text"),
    [({"logits": [1.0]}, "3 classes need 3 logits"), ({"target": 3}, "0 to 2")],
)
def test_python_refuses_what_does_not_fit(state, text):
    with pytest.raises(ValueError, match=text):
        Softmax(**state)
