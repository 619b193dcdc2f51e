"""Gradient descent on a parabola, from a learning rate that crawls to one that diverges."""

import torch
import traitlets

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.svg import SvgPlot


class GradientDescent1D(Widget):
    """Descent on MSE(w) = mean (xw − y)² from ``w0`` with learning rate ``lr``.

    By default the three points are (1, 2), (2, 4) and (3, 6), so the minimum is at w = 2;
    ``step`` of ``steps`` says how far the descent is shown.
    """

    x = traitlets.List(Finite(), [1.0, 2.0, 3.0], minlen=1).tag(sync=True)
    y = traitlets.List(Finite(), [2.0, 4.0, 6.0], minlen=1).tag(sync=True)
    w0 = Finite(0.0).tag(sync=True)
    lr = Finite(0.02, min=0).tag(sync=True)
    step = traitlets.Int(5, min=0).tag(sync=True)
    steps = traitlets.Int(20, min=1, max=200).tag(sync=True)

    def check(self):
        if len(self.x) != len(self.y):
            raise ValueError(f"x has {len(self.x)} numbers, y has {len(self.y)}")
        if not any(self.x):
            raise ValueError(
                "one x must differ from 0, or the MSE does not depend on w"
            )

    def values(self):
        x, y = torch.tensor([self.x, self.y], dtype=torch.float64)
        w = torch.tensor(self.w0, dtype=torch.float64, requires_grad=True)
        sgd = torch.optim.SGD([w], lr=self.lr)
        path, costs = [], []
        for _ in range(self.steps + 1):
            cost = ((x * w - y) ** 2).mean()
            path.append(w.item())
            costs.append(cost.item())
            sgd.zero_grad()
            cost.backward()
            sgd.step()
        return {"path": path, "costs": costs}

    def sentence(self):
        shown = min(self.step, self.steps)
        values = self.values()
        return (
            f"Gradient descent on the parabola MSE(w) from w = {self.w0:g} with learning "
            f"rate {self.lr:g}: after {shown} steps w = {values['path'][shown]:.4g} and the "
            f"MSE is {values['costs'][shown]:.4g}. Where scripts run, the start and "
            "the learning rate can be moved, until the steps diverge."
        )

    def picture(self):
        shown = min(self.step, self.steps) + 1
        values = self.values()
        w = torch.linspace(-1, 5, 61, dtype=torch.float64)
        x, y = torch.tensor([self.x, self.y], dtype=torch.float64)
        cost = ((w[:, None] * x - y) ** 2).mean(1)
        top = cost.max().item()
        path, costs = values["path"][:shown], values["costs"][:shown]
        drawing = SvgPlot((-1, 5), (0, round(top)), "w", "MSE")
        drawing.curve(w.tolist(), cost.tolist()).curve(path, costs, color=1, width=1)
        near = [(a, c) for a, c in zip(path, costs, strict=True) if -1 <= a <= 5]
        return drawing.dots([a for a, _ in near], [c for _, c in near]).svg()
