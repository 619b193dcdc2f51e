"""One GRU cell and one LSTM cell with a single hidden unit: every gate over time."""

import torch
import traitlets
from torch import nn

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.svg import SvgPlot

GATES = {"gru": "rzn", "lstm": "ifgo"}
_COLOR = {"r": 3, "z": 2, "n": 4, "i": 3, "f": 2, "g": 4, "o": 0}


def _row(n):
    return traitlets.List(Finite(min=-100, max=100), minlen=n, maxlen=n)


def _rows(default):
    n = len(default)
    row = traitlets.List(Finite(min=-100, max=100), minlen=3, maxlen=4)
    return traitlets.List(row, default, minlen=n, maxlen=n)


class Gates(Widget):
    """A GRU or LSTM of one unit reads the numbers ``x`` one after the other.

    ``gru`` holds a row [weight of x, weight of h, bias] for each of r and z, and [weight
    of x, weight of h, b_in, b_hn] for n; ``lstm`` a row of three for each of i, f, g, o: the
    order and the formulas of ``torch.nn.GRU`` and ``torch.nn.LSTM``, both biases in one
    where they only occur as a sum. ``scale`` multiplies the weights, not the biases.
    """

    cell = traitlets.Enum(list(GATES), "gru").tag(sync=True)
    x = traitlets.List(
        Finite(min=-2, max=2),
        [0.0, 1.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0],
        minlen=1,
        maxlen=16,
    ).tag(sync=True)
    gru = _rows([[0.0, 0.0, 5.0], [-16.0, 0.0, 5.0], [1.0, 0.0, 0.0, 0.0]]).tag(
        sync=True
    )
    lstm = _rows(
        [[16.0, 0.0, -5.0], [-16.0, 0.0, 5.0], [1.0, 0.0, 0.0], [0.0, 0.0, 5.0]]
    ).tag(sync=True)
    scale = Finite(1.0, min=0, max=100).tag(sync=True)
    h0 = Finite(0.0, min=-1, max=1).tag(sync=True)
    c0 = Finite(0.0, min=-5, max=5).tag(sync=True)
    step = traitlets.Int(5, min=0).tag(sync=True)

    @traitlets.validate("gru", "lstm")
    def _numbers(self, proposal):
        name, rows = proposal["trait"].name, proposal["value"]
        wanted = [4 if gate == "n" else 3 for gate in GATES[name]]
        if [len(row) for row in rows] != wanted:
            raise traitlets.TraitError(
                f"{name} needs rows of {', '.join(map(str, wanted))} numbers, for the "
                f"gates {', '.join(GATES[name])}"
            )
        return rows

    def module(self):
        """The ``nn.GRU(1, 1)`` or ``nn.LSTM(1, 1)`` of the present weights, in float64."""
        rows = self.gru if self.cell == "gru" else self.lstm
        with torch.random.fork_rng(devices=[]):  # the reader's seed stays where it is
            kind = nn.GRU if self.cell == "gru" else nn.LSTM
            module = kind(1, 1, dtype=torch.float64)
        column = [
            [row[0] * self.scale for row in rows],
            [row[1] * self.scale for row in rows],
        ]
        biases = (
            [row[2] for row in rows],
            [row[3] if len(row) > 3 else 0 for row in rows],
        )
        with torch.no_grad():
            module.weight_ih_l0.copy_(torch.tensor([column[0]]).T)
            module.weight_hh_l0.copy_(torch.tensor([column[1]]).T)
            module.bias_ih_l0.copy_(torch.tensor(biases[0]))
            module.bias_hh_l0.copy_(torch.tensor(biases[1]))
        return module

    def values(self):
        module, lstm = self.module(), self.cell == "lstm"
        x = torch.tensor(self.x, dtype=torch.float64, requires_grad=True)
        h = torch.full((1, 1), self.h0, dtype=torch.float64)
        c = torch.full((1, 1), self.c0, dtype=torch.float64)
        gates, hs, cs = {name: [] for name in GATES[self.cell]}, [h], [c]
        for x_t in x:
            given = x_t.reshape(1, 1)
            for name, value in zip(gates, self._gates(module, given, h), strict=True):
                gates[name].append(value.detach().item())
            state = module(given, (h, c) if lstm else h)[1]
            h, c = state if lstm else (state, c)
            hs.append(h)
            cs.append(c)
        step = min(self.step, len(self.x))
        gradient = torch.zeros_like(x)
        if step:
            (gradient,) = torch.autograd.grad(hs[step].sum(), x)
        found = {
            "gates": gates,
            "h": torch.cat(hs).detach().flatten().tolist(),
            "gradient": gradient.tolist(),
        }
        return found | (
            {"c": torch.cat(cs).detach().flatten().tolist()} if lstm else {}
        )

    @staticmethod
    def _gates(module, x, h):
        a = x @ module.weight_ih_l0.T + module.bias_ih_l0
        b = h @ module.weight_hh_l0.T + module.bias_hh_l0
        if isinstance(module, nn.LSTM):
            i, f, g, o = (a + b).chunk(4, dim=1)
            return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        (a_r, a_z, a_n), (b_r, b_z, b_n) = a.chunk(3, dim=1), b.chunk(3, dim=1)
        r = (a_r + b_r).sigmoid()
        return r, (a_z + b_z).sigmoid(), (a_n + r * b_n).tanh()

    def sentence(self):
        values = self.values()
        keep = "z" if self.cell == "gru" else "f"
        name = {"gru": "update gate z", "lstm": "forget gate f"}[self.cell]
        inputs = ", ".join(f"{v:g}" for v in self.x)
        gate = ", ".join(f"{v:.2f}" for v in values["gates"][keep])
        states = ", ".join(f"{v:.2f}" for v in values["h"][1:])
        return (
            f"A {self.cell.upper()} cell reads {inputs}. Its {name} is {gate}, and its "
            f"state h {states}. Where scripts run, inputs, weights and biases can be moved, "
            "and every gate is written out with its numbers."
        )

    def picture(self):
        values, n = self.values(), len(self.x)
        low, high = min(-1, *values["h"]), max(1, *values["h"])
        title = f"{self.cell.upper()}: gates and state h over time"
        drawing = SvgPlot((0, n), (low, high), "step", title=title)
        gates = [g for g in GATES[self.cell] if g not in "ng"]
        for gate in gates:
            line = values["gates"][gate]
            drawing.curve(range(1, n + 1), line, color=_COLOR[gate], dash="4 3")
            drawing.text(n, line[-1] - 0.02, gate, "end", color=_COLOR[gate])
        drawing.curve(range(n + 1), values["h"], color=1, width=3)
        return drawing.text(0, values["h"][0], " h", color=1).svg()
