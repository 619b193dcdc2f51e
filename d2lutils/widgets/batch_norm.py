"""A batch of activations before and after batch normalization, in training and in use."""

import torch
import traitlets
from torch import nn

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.svg import SvgPlot


class BatchNorm(Widget):
    """One channel of ``nn.BatchNorm1d``: ``step`` batches were seen in training, then one more.

    Batches of ``batch_size`` are taken from ``data`` in order, round and round. The present
    batch is data · ``scale`` + ``shift``; the ones before it were neither scaled nor
    shifted. With ``training`` it is normalized by its own mean and (biased) variance and
    moves the running statistics (unbiased variance); without, the running statistics of
    the batches before normalize it and stay as they are. ``momentum`` is torch's: the weight of
    the new batch.
    """

    data = traitlets.List(Finite(), [1.0, 2.0, 3.0, 6.0], maxlen=64).tag(sync=True)
    batch_size = traitlets.Int(4, min=2, max=16).tag(sync=True)
    step = traitlets.Int(0, min=0, max=40).tag(sync=True)
    training = traitlets.Bool(True).tag(sync=True)
    scale = Finite(1.0, min=0, max=10).tag(sync=True)
    shift = Finite(0.0, min=-20, max=20).tag(sync=True)
    gamma = Finite(1.0, min=-100, max=100).tag(sync=True)
    beta = Finite(0.0, min=-100, max=100).tag(sync=True)
    momentum = Finite(0.1, min=0, max=1).tag(sync=True)
    eps = Finite(1e-5, min=1e-10, max=1).tag(sync=True)
    sample = traitlets.Int(0, min=0, max=15).tag(sync=True)

    def check(self):
        if self.batch_size > len(self.data):
            raise ValueError(
                f"a batch of {self.batch_size} needs as many activations, "
                f"data has {len(self.data)}"
            )

    def _batch(self, step):
        m = self.batch_size
        rows = [self.data[(step * m + i) % len(self.data)] for i in range(m)]
        return torch.tensor(rows, dtype=torch.float64)[:, None]

    def values(self):
        self.check()
        layer = nn.BatchNorm1d(1, eps=self.eps, momentum=self.momentum).double()
        with torch.no_grad():
            layer.weight.fill_(self.gamma)
            layer.bias.fill_(self.beta)
            history = [[0.0, 1.0]]
            for step in range(self.step):
                layer(self._batch(step))
                history.append([layer.running_mean.item(), layer.running_var.item()])
            x = self._batch(self.step) * self.scale + self.shift
            layer.train(self.training)
            y = layer(x)
        return {
            "x": x[:, 0].tolist(),
            "y": y[:, 0].tolist(),
            "mean": x.mean().item(),
            "var": x.var(correction=0).item(),
            "unbiased": x.var(correction=1).item(),
            "history": history,
            "running_mean": layer.running_mean.item(),
            "running_var": layer.running_var.item(),
        }

    def sentence(self):
        v = self.values()
        x, y = (", ".join(f"{one:.4g}" for one in v[name]) for name in "xy")
        mode = "training" if self.training else "evaluation"
        return (
            f"Batch normalization in {mode} mode (γ = {self.gamma:g}, β = {self.beta:g}) turns "
            f"the batch {x} (mean {v['mean']:.4g}, biased variance {v['var']:.4g}, unbiased "
            f"{v['unbiased']:.4g}) into {y}; the running mean is then {v['running_mean']:.4g}, "
            f"the running variance {v['running_var']:.5g}. Where scripts run, each activation "
            "can be dragged."
        )

    def picture(self):
        v = self.values()
        low, high = min(0.0, *v["x"], *v["y"]), max(*v["x"], *v["y"]) + 1
        places = list(range(len(v["x"])))
        drawing = SvgPlot((-0.5, len(places) - 0.5), (low - 1, high), "activation")
        drawing.dots(places, v["x"], color=0).dots(places, v["y"], color=1)
        drawing.text(-0.4, high - 0.08 * (high - low), "before", color=0)
        return drawing.text(-0.4, high - 0.16 * (high - low), "after", color=1).svg()
