"""The gradient's way back through a stack of layers, with and without skip connections."""

import torch
import traitlets

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.seeded import normals
from d2lutils.widgets.framework.svg import SvgPlot

_BATCH, _WIDTH, _EPS = 16, 32, 1e-5
_ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}


class ResidualGradients(Widget):
    """Two stacks of ``depth`` blocks on the same weights: h = f(h), and h = h + α·f(h).

    f(h) = σ(W h), or σ of W h normalized over the batch (``normalize``), with 32 units and
    weights N(0, ``gain``²/32); α is ``branch``, the size of what a block adds. 16 normal
    inputs go forward, a normal gradient comes back; ``block`` is the one that is read off.
    """

    activation = traitlets.Enum(list(_ACTIVATIONS), "tanh").tag(sync=True)
    normalize = traitlets.Bool(False).tag(sync=True)
    depth = traitlets.Int(30, min=1, max=60).tag(sync=True)
    gain = Finite(0.7, min=0.1, max=3).tag(sync=True)
    branch = Finite(1.0, min=0, max=1).tag(sync=True)
    block = traitlets.Int(1, min=0, max=60).tag(sync=True)
    seed = traitlets.Int(1, min=0, max=9999).tag(sync=True)

    def _f(self, h, layer):
        W = normals(self.seed * 64 + layer, _WIDTH**2).view(_WIDTH, _WIDTH)
        z = h @ (W * self.gain / _WIDTH**0.5).T
        if self.normalize:
            z = torch.nn.functional.batch_norm(z, None, None, training=True, eps=_EPS)
        return _ACTIVATIONS[self.activation](z)

    def _stack(self, skip):
        """Standard deviations of activations and gradients, from the input to the end."""
        both = normals(self.seed * 64, 2 * _BATCH * _WIDTH).view(2, _BATCH, _WIDTH)
        h = [both[0].clone().requires_grad_()]
        for layer in range(1, self.depth + 1):
            f = self._f(h[-1], layer)
            h.append(h[-1] + self.branch * f if skip else f)
            h[-1].retain_grad()
        h[-1].backward(both[1])
        return {
            "h": [_std(v.detach()) for v in h],
            "g": [_std(v.grad) for v in h],
        }

    def values(self):
        return {"plain": self._stack(False), "skip": self._stack(True)}

    def sentence(self):
        ratios = [s["g"][0] / s["g"][-1] for s in self.values().values()]
        return (
            f"Back through {self.depth} blocks of {self.activation} the gradient becomes "
            f"{ratios[0]:.2g} times as large without skip connections, {ratios[1]:.2g} times "
            "with them. Where scripts run, depth, weights and what a block adds can be moved."
        )

    def picture(self):
        values, words = self.values(), ("without skip", "with skip")
        logs = [[_log10(v) for v in values[name]["g"]] for name in ("plain", "skip")]
        low = min(-3.0, *(min(line) for line in logs))
        high = max(1.0, *(max(line) for line in logs))
        drawing = SvgPlot(
            (0, self.depth), (low, high), "block", "", "log10 of the gradient's std"
        )
        for color, line in enumerate(logs):
            drawing.curve(range(self.depth + 1), line, color=color)
        return drawing.legend(words).svg()


def _std(values):
    return values.std(correction=0).item()


def _log10(value):
    return max(torch.tensor(value, dtype=torch.float64).log10().item(), -99.0)
