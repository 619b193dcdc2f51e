"""Losses against the error or the margin: values, slopes, and the constant they prefer."""

import torch
import traitlets
from torch.nn import functional as F

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.svg import SvgPlot


def torch_losses(delta=1.0):
    """Family -> name -> loss of each element, by PyTorch, of an error or of a margin.

    An error is e = ŷ - y; a margin is m = y·z, the logit z times the label y = ±1.
    """

    def zero(e):
        return torch.zeros_like(e)

    def one(m):
        return torch.ones_like(m)

    return {
        "regression": {
            "mse": lambda e: F.mse_loss(e, zero(e), reduction="none"),
            "half": lambda e: F.mse_loss(e, zero(e), reduction="none") / 2,
            "mae": lambda e: F.l1_loss(e, zero(e), reduction="none"),
            "huber": lambda e: F.huber_loss(e, zero(e), reduction="none", delta=delta),
        },
        "classification": {
            "bce": lambda m: F.binary_cross_entropy_with_logits(
                m, one(m), reduction="none"
            ),
            "hinge": lambda m: F.relu(1 - m),
            "hinge2": lambda m: F.relu(1 - m) ** 2,
            "brier": lambda m: F.mse_loss(torch.sigmoid(m), one(m), reduction="none"),
            "squared": lambda m: F.mse_loss(m, one(m), reduction="none"),
        },
    }


def slope(loss, x):
    """The derivative of ``loss`` at each element of ``x``, by autograd."""
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(loss(x).sum(), x)[0]


class Losses(Widget):
    """Losses of one prediction, their gradients, and which constant minimises their mean.

    In the family "regression" the loss is a function of the error, and the constant is
    fitted to ``targets``; in "classification" it is a function of the margin, and the
    constant logit is fitted to labels of which the part ``share`` is positive. ``best``
    is the interval [lowest, highest] of the minimisers (the median of an even number of
    targets is not one number). Huber (1964), doi:10.1214/aoms/1177703732.
    """

    family = traitlets.Enum(["regression", "classification"], "regression")
    family.tag(sync=True)
    regression = traitlets.List(
        traitlets.Enum(list(torch_losses()["regression"])), ["mse", "mae", "huber"]
    ).tag(sync=True)
    classification = traitlets.List(
        traitlets.Enum(list(torch_losses()["classification"])),
        ["bce", "hinge", "brier"],
    ).tag(sync=True)
    error = Finite(2.0, min=-4, max=4).tag(sync=True)
    margin = Finite(-2.0, min=-4, max=4).tag(sync=True)
    delta = Finite(1.0, min=0.05, max=10).tag(sync=True)
    targets = traitlets.List(
        Finite(min=0, max=10), [1.0, 1.5, 2.0, 3.0, 9.0], minlen=1, maxlen=9
    ).tag(sync=True)
    share = Finite(0.7, min=0.02, max=0.98).tag(sync=True)

    def chosen(self):
        """Name -> function of the chosen losses of the present family."""
        every = torch_losses(self.delta)[self.family]
        return {name: every[name] for name in getattr(self, self.family)}

    def mean_loss(self, loss):
        """The mean loss over the data as a function of a tensor of constants."""
        if self.family == "regression":
            y = torch.tensor(self.targets, dtype=torch.float64)
            return lambda c: loss(c[:, None] - y).mean(dim=1)
        return lambda c: self.share * loss(c) + (1 - self.share) * loss(-c)

    def values(self):
        at = self.error if self.family == "regression" else self.margin
        x = torch.tensor([at], dtype=torch.float64)
        result = {"loss": {}, "slope": {}, "best": {}, "least": {}}
        for name, loss in self.chosen().items():
            mean = self.mean_loss(loss)
            best = _flat(lambda c, f=mean: slope(f, c))
            result["loss"][name] = loss(x).item()
            result["slope"][name] = slope(loss, x).item()
            result["best"][name] = best.tolist()
            result["least"][name] = mean(best)[0].item()
        return result

    def sentence(self):
        values = self.values()
        what = "error" if self.family == "regression" else "margin"
        at = self.error if self.family == "regression" else self.margin
        each = "; ".join(
            f"{name} {loss:.4g} with slope {values['slope'][name]:.4g}, best constant "
            f"{sum(values['best'][name]) / 2:.4g}"
            for name, loss in values["loss"].items()
        )
        return (
            f"Losses at the {what} {at:g}: {each or 'none chosen'}. Where scripts run, "
            f"the {what}, Huber's δ and the data can be moved, and losses compared."
        )

    def picture(self):
        x = torch.linspace(-4, 4, 81, dtype=torch.float64)
        name = "error" if self.family == "regression" else "margin"
        drawing = SvgPlot((-4, 4), (0, 6), name, "loss")
        for i, loss in enumerate(self.chosen().values()):
            drawing.curve(x.tolist(), loss(x).tolist(), color=i)
        return drawing.legend(self.chosen()).svg()


def _flat(gradient):
    """[left, right] end of where a rising gradient is zero, by bisection in [-11, 11]."""
    low = torch.tensor([-11.0, -11.0], dtype=torch.float64)
    high = -low
    sure = torch.tensor([-1e-10, 1e-10], dtype=torch.float64)
    for _ in range(60):
        middle = (low + high) / 2
        falls = gradient(middle) <= sure
        low, high = torch.where(falls, middle, low), torch.where(falls, high, middle)
    return (low + high) / 2
