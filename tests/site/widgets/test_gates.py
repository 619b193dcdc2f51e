"""A GRU and an LSTM cell against torch.nn.GRU and torch.nn.LSTM, in float64."""

import warnings

import pytest
import torch
import traitlets

from d2lutils.widgets import Gates

PRESETS = 5


def test_mouse_keyboard_and_touch_move_inputs_and_time(show):
    live = show(Gates())
    live.agrees()
    live.drag("Input 3", 0, -20)
    assert live.state()["x"][2] > 0.3
    live.agrees()
    live.touch("Input 4", 0, 25)
    assert live.state()["x"][3] < -0.3
    live.agrees()
    live.press("Input 1", "ArrowUp", times=3)
    assert live.state()["x"][0] == pytest.approx(0.3)
    live.agrees()
    live.press("Time", "ArrowRight", times=2)
    assert live.state()["step"] == 7
    live.agrees()
    live.click("Reset")
    assert live.state()["step"] == 0
    assert live.agrees()["gradient"] == [0] * 10


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_every_preset_and_scale_agrees_with_torch(show, cell):
    live = show(Gates(cell=cell, step=10))
    for i in range(PRESETS):
        live.control("what it does").select_option(index=i)
        live.agrees()
        assert live.control("what it does").input_value() == str(i)
        live.set(h0=-0.6, c0=2.0)
        for scale in "0", "3.3", "100":
            assert live.typed("scale of all weights", scale) == ""
            live.agrees()


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_random_weights_agree_with_torch(show, cell):
    live = show(Gates(cell=cell))
    make = torch.Generator().manual_seed(1)
    for _ in range(4):
        draw = [
            (2 * torch.randn(n, generator=make)).tolist() for n in (3, 3, 4, 3, 3, 3, 3)
        ]
        live.set(gru=draw[:3], lstm=draw[3:], h0=0.5, c0=-1.5, step=9)
        live.agrees()


def test_the_table_of_weights_is_typed_into(show):
    live = show(Gates())
    for label, text in (
        ("reset gate r, weight of x", "-2"),
        ("update gate z, weight of h", "1.5"),
        ("candidate n, weight of h", "2"),
        ("candidate n, b_hn", "0.7"),
    ):
        live.control(label).fill(text)
        live.flush()
        live.agrees()
    assert live.state()["gru"] == [[-2, 0, 5], [-16, 1.5, 5], [1, 2, 0, 0.7]]
    live.control("cell").select_option(label="LSTM: state h and cell c")
    live.control("output gate o, bias").fill("-1")
    assert live.typed("bias of f (forget)", "1") == ""
    assert live.state()["lstm"][3][2] == -1 and live.state()["lstm"][1][2] == 1
    live.agrees()


def test_what_the_presets_promise(show):
    live = show(Gates(step=10))
    for cell in "gru", "lstm":
        live.set(cell=cell)
        live.control("what it does").select_option(
            label="remember: hold the last pulse"
        )
        h = live.agrees()["h"]
        assert h[5] > 0.95 * h[2] > 0.5 and h[10] > 0.95 * h[6] > 0.3
        live.control("what it does").select_option(
            label="forget: half is gone in three steps"
        )
        values = live.agrees()
        kept = values.get("c", values["h"])
        assert kept[5] / kept[2] == pytest.approx(0.5, abs=0.03)
        live.control("what it does").select_option(label="copy: follow the input")
        for h, x in zip(live.agrees()["h"][1:], live.state()["x"], strict=True):
            assert h * x > 0
        live.control("what it does").select_option(label="add up: count the pulses")
        values = live.agrees()
        assert values["h"][1] < values["h"][3] < values["h"][5] < values["h"][7] < 1
    assert values["c"][10] > 2, "the cell of an LSTM counts beyond 1"


def test_the_arithmetic_is_written_out(show):
    live = show(Gates())
    text = live.root.locator(".d2l-formula").inner_text()
    assert "z = σ(−16·0 + 0·0.751 + 5) = 0.993" in text
    assert "h = (1 − z)·n + z·h = 0.00669·0 + 0.993·0.751 = 0.746" in text
    live.set(cell="lstm")
    assert "c = f·c + i·g" in live.root.locator(".d2l-formula").inner_text()


def test_bad_input_is_said_and_breaks_nothing(show):
    live = show(Gates())
    assert "not a number" in live.typed("scale of all weights", "wide")
    assert "At most 1" in live.typed("state h before", "3")
    assert live.state()["scale"] == 1 and live.state()["h0"] == 0
    live.agrees()


def test_it_is_torchs_own_gru_and_lstm():
    x = torch.tensor(Gates().x, dtype=torch.float64)[:, None]
    for cell in "gru", "lstm":
        widget = Gates(cell=cell, scale=0.7)
        before = torch.random.get_rng_state()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            h = torch.tensor(widget.values()["h"][1:], dtype=torch.float64)
        assert torch.equal(before, torch.random.get_rng_state())
        torch.testing.assert_close(widget.module()(x)[0].flatten(), h)


def test_python_refuses_what_does_not_fit():
    with pytest.raises(traitlets.TraitError, match="gru needs rows of 3, 3, 4"):
        Gates(gru=[[0, 0, 0], [0, 0, 0], [0, 0, 0]])
    with pytest.raises(traitlets.TraitError):
        Gates(lstm=[[0, 0, 0]] * 3)
    for bad in {"x": [3.0]}, {"x": []}, {"scale": float("nan")}, {"cell": "rnn"}:
        with pytest.raises(traitlets.TraitError):
            Gates(**bad)
