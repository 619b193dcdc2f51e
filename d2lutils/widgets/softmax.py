"""Logits in, probabilities out: temperature, cross-entropy and its gradient."""

import torch
import traitlets

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.svg import SvgPlot


class Softmax(Widget):
    """Logits of a few classes, their softmax at a temperature, the loss of the true class.

    The gradient is that of the cross-entropy by each logit, (p - y) / temperature
    (Bridle 1990); the front end draws it as the arrow along which a step would go.
    """

    classes = traitlets.List(
        traitlets.Unicode(), ["dog", "cat", "chicken"], minlen=2, maxlen=8
    ).tag(sync=True)
    logits = traitlets.List(Finite(min=-20, max=20), [1.0, 2.5, 0.0]).tag(sync=True)
    temperature = Finite(1.0, min=0.05, max=20).tag(sync=True)
    target = traitlets.Int(0, min=0).tag(sync=True)

    def check(self):
        if len(self.logits) != len(self.classes):
            raise ValueError(
                f"{len(self.classes)} classes need {len(self.classes)} logits, got "
                f"{len(self.logits)}"
            )
        if self.target >= len(self.classes):
            raise ValueError(
                f"target is the number of a class, 0 to {len(self.classes) - 1}, not "
                f"{self.target}"
            )

    def values(self):
        z = torch.tensor([self.logits], dtype=torch.float64, requires_grad=True)
        target = torch.tensor([self.target])
        loss = torch.nn.functional.cross_entropy(z / self.temperature, target)
        loss.backward()
        p = torch.softmax(z.detach() / self.temperature, dim=1)
        return {
            "p": p[0].tolist(),
            "loss": loss.item(),
            "gradient": z.grad[0].tolist(),
            "entropy": -torch.xlogy(p, p).sum().item(),
        }

    def sentence(self):
        values = self.values()
        shares = ", ".join(
            f"{name} {p:.3f}" for name, p in zip(self.classes, values["p"], strict=True)
        )
        return (
            f"Logits {', '.join(f'{z:g}' for z in self.logits)} at temperature "
            f"{self.temperature:g} give the probabilities {shares}; if the truth is "
            f"{self.classes[self.target]}, the cross-entropy is {values['loss']:.4g}. "
            "Where scripts run, logits, temperature and truth can be moved."
        )

    def picture(self):
        drawing = SvgPlot((-0.6, len(self.classes) - 0.4), (0, 1), "", "probability")
        drawing.bars(self.values()["p"])
        for i, name in enumerate(self.classes):
            drawing.text(i, 0.02, name, "middle", "#1c2530")
        return drawing.svg()
