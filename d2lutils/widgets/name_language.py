"""Type a name and watch a trained network guess its language, letter by letter.

Type your own name slowly, and look for the letter that changes the network's mind.
"""

from functools import cache
from html import escape

import torch
import torch.nn.functional as F
import traitlets
from torch import nn

from d2lutils.widgets.framework import recurrent
from d2lutils.widgets.framework.base import Widget

LONGEST = 30  # letters of a name
_SHOWN = 6
_MONTHS_IN = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "pl": "Polish",
              "fi": "Finnish"}  # fmt: skip


class _Months(nn.Module):
    """A GRU of 16 units over letters, its last state to languages."""

    def __init__(self, letters, classes):
        super().__init__()
        self.embedding = nn.Embedding(letters, 8)
        self.rnn = nn.GRU(8, 16, batch_first=True)
        self.linear = nn.Linear(16, classes)


@cache
def _little():
    """(letters, languages, net): a net that learned the months of six languages by heart."""
    from babel.dates import get_month_names

    words = [
        (word.lower(), k)
        for k, code in enumerate(_MONTHS_IN)
        for word in get_month_names("wide", "stand-alone", code).values()
    ]
    letters = sorted({c for word, _ in words for c in word})
    y = torch.tensor([k for _, k in words])
    rows = [torch.tensor([letters.index(c) for c in word]) for word, _ in words]
    lengths = torch.tensor([len(row) for row in rows])
    X = nn.utils.rnn.pad_sequence(rows, batch_first=True)
    with torch.random.fork_rng(devices=[]):  # the reader's seed stays where it is
        torch.manual_seed(0)
        net = _Months(len(letters), len(_MONTHS_IN))
        optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
        for _ in range(100):
            optimizer.zero_grad()
            states = net.rnn(net.embedding(X))[0]
            last = states[torch.arange(len(X)), lengths - 1]
            F.cross_entropy(net.linear(last), y).backward()
            optimizer.step()
    return letters, list(_MONTHS_IN.values()), recurrent.convert({"net": net})


class NameLanguage(Widget):
    """What ``net`` says of a name's language, after each of its letters.

    Parameters
    ----------
    net : nn.Module, optional
        With one ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM`` (in one direction or two, any layers) and one
        ``nn.Linear``, which takes the last layer's final state, those of both directions
        joined, to a logit for each class; an ``nn.Embedding`` may stand before them.
        Without one a little net answers that knows the months in six languages.
    characters, classes : list of str
        Character number i, class number i. The padding may stand among the characters, as
        an empty text.
    bits, budget_kb : int, float
        Of a weight in the page, and the most kilobytes (``framework/packed.py``).
    name : str
        What is read. A capital that is no character is read as its small letter.

    Raises TypeError for a net of other layers, ValueError for a name of other characters, a net
    that does not fit characters and classes, and above the budget.
    """

    network = traitlets.Dict().tag(sync=True)
    characters = traitlets.List(traitlets.Unicode(), minlen=2).tag(sync=True)
    classes = traitlets.List(traitlets.Unicode(), minlen=2).tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        net=None,
        characters=None,
        classes=None,
        *,
        bits=None,
        budget_kb=300,
        **state,
    ):
        if net is not None:
            if characters is None or classes is None:
                raise TypeError("a net needs its characters and its classes")
            state["network"] = recurrent.convert({"net": net}, bits, budget_kb)
        if characters is not None:
            state["characters"] = list(characters)
        if classes is not None:
            state["classes"] = list(classes)
        super().__init__(**state)

    @traitlets.default("network")
    def _net(self):
        return _little()[2]

    @traitlets.default("characters")
    def _letters(self):
        return _little()[0]

    @traitlets.default("classes")
    def _languages(self):
        return _little()[1]

    @traitlets.default("name")
    def _first(self):
        return (
            "august" if set("august") <= set(self.characters) else self.characters[-1]
        )

    def check(self):
        net = self._pieces()
        recurrent.check_characters(self.characters, lengths=(0, 1))  # 0: the padding
        sizes = len(self.characters), len(self.classes)
        recurrent.check_sizes("the net", net, *sizes)
        wide = net.rnn.hidden_size * (1 + net.rnn.bidirectional)
        if net.linear.in_features != wide:
            raise ValueError(
                f"the linear layer must take the final state of every direction, {wide} "
                f"numbers, not {net.linear.in_features}"
            )
        if not 1 <= len(self.name) <= LONGEST:
            raise ValueError(f"a name has 1 to {LONGEST} letters, not {len(self.name)}")
        strange = "".join(sorted(set(self.name) - self._known()))
        if strange:
            raise ValueError(f"the net has never seen {strange!r}")

    def _known(self):
        """What may be typed: the characters, and capitals of those."""
        own = set(self.characters)
        return own | {c.upper() for c in own}

    def _pieces(self):
        return recurrent.revive(self.network)["net"]

    def _ids(self):
        place = {c: i for i, c in enumerate(self.characters)}
        return torch.tensor([place[c if c in place else c.lower()] for c in self.name])

    def probabilities(self):
        """(letters, classes) in float64: row k after k + 1 letters."""
        net, ids, rows = self._pieces(), self._ids(), []
        for k in range(1, len(ids) + 1):
            state = net.rnn(net.given(ids[:k]))[1]
            last = state[0] if isinstance(state, tuple) else state
            ends = last[-2:] if net.rnn.bidirectional else last[-1:]
            rows.append(net.linear(ends.flatten()).softmax(0))
        return torch.stack(rows)

    def values(self):
        return {"probabilities": self.probabilities().tolist()}

    def sentence(self):
        rows = self.probabilities()
        (one, two), (first, second) = (part.tolist() for part in rows[-1].topk(2))
        return (
            f"Of “{self.name}” a trained network says: {self.classes[first]} ({one:.0%}), or "
            f"else {self.classes[second]} ({two:.0%}). Where scripts run, you type a name, and "
            "see the network change its mind from letter to letter."
        )

    def picture(self):
        rows = self.probabilities()
        order = rows[-1].argsort(descending=True)[:_SHOWN].tolist()
        wide = min(34, 300 // len(self.name))
        parts = [
            f"<text x='{116 + wide * (k + 0.5)}' y='18' text-anchor='middle'>{escape(c)}</text>"
            for k, c in enumerate(self.name)
        ]
        for r, language in enumerate(order):
            y = 28 + 26 * r
            parts.append(
                f"<text x='108' y='{y + 15}' text-anchor='end'>"
                f"{escape(self.classes[language])}</text>"
            )
            for k, p in enumerate(rows[:, language].tolist()):
                parts.append(
                    f"<rect x='{116 + wide * k}' y='{y}' width='{wide - 2}' height='22' "
                    f"fill='#d55e00' fill-opacity='{p:.2f}' stroke='#c3cad3'/>"
                )
            last = f"{rows[-1, language].item():.0%}"
            parts.append(
                f"<text x='{120 + wide * len(self.name)}' y='{y + 15}'>{last}</text>"
            )
        return (
            "<svg xmlns='http://www.w3.org/2000/svg' width='480' "
            f"height='{32 + 26 * len(order)}' font-family='sans-serif' font-size='12'>"
            f"<rect width='100%' height='100%' fill='#fff'/>{''.join(parts)}</svg>"
        )
