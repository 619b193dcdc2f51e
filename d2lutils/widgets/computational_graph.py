"""Forward and backward, one operator at a time, through ŷ = wx + b and its squared loss."""

import torch
import traitlets

from d2lutils.widgets.framework.base import Finite, Widget

_NAMES = ("u", "y_hat", "r", "loss")


class ComputationalGraph(Widget):
    """The graph of (wx + b − y)²: squares are variables, circles are operators.

    ``step`` 0 shows the inputs alone, 1 to 4 the forward pass, 5 to 9 the backward pass.
    """

    x = Finite(1.0, min=-100, max=100).tag(sync=True)
    w = Finite(2.0, min=-100, max=100).tag(sync=True)
    b = Finite(1.0, min=-100, max=100).tag(sync=True)
    y = Finite(2.0, min=-100, max=100).tag(sync=True)
    step = traitlets.Int(4, min=0, max=9).tag(sync=True)

    def values(self):
        leaves = {
            name: torch.tensor(
                getattr(self, name), dtype=torch.float64, requires_grad=True
            )
            for name in "xwby"
        }
        u = leaves["w"] * leaves["x"]
        y_hat = u + leaves["b"]
        r = y_hat - leaves["y"]
        loss = r**2
        inner = dict(zip(_NAMES, (u, y_hat, r, loss), strict=True))
        for node in inner.values():
            node.retain_grad()
        loss.backward()
        nodes = leaves | inner
        return {
            "value": {name: node.item() for name, node in nodes.items()},
            "grad": {name: node.grad.item() for name, node in nodes.items()},
        }

    def sentence(self):
        values = self.values()
        value, grad = values["value"], values["grad"]
        return (
            f"With w = {self.w:g}, x = {self.x:g}, b = {self.b:g} and y = {self.y:g}: "
            f"wx = {value['u']:.4g}, ŷ = wx + b = {value['y_hat']:.4g}, error "
            f"{value['r']:.4g}, loss {value['loss']:.4g}. Going back, ∂ℓ/∂ŷ = "
            f"{grad['y_hat']:.4g}, ∂ℓ/∂w = {grad['w']:.4g} and ∂ℓ/∂b = {grad['b']:.4g}. "
            "Where scripts run, the graph is walked one operator at a time."
        )

    def picture(self):
        value = self.values()["value"]
        words = [
            ("w", 20, 40), ("x", 20, 110), ("×", 110, 75), ("b", 110, 150),
            ("+", 210, 100), ("y", 210, 170), ("−", 310, 125), ("²", 390, 125),
        ]  # fmt: skip
        lines = "M30,40L103,70M30,110L103,80M117,78L203,97M118,145L203,105"
        lines += "M217,103L303,122M218,165L303,130M317,125H383M397,125H430"
        marks = "".join(
            f"<circle cx='{x}' cy='{y}' r='13' fill='#fff' stroke='#0072B2'/>"
            f"<text x='{x}' y='{y + 4}' text-anchor='middle'>{word}</text>"
            for word, x, y in words
        )
        return (
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 520 200' width='520' "
            "height='200' font-family='sans-serif' font-size='13'>"
            f"<path d='{lines}' stroke='#566170' fill='none'/>{marks}"
            f"<text x='434' y='129'>ℓ = {value['loss']:.4g}</text></svg>"
        )
