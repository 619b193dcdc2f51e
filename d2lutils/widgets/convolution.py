"""A window that slides over an image: cross-correlation, convolution and pooling."""

import torch
import torch.nn.functional as F
import traitlets

from d2lutils.widgets.framework.base import Finite, Widget

_OPERATIONS = ("cross", "flipped", "max", "avg")


def _matrix(default):
    return traitlets.List(traitlets.List(Finite()), default)


def _pair(default, low, high):
    entry = traitlets.Int(min=low, max=high)
    return traitlets.List(entry, [default, default], minlen=2, maxlen=2)


class Convolution(Widget):
    """``kernel`` slides over ``image``; ``step`` counts the cells of the output.

    ``operation`` is "cross" (cross-correlation: what deep learning calls convolution),
    "flipped" (convolution as mathematics has it), "max" or "avg" (pooling: only the size
    of ``kernel`` counts). ``padding``, ``stride`` and ``dilation`` are [rows, columns].
    A window that does not fit raises ValueError, as do an empty or a ragged matrix.
    """

    image = _matrix([[0.0, 1, 2], [3, 4, 5], [6, 7, 8]]).tag(sync=True)
    kernel = _matrix([[0.0, 1], [2, 3]]).tag(sync=True)
    operation = traitlets.Enum(_OPERATIONS, "cross").tag(sync=True)
    padding = _pair(0, 0, 4).tag(sync=True)
    stride = _pair(1, 1, 4).tag(sync=True)
    dilation = _pair(1, 1, 4).tag(sync=True)
    step = traitlets.Int(0, min=0).tag(sync=True)

    def check(self):
        for name, most in ("image", 12), ("kernel", 5):
            rows = getattr(self, name)
            widths = {len(row) for row in rows}
            if not rows or len(widths) != 1 or not 0 < max(len(rows), *widths) <= most:
                raise ValueError(
                    f"{name} must be a matrix of 1×1 to {most}×{most} numbers, "
                    f"not {len(rows)} rows of {sorted(widths) or 'no'} numbers"
                )
            if 0 in widths:
                raise ValueError(f"{name} must have at least one column")
        if self.operation == "avg" and self.dilation != [1, 1]:
            raise ValueError("average pooling has no dilation")
        for axis, name in enumerate(("rows", "columns")):
            n = (len(self.image), len(self.image[0]))[axis] + 2 * self.padding[axis]
            k = (len(self.kernel), len(self.kernel[0]))[axis]
            span = self.dilation[axis] * (k - 1) + 1
            if span > n:
                raise ValueError(
                    f"the window spans {span} {name}, the padded image has {n}"
                )
            if self.operation in ("max", "avg") and 2 * self.padding[axis] > k:
                raise ValueError(
                    f"pooling over {k} {name} allows a padding of at most {k // 2}"
                )

    def values(self):
        self.check()
        x = torch.tensor(self.image, dtype=torch.float64)[None, None]
        k = torch.tensor(self.kernel, dtype=torch.float64)
        more = {"stride": self.stride, "padding": self.padding}
        fill = 0.0
        if self.operation == "max":
            y = F.max_pool2d(x, k.shape, dilation=self.dilation, **more)
            fill = -torch.inf
        elif self.operation == "avg":
            y = F.avg_pool2d(x, k.shape, **more)
        else:
            k = k.flip(0, 1) if self.operation == "flipped" else k
            y = F.conv2d(x, k[None, None], dilation=self.dilation, **more)
        (up, left) = self.padding
        padded = F.pad(x, (left, left, up, up), value=fill)
        windows = F.unfold(padded, k.shape, dilation=self.dilation, stride=self.stride)[
            0
        ].T
        step = min(self.step, y.numel() - 1)
        return {
            "out": y[0, 0].tolist(),
            "size": list(y.shape[2:]),
            "cell": y.flatten()[step].item(),
            "taps": windows[step].tolist(),
        }

    def sentence(self):
        out = self.values()["out"]
        name = {
            "cross": "cross-correlation with a kernel",
            "flipped": "convolution with a flipped kernel",
            "max": "max pooling with a window",
            "avg": "average pooling with a window",
        }[self.operation]
        rows = " / ".join(" ".join(f"{v:.4g}" for v in row) for row in out)
        pair = [f"{a}" if a == b else f"({a}, {b})" for a, b in self._pairs()]
        return (
            f"A {len(self.image)}×{len(self.image[0])} image, {name} of "
            f"{len(self.kernel)}×{len(self.kernel[0])}, padding {pair[0]}, stride {pair[1]}, "
            f"dilation {pair[2]}: the output is {rows}. Where scripts run, the window slides, "
            "the kernel can be edited, and the sum behind each cell is written out."
        )

    def _pairs(self):
        return self.padding, self.stride, self.dilation

    def picture(self):
        parts, x = [], 8
        cell = 30
        pooling = self.operation in ("max", "avg")
        blocks = [(self.image, ""), (self.kernel, "⋆"), (self.values()["out"], "=")]
        for matrix, sign in blocks:
            if sign:
                parts.append(f"<text x='{x + 12}' y='60' font-size='18'>{sign}</text>")
                x += 34
            wide, tall = len(matrix[0]) * cell, len(matrix) * cell
            lines = "".join(f"M{x},{20 + i}h{wide}" for i in range(0, tall + 1, cell))
            lines += "".join(f"M{x + j},20v{tall}" for j in range(0, wide + 1, cell))
            parts.append(f"<path d='{lines}' stroke='#566170' fill='none'/>")
            for i, row in enumerate(matrix):
                for j, v in enumerate(row):
                    a, b = x + j * cell + cell // 2, 39 + i * cell
                    word = self.operation if pooling and sign == "⋆" else f"{v:.3g}"
                    parts.append(f"<text x='{a}' y='{b}'>{word}</text>")
            x += len(matrix[0]) * cell + 4
        tall = 30 + cell * max(len(matrix) for matrix, _ in blocks)
        return (
            f"<svg xmlns='http://www.w3.org/2000/svg' width='{max(x + 8, 240)}' "
            f"height='{max(tall, 110)}' font-family='sans-serif' font-size='11' "
            f"text-anchor='middle'>{''.join(parts)}</svg>"
        )
