"""Draw a digit with mouse, finger or keys, and watch a trained network make up its mind.

Switch on one layer after the other to see what it makes of the drawing; then draw a small digit
in a corner and take the centring away.
"""

import math
from functools import cache
from itertools import pairwise

import torch
import torch.nn.functional as F
import traitlets
from torch import nn

from d2lutils.widgets.framework import network
from d2lutils.widgets.framework.base import Widget

SIDE, BOX = 28, 20  # pixels of an image, and of the box that MNIST scales the ink into
_SHAPE = (1, SIDE, SIDE)
# The drawing that the widget opens with: a small 2 away from the middle, corner by corner.
_TWO = [(7, 6), (8, 4), (11, 4), (12, 6), (12, 8), (7, 14), (13, 14)]


def brush(ink, points):
    """Draw a line through ``points`` (column, row; cells count from 0) into ``ink``, in place.

    A cell is full (255) where its middle is within 0.9 cells of the line and empty beyond 1.9.
    """
    grid = torch.arange(SIDE, dtype=torch.float64)
    y, x = torch.meshgrid(grid, grid, indexing="ij")
    for (ax, ay), (bx, by) in pairwise(points):
        dx, dy = bx - ax, by - ay
        along = ((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-12)
        t = along.clamp(0, 1)
        far = ((x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2).sqrt()
        new = ((1.9 - far).clamp(0, 1) * 255 + 0.5).floor()
        ink.copy_(torch.maximum(ink, new))
    return ink


def _resizing(n, out):
    """The matrix (out, n) that makes ``out`` pixels of ``n``, by triangles as wide as need be.

    What ``F.interpolate(mode="bilinear", antialias=True)`` does, which torch 2.15 gets wrong
    for an image one pixel wide.
    """
    ratio = n / out
    middles = ratio * (torch.arange(out, dtype=torch.float64).unsqueeze(1) + 0.5)
    far = (torch.arange(n, dtype=torch.float64) + 0.5 - middles).abs()
    weights = (1 - far / max(ratio, 1)).clamp(min=0)
    return weights / weights.sum(dim=1, keepdim=True)


def centred(image):
    """A float64 image (28, 28) as MNIST's were made; one without ink stays as it is.

    What the ink covers is scaled, keeping its aspect, to fit into 20×20 pixels, and put
    where the centre of its mass falls on the middle of the 28×28, to the nearest pixel.
    """
    rows, columns = (image > 0).any(dim=1).nonzero(), (image > 0).any(dim=0).nonzero()
    if not len(rows):
        return image
    crop = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    long = max(crop.shape)
    size = [max(math.floor(n * BOX / long + 0.5), 1) for n in crop.shape]
    down, across = map(_resizing, crop.shape, size)
    small = down @ crop @ across.T
    out, corner = torch.zeros_like(image), []
    for axis, n in enumerate(size):
        places = torch.arange(n, dtype=image.dtype) + 0.5
        middle = (small.sum(dim=1 - axis) * places).sum() / small.sum()
        # a hair above one half: a tie goes the same way in the browser
        first = math.floor(SIDE / 2 - middle.item() + 0.5 + 1e-6)
        corner.append(min(max(first, 0), SIDE - n))
    top, left = corner
    out[top : top + size[0], left : left + size[1]] = small
    return out


@cache
def _little():
    """A net of 4,330 weights, trained for two seconds on scikit-learn's 1,797 digits.

    Turned, slanted and scaled copies of them, drawn as with a pen, let it read about three of
    four of MNIST's: enough to try the widget out.
    """
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    X = torch.tensor(images, dtype=torch.float32).view(-1, 1, 8, 8) / 16
    X = F.pad(F.interpolate(X, (BOX, BOX), mode="bilinear"), (4, 4, 4, 4))
    X, y = X.repeat(4, 1, 1, 1), torch.tensor(labels).repeat(4)
    with torch.random.fork_rng(devices=[]):  # the reader's seed stays where it is
        torch.manual_seed(0)
        turn, slant, stretch = (torch.rand(3, len(X)) - 0.5) / 2
        rows = [(1 + stretch) * turn.cos(), slant - turn.sin(), 0 * turn]
        rows += [(1 + stretch) * turn.sin(), turn.cos(), 0 * turn]
        maps = 1.15 * torch.stack(rows, dim=1).view(-1, 2, 3)
        places = F.affine_grid(maps, X.shape, align_corners=False)
        X = F.grid_sample(X, places, align_corners=False)
        X = X.mul(2.5).sub(1).clamp(0, 1)  # as sharp as a pen
        X = torch.stack([centred(image) for image in X[:, 0].double()])
        X = X.unsqueeze(1).float()
        net = nn.Sequential(
            nn.Conv2d(1, 4, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(4, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Dropout(0.3), nn.Linear(8 * 7 * 7, 10),
        )  # fmt: skip
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        slower = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.05, 340)
        for _ in range(3):
            for batch in torch.randperm(len(X)).split(64):
                optimizer.zero_grad()
                F.cross_entropy(net(X[batch]), y[batch]).backward()
                optimizer.step()
                slower.step()
    return network.convert(net, _SHAPE)


class DrawDigit(Widget):
    """A drawing of 28×28 cells, and what ``net`` says of it, by ten probabilities.

    Parameters
    ----------
    net : nn.Module, optional
        Takes images (n, 1, 28, 28), 0 for paper and 1 for ink, to logits (n, 10), by layers
        that run in the page (``framework/layers.py``). Without one a little net answers that was
        trained on scikit-learn's digits.
    bits, budget_kb : int, float
        Of a weight in the page (8, 16, or 32, which rounds nothing; left out: 16 where the net
        fits into the budget, else 8), and the most kilobytes of all. With 8 bits two of
        1,000 digits changed sides in a briefly trained LeNet.
    ink : list of 28 lists of 28 int
        The drawing, 0 (paper) to 255.
    centring : bool
        Whether the drawing is scaled and centred as MNIST's digits were.
    layer : int
        The step whose values are shown; 0 for none.

    Raises TypeError for a net with a layer that the page does not have, ValueError for one of
    other shapes or above the budget.
    """

    network = traitlets.Dict().tag(sync=True)
    ink = traitlets.List(
        traitlets.List(traitlets.Int(min=0, max=255), minlen=SIDE, maxlen=SIDE),
        minlen=SIDE,
        maxlen=SIDE,
    ).tag(sync=True)
    centring = traitlets.Bool(True).tag(sync=True)
    layer = traitlets.Int(1, min=0).tag(sync=True)

    def __init__(self, net=None, *, bits=None, budget_kb=200, **state):
        if net is not None:
            state["network"] = network.convert(net, _SHAPE, bits, budget_kb)
        super().__init__(**state)

    @traitlets.default("network")
    def _net(self):
        return _little()

    @traitlets.default("ink")
    def _drawing(self):
        return brush(torch.zeros(SIDE, SIDE, dtype=torch.float64), _TWO).int().tolist()

    def check(self):
        steps = self.network["steps"]
        found = tuple(self.logits().shape)
        if found != (1, 10):
            raise ValueError(
                f"the net must take (n, 1, 28, 28) to ten logits (n, 10); it gives {found}"
            )
        if steps[-1]["op"] == "softmax":
            raise ValueError("the net must return logits: leave out its last softmax")
        if self.layer > len(steps):
            raise ValueError(f"layer must be at most {len(steps)}, not {self.layer}")

    @property
    def pixels(self):
        """What the net sees, (1, 1, 28, 28) in float64, 0 to 1."""
        image = torch.tensor(self.ink, dtype=torch.float64) / 255
        return (centred(image) if self.centring else image)[None, None]

    def logits(self):
        """The net's answer (1, 10) in float64, with the weights as they are in the page."""
        return self._values()[-1]

    def _values(self):
        return network.run(self.network, self.pixels, torch.float64)

    def values(self):
        steps = self._values()
        return {
            "pixels": self.pixels.flatten().tolist(),
            "logits": steps[-1][0].tolist(),
            "probabilities": steps[-1][0].softmax(0).tolist(),
            "maps": steps[self.layer].flatten().tolist() if self.layer else [],
        }

    def sentence(self):
        shares = self.logits()[0].softmax(0)
        (first, second), (one, two) = (part.tolist() for part in shares.topk(2))
        how = (
            "scaled and centred as MNIST's were" if self.centring else "where it stands"
        )
        drawn = "a drawn digit" if any(map(any, self.ink)) else "an empty drawing"
        return (
            f"Of {drawn}, {how}, a trained network says: {one} ({first:.0%}), or else {two} "
            f"({second:.0%}). Where scripts run, you draw with mouse, finger or arrow keys, the "
            "network answers as you draw, and each of its layers can be looked at."
        )

    def picture(self):
        paths = []
        for least, most in (32, 96), (96, 160), (160, 224), (224, 256):
            runs = ""
            for i, row in enumerate(self.ink):
                j = 0
                while j < SIDE:
                    n = next(
                        (k for k in range(SIDE - j) if not least <= row[j + k] < most),
                        SIDE - j,
                    )
                    runs += f"M{j},{i}h{n}" if n else ""
                    j += n or 1
            if runs:
                gray = 255 - (least + most) // 2
                paths.append(f"<path d='{runs}' stroke='rgb({gray},{gray},{gray})'/>")
        bars = ""
        for digit, p in enumerate(self.logits()[0].softmax(0).tolist()):
            y = 17 + 20 * digit
            bars += (
                f"<text x='236' y='{y + 12}'>{digit}</text>"
                f"<rect x='250' y='{y}' width='{120 * p:.1f}' height='15' fill='#0072b2'/>"
                f"<text x='{254 + 120 * p:.0f}' y='{y + 12}'>{p:.0%}</text>"
            )
        return (
            "<svg xmlns='http://www.w3.org/2000/svg' width='420' height='232' "
            "font-family='sans-serif' font-size='12'><rect width='100%' height='100%' "
            "fill='#fff'/><rect x='8' y='18' width='196' height='196' fill='none' "
            f"stroke='#566170'/><g transform='translate(8,21.5) scale(7)'>{''.join(paths)}</g>"
            f"{bars}</svg>"
        )
