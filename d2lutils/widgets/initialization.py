"""Standard deviation of activations and gradients through depth, for the schemes."""

import math

import torch
import traitlets

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.seeded import normals, uniforms
from d2lutils.widgets.framework.svg import SvgPlot

_BATCH = 8
_ACTIVATIONS = {
    "linear": lambda z: z * 1.0,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
}
_SCHEMES = ("small", "unit", "xavier", "he", "default", "orthogonal")


class Initialization(Widget):
    """A stack of ``depth`` layers h = σ(W h) of one ``width`` under chosen schemes.

    The schemes: "small" N(0, 0.01²), "unit" N(0, 1), "xavier" N(0, 2/(in + out)) (Glorot and
    Bengio 2010), "he" N(0, 2/in) (He et al. 2015), "default" U(±1/√in), what nn.Linear does,
    and "orthogonal", ``gain`` times a random orthogonal matrix (Saxe et al. 2014). 8 normal
    inputs go forward, a normal gradient comes back; ``layer`` is the one that is read off.
    """

    schemes = traitlets.List(
        traitlets.Enum(_SCHEMES), ["small", "unit", "xavier", "he"]
    ).tag(sync=True)
    activation = traitlets.Enum(list(_ACTIVATIONS), "tanh").tag(sync=True)
    width = traitlets.Int(64, min=2, max=64).tag(sync=True)
    depth = traitlets.Int(20, min=1, max=30).tag(sync=True)
    gain = Finite(1.0, min=0.1, max=5).tag(sync=True)
    layer = traitlets.Int(10, min=0, max=30).tag(sync=True)
    seed = traitlets.Int(1, min=0, max=9999).tag(sync=True)

    def spread(self, scheme):
        """The standard deviation of one weight."""
        n = self.width
        return {
            "small": 0.01,
            "unit": 1.0,
            "xavier": math.sqrt(2 / (n + n)),
            "he": math.sqrt(2 / n),
            "default": 1 / math.sqrt(3 * n),
            "orthogonal": self.gain / math.sqrt(n),
        }[scheme]

    def weight(self, scheme, layer):
        """The matrix (out, in) of a layer, from 1."""
        n, seed = self.width, self.seed * 64 + layer
        if scheme == "default":
            bound = 1 / math.sqrt(n)
            return (2 * uniforms(seed, n * n).view(n, n) - 1) * bound
        W = normals(seed, n * n).view(n, n)
        if scheme != "orthogonal":
            return W * self.spread(scheme)
        Q, R = torch.linalg.qr(W.T)
        return self.gain * (Q * R.diagonal().sign()).T

    def values(self):
        n, result = self.width, {"h": {}, "g": {}, "flat": {}, "std": {}}
        start = normals(self.seed * 64, 2 * _BATCH * n).view(2, _BATCH, n)
        sigma = _ACTIVATIONS[self.activation]
        for scheme in self.schemes:
            h, slopes = [start[0].clone().requires_grad_()], []
            for layer in range(1, self.depth + 1):
                z = h[-1] @ self.weight(scheme, layer).T
                h.append(sigma(z))
                slope = torch.autograd.grad(h[-1].sum(), z, retain_graph=True)[0]
                h[-1].retain_grad()
                slopes.append((slope < 0.1).double().mean().item())
            h[-1].backward(start[1])
            result["h"][scheme] = [_std(v.detach()) for v in h]
            result["g"][scheme] = [_std(v.grad) for v in h]
            result["flat"][scheme] = slopes
            result["std"][scheme] = self.spread(scheme)
        return result

    def sentence(self):
        values = self.values()
        each = "; ".join(
            f"{name} {h[-1] / h[0]:.2g} times and {values['g'][name][0]:.2g} times"
            for name, h in values["h"].items()
        )
        return (
            f"Through {self.depth} {self.activation} layers of width {self.width}, the "
            "standard deviation of the activations changes forward, and that of the "
            f"gradient backward, by: {each or 'no scheme chosen'}. Where scripts run, "
            "scheme, activation, width and depth can be moved."
        )

    def picture(self):
        drawing = SvgPlot(
            (0, self.depth), (-12, 12), "layer", "", "log10 of the std of activations"
        )
        stds = self.values()["h"]
        for i, h in enumerate(stds.values()):
            logs = [math.log10(v) if v > 0 else -99.0 for v in h]
            drawing.curve(range(len(h)), logs, color=i)
        return drawing.legend(stds).svg()


def _std(values):
    return values.std(correction=0).item()
