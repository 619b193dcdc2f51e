"""Run a function over a grid of settings now, and let the reader pick among the results."""

import itertools
import json

import traitlets

from d2lutils import settings
from d2lutils.widgets.framework.base import Widget
from d2lutils.widgets.framework.compact import compact, revive
from d2lutils.widgets.framework.svg import SvgPlot

MAX_RUNS = 400


class Explore(Widget):
    """Results of runs over a grid, and sliders that pick one. Made by :func:`explore`.

    ``choice`` is the setting that the sliders stand at, ``result`` what ``f`` gave there;
    ``index`` (one position per parameter) can be observed and set.
    """

    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    choices = traitlets.List(traitlets.List()).tag(sync=True)
    results = traitlets.List(traitlets.Dict()).tag(sync=True)
    index = traitlets.List(traitlets.Int()).tag(sync=True)
    look = traitlets.Dict().tag(sync=True)

    @traitlets.validate("index")
    def _index(self, proposal):
        index = proposal["value"]
        sizes = [len(values) for values in self.choices]
        if len(index) != len(sizes) or any(
            not 0 <= i < n for i, n in zip(index, sizes, strict=True)
        ):
            raise traitlets.TraitError(
                f"index must hold one position per parameter, below {sizes}, not {index}"
            )
        return index

    @property
    def choice(self):
        """The chosen setting: parameter name -> value."""
        pairs = zip(self.names, self.choices, self.index, strict=True)
        return {name: values[i] for name, values, i in pairs}

    @property
    def result(self):
        """What ``f`` returned for the chosen setting, as stored."""
        position = 0
        for i, values in zip(self.index, self.choices, strict=True):
            position = position * len(values) + i
        return self.results[position]

    def values(self):
        return revive({k: v for k, v in self.result.items() if k != "frame"})

    def sentence(self):
        setting = ", ".join(f"{name} = {value}" for name, value in self.choice.items())
        shown = [f"{k} {v:.4g}" for k, v in self.values().get("numbers", {}).items()]
        what = f": {', '.join(shown)}" if shown else ""
        title = f"{self.look['title']}. " if self.look.get("title") else ""
        runs = f"{len(self.results)} runs over {' and '.join(self.names)}"
        return f"{title}{runs}; shown is {setting}{what}. Where scripts run, sliders pick the run."

    def picture(self):
        result = self.result
        if "frame" in result:
            return result["frame"]
        series = self.values().get("series", {})
        finite = [v for s in series.values() for v in s["y"] if abs(v) < float("inf")]
        if not finite:
            return None
        ends = [x for s in series.values() for x in (s["x"][0], s["x"][-1])]
        low, high = min(finite), max(finite)
        drawing = SvgPlot(
            (min(ends), max(ends) if max(ends) > min(ends) else min(ends) + 1),
            (low, high if high > low else low + 1),
            self.look.get("xlabel", ""),
            self.look.get("ylabel", ""),
        )
        for i, s in enumerate(series.values()):
            step = max(1, len(s["x"]) // 100)
            drawing.curve(s["x"][::step], s["y"][::step], color=i)
        return drawing.legend(series).svg()


def explore(
    f,
    /,
    *,
    title="",
    xlabel="",
    ylabel="",
    log=False,
    alt="",
    seed=0,
    max_kb=300,
    **grid,
):
    """Run ``f(**setting)`` for every setting of the grid; a widget shows the results.

    Parameters
    ----------
    f : callable
        Takes the grid's names as keyword arguments. It returns a number, a dict of named
        numbers and series (a 1-D list, array or tensor; or a pair ``(x, y)`` of them), or
        a matplotlib figure, which is stored as a small WebP picture.
    title, xlabel, ylabel : str
        Words for the plot of the series.
    log : bool
        A logarithmic vertical axis.
    alt : str
        What the figures show, for people who don't see them.
    seed : int
        The random generators are seeded with it before each run (``d2l.seed``).
    max_kb : int
        Most kilobytes that the results may weigh in the page.
    **grid : sequence
        The values of each parameter: numbers, strings or booleans. At most 400 settings
        in all; at the quick run size only the first and last value of each are run.

    Returns
    -------
    Explore
        With ``choice``, ``result`` and ``index``.

    Raises
    ------
    TypeError, ValueError
        For an empty grid, too many settings, or a result that cannot be shown.
    """
    names, choices = _grid(f, grid)
    if settings.run_size() == "quick":
        choices = [values[:: max(len(values) - 1, 1)] for values in choices]
    count = 1
    for values in choices:
        count *= len(values)
    if count > MAX_RUNS:
        raise ValueError(f"{count} settings are too many; the most is {MAX_RUNS}")
    results = []
    for setting in itertools.product(*choices):
        named = dict(zip(names, setting, strict=True))
        settings.seed(seed)
        results.append(compact(f(**named), named))
    if len({_shape(result) for result in results}) > 1:
        raise ValueError("f must return the same names for every setting of the grid")
    size = len(json.dumps(results)) / 1000
    if size > max_kb:
        raise ValueError(
            f"the results weigh {size:.0f} kB in the page, more than max_kb={max_kb}: use "
            "fewer settings, or shorter series (every tenth step)"
        )
    look = {"title": title, "xlabel": xlabel, "ylabel": ylabel, "log": log, "alt": alt}
    middle = [len(values) // 2 for values in choices]
    return Explore(
        names=names, choices=choices, results=results, index=middle, look=look
    )


def _grid(f, grid):
    """Names and values of the grid, or an error that says what is wrong with it."""
    if not callable(f):
        raise TypeError(f"explore runs a function, not {type(f).__name__}")
    if not grid:
        raise ValueError("explore needs a grid, as in explore(f, lr=[0.01, 0.1])")
    choices = []
    for name, values in grid.items():
        if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
            raise TypeError(f"{name} must be a list of values, not {values!r}")
        plain = [v.item() if hasattr(v, "item") else v for v in values]
        if not plain:
            raise ValueError(f"{name} has no values: the grid is empty")
        for value in plain:
            if not isinstance(value, (int, float, str)) or value != value:
                raise TypeError(f"{name} holds {value!r}; numbers and strings only")
        choices.append(plain)
    return list(grid), choices


def _shape(result):
    return tuple(
        (kind, tuple(result[kind])) for kind in sorted(result) if kind != "frame"
    )
