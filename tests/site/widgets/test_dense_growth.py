"""Channels, weights and multiply–adds of a dense block against torch's own modules."""

import pytest
import traitlets

from d2lutils.widgets import DenseGrowth


def test_the_block_of_the_chapter(show):
    live = show(DenseGrowth())
    values = live.agrees()
    assert values["reads"] == [64, 96, 128, 160]
    assert (values["out"], values["after"]) == (192, 96)
    text = live.root.inner_text()
    assert "layer 3 reads 64 + 2 · 32 = 128 channels" in text
    assert "9 · 128 · 32 = 36,864 weights" in text


@pytest.mark.parametrize("bottleneck", [False, True])
@pytest.mark.parametrize("transition", [False, True])
def test_other_blocks_agree_with_torch(show, bottleneck, transition):
    live = show(DenseGrowth(bottleneck=bottleneck, transition=transition))
    for c, k, layers, size in (1, 1, 1, 1), (512, 128, 16, 224), (97, 13, 8, 5):
        live.set(in_channels=c, growth=k, layers=layers, size=size, layer=16)
        live.agrees()


def test_every_example_agrees_and_the_paper_comes_out(show):
    live = show(DenseGrowth())
    chooser = live.control("Example")
    outs = {}
    for label in chooser.locator("option").all_inner_texts()[:-1]:
        chooser.select_option(label=label)
        outs[label] = live.agrees()["out"]
        assert chooser.locator("option:checked").inner_text() == label
    # table 1 of Huang et al. 2017: 64 + 6 · 32, and 512 + 16 · 32
    assert outs["DenseNet-121, first block"] == 256
    assert outs["DenseNet-121, last block"] == 1024


def test_mouse_touch_and_keyboard_choose_the_layer(show):
    live = show(DenseGrowth(layers=8))
    live.drag("Layer", 0, -60)
    chosen = live.state()["layer"]
    assert chosen > 3
    live.touch("Layer", 0, 40)
    assert live.state()["layer"] < chosen
    before = live.state()["layer"]
    live.press("Layer", "ArrowUp")
    assert abs(live.state()["layer"] - before) == 1
    live.press("growth rate", "ArrowLeft", times=4)
    assert live.state()["growth"] == 28
    live.agrees()


def test_bad_numbers_are_answered_and_change_nothing(show):
    live = show(DenseGrowth())
    before = live.state()
    assert "At least 1" in live.typed("growth rate", "0")
    assert "At most 16" in live.typed("layers", "17")
    assert "whole number" in live.typed("channels in", "2.5")
    assert live.state() == before


@pytest.mark.parametrize("bad", [{"layers": 0}, {"growth": 0}, {"size": 2.5}])
def test_python_refuses_what_cannot_be(bad):
    with pytest.raises(traitlets.TraitError):
        DenseGrowth(**bad)


def test_the_sentence_holds_the_numbers():
    text = DenseGrowth().sentence()
    assert "64, 96, 128, 160 channels, 192 leave the block" in text
