"""A recurrent network unrolled over the letters of a word, with really trained weights."""

import torch
import traitlets
from torch import nn

from d2lutils.widgets.framework.base import Widget

LETTERS = "ehlo"
WORD, TARGET = [1, 0, 2, 2, 3], [3, 1, 2, 3, 2]  # hello -> ohlol
STEPS = (0, 5, 10, 20, 150)
# What train(seed=0) gave on one machine: after each number of steps, in thousandths,
# w_xh (4, 4), w_hh (4, 4), b_h (4), w_ho (4, 4) and b_o (4) one after the other.
_STORED = """
-4 268 -412 -368 -193 134 -10 396 -44 132 -151 -98 -478 -331 -206 19 198 300 -339 -218
182 415 -103 374 -81 53 453 -464 -315 -127 -195 432 -616 200 -126 -226 26 -256 85 -467
-361 -258 315 293 -222 -18 320 497 198 68 335 -294 93 -388 -347 -258;
-225 300 -599 -602 -437 366 233 594 187 375 92 146 -234 -553 -46 258 430 63 -562 -5
-37 172 114 269 -325 147 684 -678 -543 -43 41 213 -1070 579 360 175 268 -371 -155 -273
-192 -499 518 45 -449 93 539 518 -46 304 561 -519 -143 -504 -132 -14;
-349 457 -596 -756 -689 613 434 716 347 546 273 311 -100 -799 -104 449 568 -84 -715
108 27 -71 -22 446 -509 338 876 -748 -650 -82 134 56 -1237 377 708 125 459 -582 -381
-218 -333 -747 750 -90 -496 227 468 711 -272 552 803 -731 -320 -304 -127 208;
-472 739 -406 -909 -1096 1120 873 1045 508 763 408 421 -53 -1206 -396 835 695 -254
-868 225 25 -410 -138 906 -645 633 998 -829 -756 -557 260 -262 -1299 296 1046 -219 699
-818 -709 -213 -519 -1275 981 -218 -655 696 552 1207 -314 952 863 -1255 -533 -123 -37
380;
-621 1870 1369 -1041 -1513 1734 1412 2194 620 911 433 478 -164 -1621 -915 1613 596 275
-940 928 -531 -570 200 1309 -681 934 1000 -894 -929 -1385 861 -1378 -504 1060 1227
-437 934 -932 -1147 -133 -1138 -2635 1312 -964 -1140 1516 904 2754 571 2244 458 -2819
-756 177 217 318
"""


def _shapes(hidden):
    h = hidden
    return {"w_xh": (h, 4), "w_hh": (h, h), "b_h": (h,), "w_ho": (4, h), "b_o": (4,)}


def _stored():
    snapshots = []
    for step, block in zip(STEPS, _STORED.strip().split(";"), strict=True):
        numbers = torch.tensor([int(n) for n in block.split()], dtype=torch.float64)
        shapes = _shapes(4)
        parts = numbers.div(1000).split(
            [torch.Size(s).numel() for s in shapes.values()]
        )
        weights = {
            name: part.reshape(shapes[name]).tolist()
            for name, part in zip(shapes, parts, strict=True)
        }
        snapshots.append({"step": step} | weights)
    return snapshots


def _rounded(values):
    return (
        [_rounded(v) for v in values] if isinstance(values, list) else round(values, 3)
    )


def _matches(values, shape):
    if not shape:
        return isinstance(values, (int, float)) and abs(values) < 1e6
    return (
        isinstance(values, (list, tuple))
        and len(values) == shape[0]
        and all(_matches(v, shape[1:]) for v in values)
    )


