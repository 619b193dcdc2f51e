"""What one output of a stack sees: formulas in the page, gradients in torch."""

import pytest
import traitlets

from d2lutils.widgets import ReceptiveField
from d2lutils.widgets.receptive_field import layer

FIELDS = {  # along one axis; the stacks' weights in units of C²
    "Two 2×2 (a 3×3 field)": (3, 8),
    "Two 3×3 instead of one 5×5": (5, 18),
    "One 5×5": (5, 25),
    "Three 3×3 instead of one 7×7": (7, 27),
    "One 7×7": (7, 49),
    "VGG: two blocks of two 3×3 and a pooling": (16, 36),
    "LeNet": (16, 50),
    "AlexNet": (195, 173),
    "GoogLeNet's stem": (27, 59),
    "Dilations 1, 2, 4, 8": (31, 36),
    "Dilations 2, 2, 2: gaps": (13, 27),
}


def test_every_example_agrees_with_the_gradient(show):
    live = show(ReceptiveField(channels=8))
    chooser = live.control("Example")
    labels = chooser.locator("option").all_inner_texts()
    assert labels == [*FIELDS, "your own"]
    for label, (field, weights) in FIELDS.items():
        chooser.select_option(label=label)
        values = live.agrees()
        assert values["r"][-1] == field, label
        assert values["weights"] == weights * 64
        assert values["one"] == field**2 * 64
        assert chooser.locator("option:checked").inner_text() == label


def test_vgg_counts_of_weights_are_written_out(show):
    live = show(ReceptiveField())
    text = live.root.inner_text()
    assert "18C² = 73,728" in text and "25C² = 102,400" in text
    live.control("Example").select_option(label="Three 3×3 instead of one 7×7")
    assert live.typed("channels C", "10") == ""
    text = live.root.inner_text()
    assert "27C² = 2,700" in text and "49C² = 4,900" in text
    assert "r = 5 + (3−1)·1·1 = 7" in text


def test_mouse_touch_and_keyboard_move_the_output(show):
    live = show(ReceptiveField())
    assert live.agrees()["sees"] == [2, 6]
    live.drag("Output", 130, 0)
    assert live.state()["output"] == 4
    assert live.agrees()["sees"] == [4, 8]
    live.touch("Output", -400, 0)
    assert live.state()["output"] == 0
    live.agrees()
    live.press("Output", "ArrowRight", times=2)
    assert live.state()["output"] == 2
    live.press("Output", "ArrowLeft")
    assert live.state()["output"] == 1
    live.agrees()


def test_layers_are_added_changed_and_removed(show):
    live = show(ReceptiveField())
    live.click("Add 2×2 pooling")
    live.click("Add 3×3 convolution")
    assert live.agrees()["r"] == [3, 5, 6, 10]
    for label, number in (
        ("Layer 1 kernel", "4"), ("Layer 2 stride", "3"), ("Layer 4 dilation", "5"),
    ):  # fmt: skip
        live.control(label).fill(number)
    values = live.agrees()
    assert values["jump"] == [1, 3, 6, 6] and values["r"][-1] == 6 + 3 + 2 * 5 * 6
    assert values["seen"] < values["r"][-1]
    assert "fall through the gaps" in live.root.inner_text()
    before = values["weights"]
    live.control("Layer 1 kind").select_option("pool")
    assert live.agrees()["weights"] == before - 16 * 64**2
    for _ in range(3):
        live.click("Remove layer 1")
        live.agrees()
    assert live.state()["layers"] == [layer(3, 1, 5)]
    assert live.root.get_by_role("button", name="Remove layer 1").is_disabled()


def test_what_cannot_be_is_answered_beside_the_number(show):
    live = show(ReceptiveField())
    before = live.state()
    for label, text, answer in (
        ("Layer 1 kernel", "0", "At least 1, please."),
        ("Layer 1 kernel", "2.5", "Give a whole number."),
        ("Layer 2 stride", "many", "is not a number"),
        ("Layer 2 dilation", "9", "At most 8, please."),
    ):
        live.control(label).fill(text)
        assert answer in live.root.inner_text()
        assert live.state() == before
        live.control(label).press("Escape")
        assert answer not in live.root.inner_text()
    live.control("Example").select_option(label="AlexNet")
    live.control("Layer 3 stride").fill("4")
    assert "inputs; 600 can be drawn" in live.root.inner_text()
    assert live.state()["layers"][2]["stride"] == 1
    live.agrees()


def test_a_stack_that_would_be_too_wide_or_too_deep_is_refused(show):
    live = show(ReceptiveField(layers=[layer(2, 4), layer(2, 4), layer(2, 4)]))
    for _ in range(2):
        live.click("Add 2×2 pooling")
    assert len(live.state()["layers"]) == 4
    assert "outputs would need" in live.root.inner_text()
    live.set(layers=[layer(1)] * 12)
    live.click("Add 3×3 convolution")
    assert len(live.state()["layers"]) == 12
    assert "At most 12 layers" in live.root.inner_text()
    live.agrees()


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "1 to 12 layers, not 0"),
        ([layer()] * 13, "1 to 12 layers, not 13"),
        ([layer(0)], "kernel of layer 1 must be a whole number from 1 to 11, not 0"),
        ([layer(), layer(stride=1.5)], "stride of layer 2 must be a whole number"),
        ([layer(kind="dense")], "layer 1 must have a kind"),
        ([{"kernel": 3}], "layer 1 must have a kind"),
        ([layer(11, 4)] * 4, "at most 600 can be drawn"),
    ],
)
def test_python_refuses_a_bad_stack(layers, message):
    with pytest.raises(ValueError, match=message):
        ReceptiveField(layers=layers)


def test_python_refuses_an_output_that_is_not_there():
    with pytest.raises(traitlets.TraitError):
        ReceptiveField(output=5)


def test_the_sentence_holds_the_numbers():
    text = ReceptiveField(layers=[layer(3), layer(2, 2, kind="pool")]).sentence()
    assert "2×2 pooling with stride 2" in text and "one output sees 4×4" in text
