"""Multiply–adds with and without the 1×1, against torch's own counter."""

import pytest
import traitlets

from d2lutils.widgets import InceptionCost
from d2lutils.widgets.inception_cost import GOOGLENET


def test_the_example_of_the_notes(show):
    live = show(InceptionCost())
    values = live.agrees()
    assert values["direct"] == 120_422_400
    assert values["squeeze"] == 2_408_448 and values["expand"] == 10_035_200
    text = live.root.inner_text()
    assert "28² · 5² · 192 · 32 = 120,422,400" in text
    assert "= 2,408,448 + 10,035,200 = 12,443,648" in text
    assert "divides the work by 9.68" in text
    assert "64 + 128 + 32 + 32 = 256 channels" in text


def test_every_path_of_googlenet(show):
    live = show(InceptionCost())
    chooser = live.control("GoogLeNet path")
    labels = chooser.locator("option").all_inner_texts()
    assert len(labels) == 2 * len(GOOGLENET) + 1
    channels = {}
    for label in labels[:-1]:
        chooser.select_option(label=label)
        live.agrees()
        name, kernel = label.split(",")[0], int(label.split(", ")[1][0])
        size, c_in, *_ = GOOGLENET[name]
        reduction, out = GOOGLENET[name][3 if kernel == 3 else 4]
        assert live.state() == {
            "size": size, "in_channels": c_in, "kernel": kernel,
            "reduction": reduction, "out_channels": out,
        }  # fmt: skip
        assert chooser.locator("option:checked").inner_text() == label
        text = live.root.inner_text()
        channels[name] = text.split(" channels, ")[0].split("= ")[-1]
    assert list(channels.values()) == [
        "256", "480", "512", "512", "512", "528", "832", "832", "1024",
    ]  # fmt: skip


def test_typed_numbers_agree_with_torch(show):
    live = show(InceptionCost())
    for row in (1, 1, 1, 1, 1), (4096, 512, 4096, 15, 1024), (3, 200, 64, 4, 13):
        names = (
            "channels in",
            "channels after 1×1",
            "channels out",
            "kernel",
            "image size",
        )
        for name, number in zip(names, row, strict=True):
            assert live.typed(name, str(number)) == ""
        live.agrees()
    assert "costs more than it saves" in live.root.inner_text()
    assert (
        "your own"
        in live.control("GoogLeNet path").locator("option:checked").inner_text()
    )


def test_mouse_touch_and_keyboard_move_the_reduction(show):
    live = show(InceptionCost())
    name = "Channels after the 1×1"
    live.drag(name, 120, 0)
    assert live.state()["reduction"] > 40
    live.agrees()
    live.touch(name, -60, 0)
    live.agrees()
    before = live.state()["reduction"]
    live.press(name, "ArrowRight", times=2)
    assert live.state()["reduction"] == before + 2
    live.press("kernel", "ArrowLeft")
    assert live.state()["kernel"] == 4
    live.agrees()


def test_bad_numbers_are_answered_and_change_nothing(show):
    live = show(InceptionCost())
    before = live.state()
    assert "At least 1" in live.typed("kernel", "0")
    assert "whole number" in live.typed("channels after 1×1", "2.5")
    assert "At most 4096" in live.typed("channels out", "5000")
    assert "not a number" in live.typed("image size", "big")
    assert live.state() == before


@pytest.mark.parametrize("bad", [{"kernel": 0}, {"reduction": 0}, {"size": 2.5}])
def test_python_refuses_what_cannot_be(bad):
    with pytest.raises(traitlets.TraitError):
        InceptionCost(**bad)


def test_the_sentence_holds_the_numbers():
    text = InceptionCost().sentence()
    assert "120,422,400" in text and "= 12,443,648" in text
