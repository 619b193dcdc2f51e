"""What a convolution costs, with and without a 1×1 convolution before it."""

from functools import cache

import torch
import torch.nn.functional as F
import traitlets
from torch.utils.flop_counter import FlopCounterMode

from d2lutils.widgets.framework.base import Widget
from d2lutils.widgets.framework.svg import SvgPlot

# Inception blocks of GoogLeNet (Szegedy et al. 2015, table 1, for 224×224 images):
# size, channels in, 1×1, (reduction, 3×3), (reduction, 5×5), 1×1 after the pooling
GOOGLENET = {
    "3a": (28, 192, 64, (96, 128), (16, 32), 32),
    "3b": (28, 256, 128, (128, 192), (32, 96), 64),
    "4a": (14, 480, 192, (96, 208), (16, 48), 64),
    "4b": (14, 512, 160, (112, 224), (24, 64), 64),
    "4c": (14, 512, 128, (128, 256), (24, 64), 64),
    "4d": (14, 512, 112, (144, 288), (32, 64), 64),
    "4e": (14, 528, 256, (160, 320), (32, 128), 128),
    "5a": (7, 832, 256, (160, 320), (32, 128), 128),
    "5b": (7, 832, 384, (192, 384), (48, 128), 128),
}


def multiply_adds(size, kernel, c_in, c_out):
    """Multiply–adds of one convolution that keeps the size, counted by torch."""
    x = torch.empty(1, c_in, size + kernel - 1, size + kernel - 1, device="meta")
    w = torch.empty(c_out, c_in, kernel, kernel, device="meta")
    with FlopCounterMode(display=False) as counter:
        F.conv2d(x, w)
    return counter.get_total_flops() // 2


@cache
def block_cost(name):
    """Multiply–adds of a whole block [with its reductions, without them]."""
    n, c, c1, (r3, c3), (r5, c5), cp = GOOGLENET[name]
    both = multiply_adds(n, 1, c, c1) + multiply_adds(n, 1, c, cp)
    with_them = sum(
        multiply_adds(n, 1, c, r) + multiply_adds(n, k, r, out)
        for k, r, out in ((3, r3, c3), (5, r5, c5))
    )
    without = multiply_adds(n, 3, c, c3) + multiply_adds(n, 5, c, c5)
    return [both + with_them, both + without]


class InceptionCost(Widget):
    """A ``kernel`` × ``kernel`` convolution of ``in_channels`` to ``out_channels``.

    On images of ``size`` × ``size`` (padding keeps the size), directly and after a 1×1
    convolution to ``reduction`` channels: multiply–adds and weights, without biases.
    """

    in_channels = traitlets.Int(192, min=1, max=4096).tag(sync=True)
    size = traitlets.Int(28, min=1, max=1024).tag(sync=True)
    kernel = traitlets.Int(5, min=1, max=15).tag(sync=True)
    out_channels = traitlets.Int(32, min=1, max=4096).tag(sync=True)
    reduction = traitlets.Int(16, min=1, max=4096).tag(sync=True)

    def values(self):
        n, k, r = self.size, self.kernel, self.reduction
        c_in, c_out = self.in_channels, self.out_channels
        direct = multiply_adds(n, k, c_in, c_out)
        squeeze = multiply_adds(n, 1, c_in, r)
        expand = multiply_adds(n, k, r, c_out)

        def weights(*convolutions):
            return sum(
                torch.nn.Conv2d(a, b, size, bias=False, device="meta").weight.numel()
                for a, b, size in convolutions
            )

        # one channel of the reduction costs this much
        each = multiply_adds(n, 1, c_in, 1) + multiply_adds(n, k, 1, c_out)
        return {
            "direct": direct,
            "squeeze": squeeze,
            "expand": expand,
            "through": squeeze + expand,
            "ratio": direct / (squeeze + expand),
            "break_even": direct / each,
            "weights": [
                weights((c_in, c_out, k)),
                weights((c_in, r, 1), (r, c_out, k)),
            ],
            "blocks": {name: block_cost(name) for name in GOOGLENET},
        }

    def sentence(self):
        v = self.values()
        return (
            f"A {self.kernel}×{self.kernel} convolution from {self.in_channels} to "
            f"{self.out_channels} channels on {self.size}×{self.size} takes {v['direct']:,} "
            f"multiply–adds; through a 1×1 convolution to {self.reduction} channels it takes "
            f"{v['squeeze']:,} + {v['expand']:,} = {v['through']:,}. Where scripts run, every "
            "number can be moved and the blocks of GoogLeNet be chosen."
        )

    def picture(self):
        v = self.values()
        top = max(v["direct"], v["through"]) / 1e6
        drawing = SvgPlot((-1, 2), (0, top * 1.15), "", "million multiply–adds")
        drawing.bars([v["direct"] / 1e6, v["through"] / 1e6], color=0)
        for i, name in enumerate(("direct", "through")):
            height = v[name] / 1e6
            label = "direct" if i == 0 else "with 1×1"
            drawing.text(i, height + top * 0.03, f"{label}: {height:.4g}", "middle")
        return drawing.svg()
