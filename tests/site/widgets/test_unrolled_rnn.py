"""The unrolled network against torch.nn.RNN, and what its training must reach."""

import copy

import pytest
import torch
import traitlets

from d2lutils.widgets import UnrolledRNN
from d2lutils.widgets.unrolled_rnn import STEPS, WORD


def test_mouse_keyboard_and_touch_walk_through_units_and_time(show):
    live = show(UnrolledRNN())
    assert live.agrees()["answer"] == "ohlol"
    live.drag("Unit in time", -115, 27)
    assert (live.state()["time"], live.state()["unit"]) == (3, 1)
    live.touch("Unit in time", 115, 27)
    assert (live.state()["time"], live.state()["unit"]) == (4, 2)
    live.press("Unit in time", "ArrowLeft", times=2)
    live.press("Unit in time", "ArrowDown")
    assert (live.state()["time"], live.state()["unit"]) == (2, 3)
    live.agrees()
    assert "Unit 4 after letter 2, e" in live.root.inner_text()
    live.press("Unit in time", "ArrowLeft", times=5)
    assert live.state()["time"] == 0
    assert "h₀ = 0" in live.root.inner_text()


def test_every_word_and_every_stage_of_training_agrees_with_torch(show):
    live = show(UnrolledRNN())
    for stage in range(len(STEPS)):
        live.control("trained for").select_option(index=stage)
        for word in "hello", "hell", "olleh", "llllllll":
            live.click(word)
            live.agrees()
    live.control("letters to read").fill("EH")
    live.flush()
    assert live.state()["word"] == [0, 1]
    assert live.agrees()["loss"] is None


def test_the_arithmetic_that_is_written_out_is_the_networks_own(show):
    live = show(UnrolledRNN(time=4, unit=0))
    state = live.agrees()["hidden"][3][0]
    assert f"= {state:.3f}" in live.root.locator(".d2l-formula").first.inner_text()
    assert "both l, but the answers are l and o" in live.root.inner_text()


def test_without_memory_the_same_letter_gets_the_same_answer(show):
    live = show(UnrolledRNN())
    live.control("carry the hidden state from letter to letter").uncheck()
    values = live.agrees()
    assert values["hidden"][2] == values["hidden"][3]
    assert values["answer"][2] == values["answer"][3]
    assert "not l" in live.root.locator(".d2l-view").first.text_content()


def test_unknown_letters_are_answered_and_break_nothing(show):
    live = show(UnrolledRNN())
    field = live.control("letters to read")
    message = field.locator("xpath=following-sibling::*").first
    for text, answer in (
        ("help", "“p” is unknown"),
        ("", "one to eight letters"),
        ("hellohell", "At most eight"),
    ):
        field.fill(text)
        assert answer in message.inner_text()
        assert live.state()["word"] == WORD
    field.press("Escape")
    assert message.inner_text() == "" and field.input_value() == "hello"
    assert "At most 4" in live.typed("hidden unit", "9")
    live.agrees()


@pytest.mark.parametrize("seed", range(4))
def test_training_spells_ohlol_and_leaves_the_seed_alone(seed):
    before = torch.random.get_rng_state()
    trained = UnrolledRNN.train(seed)
    values = trained.values()
    assert torch.equal(before, torch.random.get_rng_state())
    assert values["answer"] == "ohlol" and values["loss"] < 0.05
    first = UnrolledRNN(weights=trained.weights, chosen=0).values()
    assert first["answer"] != "ohlol" and first["loss"] > 1


def test_the_stored_weights_are_those_of_seed_0():
    for ours, theirs in zip(
        UnrolledRNN().weights, UnrolledRNN.train(0).weights, strict=True
    ):
        for name in ours:
            torch.testing.assert_close(
                torch.tensor(ours[name]),
                torch.tensor(theirs[name]),
                atol=0.02,
                rtol=0,
            )


def test_python_refuses_what_does_not_fit():
    weights = copy.deepcopy(UnrolledRNN().weights)
    weights[1]["w_hh"][0] = [1.0, float("nan"), 0.0, 0.0]
    with pytest.raises(traitlets.TraitError, match="w_hh"):
        UnrolledRNN(weights=weights)
    with pytest.raises(traitlets.TraitError, match="units"):
        UnrolledRNN(weights=[])
    with pytest.raises(traitlets.TraitError):
        UnrolledRNN(word=[4])
    with pytest.raises(ValueError, match="unit must be below"):
        UnrolledRNN(unit=4)
    with pytest.raises(ValueError, match="chosen must name"):
        UnrolledRNN(chosen=5)


def overlapping(live):
    """Pairs of labels of the logits that stand on each other."""
    return live.root.evaluate(
        """el => {
        const plot = el.querySelector('[aria-label^="Logits of the four letters"]');
        const boxes = [...plot.querySelectorAll(":scope > g:nth-of-type(2) text")]
            .map((t) => [t.textContent, t.getBoundingClientRect()]);
        return boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([, q]) =>
            p.left < q.right && q.left < p.right && p.top < q.bottom - 3 && q.top < p.bottom - 3)
            .map(([b]) => `${a} | ${b}`));
        }"""
    )


@pytest.mark.parametrize("width", [360, 820])
def test_the_labels_of_the_logits_do_not_overlap(show, width):
    live = show(UnrolledRNN(), viewport={"width": width, "height": 900})
    for chosen in range(len(STEPS)):
        for time in range(1, 6):
            live.set(chosen=chosen, time=time)
            assert overlapping(live) == []
    small = copy.deepcopy(UnrolledRNN().weights)
    small[0]["w_ho"] = [[v * 1e-4 for v in row] for row in small[0]["w_ho"]]
    small[0]["b_o"] = [-1.3e-4, 2e-3, -0.00123, -4e-5]
    large = [{**small[0], "b_o": [-1234.5, 23456.7, -345678.9, 1e6]}]
    for weights in small, large:
        live.set(weights=weights, chosen=0, time=4)
        assert overlapping(live) == []
