"""A chapter's headline figures, compared with the bands they fall into.

``bands.json`` holds, for every recorded figure and run size, the band that ``make bands``
measured over several seeds. A figure outside its band, or on the wrong side of the one that it
must be told apart from, is a visible warning, and an error where ``D2L_STRICT=1`` (the tests).
"""

import json
import math
import numbers
import re
from functools import lru_cache
from pathlib import Path

from d2lutils import flags
from d2lutils.settings import run_size

METADATA = "d2l_record"  # the key of the record in a stored output's metadata
BANDS = Path(__file__).with_name("bands.json")
NAME = re.compile(r"\d\d\.[a-z0-9_]+")


class _Line:
    """One line of text that carries its record as data for the results page."""

    def __init__(self, text, data):
        self.text, self.data = text, data

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.text}, {METADATA: self.data}

    def __repr__(self):
        return self.text


class _Value(float):
    """The recorded number; as a cell's last value it shows nothing a second time."""

    def _ipython_display_(self):
        """Show nothing: record() has shown its line."""


@lru_cache(maxsize=1)
def _all_bands(path, changed):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def band(name, metric, size=None):
    """Return the measured band of a figure, or None where none was measured.

    Parameters
    ----------
    name, metric : str
        As given to ``record``.
    size : {"full", "quick", "gpu"}, optional
        The run size; by default the current one.

    Returns
    -------
    dict or None
        ``low``, ``high``, ``values`` and ``against`` (one per seed), ``scale``,
        ``torch``, ``date``.
    """
    if not BANDS.exists():
        return None
    bands = _all_bands(str(BANDS), BANDS.stat().st_mtime_ns)
    return bands.get(name, {}).get(metric, {}).get(size or run_size())


def digits(*values):
    """Return how many decimals show the values to about four significant digits."""
    largest = max((abs(v) for v in values), default=0)
    if largest == 0:
        return 4
    return min(10, max(4 if largest <= 1 else 0, 3 - math.floor(math.log10(largest))))


def sentence(metric, value, found, size, against=None, stand_ins=()):
    """Return ``(verdict, text)`` for a figure; the verdict is a word for the records.

    It is ``"inside"``, ``"outside"``, ``"wrong side"`` (inside the band, but not on its
    side of ``against``), ``"no band"`` or ``"stand-in"``.
    """
    shown = [value, *((found["low"], found["high"]) if found else ())]
    places = digits(*shown, *([] if against is None else [against]))
    head = f"{metric} {value:.{places}f}"
    if stand_ins:
        names = " and ".join(stand_ins)
        return "stand-in", (
            f"{head}, on the stand-in for {names}: not compared with the band, which was "
            "measured on the real data"
        )
    if found is None:
        return "no band", f"{head} (no band measured at {size} size yet)"
    limits = f"{found['low']:.{places}f}–{found['high']:.{places}f}"
    seeds = f"({len(found['values'])} seeds)"
    if not found["low"] <= value <= found["high"]:
        return "outside", f"{head}, OUTSIDE its band {limits} {seeds}"
    text = f"{head}, inside its band {limits} {seeds}"
    if against is None:
        return "inside", text
    side = "above" if _is_above(found, against) else "below"
    if value > against if side == "above" else value < against:
        return "inside", f"{text} and {side} {against:.{places}f}"
    return "wrong side", f"{text}, but NOT {side} {against:.{places}f}, as it must be"


def _is_above(found, against):
    """Whether a band's figure belongs above the one that it must be told apart from."""
    others = found.get("against", [against])
    return (found["low"] + found["high"]) / 2 > sum(others) / len(others)


