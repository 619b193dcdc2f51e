"""Optimizers racing over a surface: their paths, and the loss beside the contours."""

import torch
import traitlets

from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.svg import SvgPlot

# The surfaces they race on: functions of two numbers, whose least value is 0.
SURFACES = {
    "bowl": lambda x, y: x**2 + y**2,
    "ravine": lambda x, y: 0.1 * x**2 + 2 * y**2,
    # Two valleys at (0, ±√2) with a saddle between them at the origin.
    "saddle": lambda x, y: x**2 + (0.5 * y**2 - 1) ** 2,
    # Rosenbrock, The Computer Journal 3 (1960), doi:10.1093/comjnl/3.3.175.
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    # Beale, Princeton technical report 25 (1958).
    "beale": lambda x, y: (
        (1.5 - x + x * y) ** 2
        + (2.25 - x + x * y**2) ** 2
        + (2.625 - x + x * y**3) ** 2
    ),
    # Himmelblau, Applied Nonlinear Programming (1972): four minima.
    "himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
}

# Where each is drawn: the limits of x and of y.
LIMITS = {
    "bowl": ((-5, 5), (-4, 4)),
    "ravine": ((-5, 5), (-4, 4)),
    "saddle": ((-3, 3), (-2.4, 2.4)),
    "rosenbrock": ((-2, 2), (-1, 3)),
    "beale": ((-4.5, 4.5), (-4, 4)),
    "himmelblau": ((-5, 5), (-5, 5)),
}

# The hyperparameters of each optimizer, with what the widget starts from.
DEFAULTS = {
    "sgd": {"lr": 0.4},
    "momentum": {"lr": 0.05, "momentum": 0.9},
    "nesterov": {"lr": 0.05, "momentum": 0.9},
    "adagrad": {"lr": 1.0, "eps": 1e-10},
    "rmsprop": {"lr": 0.1, "alpha": 0.99, "eps": 1e-8},
    "adadelta": {"lr": 1.0, "rho": 0.9, "eps": 1e-3},
    "adam": {"lr": 0.2, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    "adamw": {
        "lr": 0.2, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01,
    },
}  # fmt: skip
_COLOR = dict(zip(DEFAULTS, (1, 0, 5, 4, 3, 6, 2, 7), strict=True))
_MOST = {"lr": 100, "eps": 10, "weight_decay": 100}


def torch_optimizer(name, parameters, lr, beta1=None, beta2=None, **others):
    """The optimizer of ``torch.optim`` with this widget's name and hyperparameters."""
    others = {key: float(value) for key, value in others.items()}
    if beta1 is not None:
        others["betas"] = (float(beta1), float(beta2))
    kinds = {
        "sgd": torch.optim.SGD,
        "momentum": torch.optim.SGD,
        "nesterov": torch.optim.SGD,
        "adagrad": torch.optim.Adagrad,
        "rmsprop": torch.optim.RMSprop,
        "adadelta": torch.optim.Adadelta,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }
    # Nesterov's rule without momentum is plain SGD; torch refuses to be asked for it.
    if name == "nesterov" and others["momentum"] > 0:
        others["nesterov"] = True
    return kinds[name]([parameters], lr=lr, **others)


class OptimizerPaths(Widget):
    """Optimizers race on a surface from ``start``; every hyperparameter can be moved.

    ``settings`` holds the hyperparameters by optimizer; what is not given keeps its
    default. ``playing=True`` starts the race when the widget comes into view.
    """

    surface = traitlets.Enum(list(SURFACES), "ravine").tag(sync=True)
    racing = traitlets.List(traitlets.Enum(list(DEFAULTS))).tag(sync=True)
    tuned = traitlets.Enum(list(DEFAULTS), "momentum").tag(sync=True)
    start = traitlets.List(Finite(), [-4.0, 1.5], minlen=2, maxlen=2).tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0, min=0).tag(sync=True)
    steps = traitlets.Int(60, min=1, max=500).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **state):
        super().__init__(**{"step": state.get("steps", 60)} | state)

    @traitlets.default("racing")
    def _racing(self):
        return ["sgd", "momentum", "adam"]

    @traitlets.default("settings")
    def _settings(self):
        return {name: dict(values) for name, values in DEFAULTS.items()}

    @traitlets.validate("settings")
    def _complete(self, proposal):
        given = proposal["value"]
        for name, values in given.items():
            known = DEFAULTS.get(name)
            if known is None:
                raise traitlets.TraitError(f"no optimizer {name!r}: {list(DEFAULTS)}")
            for key, value in values.items():
                if key not in known:
                    raise traitlets.TraitError(f"{name} has no {key!r}: {list(known)}")
                most = _MOST.get(key, 0.999999)
                if not 0 <= value <= most:
                    raise traitlets.TraitError(
                        f"{key} of {name} must lie between 0 and {most}, not {value}"
                    )
        return {name: DEFAULTS[name] | given.get(name, {}) for name in DEFAULTS}

    def path(self, name):
        """The points (steps + 1, 2) and the losses of one optimizer, by ``torch.optim``."""
        point = torch.tensor(self.start, dtype=torch.float64, requires_grad=True)
        optimizer = torch_optimizer(name, point, **self.settings[name])
        points, losses = [], []
        for _ in range(self.steps + 1):
            loss = SURFACES[self.surface](*point)
            points.append(point.tolist())
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return points, losses

    def values(self):
        runs = {name: self.path(name) for name in self.racing}
        return {
            "paths": {name: points for name, (points, _) in runs.items()},
            "losses": {name: losses for name, (_, losses) in runs.items()},
        }

    def sentence(self):
        losses = self.values()["losses"]
        ends = ", ".join(f"{name} at {loss[-1]:.3g}" for name, loss in losses.items())
        return (
            f"Optimizers race on the {self.surface} from ({self.start[0]:g}, "
            f"{self.start[1]:g}); after {self.steps} steps the loss of each: {ends}. "
            "Where scripts run, the start can be dragged and every hyperparameter moved."
        )

    def picture(self):
        x, y = LIMITS[self.surface]
        title = f"Paths of the optimizers ({self.surface})"
        drawing = SvgPlot(x, y, "x", title=title)
        for i, (name, path) in enumerate(self.values()["paths"].items()):
            across, up = zip(*path, strict=True)
            drawing.curve(across, up, color=_COLOR[name])
            place = y[1] - (i + 1) * 0.07 * (y[1] - y[0])
            drawing.text(x[0], place, f"  {name}", color=_COLOR[name])
        return drawing.dots([self.start[0]], [self.start[1]], color="#1c2530").svg()
