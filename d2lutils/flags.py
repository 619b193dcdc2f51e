"""The environment variables that steer the book: the one place that reads them.

``python -m d2lutils.flags`` prints the table that *How to use this book* shows.
"""

import os
from dataclasses import dataclass

OFF = ("", "0", "false", "no", "off")


@dataclass(frozen=True)
class Variable:
    """One variable: its name, what it does in a sentence, an example of a value."""

    name: str
    meaning: str
    example: str


VARIABLES = (
    Variable(
        "D2L_QUICK",
        "Run every chapter small: the same cells on a slice of the same data.",
        "1",
    ),
    Variable(
        "D2L_DATA",
        "The folder that holds the data sets, in the layout of `data/README.md`.",
        "/home/me/data",
    ),
    Variable(
        "D2L_OFFLINE",
        "Download nothing: what is not there already is replaced by a stand-in.",
        "1",
    ),
    Variable(
        "D2L_DEVICE",
        "Where to compute, whatever the machine offers: `cpu`, `cuda`, `cuda:1`, `mps`.",
        "cpu",
    ),
    Variable(
        "D2L_SEED",
        "Another repetition of every run: 0 is the book's own, each further whole "
        "number gives other random numbers.",
        "3",
    ),
    Variable(
        "D2L_STRICT",
        "Stop at a figure outside its band instead of warning, and show no progress "
        "bars: what the tests and the stored runs do.",
        "1",
    ),
    Variable(
        "D2L_RECORD_FILE",
        "A file that gets one line of JSON for each recorded figure.",
        "records.jsonl",
    ),
)
_NAMES = {variable.name for variable in VARIABLES}


def text(name):
    """Return a variable's value without spaces around it, or "" where it is off.

    Parameters
    ----------
    name : str
        One of ``VARIABLES``, such as ``"D2L_DEVICE"``.

    Returns
    -------
    str
        Unset, empty, ``0``, ``false``, ``no`` and ``off`` (in any case) all give "".

    Raises
    ------
    KeyError
        When the book knows no variable of that name.
    """
    if name not in _NAMES:
        raise KeyError(
            f"the book reads no environment variable {name!r}; add it to "
            "d2lutils.flags.VARIABLES, or choose from: " + ", ".join(sorted(_NAMES))
        )
    value = os.environ.get(name, "").strip()
    return "" if value.lower() in OFF else value


def is_on(name):
    """Whether a variable is set to anything but 0, false, no, off or nothing."""
    return text(name) != ""


def whole_number(name):
    """Return a variable's value as a whole number from 0 on; 0 where it is off.

    Raises
    ------
    ValueError
        When it is set to anything else.
    """
    value = text(name)
    if value and not (value.isascii() and value.isdigit()):
        raise ValueError(
            f"{name} is {value!r}, which is no whole number from 0 on. Set it to one, "
            "or unset it."
        )
    return int(value or 0)


def table():
    """Return the table of all variables in Markdown."""
    lines = ["| Variable | What it does | Example |", "| --- | --- | --- |"]
    for variable in VARIABLES:
        example = f"`{variable.name}={variable.example}`"
        lines.append(f"| `{variable.name}` | {variable.meaning} | {example} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
