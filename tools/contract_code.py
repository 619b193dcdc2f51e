"""The contract's rules about code: proof, widget, networks, strict cells."""

import re

from tools.notebooks import as_text, code_cells, records, tagged, tags, text_of

LONGEST = 30
STRICT_CELLS = 5
WIDGET = re.compile(r"class=[\"'][^\"']*\bd2l-(box|widget)\b")
NET_IMPORTS = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"


def chapter_code(nb):
    """(number, cell) of the code that is the chapter's own: no stubs, no solutions."""
    return [(n, c) for n, c in code_cells(nb) if not tags(c) & {"exercise", "solution"}]


def proof(nb, book):
    """A cell proves an equivalence."""
    if not any("assert_close(" in cell.source for _, cell in chapter_code(nb)):
        yield (
            "proves nothing: compare the version from scratch with PyTorch's own by "
            "d2l.assert_close(what, ours, theirs)"
        )


def widget(nb, book):
    """An output holds a widget that lives in the static page."""
    for _, cell in code_cells(nb):
        for output in cell.outputs:
            if WIDGET.search(as_text(output.get("data", {}).get("text/html", ""))):
                return
    yield "has nothing to move: show a d2l.widgets widget or d2l.explore(...)"


def strict_cells(nb, book):
    """Enough cells are compared strictly, and what they show is the same everywhere."""
    cells = tagged(nb, "nbval-check-output")
    if len(cells) < STRICT_CELLS:
        yield (
            f"has {len(cells)} cells tagged nbval-check-output instead of {STRICT_CELLS}; "
            "tag cells whose output depends on neither size, data nor processor"
        )
    recording = {number for number, _ in records(nb)}
    for number, cell in cells:
        shown = "\n".join(map(text_of, cell.get("outputs", [])))
        if not cell.get("outputs") and cell.get("execution_count"):
            yield f"cell {number} is tagged nbval-check-output but shows nothing"
        elif "largest difference" in shown:
            yield (
                f"cell {number} is tagged nbval-check-output but shows a largest "
                "difference, which depends on the processor; take the tag away"
            )
        elif any(
            k.startswith("image/") for o in cell.outputs for k in o.get("data", {})
        ):
            yield (
                f"cell {number} is tagged nbval-check-output but shows a picture, whose "
                "bytes depend on the machine's fonts; take the tag away"
            )
        elif number in recording:
            yield (
                f"cell {number} is tagged nbval-check-output but records a figure, which "
                "depends on the size of the run; take the tag away"
            )


def networks(nb, book):
    """Cells tagged net need nothing but torch, nn, F and one another."""
    space = {"__name__": "net"}
    exec(NET_IMPORTS, space)
    for number, cell in tagged(nb, "net"):
        try:
            exec(compile(cell.source, f"cell {number}", "exec"), space)
        except Exception as error:
            yield (
                f"cell {number} is tagged net but does not run on its own "
                f"({type(error).__name__}: {error}); it may use torch, nn, F and the net "
                "cells before it only"
            )


def trained(nb, book):
    """Where something is trained, a figure is recorded."""
    code = "\n".join(cell.source for _, cell in chapter_code(nb))
    trains = "d2l.fit(" in code or re.search(r"\boptimi[sz]er\w*\.step\(", code)
    if trains and "d2l.record(" not in code:
        yield "trains something but records no figure; say d2l.record(name, metric, value)"
    if "d2l.record(" in code and not records(nb):
        yield "calls d2l.record, but no record is stored; execute it"


def lengths(nb, book):
    """Code cells are short enough to be read."""
    for number, cell in code_cells(nb):
        lines = len(cell.source.splitlines())
        if lines > LONGEST:
            yield (
                f"cell {number} has {lines} lines of code; split it ({LONGEST} at most)"
            )


RULES = {
    "proof": proof,
    "widget": widget,
    "strict cells": strict_cells,
    "networks": networks,
    "trained": trained,
    "lengths": lengths,
}