class UnrolledRNN(Widget):
    """``nn.RNN(4, hidden)`` and a linear layer read ``word`` letter by letter.

    Letters are numbers, e h l o = 0 1 2 3. ``weights`` is a list of dicts, one for each
    number of training steps: ``step``, ``w_xh`` (hidden, 4), ``w_hh`` (hidden, hidden),
    ``b_h`` (hidden: both biases of ``nn.RNN`` in one), ``w_ho`` (4, hidden), ``b_o`` (4);
    ``chosen`` is the one in use. ``time`` and ``unit`` name the cell whose arithmetic is
    shown; with ``memory=False`` every step starts from a hidden state of zeros.
    """

    weights = traitlets.List(traitlets.Dict()).tag(sync=True)
    chosen = traitlets.Int(len(STEPS) - 1, min=0).tag(sync=True)
    word = traitlets.List(
        traitlets.Int(min=0, max=3), WORD, minlen=1, maxlen=8
    ).tag(sync=True)  # fmt: skip
    time = traitlets.Int(4, min=0, max=8).tag(sync=True)
    unit = traitlets.Int(0, min=0).tag(sync=True)
    memory = traitlets.Bool(True).tag(sync=True)

    def __init__(self, **state):
        if "weights" in state:
            state = {"chosen": max(len(state["weights"]) - 1, 0)} | state
        super().__init__(**state)

    def check(self):
        if not 0 <= self.chosen < len(self.weights):
            raise ValueError(
                f"chosen must name one of {len(self.weights)} weights, not {self.chosen}"
            )
        if self.unit >= self.hidden:
            raise ValueError(
                f"unit must be below the {self.hidden} units, not {self.unit}"
            )

    @traitlets.default("weights")
    def _trained(self):
        return _stored()

    @traitlets.validate("weights")
    def _shaped(self, proposal):
        rows = [w.get("b_h", ()) for w in proposal["value"]]
        if len({len(row) for row in rows}) != 1 or not 1 <= len(rows[0]) <= 6:
            raise traitlets.TraitError("weights must all have the same 1 to 6 units")
        for weights in proposal["value"]:
            for name, shape in _shapes(len(rows[0])).items():
                if not _matches(weights.get(name), shape):
                    raise traitlets.TraitError(f"{name} must be {shape} finite numbers")
        return proposal["value"]

    @classmethod
    def train(cls, seed=0, hidden=4, steps=STEPS):
        """Train ``hidden`` units to answer ohlol to hello; returns the widget of them.

        The weights after each number of Adam steps in ``steps`` are kept, rounded to
        three digits. Takes about a second; the random state outside is left alone.
        """
        x = nn.functional.one_hot(torch.tensor(WORD), 4).float()
        y = torch.tensor(TARGET)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            rnn, head = nn.RNN(4, hidden), nn.Linear(hidden, 4)
        parameters = [*rnn.parameters(), *head.parameters()]
        optimizer = torch.optim.Adam(parameters, lr=0.05)
        snapshots = []
        for step in range(max(steps) + 1):
            if step in steps:
                found = {
                    "w_xh": rnn.weight_ih_l0,
                    "w_hh": rnn.weight_hh_l0,
                    "b_h": rnn.bias_ih_l0 + rnn.bias_hh_l0,
                    "w_ho": head.weight,
                    "b_o": head.bias,
                }
                numbers = {name: _rounded(w.tolist()) for name, w in found.items()}
                snapshots.append({"step": step} | numbers)
            optimizer.zero_grad()
            nn.functional.cross_entropy(head(rnn(x)[0]), y).backward()
            optimizer.step()
        return cls(weights=snapshots)

    @property
    def hidden(self):
        """The number of hidden units."""
        return len(self.weights[0]["b_h"])

    def values(self):
        found = {
            name: torch.tensor(self.weights[self.chosen][name], dtype=torch.float64)
            for name in _shapes(self.hidden)
        }
        with torch.random.fork_rng(devices=[]):  # the reader's seed stays where it is
            rnn = nn.RNN(4, self.hidden, dtype=torch.float64)
        with torch.no_grad():
            rnn.weight_ih_l0.copy_(found["w_xh"])
            rnn.weight_hh_l0.copy_(found["w_hh"])
            rnn.bias_ih_l0.copy_(found["b_h"])
            rnn.bias_hh_l0.zero_()
            x = nn.functional.one_hot(torch.tensor(self.word), 4).double()
            if self.memory:
                hidden = rnn(x)[0]
            else:  # a batch of words of one letter
                hidden = rnn(x[None])[0][0]
        logits = hidden @ found["w_ho"].T + found["b_o"]
        answer = logits.argmax(dim=1).tolist()
        known = self.word == WORD
        loss = (
            nn.functional.cross_entropy(logits, torch.tensor(TARGET)) if known else None
        )
        return {
            "hidden": hidden.tolist(),
            "logits": logits.tolist(),
            "p": logits.softmax(dim=1).tolist(),
            "answer": "".join(LETTERS[i] for i in answer),
            "loss": loss.item() if known else None,
        }

    def sentence(self):
        values = self.values()
        steps = self.weights[self.chosen]["step"]
        read = "".join(LETTERS[i] for i in self.word)
        last = ", ".join(f"{v:.2f}" for v in values["hidden"][-1])
        return (
            f"After {steps} steps of training, a recurrent network of {self.hidden} units "
            f"reads {read} and answers {values['answer']}; its hidden state at the end is "
            f"({last}). Where scripts run, one walks through the word, letter by letter, "
            "types other words, and sees the sum behind every unit."
        )

    def picture(self):
        values, parts = self.values(), []
        wide = 60
        for t, (letter, states) in enumerate(
            zip(self.word, values["hidden"], strict=True)
        ):
            x = 40 + t * (wide + 20)
            bottom = 40 + 26 * self.hidden
            parts.append(f"<text x='{x + 30}' y='24'>{values['answer'][t]}</text>")
            parts.append(
                f"<text x='{x + 30}' y='{bottom + 20}'>{LETTERS[letter]}</text>"
            )
            parts.append(
                f"<path d='M{x - 20},{20 + bottom / 2:.0f}h18' stroke='#566170'/>"
            )
            for j, value in enumerate(states):
                shade = "#D55E00" if value > 0 else "#0072B2"
                parts.append(
                    f"<rect x='{x}' y='{36 + 26 * j}' width='{wide}' height='26' "
                    f"stroke='#566170' fill='{shade}' fill-opacity='{abs(value) / 2:.2f}'/>"
                    f"<text x='{x + 30}' y='{54 + 26 * j}'>{value:.2f}</text>"
                )
        width, height = 40 + len(self.word) * (wide + 20), 70 + 26 * self.hidden
        return (
            f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' "
            "font-family='sans-serif' font-size='14' text-anchor='middle'>"
            f"{''.join(parts)}</svg>"
        )
