"""Widgets that live in a notebook, in the static page, and as a picture where no script runs.

``d2l.widgets.LinearFit()`` as the last expression of a cell shows it. Each widget is a
short Python class (its state, its picture, what torch says of that state) beside a short
``.js`` file (how it looks and moves). A class is imported when it is first asked for.
"""

from importlib import import_module

_HOME = {
    "LinearFit": "linear_fit",
    "GradientDescent1D": "gradient_descent_1d",
    "ComputationalGraph": "computational_graph",
    "LogisticRegression": "logistic_regression",
    "Softmax": "softmax",
    "Activations": "activations",
    "PolynomialFit": "polynomial_fit",
    "Dropout": "dropout",
    "Initialization": "initialization",
    "Losses": "losses",
    "OptimizerPaths": "optimizer_paths",
    "Convolution": "convolution",
    "ReceptiveField": "receptive_field",
    "InceptionCost": "inception_cost",
    "BatchNorm": "batch_norm",
    "UnrolledRNN": "unrolled_rnn",
    "Gates": "gates",
    "Explore": "exploring",
    "explore": "exploring",
    "Widget": "base",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(
            f"d2l.widgets has no {name!r}. It offers: {', '.join(__all__)}"
        )
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return __all__
