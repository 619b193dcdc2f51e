"""Train a small network in the page, and watch every unit's surface bend as it learns.

Give it one hidden unit, then two, then three, and play the circles each time; then take the
activation away.
"""

import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F
import traitlets
from torch import nn

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.seeded import normals, uniforms
from d2lutils.widgets.framework.svg import SvgPlot

ACTIVATIONS = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}
_RULES = {
    "SGD": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "Nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "AdaGrad": (torch.optim.Adagrad, {}),
    "RMSprop": (torch.optim.RMSprop, {}),
    "Adam": (torch.optim.Adam, {}),
    "AdamW": (torch.optim.AdamW, {}),
}
OPTIMIZERS = tuple(_RULES)
DATA = ("XOR", "circles", "moons", "spirals", "two heaps")
_LAYERS, _UNITS, LONGEST = 4, 8, 20_000


def points(data, n, noise, seed):
    """``2 n`` points in the plane and their classes: the first n to train, the others to test.

    Returns X (2n, 2) and y (2n,) in float64; classes 0 and 1 take turns.
    """
    u = uniforms(seed, 4 * n).reshape(2, 2 * n)
    y = torch.arange(2 * n, dtype=torch.float64) % 2
    sign = 2 * y - 1
    if data == "XOR":
        a, b = 0.06 + 0.94 * u
        side = torch.where(torch.arange(2 * n) % 4 < 2, 1.0, -1.0)
        X = torch.stack([a * side, -b * side * sign])
    elif data == "circles":
        r = torch.where(y == 0, 0.45 * u[0].sqrt(), 0.65 + 0.3 * u[0])
        X = torch.stack(
            [r * (2 * math.pi * u[1]).cos(), r * (2 * math.pi * u[1]).sin()]
        )
    elif data == "moons":
        angle = math.pi * u[0]
        X = torch.stack(
            [sign * (0.35 - 0.7 * angle.cos()), sign * (0.2 - 0.7 * angle.sin())]
        )
    elif data == "spirals":
        angle = 3.5 * math.pi * u[0] + math.pi * y
        X = torch.stack([u[0] * angle.cos(), u[0] * angle.sin()]) * 0.95
    else:
        r, angle = 0.35 * (-2 * (1 - u[0]).log()).sqrt() / 2, 2 * math.pi * u[1]
        X = torch.stack([0.4 * sign + r * angle.cos(), 0.4 * sign + r * angle.sin()])
    return (X + noise * normals(seed + 1, 4 * n).reshape(2, 2 * n)).T, y


