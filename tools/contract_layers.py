"""The contract's rules about the two layers, for chapters that have been rebuilt on them."""

import ast
import copy
import re

from tools import folding, layers, minutes
from tools.contract_text import headings, section
from tools.folding import tags
from tools.names import names
from tools.notebooks import code_cells, dumps, tagged
from tools.rebuilt import is_rebuilt

CORE_MINUTES, ALL_MINUTES = 60, 130
CELL_LINES, PATTERN_LINES = 15, 12
CORE_HEADINGS, CHECKS, SUMMARY_WORDS = 8, 3, 100
MEGABYTES = 1.2
CLOSING = ("Exercises", "Summary", "Further reading")
NOTES = re.compile(r"\b(study|lecture|course) notes\b|\bthe notes\b", re.I)
TYPED = re.compile(r"reading time|\b(\d+|an?|half an) (minutes?|hours?)\b", re.I)


def two_layers(nb, book):
    """There is something deeper, its tags fold it, and every heading begins a cell."""
    if not layers.has_deeper(nb):
        yield (
            "has no deeper section; tag the Markdown cell of the heading whose section "
            "the core can do without: deeper"
        )
    for number in layers.misplaced(nb):
        yield (
            f"cell {number} is tagged deeper but does not begin with a heading ('## ...'); "
            "put the tag on the cell with the section's heading"
        )
    if len(folding.arrange(copy.deepcopy(nb.cells))) > len(nb.cells):
        yield (
            "has a heading in the middle of a cell, or text in the cell of a deeper heading, "
            "where nothing can fold it; run `make refresh`"
        )


def reading_time(nb, book):
    """The core takes an hour at most, the chapter 130 minutes; nobody types minutes."""
    core = minutes.count(nb, "core")
    both = core.minutes + minutes.count(nb, "deeper").minutes
    rests = f"`make minutes CH={book.chapter}` shows what that rests on"
    if core.minutes > CORE_MINUTES:
        yield (
            f"its core takes {core.minutes:.0f} minutes ({core.words} words, {core.lines} "
            f"lines of visible code) instead of {CORE_MINUTES} at most; cut, or tag "
            f"sections deeper ({rests})"
        )
    if both > ALL_MINUTES:
        yield (
            f"takes {both:.0f} minutes without its exercises instead of {ALL_MINUTES} at "
            f"most; cut ({rests})"
        )
    if nb.cells and (match := TYPED.search(nb.cells[0].source)):
        yield (
            f"cell 1 says {match[0]!r}; minutes are computed and stand on the card, take "
            "them out"
        )


def limits(nb, book):
    """Headings, checks and lines of the core, the summary, and the file, are few enough."""
    core = layers.core_cells(nb)
    inside = {number for number, _ in core}
    own = [t for n, level, t in headings(nb) if level == 2 and n in inside]
    own = [text for text in own if text not in CLOSING]
    if len(own) > CORE_HEADINGS:
        yield (
            f"its core has {len(own)} headings of the second level ({', '.join(own)}); "
            f"{CORE_HEADINGS} at most, besides {', '.join(CLOSING)}"
        )
    checks = [
        n for n, c in core if c.cell_type == "code" and "assert_close(" in c.source
    ]
    if not checks:
        yield "its core has no check; move one cell with d2l.assert_close into it"
    if len(checks) > CHECKS:
        yield (
            f"its core has {len(checks)} cells with d2l.assert_close (cells "
            f"{', '.join(map(str, checks))}); keep {CHECKS} at most, gather the others in "
            "one deeper section"
        )
    for number, cell in core:
        lines = minutes.count_cell(cell).lines if cell.cell_type == "code" else 0
        if lines > CELL_LINES:
            yield (
                f"cell {number} shows {lines} lines of code in the core; split it, or tag "
                f"it figure or record if it only draws or records ({CELL_LINES} at most)"
            )
    summary = "\n".join(c.source for _, c in section(nb, "Summary"))
    if (words := minutes.prose(summary)[0]) > SUMMARY_WORDS:
        yield f"its summary has {words} words; five lines ({SUMMARY_WORDS} words) at most"
    size = len(dumps(nb).encode()) / 1e6
    if size > MEGABYTES:
        yield (
            f"the file has {size:.2f} MB instead of {MEGABYTES} at most; store fewer or "
            "smaller figures"
        )


