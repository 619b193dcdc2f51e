"""Text sampled by trained recurrent nets: the page writes what torch writes, letter by letter."""

import json

import pytest
import torch
from torch import nn

from d2lutils.widgets import SampleText
from d2lutils.widgets.framework import recurrent

LETTERS = list("abcdefgh .,\n")


class Characters(nn.Module):
    """An embedding, layers of ``kind``, logits."""

    def __init__(self, kind, embedding=True, layers=1, hidden=20, **how):
        super().__init__()
        wide = 7 if embedding else len(LETTERS)
        if embedding:
            self.table = nn.Embedding(len(LETTERS), wide)
        self.body = kind(wide, hidden, layers, **how)
        self.head = nn.Linear(hidden, len(LETTERS))


@pytest.fixture(scope="module")
def nets():
    torch.manual_seed(0)
    made = {
        "RNN": Characters(nn.RNN, embedding=False, nonlinearity="relu"),
        "GRU": Characters(nn.GRU, layers=2, dropout=0.5),
        "LSTM": Characters(nn.LSTM, bias=False, batch_first=True),
    }
    with torch.no_grad():  # opinions strong enough to tell nets and letters apart
        for net in made.values():
            net.head.weight.mul_(8)
    return made


@pytest.mark.parametrize("bits", [8, 16, 32])
@pytest.mark.parametrize("temperature", [0, 0.3, 1, 2])
def test_the_page_writes_what_torch_writes(show, nets, bits, temperature):
    widget = SampleText(
        nets, LETTERS, bits=bits, prompt="a cab", temperature=temperature, position=40
    )
    found = show(widget).agrees()
    texts = [tuple(part["ids"]) for part in found.values()]
    assert len(set(texts)) == 3 and all(len(set(text)) > 2 for text in texts)


@pytest.mark.parametrize("color", ["surprise", "unit"])
def test_colours_are_surprise_in_bits_or_a_units_value(show, nets, color):
    live = show(SampleText(nets, LETTERS, prompt="bad. ", color=color, unit=13))
    found = live.agrees()["LSTM"]["colors"]
    assert len(set(found)) > 50
    assert (min(found) >= 0) == (color == "surprise")
    live.set(unit=3, temperature=1.4, seed=5, length=33, position=37)
    live.agrees()


def test_every_move_is_answered(show, nets):
    live = show(SampleText(nets, LETTERS, prompt="a"))
    seen = []
    for state in (
        {"temperature": 1.5},
        {"seed": 7},
        {"prompt": "heed "},
        {"length": 30},
        {"position": 9},
    ):
        live.set(**state)
        seen.append(json.dumps(live.agrees()))
    assert len(set(seen)) == len(seen)


def test_a_beginning_is_typed_and_what_is_unknown_is_said(show, nets):
    live = show(SampleText(nets, LETTERS, prompt="a"))
    field = live.control("Beginning")
    field.fill("Bad\u00e9")
    live.flush()
    assert "never seen “é”" in live.root.inner_text()
    assert live.state()["prompt"] == "a"
    field.fill("")
    live.flush()
    assert "Type at least one letter" in live.root.inner_text()
    field.fill("BAD")  # capitals that the nets don't know are written small
    live.flush()
    assert live.state()["prompt"] == "bad"
    live.agrees()


def test_a_click_on_a_letter_asks_what_comes_after_it(show, nets):
    live = show(SampleText(nets, LETTERS, prompt="a"))
    live.root.locator("[data-at='12']").first.click()
    live.flush()
    assert live.state()["position"] == 12
    live.agrees()


def test_weights_are_those_of_the_net(nets):
    made = recurrent.revive(recurrent.convert(nets, bits=32))
    X = torch.randint(len(LETTERS), (9,))
    for name, net in nets.items():
        net = net.double().eval()
        given = net.table(X) if hasattr(net, "table") else nn.functional.one_hot(X, 12)
        batch = given.double().unsqueeze(0 if net.body.batch_first else 1)
        wanted = net.head(net.body(batch)[0]).reshape(9, -1)
        torch.testing.assert_close(made[name].logits(X), wanted)
        net.float()


WRONG = {
    "two bodies": (lambda: nn.Sequential(nn.RNN(12, 4), nn.RNN(4, 4), nn.Linear(4, 12)), TypeError),
    "no linear": (lambda: nn.Sequential(nn.GRU(12, 12)), TypeError),
    "projected": (lambda: nn.Sequential(nn.LSTM(12, 4, proj_size=2), nn.Linear(2, 12)), TypeError),
    "other alphabet": (lambda: nn.Sequential(nn.GRU(12, 4), nn.Linear(4, 11)), ValueError),
    "both ways": (
        lambda: nn.Sequential(nn.GRU(12, 4, bidirectional=True), nn.Linear(8, 12)), ValueError,
    ),
    "does not fit": (lambda: nn.Sequential(nn.GRU(12, 4), nn.Linear(5, 12)), ValueError),
    "too heavy": (lambda: nn.Sequential(nn.LSTM(12, 300), nn.Linear(300, 12)), ValueError),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_a_net_that_cannot_be_shown_is_refused(kind):
    make, error = WRONG[kind]
    with pytest.raises(error):
        SampleText({"net": make()}, LETTERS, prompt="a")


@pytest.mark.parametrize("state", [{"prompt": ""}, {"prompt": "xyz"}, {"unit": 20}])
def test_a_state_that_cannot_be_is_refused(nets, state):
    with pytest.raises(ValueError, match=r"prompt|unit"):
        SampleText(nets, LETTERS, **({"prompt": "a"} | state))


def test_three_nets_of_128_units_fit_into_the_page():
    letters = [chr(i) for i in range(40, 84)]  # 44 of them
    nets = {
        kind.__name__: nn.Sequential(kind(44, 128), nn.Linear(128, 44))
        for kind in (nn.RNN, nn.GRU, nn.LSTM)
    }
    widget = SampleText(nets, letters, prompt="A")
    assert len(widget.html()) < 360_000
