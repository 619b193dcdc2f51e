"""Dropout on a layer: the mask, the scaled values, their mean over many masks, train and eval."""

import math

import torch
import traitlets

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.seeded import uniforms
from d2lutils.widgets.framework.svg import SvgPlot


class Dropout(Widget):
    """Hidden units ``h`` of a net 4-5-3 under inverted dropout with probability ``p``.

    Mask number ``draw`` (from 0) keeps unit i where its random number is at least ``p``;
    what is kept is divided by 1 - p, unless ``scaled`` is off. ``mean`` averages the outputs
    of all masks so far. Without ``training`` nothing is dropped, as after ``net.eval()``.
    Srivastava et al. (2014), https://jmlr.org/papers/v15/srivastava14a.html.
    """

    h = traitlets.List(
        Finite(min=0, max=4), [0.8, 1.5, 0.4, 2.0, 1.1], minlen=1, maxlen=8
    ).tag(sync=True)
    p = Finite(0.4, min=0, max=1).tag(sync=True)
    draw = traitlets.Int(24, min=0, max=299).tag(sync=True)
    seed = traitlets.Int(23, min=0, max=9999).tag(sync=True)
    training = traitlets.Bool(True).tag(sync=True)
    scaled = traitlets.Bool(True).tag(sync=True)

    def masks(self):
        """(draws, units): 1 where a unit is kept, up to the present draw."""
        shape = (self.draw + 1, len(self.h))
        if not self.training:
            return torch.ones(shape, dtype=torch.float64)
        u = uniforms(self.seed, math.prod(shape)).view(shape)
        return (u >= self.p).double()

    def values(self):
        h = torch.tensor(self.h, dtype=torch.float64, requires_grad=True)
        masks, keep = self.masks(), 1 - self.p
        divide = self.training and self.scaled
        scale = 1.0 if not divide else 1 / keep if keep > 0 else 0.0
        outputs = masks * h * scale
        outputs[-1].sum().backward()
        variance = keep * self.p * scale**2 if self.training else 0.0
        return {
            "mask": masks[-1].tolist(),
            "scale": scale,
            "output": outputs[-1].tolist(),
            "gradient": h.grad.tolist(),
            "mean": outputs.mean(dim=0).tolist(),
            "spread": (h * math.sqrt(variance)).tolist(),
            "kept": masks.mean().item(),
        }

    def sentence(self):
        values = self.values()
        if not self.training:
            return (
                f"Dropout after eval(): the {len(self.h)} hidden units pass unchanged. "
                "Where scripts run, it can be switched to training and masks be drawn."
            )
        out = ", ".join(f"{v:.3g}" for v in values["output"])
        mean = ", ".join(f"{v:.3g}" for v in values["mean"])
        return (
            f"Dropout with p = {self.p:g} turns the hidden units "
            f"{', '.join(f'{v:g}' for v in self.h)} into {out}; over {self.draw + 1} "
            f"masks the mean is {mean}. Where scripts run, masks can be drawn one by one."
        )

    def picture(self):
        values, n = self.values(), len(self.h)
        top = max(4.0, *values["output"])
        drawing = SvgPlot((-0.6, n - 0.4), (0, top), "hidden unit", "after dropout")
        drawing.bars(values["output"]).dots(range(n), self.h, color=7)
        return drawing.dots(range(n), values["mean"], color=1).svg()
