"""Polynomials through noisy points: degree, data, penalty, training and test error."""

import torch
import traitlets

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.seeded import normals, uniforms
from d2lutils.widgets.framework.svg import SvgPlot

_TEST = 200
_SWEEPS = {
    "degree": list(range(21)),
    "points": list(range(4, 101, 4)),
    "penalty": [10 ** (k / 2) for k in range(-16, 3)],
}


def truth(x):
    """The cubic that the points come from."""
    return 0.3 - 2 * x + 3.2 * x**3


class PolynomialFit(Widget):
    """ŷ = b + Σ wₖ xᵏ of a ``degree``, fitted to ``points`` with normal ``noise``.

    The fit minimises the mean squared error, plus ``penalty`` times the sum of the squared
    wₖ (the bias is free) where ``penalised`` is on. Errors on 200 test points stand
    beside those on the training points, drawn ``against`` degree, points or penalty.
    """

    degree = traitlets.Int(11, min=0, max=20).tag(sync=True)
    points = traitlets.Int(15, min=4, max=100).tag(sync=True)
    noise = Finite(0.2, min=0, max=1).tag(sync=True)
    penalised = traitlets.Bool(False).tag(sync=True)
    penalty = Finite(1e-3, min=1e-8, max=10).tag(sync=True)
    against = traitlets.Enum(list(_SWEEPS), "degree").tag(sync=True)
    seed = traitlets.Int(1, min=0, max=9999).tag(sync=True)

    def check(self):
        if not self.penalised and self.degree >= self.points:
            raise ValueError(
                f"a polynomial of degree {self.degree} has {self.degree + 1} "
                f"coefficients; {self.points} points do not determine them without a "
                "penalty"
            )

    def data(self, points):
        """(x, y) to train on and (x, y) to test on."""
        seed, steps = 4 * self.seed, torch.arange(points)
        x = -1 + 2 * (steps + 0.25 + uniforms(seed, points) / 2) / points
        far = -1 + 2 * uniforms(seed + 2, _TEST)
        noise = self.noise * normals(seed + 1, points)
        test_noise = self.noise * normals(seed + 3, _TEST)
        return (x, truth(x) + noise), (far, truth(far) + test_noise)

    def fit(self, degree, points, penalty):
        """(coefficients from x⁰ up, training error, test error); NaN if undetermined."""
        if not penalty and degree >= points:
            nan = float("nan")
            return torch.full((degree + 1,), nan), nan, nan
        (x, y), (far, wanted) = self.data(points)
        powers = torch.arange(degree + 1)
        pull = torch.diag((points * penalty) ** 0.5 * (powers > 0).double())
        A, b = torch.cat([x[:, None] ** powers, pull]), torch.zeros(len(x) + degree + 1)
        b = b.double()
        b[: len(x)] = y
        w = torch.linalg.lstsq(A, b[:, None], driver="gels").solution[:, 0]
        errors = (
            (u[:, None] ** powers @ w - v).square().mean().item()
            for u, v in ((x, y), (far, wanted))
        )
        return w, *errors

    def values(self):
        now = {
            "degree": self.degree,
            "points": self.points,
            "penalty": self.penalty if self.penalised else 0.0,
        }
        w, train, test = self.fit(**now)
        sweep = [self.fit(**now | {self.against: v}) for v in _SWEEPS[self.against]]
        return {
            "w": w.tolist(),
            "train": train,
            "test": test,
            "norm": w[1:].norm().item(),
            "sweep": {
                "train": [train for _, train, _ in sweep],
                "test": [test for _, _, test in sweep],
            },
        }

    def sentence(self):
        values = self.values()
        penalty = f" and penalty {self.penalty:g}" if self.penalised else ""
        return (
            f"A polynomial of degree {self.degree}{penalty}, fitted to {self.points} "
            f"points of a cubic with noise {self.noise:g}: mean squared error "
            f"{values['train']:.3g} in training, {values['test']:.3g} on new points. "
            "Where scripts run, degree, points, noise and penalty can be moved."
        )

    def picture(self):
        grid = torch.linspace(-1, 1, 121, dtype=torch.float64)
        w, *_ = self.fit(
            self.degree, self.points, self.penalty if self.penalised else 0.0
        )
        y = (grid[:, None] ** torch.arange(len(w)) @ w).tolist()
        drawing = SvgPlot((-1, 1), (-1.5, 2), "x", "y")
        drawing.curve(grid.tolist(), truth(grid).tolist(), color=7, dash="4 4")
        drawing.curve(grid.tolist(), y, color=1)
        return drawing.dots(*self.data(self.points)[0], color=0).svg()
