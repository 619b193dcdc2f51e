"""A name's language, letter by letter: the page says what torch says."""

import pytest
import torch
from torch import nn

from d2lutils.widgets import NameLanguage

LETTERS = ["", *"abcdefghijklmnopqrstuvwxyz'é"]  # the padding first
CLASSES = ["Czech", "Dutch", "English", "French", "Greek", "Irish", "Korean"]


class Classifier(nn.Module):
    def __init__(self, kind, layers=1, both=False, embedding=True):
        super().__init__()
        wide = 9 if embedding else len(LETTERS)
        if embedding:
            self.embed = nn.Embedding(len(LETTERS), wide, padding_idx=0)
        self.body = kind(wide, 11, layers, bidirectional=both, batch_first=True)
        self.head = nn.Linear(11 * (1 + both), len(CLASSES))
        nn.init.normal_(self.head.weight, std=4)


NETS = {
    "RNN": (nn.RNN, 1, False, False),
    "GRU, both ways, two layers": (nn.GRU, 2, True, True),
    "GRU, both ways": (nn.GRU, 1, True, True),
    "LSTM, three layers": (nn.LSTM, 3, False, True),
    "LSTM, both ways": (nn.LSTM, 1, True, False),
}


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("name", ["k", "Andr\u00e9", "o'brian"])
def test_the_page_says_what_torch_says(show, kind, name):
    torch.manual_seed(1)
    net = Classifier(*NETS[kind])
    live = show(NameLanguage(net, LETTERS, CLASSES, name=name, bits=32))
    rows = torch.tensor(live.agrees()["probabilities"])
    assert rows.shape == (len(name), len(CLASSES))
    ids = torch.tensor(
        [[LETTERS.index(c if c in LETTERS else c.lower()) for c in name]]
    )
    with torch.no_grad():  # and what the module itself says of the whole name
        given = (
            net.embed(ids) if hasattr(net, "embed") else nn.functional.one_hot(ids, 29)
        )
        state = net.body(given.float())[1]
        last = state[0] if isinstance(state, tuple) else state
        ends = last[-2:] if net.body.bidirectional else last[-1:]
        wanted = net.head(ends.transpose(0, 1).flatten(1)).softmax(1)[0]
    torch.testing.assert_close(rows[-1], wanted, rtol=1e-4, atol=1e-5)


def test_a_name_is_typed(show):
    torch.manual_seed(1)
    net = Classifier(nn.GRU, 1, True)
    live = show(NameLanguage(net, LETTERS, CLASSES, name="a"))
    before = live.agrees()
    field = live.control("Name")
    field.fill("Zoe")
    live.flush()
    assert live.state()["name"] == "Zoe" and live.agrees() != before
    field.fill("Zo7")
    live.flush()
    assert "never seen “7”" in live.root.inner_text()
    field.fill("")
    live.flush()
    assert "Type a name" in live.root.inner_text()
    assert live.state()["name"] == "Zoe"


def test_the_letter_that_changed_its_mind_is_named(show):
    live = show(NameLanguage(name="mayo"))
    rows = live.agrees()["probabilities"]
    best = [row.index(max(row)) for row in rows]
    turns = [k for k in range(1, len(best)) if best[k] != best[k - 1]]
    text = live.root.inner_text()
    assert f"at letter {turns[-1] + 1}," in text if turns else "first letter" in text


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({"name": ""}, "1 to 30"),
        ({"name": "ж"}, "never seen"),
        ({"classes": CLASSES[1:]}, "7 logits"),
        ({"characters": LETTERS[1:]}, "29 symbols"),
        ({"characters": [*LETTERS[:-1], "a"]}, "once"),
    ],
)
def test_what_does_not_fit_is_refused(state, says):
    torch.manual_seed(1)
    given = {"characters": LETTERS, "classes": CLASSES, "name": "abc"} | state
    with pytest.raises(ValueError, match=says):
        NameLanguage(Classifier(nn.GRU, 1, True), **given)


def test_a_head_that_takes_one_direction_only_is_refused():
    net = Classifier(nn.GRU, 1, True)
    net.head = nn.Linear(11, len(CLASSES))
    with pytest.raises(ValueError, match="22 numbers, not 11"):
        NameLanguage(net, LETTERS, CLASSES, name="abc")
