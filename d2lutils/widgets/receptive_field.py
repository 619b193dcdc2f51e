"""Which inputs one output of a stack of layers sees."""

import torch
import torch.nn.functional as F
import traitlets
from torch import nn

from d2lutils.widgets.framework.base import Widget
from d2lutils.widgets.framework.svg import SvgPlot

_LIMITS = {"kernel": (1, 11), "stride": (1, 4), "dilation": (1, 8)}
_OUTPUTS, _MOST_LAYERS, _MOST_INPUTS = 5, 12, 600


def layer(kernel=3, stride=1, dilation=1, kind="conv"):
    """One layer of the stack; ``kind`` is "conv" or "pool" (which has no weights)."""
    return {"kind": kind, "kernel": kernel, "stride": stride, "dilation": dilation}


class ReceptiveField(Widget):
    """A stack of ``layers``, drawn along one axis, and what its output number ``output`` sees.

    A layer is a dict of kind ("conv" or "pool"), kernel, stride and dilation. There is no
    padding: the input is just as long as five neighbouring outputs need. Every
    layer takes plain means of its windows, so that the gradient of the output by an input is the
    share of all paths that lead there. ``channels`` go in and out of every convolution.
    """

    layers = traitlets.List(traitlets.Dict()).tag(sync=True)
    output = traitlets.Int(2, min=0, max=_OUTPUTS - 1).tag(sync=True)
    channels = traitlets.Int(64, min=1, max=4096).tag(sync=True)

    @traitlets.default("layers")
    def _layers(self):
        return [layer(3), layer(3)]

    def check(self):
        if not 1 <= len(self.layers) <= _MOST_LAYERS:
            raise ValueError(
                f"layers must be 1 to {_MOST_LAYERS} layers, not {len(self.layers)}"
            )
        for i, one in enumerate(self.layers, 1):
            if set(one) != {"kind", *_LIMITS} or one["kind"] not in ("conv", "pool"):
                raise ValueError(
                    f"layer {i} must have a kind (conv or pool), kernel, stride and dilation: {one}"
                )
            for name, (low, high) in _LIMITS.items():
                value = one[name]
                if type(value) is not int or not low <= value <= high:
                    raise ValueError(
                        f"{name} of layer {i} must be a whole number from {low} to {high}, "
                        f"not {value!r}"
                    )
        if self._inputs(self.layers) > _MOST_INPUTS:
            raise ValueError(
                f"the stack needs {self._inputs(self.layers)} inputs; "
                f"at most {_MOST_INPUTS} can be drawn"
            )

    @staticmethod
    def _inputs(layers):
        n = _OUTPUTS
        for one in reversed(layers):
            n = (n - 1) * one["stride"] + one["dilation"] * (one["kernel"] - 1) + 1
        return n

    def _gradient(self, layers, output):
        """d(output) / d(inputs) of the first ``layers``, by autograd."""
        n = self._inputs(layers)
        x = torch.ones(1, 1, n, dtype=torch.float64, requires_grad=True)
        y = x
        for one in layers:
            k = one["kernel"]
            mean = torch.full((1, 1, k), 1 / k, dtype=torch.float64)
            y = F.conv1d(y, mean, stride=one["stride"], dilation=one["dilation"])
        assert y.shape[2] == _OUTPUTS
        return torch.autograd.grad(y[0, 0, output], x)[0][0, 0]

    def values(self):
        self.check()
        r, jump = [], []
        for depth in range(1, len(self.layers) + 1):
            first, second = (
                self._gradient(self.layers[:depth], i).nonzero().flatten()
                for i in (0, 1)
            )
            r.append((first[-1] - first[0] + 1).item())
            jump.append((second[0] - first[0]).item())
        gradient = self._gradient(self.layers, self.output)
        seen = gradient.nonzero().flatten()

        def weights(kernel):
            c = self.channels
            convolution = nn.Conv2d(c, c, kernel, bias=False, device="meta")
            return convolution.weight.numel()

        return {
            "r": r,
            "jump": jump,
            "size": len(gradient),
            "sees": [seen[0].item(), seen[-1].item()],
            "seen": len(seen),
            "gradient": gradient.tolist(),
            "weights": sum(
                weights(x["kernel"]) for x in self.layers if x["kind"] == "conv"
            ),
            "one": weights(r[-1]),
        }

    def sentence(self):
        values = self.values()
        r, (first, last) = values["r"][-1], values["sees"]
        stack = ", ".join(
            f"{x['kernel']}×{x['kernel']} {'pooling' if x['kind'] == 'pool' else 'convolution'}"
            + (f" with stride {x['stride']}" if x["stride"] > 1 else "")
            + (f" with dilation {x['dilation']}" if x["dilation"] > 1 else "")
            for x in self.layers
        )
        return (
            f"A stack of {stack}: one output sees {r}×{r} inputs (along one axis: inputs "
            f"{first} to {last} for output {self.output}). With {self.channels} channels it has "
            f"{values['weights']:,} weights; one {r}×{r} convolution would have "
            f"{values['one']:,}. Where scripts run, layers can be added, changed and removed."
        )

    def picture(self):
        values = self.values()
        depth, n = len(self.layers), values["size"]
        drawing = SvgPlot((-1, n), (-0.5, depth + 0.5), "input", "layer")
        r, jump = [1, *values["r"]], [1, *values["jump"]]
        wanted = {self.output}
        for level in range(depth, -1, -1):
            place = [i * jump[level] + (r[level] - 1) / 2 for i in sorted(wanted)]
            if len(place) < 20:
                drawing.dots(place, [level] * len(place), color=1, r=3)
            else:
                drawing.curve([place[0], place[-1]], [level] * 2, color=1, width=5)
            if level:
                below = self.layers[level - 1]
                wanted = {
                    i * below["stride"] + t * below["dilation"]
                    for i in wanted
                    for t in range(below["kernel"])
                }
        first, last = values["sees"]
        top = self.output * jump[-1] + (r[-1] - 1) / 2
        return drawing.curve([first, top, last], [0, depth, 0], dash="3 3").svg()
