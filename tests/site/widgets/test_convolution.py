"""The sliding window against F.conv2d, F.max_pool2d and F.avg_pool2d."""

import re

import pytest
import traitlets

from d2lutils.widgets import Convolution

NINE = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
EXAMPLES = {  # of the study notes and what they print
    "3×3 image, 2×2 kernel": [[19, 25], [37, 43]],
    "… padding 1: output 4×4": [
        [0, 3, 8, 4], [9, 19, 25, 10], [21, 37, 43, 16], [6, 7, 8, 0],
    ],
    "… padding 1, stride (3, 2)": [[0, 8], [6, 8]],
    "… true convolution: kernel flipped": [[5, 11], [23, 29]],
    "… max pooling 2×2, stride 1": [[4, 5], [7, 8]],
    "… average pooling 2×2, stride 1": [[2, 3], [5, 6]],
    "5×5 image, 3×3 kernel": [[211, 295, 262], [259, 282, 214], [251, 253, 169]],
    "… padding 1 keeps 5×5": [
        [91, 168, 224, 215, 127], [114, 211, 295, 262, 149], [192, 259, 282, 214, 122],
        [194, 251, 253, 169, 86], [96, 112, 110, 68, 31],
    ],
    "… stride 2": [[211, 262], [251, 169]],
    "4×4 image, MaxPool2d(2)": [[4, 8], [9, 8]],
    "Edges of a band, kernel 1 −1": [[0, 1, 0, 0, 0, -1, 0]] * 6,
}  # fmt: skip


def test_every_example_agrees_and_gives_the_numbers_of_the_notes(show):
    live = show(Convolution())
    chooser = live.control("Example")
    labels = chooser.locator("option").all_inner_texts()
    assert set(EXAMPLES) < set(labels)
    for label in labels[:-1]:
        chooser.select_option(label=label)
        out = live.agrees()["out"]
        assert chooser.locator("option:checked").inner_text() == label
        if label in EXAMPLES:
            assert out == EXAMPLES[label], label


def test_padding_stride_and_dilation_agree_with_torch(show):
    five = [[3, 4, 6, 5, 7], [2, 4, -6, 8, 2.5], [1, 6, 7, 8, 4], [9, 7, 4, 6, 2]]
    settings = [
        {"padding": [2, 1], "stride": [2, 3], "dilation": [2, 1]},
        {"padding": [0, 3], "stride": [1, 4], "dilation": [1, 4]},
        {"padding": [1, 1], "stride": [4, 1], "dilation": [1, 2], "step": 3},
        {"padding": [1, 1], "stride": [2, 2], "dilation": [1, 1], "step": 999},
    ]
    live = show(Convolution(image=five, kernel=[[1, -0.5, 2], [0, 3, -1]]))
    for operation in "cross", "flipped", "max", "avg":
        for some in settings:
            more = dict(some)
            if operation in ("max", "avg"):
                more["padding"] = [1, 1]
                more["dilation"] = [1, min(some["dilation"][1], 3)]
            if operation == "avg":
                more["dilation"] = [1, 1]
            live.set(operation=operation, **{"step": 0} | more)
            live.agrees()


def test_mouse_touch_and_keyboard_slide_the_window(show):
    live = show(Convolution())
    live.drag("Window", 55, 0)
    assert live.state()["step"] == 1
    assert "out[0, 1]" in live.root.inner_text()
    assert "1·0 + 2·1 +\n4·2 + 5·3 = 25" in live.root.inner_text()
    live.agrees()
    live.touch("Window", 0, 55)
    assert live.state()["step"] == 3
    live.agrees()
    live.drag("Output cell", -60, 0)
    assert live.state()["step"] == 2
    live.press("Output cell", "ArrowUp")
    assert live.state()["step"] == 0
    live.set(padding=[1, 1], stride=[3, 2])
    live.press("Window", "ArrowRight")
    assert live.state()["step"] == 1
    live.press("Window", "ArrowDown", times=3)  # stays in the last row
    assert live.state()["step"] == 3
    assert live.agrees()["cell"] == 8
    live.click("Reset")
    live.click("Step")
    assert live.state()["step"] == 1


