"""Drag a line through points and watch the squares, their mean, and the loss surface."""

import torch
import traitlets

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.svg import SvgPlot


class LinearFit(Widget):
    """A line ŷ = wx + b through points ``x``, ``y``, the squares of its errors and its MSE.

    ``w`` and ``b`` follow what the reader drags, in the plot of the data or on the loss
    surface beside it.
    """

    x = traitlets.List(Finite(), [1.0, 2.0, 3.0], minlen=1).tag(sync=True)
    y = traitlets.List(Finite(), [2.0, 4.0, 6.0], minlen=1).tag(sync=True)
    w = Finite(1.0).tag(sync=True)
    b = Finite(0.0).tag(sync=True)

    def check(self):
        if len(self.x) != len(self.y):
            raise ValueError(f"x has {len(self.x)} numbers, y has {len(self.y)}")

    def values(self):
        x, y = torch.tensor([self.x, self.y], dtype=torch.float64)
        w, b = (
            torch.tensor(v, dtype=torch.float64, requires_grad=True)
            for v in (self.w, self.b)
        )
        residuals = w * x + b - y
        mse = (residuals**2).mean()
        mse.backward()
        return {
            "mse": mse.item(),
            "residuals": residuals.tolist(),
            "dw": w.grad.item(),
            "db": b.grad.item(),
        }

    def sentence(self):
        points = ", ".join(
            f"({x:g}, {y:g})" for x, y in zip(self.x, self.y, strict=True)
        )
        return (
            f"Points {points} and the line ŷ = {self.w:g}x + {self.b:g}: the mean of the "
            f"squared errors is {self.values()['mse']:.4g}. Where scripts run, the line can be "
            "dragged, and its point moves on the loss surface."
        )

    def picture(self):
        low, high = min(0.0, *self.x), max(*self.x, self.x[0]) + 1
        ends = [self.w * low + self.b, self.w * high + self.b]
        top = max(*self.y, *ends) + 1
        drawing = SvgPlot((low, high), (min(0.0, *self.y, *ends), top), "x", "y")
        drawing.curve([low, high], ends, color=1)
        for x, y in zip(self.x, self.y, strict=True):
            drawing.curve([x, x], [y, self.w * x + self.b], color=7, dash="3 3")
        return drawing.dots(self.x, self.y, color=0).svg()
