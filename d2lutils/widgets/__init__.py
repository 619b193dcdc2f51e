"""Widgets that live in a notebook, in the static page, and as a picture where no script runs.

``d2l.widgets.LinearFit()`` as the last expression of a cell shows it. Each widget is a
short Python class (its state, its picture, what torch says of that state) in a file of this
folder, beside a short ``.js`` file of the same name (how it looks and moves). What they all
stand on is in ``framework/``.

Widgets are found by their file's name: the class in ``unrolled_rnn.py`` that is called
like the file, but for underscores and capitals, is ``UnrolledRNN``. Nothing is imported to
find it; a widget's module is imported when the widget is first asked for.
"""

import re
from importlib import import_module
from pathlib import Path


def _found():
    """{class name: module} of the widgets in this folder, in alphabetical order of the files."""
    found = {}
    for file in sorted(Path(__file__).parent.glob("*.py")):
        plain = file.stem.replace("_", "")
        for name in re.findall(r"^class (\w+)", file.read_text("utf-8"), re.MULTILINE):
            if name.lower() == plain:
                found[name] = file.stem
    return found


# Names of all widgets' classes; `Explore` is made by `explore`, and is not one of them.
NAMES = tuple(sorted(_HOME := _found()))
_HOME |= {
    "Explore": "framework.exploring",
    "explore": "framework.exploring",
    "Widget": "framework.base",
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
