"""Let trained networks go on with a text, letter by letter, and look at what they expect.

Type a beginning, turn the temperature from 0 to 2, then colour the letters by one hidden unit
and look for one that knows something.
"""

import html
import math
from functools import cache

import torch
import torch.nn.functional as F
import traitlets
from torch import nn

from d2lutils.widgets.framework import recurrent
from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.seeded import uniforms

_DAYS = "monday tuesday wednesday thursday friday saturday sunday "
LONGEST = 400  # letters that are written, at most


class _Days(nn.Module):
    """A recurrent net of 24 units over the letters of ``_DAYS``."""

    def __init__(self, kind, letters):
        super().__init__()
        self.rnn = kind(letters, 24)
        self.linear = nn.Linear(24, letters)

    def forward(self, X):
        return self.linear(self.rnn(F.one_hot(X, self.rnn.input_size).float())[0])


@cache
def _little():
    """(letters, nets): three nets trained for a second each to say the days of the week."""
    letters = sorted(set(_DAYS))
    ids = torch.tensor([letters.index(c) for c in _DAYS * 2])
    nets = {}
    with torch.random.fork_rng(devices=[]):  # the reader's seed stays where it is
        for name, kind in ("RNN", nn.RNN), ("GRU", nn.GRU), ("LSTM", nn.LSTM):
            torch.manual_seed(0)
            net = nets[name] = _Days(kind, len(letters))
            optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
            for _ in range(120):
                optimizer.zero_grad()
                F.cross_entropy(net(ids[:-1]), ids[1:]).backward()
                optimizer.step()
    return letters, recurrent.convert(nets)