def test_the_kernel_can_be_typed(show):
    live = show(Convolution())
    field = live.control("Kernel row 1, column 2")
    field.fill("-2,5")
    field.press("Enter")
    assert live.state()["kernel"] == [[0, -2.5], [2, 3]]
    assert "1·(−2.5)" in live.root.inner_text()
    live.agrees()
    field.fill("much")
    assert "“much” is not a number." in live.root.inner_text()
    assert live.state()["kernel"] == [[0, -2.5], [2, 3]]
    live.control("Kernel").select_option(label="identity")
    assert live.state()["kernel"] == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert live.agrees()["out"] == [[4]]
    live.control("kernel, rows").focus()
    live.page.keyboard.press("ArrowLeft")
    assert live.state()["kernel"] == [[0, 0, 0], [0, 1, 0]]
    live.agrees()


def test_what_does_not_fit_is_answered_and_changes_nothing(show):
    live = show(Convolution())
    before = live.state()
    assert "At least 1" in live.typed("kernel, rows", "0")
    assert "At least 1" in live.typed("kernel, columns", "0")
    assert "spans 4 rows" in live.typed("dilation, rows", "3")
    assert "whole number" in live.typed("stride, rows", "1.5")
    live.press("kernel, columns", "End")  # five columns over three
    assert "spans 5 columns; the padded image has 3" in live.root.inner_text()
    assert float(live.knob("kernel, columns").input_value()) == 2
    assert live.state() == before
    live.agrees()
    live.control("Operation").select_option(label="max pooling")
    assert "padding of at most 1" in live.typed("padding, rows", "2")
    live.control("Operation").select_option(label="average pooling")
    live.control("dilation, rows").wait_for(
        state="hidden", timeout=5000
    )  # drawn a frame later
    live.agrees()


def test_a_message_goes_when_the_rest_allows_the_number(show):
    live = show(Convolution())
    assert "spans 4 rows" in live.typed("dilation, rows", "3")
    live.typed("padding, rows", "1")
    live.flush()
    assert "spans 4 rows" not in live.root.inner_text()
    assert live.root.get_by_label("dilation, rows, typed").input_value() == "1"


def test_from_four_rows_of_padding_to_pooling(show):
    live = show(Convolution(padding=[4, 4], dilation=[4, 4]))
    live.control("Operation").select_option(label="max pooling")
    live.agrees()
    live.control("Kernel").select_option(label="upright edges (Sobel)")
    assert live.state()["operation"] == "cross"
    live.agrees()


def test_shifting_the_image(show):
    live = show(Convolution())
    live.click("Shift image right")
    assert live.state()["image"][1] == [3, 3, 4]
    live.agrees()
    live.click("Shift image left")
    assert live.state()["image"][1] == [3, 4, 4]
    live.agrees()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"kernel": []}, "kernel must be a matrix of 1×1 to 5×5"),
        ({"kernel": [[]]}, "kernel must have at least one column"),
        ({"kernel": [[1, 2], [3]]}, "kernel must be a matrix"),
        ({"image": [[0] * 13]}, "image must be a matrix of 1×1 to 12×12"),
        ({"image": [[1, 2]]}, "the window spans 2 rows, the padded image has 1"),
        ({"operation": "max", "padding": [2, 0]}, "padding of at most 1"),
        ({"operation": "avg", "dilation": [2, 1]}, "average pooling has no dilation"),
    ],
)
def test_python_refuses_what_has_no_output(state, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Convolution(**state)


def test_python_refuses_numbers_out_of_range():
    for bad in {"stride": [0, 1]}, {"padding": [-1, 0]}, {"kernel": [[float("nan")]]}:
        with pytest.raises(traitlets.TraitError):
            Convolution(**bad)


def test_the_sentence_holds_the_numbers():
    text = Convolution(padding=[1, 1], stride=[3, 2]).sentence()
    assert "padding 1, stride (3, 2)" in text and "0 8 / 6 8" in text
