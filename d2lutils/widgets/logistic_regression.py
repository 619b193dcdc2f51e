"""A straight boundary between two classes: weights, threshold, and the four counts."""

import torch
import traitlets

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.svg import SvgPlot

# Two overlapping clouds, drawn once from normal distributions and rounded.
_POINTS = (
    (-1.9, -0.4), (-1.6, -1.3), (-1.4, 0.6), (-1.2, -0.7), (-1.1, -1.8), (-0.9, 0.1),
    (-0.8, -1.0), (-0.5, -0.3), (-0.4, -1.5), (-0.3, 0.9), (-0.1, -0.8), (0.2, -1.2),
    (0.4, 0.3), (0.9, -0.6), (-0.6, 0.4), (-0.2, -0.1), (0.1, 0.7), (0.3, 1.4),
    (0.5, -0.2), (0.7, 0.9), (0.8, 1.9), (1.0, 0.2), (1.2, 1.1), (1.4, -0.5),
    (1.5, 0.7), (1.7, 1.6), (1.9, 0.4), (0.0, 1.8),
)  # fmt: skip


class LogisticRegression(Widget):
    """p = σ(w1 x1 + w2 x2 + b) over the plane, cut at a threshold.

    ``points`` are (x1, x2) pairs with ``labels`` 0 or 1. The counts are true and false
    positives and negatives at the threshold; the loss is the mean binary cross-entropy.
    """

    points = traitlets.List(
        traitlets.List(Finite(), minlen=2, maxlen=2), [list(p) for p in _POINTS]
    ).tag(sync=True)
    labels = traitlets.List(traitlets.Enum([0, 1]), [0] * 14 + [1] * 14).tag(sync=True)
    w1 = Finite(0.5, min=-20, max=20).tag(sync=True)
    w2 = Finite(-1.0, min=-20, max=20).tag(sync=True)
    b = Finite(0.0, min=-40, max=40).tag(sync=True)
    threshold = Finite(0.5, min=0.01, max=0.99).tag(sync=True)

    def check(self):
        if len(self.points) != len(self.labels) or not self.points:
            raise ValueError(
                f"{len(self.points)} points need as many labels, got {len(self.labels)}"
            )

    def values(self):
        X = torch.tensor(self.points, dtype=torch.float64)
        y = torch.tensor(self.labels, dtype=torch.float64)
        parameters = torch.tensor(
            [self.w1, self.w2, self.b], dtype=torch.float64, requires_grad=True
        )
        logits = X @ parameters[:2] + parameters[2]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, y)
        loss.backward()
        says, truth = torch.sigmoid(logits) >= self.threshold, y == 1
        counts = {
            "TP": (says & truth).sum().item(),
            "FP": (says & ~truth).sum().item(),
            "FN": (~says & truth).sum().item(),
            "TN": (~says & ~truth).sum().item(),
        }
        return {
            "loss": loss.item(),
            "gradient": parameters.grad.tolist(),
            "p": torch.sigmoid(logits).tolist(),
            **counts,
        }

    def sentence(self):
        values = self.values()
        right = values["TP"] + values["TN"]
        return (
            f"The boundary {self.w1:g}·x₁ {self.w2:+g}·x₂ {self.b:+g} = 0 puts {right} "
            f"of {len(self.labels)} points on their right side (cross-entropy "
            f"{values['loss']:.4g}). Where scripts run, the boundary and the threshold "
            "can be moved."
        )

    def picture(self):
        drawing = SvgPlot((-3, 3), (-3, 3), "x₁", "x₂")
        for label in (0, 1):
            mine = [
                p for p, y in zip(self.points, self.labels, strict=True) if y == label
            ]
            drawing.dots(*zip(*mine, strict=True), color=label) if mine else None
        if self.w2:
            xs = [-3 + k / 10 for k in range(61)]
            drawing.curve(xs, [-(self.b + self.w1 * x) / self.w2 for x in xs], color=7)
        return drawing.svg()