def record(name, metric, value, against=None, reported=None):
    """Record a headline figure: show it beside its band, and keep it for the results page.

    Parameters
    ----------
    name : str
        Chapter number, a dot, and the run in snake_case, such as ``"05.softmax"``.
    metric : str
        What the figure is, with its unit where it has one, such as ``"test accuracy"``.
    value : float
        The figure; a tensor or array with one element will do.
    against : float, optional
        The figure that this one must be told apart from: chance, the majority class, the
        broken version, the rival. The value must lie on the same side of it as the band,
        and the tests fail where the band contains it. May differ between sizes
        (``against=d2l.size(full=..., quick=...)``).
    reported : float, optional
        What a well-known course reports for the same run.

    Returns
    -------
    float
        The value.

    Raises
    ------
    ValueError
        When the name has another form, the metric is empty, or the value is not finite.
    TypeError
        When the value, ``against`` or ``reported`` is no number.
    AssertionError
        When the value is outside its band or on the wrong side of ``against``, and
        ``D2L_STRICT=1``.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(
            f"record() got the name {name!r}; give the chapter's number, a dot and the "
            "run in snake_case, such as '05.softmax'."
        )
    if not isinstance(metric, str) or not metric.strip():
        raise ValueError(f"record() got the metric {metric!r}; say what the figure is.")
    value = _number(value, name, "value")
    if against is not None:
        against = _number(against, name, "against")
    if reported is not None:
        reported = _number(reported, name, "reported")
    size = run_size()
    line = entry(name, metric, value, size, against, reported, _stand_ins())
    _append(line.data)
    _show(line)
    if line.data["verdict"] in ("outside", "wrong side"):
        _complain(name, size, line.text)
    return _Value(value)


def entry(name, metric, value, size, against=None, reported=None, stand_ins=()):
    """Return the line that ``record`` shows: ``.text``, and ``.data`` for the tools."""
    found = band(name, metric, size)
    verdict, text = sentence(metric, value, found, size, against, stand_ins)
    if verdict == "no band" and size == "gpu" and (cpu := band(name, metric, "full")):
        text += f"; a full run on the CPU falls into {cpu['low']:g}–{cpu['high']:g}"
    data = {"name": name, "metric": metric, "value": value, "size": size}
    data["verdict"] = verdict
    if against is not None:
        data["against"] = against
    if reported is not None:
        data["reported"] = reported
        text += f"; a well-known course reports {reported:g}"
    if found:
        data["band"] = [found["low"], found["high"]]
        data["seeds"] = len(found["values"])
    return _Line(text, data)


def _number(value, name, what):
    """Return a one-element tensor, array or number as a finite float."""
    if hasattr(value, "item"):
        try:
            value = value.item()
        except (ValueError, RuntimeError):
            raise TypeError(
                f"record({name!r}) got many elements as its {what}; give one number, for "
                "instance their mean."
            ) from None
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"record({name!r}) got the {what} {value!r}, a {type(value).__name__}; it "
            "must be a number."
        )
    if not math.isfinite(value):
        raise ValueError(
            f"record({name!r}) got the {what} {value}; the training diverged, or the "
            "figure was computed from nothing."
        )
    return float(value)


def _stand_ins():
    """Return the names of the stand-in data sets used so far in this process."""
    from d2lutils import data

    return sorted(data.stand_ins_used())


def _append(data):
    """Add the record as one line of JSON to the file that measures the bands."""
    if path := flags.text("D2L_RECORD_FILE"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(data) + "\n")


def _show(line):
    """Display the line in a notebook, print it elsewhere."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(line)
        return
    if get_ipython() is None:
        print(line)
    else:
        display(line)


def _complain(name, size, text):
    """Fail in a strict run; warn the reader otherwise."""
    advice = (
        "Either the run broke, or the code changed on purpose: then measure the band "
        f"again with `make bands CH={name[:2]}`."
    )
    if flags.is_on("D2L_STRICT"):
        raise AssertionError(f"{name} at {size} size: {text}. {advice}")
    print(
        f"Warning: {text}. Another version of PyTorch or another device may move a "
        "figure a little; far outside, something went wrong."
    )
