"""Activation functions side by side: value, derivative, and what a deep stack does."""

import torch
import traitlets
from torch import nn

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.svg import SvgPlot


def torch_activations(alpha):
    """Name -> PyTorch function; ``alpha`` is the slope or scale of those that have one."""
    f = nn.functional
    return {
        "relu": f.relu,
        "leaky_relu": lambda x: f.leaky_relu(x, alpha),
        "prelu": lambda x: f.prelu(x, torch.tensor([alpha], dtype=x.dtype)),
        "elu": lambda x: f.elu(x, alpha),
        "selu": f.selu,
        "gelu": f.gelu,
        "silu": f.silu,
        "mish": f.mish,
        "softplus": f.softplus,
        "softsign": f.softsign,
        "sigmoid": torch.sigmoid,
        "hardsigmoid": f.hardsigmoid,
        "tanh": torch.tanh,
        "hardtanh": f.hardtanh,
        "relu6": f.relu6,
        "hardswish": f.hardswish,
        "identity": lambda x: 1.0 * x,
    }


class Activations(Widget):
    """Chosen activation functions at a point ``x``, and the gradient through a stack.

    The stack feeds ``x`` through ``depth`` layers h = σ(gain · h); the front end shows the
    derivative of its output by its input, which shrinks or grows layer by layer.
    """

    chosen = traitlets.List(traitlets.Enum(list(torch_activations(0.1)))).tag(sync=True)
    x = Finite(1.0, min=-6, max=6).tag(sync=True)
    alpha = Finite(0.1, min=0.0, max=2.0).tag(sync=True)
    depth = traitlets.Int(10, min=1, max=50).tag(sync=True)
    gain = Finite(1.0, min=-5, max=5).tag(sync=True)

    @traitlets.default("chosen")
    def _chosen(self):
        return ["relu", "sigmoid", "tanh"]

    def values(self):
        functions = torch_activations(self.alpha)
        result = {"f": {}, "df": {}, "stack": {}}
        for name in self.chosen:
            x = torch.tensor([self.x], dtype=torch.float64, requires_grad=True)
            y = functions[name](x)
            result["f"][name] = y.item()
            result["df"][name] = torch.autograd.grad(y, x)[0].item()
            gradients, hidden = [], x
            for _ in range(self.depth):
                hidden = functions[name](self.gain * hidden)
                (g,) = torch.autograd.grad(hidden, x, retain_graph=True)
                gradients.append(g.item())
            result["stack"][name] = gradients
        return result

    def sentence(self):
        values = self.values()
        each = "; ".join(
            f"{name}({self.x:g}) = {values['f'][name]:.4g} with slope "
            f"{values['df'][name]:.4g}"
            for name in self.chosen
        )
        return (
            f"Activation functions: {each}. Where scripts run, functions can be "
            "chosen and compared with their derivatives, and the gradient through a "
            "stack of layers is drawn."
        )

    def picture(self):
        x = torch.linspace(-4, 4, 81, dtype=torch.float64)
        drawing = SvgPlot((-4, 4), (-1.5, 4), "x", "σ(x)")
        for i, name in enumerate(self.chosen):
            y = torch_activations(self.alpha)[name](x)
            drawing.curve(x.tolist(), y.tolist(), color=i)
        return drawing.legend(self.chosen).svg()