class Playground(Widget):
    """A dense net that learns to tell two classes of points in the plane apart.

    Parameters
    ----------
    data : {"XOR", "circles", "moons", "spirals", "two heaps"}
    n, noise : int, float
        Points to train on (as many more test it), and the standard deviation of what is
        added to their places.
    hidden : list of int
        Units of each hidden layer: at most four layers of at most eight; none is logistic
        regression.
    activation : {"tanh", "relu", "leaky_relu", "sigmoid", "identity"}
    optimizer : one of SGD, momentum and Nesterov (0.9), AdaGrad, RMSprop, Adam, AdamW
        With ``torch.optim``'s defaults otherwise.
    lr, decay : float
        Learning rate η, and ``weight_decay`` λ.
    batch_size : int
        Points of a step; every epoch mixes them anew.
    seed : int
        Of points, first weights (normal, √2/√inputs for the two ReLUs, else 1/√inputs) and batches.
    step : int
        How many steps the net has made from its first weights.
    look : int
        Whose surface is shown large: 0 the answer's, 1, 2, ... the hidden units', layer by layer.
    """

    data = traitlets.Enum(list(DATA), "circles").tag(sync=True)
    n = traitlets.Int(100, min=4, max=300).tag(sync=True)
    noise = Finite(0.05, min=0, max=0.5).tag(sync=True)
    hidden = traitlets.List(
        traitlets.Int(min=1, max=_UNITS), [4, 2], maxlen=_LAYERS
    ).tag(sync=True)
    activation = traitlets.Enum(list(ACTIVATIONS), "tanh").tag(sync=True)
    optimizer = traitlets.Enum(list(OPTIMIZERS), "Adam").tag(sync=True)
    lr = Finite(0.03, min=1e-5, max=10).tag(sync=True)
    decay = Finite(0.0, min=0, max=1).tag(sync=True)
    batch_size = traitlets.Int(20, min=1, max=300).tag(sync=True)
    seed = traitlets.Int(0, min=0, max=9999).tag(sync=True)
    step = traitlets.Int(0, min=0, max=LONGEST).tag(sync=True)
    look = traitlets.Int(0, min=0).tag(sync=True)

    def check(self):
        if self.look > sum(self.hidden):
            raise ValueError(
                f"there are {sum(self.hidden)} hidden units; look must be at most that"
            )

    def first_net(self):
        """The net before its first step, an ``nn.Sequential`` in float64."""
        sizes = [2, *self.hidden, 1]
        gain = math.sqrt(2) if "relu" in self.activation else 1
        drawn = iter(
            normals(self.seed, sum(a * b for a, b in itertools.pairwise(sizes)))
        )
        layers = []
        with torch.random.fork_rng(devices=[]):  # the reader's seed stays where it is
            for into, out in itertools.pairwise(sizes):
                layer = nn.Linear(into, out, dtype=torch.float64)
                with torch.no_grad():
                    numbers = [next(drawn) for _ in range(into * out)]
                    layer.weight.copy_(
                        torch.stack(numbers).view(out, into) * gain / math.sqrt(into)
                    )
                    layer.bias.zero_()
                layers += [layer, ACTIVATIONS[self.activation]()]
        return nn.Sequential(*layers[:-1])

    def points(self):
        """((X, y) to train on, (X, y) to test with), X (n, 2) and y (n,) in float64."""
        X, y = points(self.data, self.n, self.noise, self.seed)
        return (X[: self.n], y[: self.n]), (X[self.n :], y[self.n :])

    def batch(self, step):
        """The rows of step number ``step``, counted from 0: int64 (rows,)."""
        epoch, place = divmod(step, math.ceil(self.n / self.batch_size))
        chance = uniforms(self.seed + 10_000 + epoch, self.n).numpy()
        order = np.argsort(chance, kind="stable")
        first = place * self.batch_size
        return torch.from_numpy(order[first : first + self.batch_size])

    def net(self):
        """The net after ``step`` steps, trained by torch from the same first weights."""
        return self._trained()[0]

    def _trained(self):
        """(net, losses before the first and after every step: (train, test))."""
        net = self.first_net()
        rule, more = _RULES[self.optimizer]
        optimizer = rule(net.parameters(), lr=self.lr, weight_decay=self.decay, **more)
        (X, y), _ = self.points()
        losses = [self._losses(net)]
        for step in range(self.step):
            rows = self.batch(step)
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(
                net(X[rows]).squeeze(1), y[rows]
            ).backward()
            optimizer.step()
            losses.append(self._losses(net))
        return net, losses

    def _losses(self, net):
        with torch.no_grad():
            return [
                F.binary_cross_entropy_with_logits(net(X).squeeze(1), y).item()
                for X, y in self.points()
            ]

    def _surface(self, net, X):
        """What ``look`` names, for points X (n, 2): (n,)."""
        if not self.look:
            return net(X).squeeze(1)
        before = 0
        for layer, units in enumerate(self.hidden):
            if self.look <= before + units:
                return net[: 2 * layer + 2](X)[:, self.look - before - 1]
            before += units
        raise AssertionError("check() admits no other unit")

    def values(self):
        net, losses = self._trained()
        grid = torch.linspace(-1, 1, 5, dtype=torch.float64)
        with torch.no_grad():
            surface = self._surface(net, torch.cartesian_prod(grid, grid))
        (_, _), (X, y) = self.points()
        with torch.no_grad():
            right = ((net(X).squeeze(1) > 0) == (y > 0)).double().mean().item()
        train, test = zip(*losses, strict=True)
        return {
            "weights": [p.detach().flatten().tolist() for p in net.parameters()],
            "train_loss": list(train),
            "test_loss": list(test),
            "test_accuracy": right,
            "surface": surface.tolist(),
        }

    def sentence(self):
        found, layers = self.values(), " and ".join(map(str, self.hidden)) or "no"
        return (
            f"A network with {layers} hidden units ({self.activation}) and {self.data}: after "
            f"{self.step} steps of {self.optimizer} its test loss is "
            f"{found['test_loss'][-1]:.3f}. Where scripts run, it trains in the page: data, "
            "layers, activation, optimizer and rate can be chosen, and every unit looked at."
        )

    def picture(self):
        (X, y), _ = self.points()
        drawing = SvgPlot((-1.3, 1.3), (-1.3, 1.3), "x₁", title=f"x₂: {self.data}")
        for label, color in (0, 0), (1, 1):
            part = X[y == label][:40]  # enough to see what they are
            drawing.dots(part[:, 0], part[:, 1], color=color, r=3)
        return drawing.svg()