class SampleText(Widget):
    """Texts that trained character models write from the same beginning, side by side.

    Parameters
    ----------
    nets : dict of str to nn.Module, optional
        One to three nets, each with one ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM`` (in one direction)
        and one ``nn.Linear`` to a logit for each character; an ``nn.Embedding`` may stand before
        them, otherwise characters go in one-hot. Without them, three little nets answer that
        have learned the days of the week.
    characters : list of str
        Character number i at place i.
    bits, budget_kb : int, float
        Of a weight in the page, and the most kilobytes of all nets together
        (``framework/packed.py``).
    prompt : str
        The beginning that the nets read.
    temperature : float
        Logits are divided by it before one letter is drawn; at 0 the likeliest is taken. All
        nets draw by the same random numbers, those of ``seed``.
    length : int
        How many letters are written.
    position : int
        After how many letters the next one's probabilities are shown; left out: the prompt's.
    color, unit : {"nothing", "surprise", "unit"}, int
        What colours the letters: how little the net expected each (in bits), or the value of
        this hidden unit after it.

    Raises TypeError for nets of other layers, ValueError for a prompt of other characters, for
    nets that don't fit the characters, and above the budget.
    """

    networks = traitlets.Dict().tag(sync=True)
    characters = traitlets.List(traitlets.Unicode(), minlen=2).tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)
    temperature = Finite(0.8, min=0, max=2).tag(sync=True)
    length = traitlets.Int(160, min=1, max=LONGEST).tag(sync=True)
    seed = traitlets.Int(0, min=0, max=9999).tag(sync=True)
    position = traitlets.Int(min=1).tag(sync=True)
    color = traitlets.Enum(["nothing", "surprise", "unit"], "nothing").tag(sync=True)
    unit = traitlets.Int(0, min=0).tag(sync=True)

    def __init__(
        self, nets=None, characters=None, *, bits=None, budget_kb=300, **state
    ):
        if nets is not None:
            if characters is None:
                raise TypeError("nets need the characters that their numbers stand for")
            state["networks"] = recurrent.convert(nets, bits, budget_kb)
        if characters is not None:
            state["characters"] = list(characters)
        super().__init__(**state)

    @traitlets.default("networks")
    def _nets(self):
        return _little()[1]

    @traitlets.default("characters")
    def _letters(self):
        return _little()[0]

    @traitlets.default("prompt")
    def _beginning(self):
        return "mon" if set("mon") <= set(self.characters) else self.characters[0]

    @traitlets.default("position")
    def _end_of_prompt(self):
        return max(len(self.prompt), 1)

    def check(self):
        nets, size = recurrent.revive(self.networks), len(self.characters)
        if not 1 <= len(nets) <= 3:
            raise ValueError(f"one to three nets stand side by side, not {len(nets)}")
        recurrent.check_characters(self.characters)
        for name, net in nets.items():
            recurrent.check_sizes(name, net, size, size)
            if net.rnn.bidirectional:
                raise ValueError(
                    f"{name} reads in both directions: it has seen what it should write"
                )
        if not self.prompt or set(self.prompt) - set(self.characters):
            strange = "".join(sorted(set(self.prompt) - set(self.characters)))
            raise ValueError(
                f"the prompt must be made of the nets' characters, not {strange!r}"
                if strange
                else "the prompt needs a character"
            )
        least = min(net.rnn.hidden_size for net in nets.values())
        if self.unit >= least:
            raise ValueError(f"unit must be at most {least - 1}, not {self.unit}")

    def _shares(self, logits):
        """Probabilities at the present temperature."""
        if self.temperature:
            return (logits / self.temperature).softmax(0)
        return F.one_hot(logits.argmax(), len(logits)).to(logits.dtype)

    def _written(self, net):
        """(ids, logits, states) of the prompt and what follows: logits[k] after k + 1 letters."""
        ids = [self.characters.index(c) for c in self.prompt]
        chance = uniforms(self.seed, self.length)
        state, logits, states = None, [], []
        for k in range(len(ids) + self.length):
            out, state = net.rnn(net.given(torch.tensor(ids[k : k + 1])), state)
            states.append(out[0])
            logits.append(net.linear(out[0]))
            drawn = k + 1 - len(self.prompt)
            if 0 <= drawn < self.length:
                below = self._shares(logits[-1]).cumsum(0) <= chance[drawn]
                ids.append(min(int(below.sum()), len(self.characters) - 1))
        return ids, torch.stack(logits), torch.stack(states)

    def values(self):
        found = {}
        for name, net in recurrent.revive(self.networks).items():
            ids, logits, states = self._written(net)
            at = min(self.position, len(ids))
            surprise = -logits.log_softmax(1)[range(len(ids) - 1), ids[1:]] / math.log(
                2
            )
            colors = {"nothing": [], "surprise": [0, *surprise.tolist()]}
            found[name] = {
                "ids": ids,
                "probabilities": self._shares(logits[at - 1]).tolist(),
                "colors": colors.get(self.color, states[:, self.unit].tolist()),
            }
        return found

    def texts(self):
        """{net's name: the beginning and what the net writes}."""
        return {
            name: "".join(self.characters[i] for i in found["ids"])
            for name, found in self.values().items()
        }

    def sentence(self):
        start = len(self.prompt)
        said = "; ".join(
            f"the {name} writes “{' '.join(text[start : start + 60].split())}…”"
            for name, text in self.texts().items()
        )
        return (
            f"From “{self.prompt}”, at temperature {self.temperature:g}, {said}. Where scripts "
            "run, you type the beginning and set the temperature, see what each network expects "
            "next after every letter, and colour the letters by a hidden unit."
        )

    def picture(self):
        lines, y = [], 20
        for name, text in self.texts().items():
            lines.append(
                f"<text x='8' y='{y}' font-weight='bold'>{html.escape(name)}</text>"
            )
            flat = " ".join(text.split())
            for start in range(0, min(len(flat), 186), 62):
                y += 16
                part = html.escape(flat[start : start + 62])
                lines.append(
                    f"<text x='8' y='{y}' font-family='monospace'>{part}</text>"
                )
            y += 24
        return (
            f"<svg xmlns='http://www.w3.org/2000/svg' width='480' height='{y - 8}' "
            "font-family='sans-serif' font-size='12'><rect width='100%' height='100%' "
            f"fill='#fff'/>{''.join(lines)}</svg>"
        )
