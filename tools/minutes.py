"""How long a chapter takes: one clock for the card, the page and the limits.

python -m tools.minutes [CH ...]     what the numbers rest on, section by section

The clock counts what a reader has to get through and weighs it. Source that is folded, the
generated cells and the exercises don't count; exercises say themselves how long they take.
The weights come from readers with a watch, see ``tools/clock.py``.
"""

import argparse
import re
from dataclasses import astuple, dataclass, fields

from tools.clock import WEIGHTS
from tools.folding import HIDDEN
from tools.layers import GENERATED, layer_of, sections
from tools.notebooks import as_text, chapters, find, read, short, tags

SOURCE_GONE = HIDDEN | {"hide-input", "hide-cell", "remove-input", "remove-cell"}
EVENING = "an evening"
TASK = re.compile(r"\*\*(\d\d\.\d+)\*\*\s*\(([^)]*)\)")  # **05.2** (ten minutes)
NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "fifteen": 15, "twenty": 20, "twenty-five": 25,
    "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50, "sixty": 60,
}  # fmt: skip


@dataclass
class Count:
    """What there is to read: words, lines of visible code, displayed formulas, ..."""

    words: int = 0
    lines: int = 0
    formulas: int = 0
    figures: int = 0
    widgets: int = 0

    def __add__(self, other):
        return Count(
            *(a + b for a, b in zip(astuple(self), astuple(other), strict=True))
        )

    @property
    def minutes(self):
        """The minutes that they take, not rounded."""
        return sum(WEIGHTS[f.name] * getattr(self, f.name) for f in fields(self))


def prose(source):
    """The words and displayed formulas of Markdown text.

    A formula within a line counts as one word; addresses and keys of citations count nothing.
    """
    shown = r"\$\$.*?\$\$|\\begin\{(align|equation)\*?\}.*?\\end\{\1\*?\}"
    formulas = len(re.findall(shown, source, re.S))
    text = re.sub(shown, " ", source, flags=re.S)
    for pattern, put in (
        (r"<!--.*?-->", " "),
        (r"\{\w+(?::\w+)?\}`[^`]*`", "x"),
        (r"\]\([^)]*\)", "]"),
        (r"<[^>]*>", " "),
        (r"\$[^$]+\$", " x "),
    ):
        text = re.sub(pattern, put, text, flags=re.S)
    return len(re.findall(r"\w[\w'’.,-]*", text)), formulas


def count_cell(cell):
    """The Count of one cell."""
    if tags(cell) & (GENERATED | {"remove-cell"}):
        return Count()
    if cell.cell_type == "markdown":
        words, formulas = prose(cell.source)
        return Count(words, formulas=formulas, figures=cell.source.count("!["))
    found = Count()
    if not tags(cell) & SOURCE_GONE:
        found.lines = sum(bool(line.strip()) for line in cell.source.splitlines())
    for output in cell.outputs:
        data = output.get("data", {})
        if any(kind.startswith("image/") for kind in data):
            found.figures += 1
        elif "d2l-box" in as_text(data.get("text/html", "")):
            found.widgets += 1
    return found


def count(nb, layer):
    """The Count of a layer, "core" or "deeper"."""
    return sum(
        (
            count_cell(cell)
            for section in sections(nb)
            for _, cell in section.cells
            if layer_of(section, cell) == layer
        ),
        Count(),
    )


def stated(text):
    """Minutes stated in words ("half an hour", "warm-up, ten minutes"), EVENING, or None."""
    if EVENING in text:
        return EVENING
    if match := re.search(r"\b(half )?an hour\b", text):
        return 30 if match[1] else 60
    match = re.search(r"\b([\w-]+) (?:minutes?|hours?)\b", text)
    if not match:
        return None
    value = NUMBERS.get(match[1], int(match[1]) if match[1].isdigit() else None)
    return value * 60 if value and "hour" in match[0] else value


def exercise_minutes(nb):
    """(minutes, evenings) that the exercises say they take."""
    said = [
        stated(text)
        for section in sections(nb)
        for _, cell in section.cells
        if section.layer == "exercises" and cell.cell_type == "markdown"
        for _, text in TASK.findall(cell.source)
    ]
    return sum(n for n in said if isinstance(n, int)), said.count(EVENING)


def rounded(value):
    """Minutes for reading: to the nearest five, five at least (0 only for nothing)."""
    return max(5, 5 * round(value / 5)) if value > 0 else 0


def line(nb):
    """The card's line: "core 50 min · deeper 40 min · exercises 90 min and an evening"."""
    minutes, evenings = exercise_minutes(nb)
    parts = [f"core {rounded(count(nb, 'core').minutes)} min"]
    if deeper := rounded(count(nb, "deeper").minutes):
        parts.append(f"deeper {deeper} min")
    if minutes or evenings:
        said = [f"{rounded(minutes)} min"] if minutes else []
        said += (
            [EVENING if evenings == 1 else f"{evenings} evenings"] if evenings else []
        )
        parts.append(f"exercises {' and '.join(said)}")
    return " · ".join(parts)


def section_minutes(nb):
    """{cell number: rounded minutes} of every deeper section, by its heading's cell."""
    found, level = {}, 7
    for section in sections(nb):
        if section.level <= level:
            level = 7
        if section.starts_deeper:
            level, start = section.level, section.cells[0][0]
        if level < 7:
            spent = sum((count_cell(c) for _, c in section.cells), Count()).minutes
            found[start] = found.get(start, 0) + spent
    return {number: rounded(value) for number, value in found.items()}


def table(nb):
    """The lines that the command prints for one chapter."""
    head = [f.name for f in fields(Count)]
    yield f"{'':44s}" + "".join(f"{name:>9s}" for name in (*head, "minutes"))
    totals = {"core": Count(), "deeper": Count()}
    for section in sections(nb):
        for layer in totals:
            cells = [c for _, c in section.cells if layer_of(section, c) == layer]
            found = sum(map(count_cell, cells), Count())
            if found == Count():
                continue
            totals[layer] += found
            name = "  " * max(section.level - 2, 0) + (section.title or "(before)")
            mark = "+ " if layer == "deeper" else "  "
            yield f"{mark}{name[:41]:42s}" + numbers(found)
    for layer, found in totals.items():
        yield f"{layer:44s}" + numbers(found)
    minutes, evenings = exercise_minutes(nb)
    yield f"{'exercises':44s}{minutes} minutes, {evenings} evenings, as they state"


def numbers(found):
    """One row of the table."""
    return "".join(f"{n:9d}" for n in astuple(found)) + f"{found.minutes:9.1f}"


def main(arguments=None):
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", metavar="CH")
    names = parser.parse_args(arguments).chapters
    for path in find(names) if names else chapters():
        nb = read(path)
        print(f"{short(path)}: {line(nb)}")
        print("\n".join(table(nb)) if names else "", end="\n" if names else "")


if __name__ == "__main__":
    main()
