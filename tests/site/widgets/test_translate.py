"""Translation in the page: words, scores and attention are torch's, greedy and by beam."""

import math

import pytest
import torch
from torch import nn

from d2lutils.widgets import Translate
from d2lutils.widgets.framework import translation

ENGLISH = [
    "<pad>",
    "<eos>",
    "<unk>",
    "we",
    "you",
    "go",
    "run",
    "home",
    "now",
    ",",
    ".",
    "?",
]
FRENCH = [
    "<pad>",
    "<bos>",
    "<eos>",
    "<unk>",
    "on",
    "vous",
    "va",
    "court",
    "là",
    "maintenant",
    ".",
    "?",
]


class Net(nn.Module):
    """The layers by their names; bridge, both directions and [s, context] at choice."""

    def __init__(self, both=True, bridge=True, seen=False, hidden=10):
        super().__init__()
        wide = hidden * (1 + both)
        self.source, self.target = (
            nn.Embedding(len(ENGLISH), 6),
            nn.Embedding(len(FRENCH), 5),
        )
        self.encoder = nn.GRU(6, hidden, batch_first=True, bidirectional=both)
        if bridge:
            self.bridge = nn.Linear(wide, hidden)
        self.query, self.key = nn.Linear(hidden, 7, bias=False), nn.Linear(wide, 7)
        self.score = nn.Linear(7, 1, bias=False)
        self.decoder = nn.GRU(5 + wide, hidden, batch_first=True)
        self.output = nn.Linear(hidden + wide * seen, len(FRENCH))
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                if name.startswith(("output", "score", "query")):
                    parameter.mul_(6)

    def encode(self, ids):
        states, ends = self.encoder(self.source(torch.tensor([ids])))
        s = (
            self.bridge(torch.cat(list(ends), 1)).tanh()
            if hasattr(self, "bridge")
            else ends[-1]
        )
        return states, s

    def follow(self, ids, words):
        """Log probability of words one after the other, written as a chapter would."""
        states, s = self.encode(ids)
        total, last = 0, FRENCH.index("<bos>")
        for word in words:
            weights = self.score(
                (self.query(s)[:, None] + self.key(states)).tanh()
            ).softmax(1)
            context = (weights * states).sum(1)
            given = torch.cat([self.target(torch.tensor([last])), context], 1)
            s = self.decoder(given[:, None], s[None])[1][0]
            seen = torch.cat([s, context], 1)[:, : self.output.in_features]
            total += self.output(seen).log_softmax(1)[0, word].item()
            last = word
        return total


NETS = {
    "both ways": {},
    "one way, no bridge": {"both": False, "bridge": False},
    "one way, sees its context": {"both": False, "seen": True},
}


@pytest.mark.parametrize("beams", [1, 2, 5])
@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("sentence", ["Go.", "we run home , now ?"])
def test_the_page_translates_as_torch_does(show, kind, beams, sentence):
    torch.manual_seed(3)
    net = Net(**NETS[kind])
    widget = Translate(net, ENGLISH, FRENCH, sentence_in=sentence, beams=beams, bits=32)
    found = show(widget).agrees()
    assert len(found["words"]) == len(found["scores"]) and found["scores"] == sorted(
        found["scores"], reverse=True
    )
    ids = [ENGLISH.index(w) for w in sentence.lower().replace(".", " .").split()] + [1]
    with torch.no_grad():  # the net itself, written another way, gives the same score
        words = found["words"][0]
        wanted = net.follow(ids, words) / len(words) ** translation.ALPHA
    assert math.isclose(found["scores"][0], wanted, rel_tol=1e-3)


@pytest.mark.parametrize("bits", [8, 16])
def test_words_appear_one_after_the_other(show, bits):
    live = show(Translate(bits=bits) if bits == 16 else Translate())
    full = live.agrees()
    assert len(full["words"][0]) == 4
    for shown in 0, 1, 3:
        live.set(shown=shown)
        live.agrees()
        assert (
            live.root.get_by_text("words written")
            .last.inner_text()
            .endswith(str(shown))
        )
    assert full["words"] == live.values()["words"]


def test_the_little_net_puts_dates_into_french_order():
    dates = {
        "Monday, May 3": "lundi 3 mai",
        "Friday, October 13": "vendredi 13 octobre",
        "Saturday, August 31": "samedi 31 août",
    }
    for english, french in dates.items():
        assert Translate(sentence_in=english).texts()[0] == french


def test_a_sentence_is_typed_and_what_is_unknown_is_said(show):
    live = show(Translate())
    field = live.control("or type")
    field.fill("Tuesday, June 9")
    live.flush()
    assert live.state()["sentence_in"] == "Tuesday, June 9"
    live.agrees()
    for typed, says in (
        ("Tuesday, Juni 9", "does not know “juni”"),
        ("<eos>", "does not know “<eos>”"),
        ("", "Type a sentence"),
        ("3 " * 17, "At most 16 words"),
    ):
        field.fill(typed)
        live.flush()
        assert says in live.root.inner_text()
        assert live.state()["sentence_in"] == "Tuesday, June 9"


def missing(name):
    net = Net()
    delattr(net, name)
    return net


def changed(**layers):
    net = Net()
    for name, layer in layers.items():
        setattr(net, name, layer)
    return net


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: missing("key"), TypeError, "layer key"),
        (lambda: changed(decoder=nn.LSTM(25, 10)), TypeError, "nn.GRU, not LSTM"),
        (lambda: changed(encoder=nn.GRU(6, 10, 2)), TypeError, "one layer"),
        (lambda: changed(decoder=nn.GRU(25, 10, bidirectional=True)), TypeError, "one direction"),
        (lambda: changed(source=nn.Embedding(5, 6)), ValueError, "5 rows"),
        (lambda: Net(hidden=300), ValueError, "budget"),
    ],
)  # fmt: skip
def test_a_net_that_cannot_be_shown_is_refused(make, error, says):
    with pytest.raises(error, match=says):
        Translate(make(), ENGLISH, FRENCH, sentence_in="go", budget_kb=100)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({"sentence_in": ""}, "1 to 16"),
        ({"sentence_in": "we fly"}, "'fly'"),
        ({"examples": ["we fly"]}, "'fly'"),
        ({"target_words": ["<bos>", *FRENCH[1:2], *FRENCH[3:], "x"]}, "rows|<eos>"),
    ],
)
def test_a_state_that_cannot_be_is_refused(state, says):
    with pytest.raises(ValueError, match=says):
        Translate(Net(), **({"source_words": ENGLISH, "target_words": FRENCH,
                             "sentence_in": "go"} | state))  # fmt: skip
