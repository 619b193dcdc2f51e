"""How a dense block grows: what each layer reads, adds, weighs and computes."""

import torch
import traitlets
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from d2lutils.widgets.framework.base import Widget
from d2lutils.widgets.framework.svg import SvgPlot


class DenseGrowth(Widget):
    """A dense block of ``layers`` 3×3 convolutions that each add ``growth`` channels.

    Layer l reads the block's ``in_channels`` and what all layers before it put out,
    concatenated (Huang et al. 2017). With ``bottleneck`` a 1×1 convolution to 4·growth
    channels stands before each 3×3. With ``transition`` a 1×1 convolution halves the
    channels at the end. Maps have ``size`` × ``size`` cells, convolutions no bias, norms
    are not counted. Beside it: the same number of 3×3 convolutions that keep
    ``in_channels`` and are added, as in a residual net. ``layer`` is read off.
    """

    in_channels = traitlets.Int(64, min=1, max=512).tag(sync=True)
    growth = traitlets.Int(32, min=1, max=128).tag(sync=True)
    layers = traitlets.Int(4, min=1, max=16).tag(sync=True)
    bottleneck = traitlets.Bool(False).tag(sync=True)
    transition = traitlets.Bool(True).tag(sync=True)
    size = traitlets.Int(7, min=1, max=224).tag(sync=True)
    layer = traitlets.Int(3, min=1, max=16).tag(sync=True)

    def _layer(self, c_in):
        """The convolutions of one layer of the dense block, as modules."""
        wide = 4 * self.growth if self.bottleneck else c_in
        convs = [_conv(3, wide, self.growth)]
        return nn.Sequential(*([_conv(1, c_in, wide)] * self.bottleneck), *convs)

    def values(self):
        reads = [self.in_channels + i * self.growth for i in range(self.layers)]
        out = reads[-1] + self.growth
        each = [_cost(self._layer(c), c, self.size) for c in reads]
        shrink = [[0, 0], out]
        if self.transition:
            shrink = [_cost(_conv(1, out, out // 2), out, self.size), out // 2]
        c = self.in_channels
        added = [_cost(_conv(3, c, c), c, self.size)] * self.layers
        return {
            "reads": reads,
            "out": out,
            "after": shrink[1],
            "weights": [w for w, _ in each],
            "multiply_adds": [m for _, m in each],
            "transition": shrink[0],
            "total": [sum(column) for column in zip(*each, shrink[0], strict=True)],
            "added": [sum(column) for column in zip(*added, strict=True)],
        }

    def sentence(self):
        v = self.values()
        return (
            f"A dense block of {self.layers} layers with growth rate {self.growth} on "
            f"{self.in_channels} channels: the layers read "
            f"{', '.join(map(str, v['reads']))} channels, {v['out']} leave the block"
            + (
                f", and a transition makes {v['after']} of them"
                if self.transition
                else ""
            )
            + f". {v['total'][0]:,} weights, against {v['added'][0]:,} when as many layers "
            "are added instead. Where scripts run, all numbers can be moved."
        )

    def picture(self):
        v = self.values()
        drawing = SvgPlot(
            (0.4, self.layers + 0.6), (0, v["out"] * 1.05), "layer", "channels read"
        )
        return drawing.bars(dict(enumerate(v["reads"], start=1))).svg()


def _conv(kernel, c_in, c_out):
    return nn.Conv2d(
        c_in, c_out, kernel, padding=kernel // 2, bias=False, device="meta"
    )


def _cost(net, c_in, size):
    """[weights, multiply–adds] of convolutions on maps of size × size."""
    with FlopCounterMode(display=False) as counter:
        net(torch.empty(1, c_in, size, size, device="meta"))
    weights = sum(parameter.numel() for parameter in net.parameters())
    return [weights, counter.get_total_flops() // 2]
