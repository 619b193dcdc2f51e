"""A batch before and after, and the running statistics, against nn.BatchNorm1d."""

import pytest
import traitlets

from d2lutils.widgets import BatchNorm


def test_the_batch_of_the_notes(show):
    live = show(BatchNorm())
    values = live.agrees()
    assert values["mean"] == 3 and values["var"] == 3.5
    assert values["running_mean"] == pytest.approx(0.3)
    assert values["running_var"] == pytest.approx(1.3667, abs=1e-4)
    text = live.root.inner_text()
    assert "μ = (1 + 2 + 3 + 6) / 4 = 3" in text
    assert "unbiased s² = Σ(x − μ)² / 3 = 4.667" in text
    assert "running mean ← (1 − 0.1) · 0 + 0.1 · 3 = 0.3" in text
    assert "running var ← (1 − 0.1) · 1 + 0.1 · 4.667 = 1.3667" in text


def test_every_example_agrees_with_torch(show):
    live = show(BatchNorm())
    chooser = live.control("Example")
    labels = chooser.locator("option").all_inner_texts()
    assert len(labels) > 7 and labels[-1] == "your own"
    for label in labels[:-1]:
        chooser.select_option(label=label)
        live.agrees()
        assert chooser.locator("option:checked").inner_text() == label


def test_training_ignores_a_shift_and_evaluation_does_not(show):
    live = show(BatchNorm(step=40, momentum=0.5))
    first = live.agrees()["y"]
    assert live.typed("shift this batch", "10") == ""
    assert live.typed("scale this batch", "3") == ""
    assert live.agrees()["y"] == pytest.approx(first, abs=1e-4)
    live.control("Mode").select_option(label="evaluation: net.eval()")
    values = live.agrees()
    assert min(values["y"]) > 4
    assert values["running_mean"] == values["history"][-1][0] == pytest.approx(3)
    assert values["running_var"] == pytest.approx(14 / 3)


def test_typed_numbers_agree_with_torch(show):
    live = show(BatchNorm(data=[0.5, -2, 7, 3, 3, 1, 8.25], batch_size=3))
    for row in (
        {"γ (weight)": -1.5, "β (bias)": 20, "momentum": 0, "ε": 1, "batch size": 5},
        {"γ (weight)": 0, "β (bias)": -3, "momentum": 1, "ε": 1e-10, "batch size": 2},
        {"scale this batch": 0, "shift this batch": 4, "momentum": 0.3},
    ):
        for label, number in row.items():
            assert live.typed(label, repr(number)) == ""
        for step in (0, 1, 17):
            for training in (True, False):
                live.set(step=step, training=training)
                live.agrees()


def test_mouse_touch_and_keyboard_move_activations(show):
    live = show(BatchNorm())
    live.drag("Activation 3", 0, 40)
    assert live.state()["data"][3] < 5 and live.state()["sample"] == 3
    live.agrees()
    live.touch("Activation 0", 0, -30)
    assert live.state()["data"][0] > 1.5
    live.agrees()
    before = live.state()["data"][1]
    live.press("Activation 1", "ArrowUp", times=2)
    assert live.state()["data"][1] == pytest.approx(before + 0.2)
    assert "y[1] = γ (x − μ)" in live.root.inner_text()
    live.set(scale=2, shift=1)
    live.press("Activation 1", "ArrowDown")
    assert live.state()["data"][1] == pytest.approx(before + 0.15)
    live.agrees()
    live.set(scale=0)
    live.press("Activation 1", "ArrowDown")  # nothing to move: all are the shift
    assert live.state()["data"][1] == pytest.approx(before + 0.15)


def test_batches_are_stepped_through(show):
    live = show(BatchNorm(data=list(range(10)), batch_size=4))
    assert live.values()["x"] == [0, 1, 2, 3]
    live.click("Step")
    live.click("Step")
    assert live.agrees()["x"] == [8, 9, 0, 1]
    live.click("Back")
    assert live.agrees()["x"] == [4, 5, 6, 7]
    live.click("Reset")
    assert live.state()["step"] == 0


def test_gamma_and_beta_can_undo_it(show):
    live = show(BatchNorm(data=[4.0, -1.0, 2.5], batch_size=3, eps=0.01))
    for mode in "training: net.train()", "evaluation: net.eval()":
        live.control("Mode").select_option(label=mode)
        live.set(step=2)
        live.click("Undo the normalization: γ = √(σ² + ε), β = μ")
        values = live.agrees()
        assert values["y"] == pytest.approx(values["x"])
    live.click("γ = 1, β = 0")
    assert live.state()["gamma"] == 1 and live.state()["beta"] == 0


def test_what_cannot_be_is_answered_and_changes_nothing(show):
    live = show(BatchNorm())
    before = live.state()
    assert "torch refuses" in live.typed("batch size", "1")
    assert "At least 1" in live.typed("batch size", "0")
    assert "4 activations" in live.typed("batch size", "5")
    assert "ends at activation 3" in live.typed("written out", "4")
    assert "At most 1" in live.typed("momentum", "1.5")
    assert "not a number" in live.typed("γ (weight)", "one")
    assert live.state() == before
    live.control("Example").select_option(label="64 activations in batches of 2")
    live.press("batch size", "End")
    assert live.state()["batch_size"] == 16
    live.agrees()


def test_equal_activations_do_not_divide_by_nothing(show):
    live = show(BatchNorm(scale=0, shift=4, beta=0.5))
    assert live.agrees()["y"] == [0.5] * 4
    assert "every output is β" in live.root.inner_text()


def test_python_refuses_bad_state():
    with pytest.raises(ValueError, match="a batch of 5 needs as many activations"):
        BatchNorm(batch_size=5)
    for bad in (
        {"batch_size": 1}, {"momentum": 2}, {"eps": 0}, {"data": [1, float("inf")]},
    ):  # fmt: skip
        with pytest.raises(traitlets.TraitError):
            BatchNorm(**bad)


def test_the_sentence_holds_the_numbers():
    text = BatchNorm().sentence()
    assert "running mean is then 0.3, the running variance 1.3667" in text