def in_practice(nb, book):
    """A section gathers the verdicts: the working pattern, executed, and a table."""
    cells = section(nb, "In practice")
    inside = {number for number, _ in layers.core_cells(nb)}
    if not cells or cells[0][0] not in inside:
        yield (
            "has no '## In practice' in its core, for those who come back: the working "
            "pattern, a table to look up, the warnings that matter"
        )
        return
    lines = sum(minutes.count_cell(c).lines for _, c in cells if c.cell_type == "code")
    if not 0 < lines <= PATTERN_LINES:
        yield (
            f"'## In practice' shows {lines} lines of code; show the working pattern in "
            f"{PATTERN_LINES} executed lines at most"
        )
    text = "\n".join(c.source for _, c in cells if c.cell_type == "markdown")
    if not re.search(r"^\|[ :|-]+\|\s*$", text, re.M):
        yield "'## In practice' has no table; say there which variant when, and defaults"


def no_notes(nb, book):
    """Readers don't know the notes that the course grew out of."""
    for number, cell in enumerate(nb.cells, start=1):
        if match := NOTES.search(cell.source):
            yield (
                f"cell {number} mentions {match[0]!r}, which readers don't know; say what "
                "is meant, or 'a well-known course'"
            )


def folded_cells(nb, book):
    """``figure`` draws, ``record`` records or asserts, and a cell that only does so has its tag."""
    for number, cell in tagged(nb, "figure"):
        shown = minutes.count_cell(cell)
        if cell.get("outputs") and not (shown.figures or shown.widgets):
            yield f"cell {number} is tagged figure but draws nothing; take the tag away"
    for number, cell in tagged(nb, "record"):
        if "d2l.record(" not in cell.source and "assert" not in cell.source:
            yield (
                f"cell {number} is tagged record but neither records nor asserts; take "
                "the tag away"
            )
    for number, cell in layers.core_cells(nb) + layers.deeper_cells(nb):
        body = parsed(cell).body if cell.cell_type == "code" else []
        if body and "record" not in tags(cell) and all(map(is_machinery, body)):
            yield f"cell {number} only records or asserts; tag it record"


def parsed(cell):
    """The syntax tree of a code cell, without IPython's magics."""
    return ast.parse(re.sub(r"^(\s*)[%!].*$", r"\1pass", cell.source, flags=re.M))


def is_machinery(statement):
    """Whether a statement is a bare assertion or a call of d2l.record."""
    return isinstance(statement, ast.Assert) or (
        isinstance(statement, (ast.Expr, ast.Assign))
        and isinstance(statement.value, ast.Call)
        and ast.unparse(statement.value.func) == "d2l.record"
    )


def core_alone(nb, book):
    """Every name that the core uses is defined in it, in a cell before or in the same one."""
    short = {number for number, _ in layers.deeper_cells(nb)}
    cells = [(number, cell, names(cell.source)) for number, cell in code_cells(nb)]
    core = [entry for entry in cells if entry[0] not in short]
    elsewhere = {
        name: n for n, _, found in cells if n in short for name in found.defined
    }
    ever = set().union(*(found.defined for _, _, found in core))
    seen = set()
    for number, _, found in core:
        for name in sorted((found.now - seen) | (found.later - ever)):
            if name in elsewhere:
                why = f"which the core lacks there: deeper cell {elsewhere[name]} defines it"
            else:
                why = "which no cell of the core before it defines"
            yield (
                f"cell {number} uses {name!r}, {why}; define it in the core, or move the "
                "use into a deeper section"
            )
        seen = (seen - found.gone) | found.defined


def hidden_names(nb, book):
    """What a reader sees used, a reader sees defined: folded cells define nothing for others."""
    visible, folded = set(), {}
    for number, cell in code_cells(nb):
        found = names(cell.source)
        if tags(cell) & {"figure", "record"}:
            folded |= dict.fromkeys(found.defined, number)
        elif not tags(cell) & {"solution"}:
            for name in sorted((found.now | found.later) & (set(folded) - visible)):
                yield (
                    f"cell {number} uses {name!r}, which only the folded cell "
                    f"{folded[name]} defines; define it where the reader sees it"
                )
            visible |= found.defined


def only_rebuilt(rule):
    """The rule, silent about a chapter that waits to be rebuilt."""

    def asked(nb, book):
        return rule(nb, book) if is_rebuilt(book.chapter) else ()

    asked.__doc__ = rule.__doc__
    return asked


ASKED = {
    "two layers": two_layers,
    "reading time": reading_time,
    "limits": limits,
    "in practice": in_practice,
    "no notes": no_notes,
    "folded cells": folded_cells,
    "core alone": core_alone,
    "hidden names": hidden_names,
}


RULES = {name: only_rebuilt(rule) for name, rule in ASKED.items()}
