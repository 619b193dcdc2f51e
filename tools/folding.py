"""Folding: authors set tags, and every program that shows a notebook is told what to fold.

* ``deeper`` on a Markdown cell that begins with a heading: the section, up to the next heading
  of the same or a higher level, is not part of the core. Its heading is stored collapsed.
* ``figure`` (the cell only draws), ``record`` (it only records or asserts), ``solution`` and
  ``setup`` on a code cell: its source is stored hidden, its output is not.

JupyterLab and Notebook 7 read ``jp-MarkdownHeadingCollapsed`` and ``jupyter.source_hidden``;
Colab reads ``cellView`` and, in the notebook's own metadata, the list
``colab.collapsed_sections`` of the collapsed headings' ids (``metadata.id``).
"""

import copy
import re

DEEPER = "deeper"
HIDDEN = frozenset({"figure", "record", "solution", "setup"})
DERIVED = ("jp-MarkdownHeadingCollapsed", "id", "jupyter", "cellView")
SOLUTION = "# @title Solution"
HEADING = re.compile(r"(#{1,6}) +(\S.*?) *#* *$")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,}|:{3,})")


def tags(cell):
    """The tags of a cell, as a set."""
    return set(cell.get("metadata", {}).get("tags", []))


def pieces(source):
    """The text of a Markdown cell cut before each of its headings; no piece is empty.

    A line in a fenced block is no heading.
    """
    found, fence = [[]], None
    for line in source.split("\n"):
        mark = FENCE.match(line)
        if fence is None and HEADING.match(line):
            found.append([])
        elif fence is None and mark:
            fence = mark[1]
        elif fence and mark and mark[1].startswith(fence):
            fence = None
        found[-1].append(line)
    texts = ["\n".join(lines).strip("\n") for lines in found]
    return [text for text in texts if text.strip()]


def heading(cell):
    """(level, text) of the heading with which a Markdown cell begins, or None."""
    if cell.cell_type != "markdown":
        return None
    match = HEADING.match(cell.source.split("\n", 1)[0])
    return (len(match[1]), match[2]) if match else None


def split(cells):
    """The cells with every Markdown cell cut at its headings; tags stay with the first piece.

    Cells without a further heading are the same objects; the others are copies.
    """
    found = []
    for cell in cells:
        texts = pieces(cell.source) if cell.cell_type == "markdown" else []
        if len(texts) < 2:
            found.append(cell)
            continue
        for number, text in enumerate(texts):
            part = copy.deepcopy(cell)
            part.source = text
            if number:
                part.metadata.pop("tags", None)
            found.append(part)
    return found


def arrange(cells):
    """The cells of a chapter on two layers, so that every program can fold them.

    Every heading begins a cell; a deeper section's heading has one to itself, since what stands
    with it would stay in view. A solution's first line stays in view, too: it is a title.
    """
    found = []
    for cell in split(cells):
        if tags(cell) & {"solution"} and not cell.source.startswith(SOLUTION):
            cell.source = f"{SOLUTION}\n{cell.source}"
        head, _, body = cell.source.partition("\n")
        if not is_deeper(cell) or not body.strip():
            found.append(cell)
            continue
        rest = copy.deepcopy(cell)
        cell.source, rest.source = head, body.strip("\n")
        rest.metadata.pop("tags")
        found += [cell, rest]
    return found


def is_deeper(cell):
    """Whether a deeper section begins with this cell."""
    return DEEPER in tags(cell) and heading(cell) is not None


def fold(nb):
    """Write what the tags say into the metadata that notebook programs read; returns nb.

    What was derived before goes first, so that a tag taken away unfolds its cell again.
    """
    collapsed = []
    for cell in nb.cells:
        for key in DERIVED:
            cell.metadata.pop(key, None)
        if is_deeper(cell):
            cell.metadata["jp-MarkdownHeadingCollapsed"] = True
            cell.metadata["id"] = cell.id
            collapsed.append(cell.id)
        elif cell.cell_type == "code" and tags(cell) & HIDDEN:
            cell.metadata["jupyter"] = {"source_hidden": True}
            cell.metadata["cellView"] = "form"
    nb.metadata.pop("colab", None)
    if collapsed:
        nb.metadata["colab"] = {"collapsed_sections": collapsed}
    return nb


def stale(nb):
    """What is not folded as the tags say: "cell 7", or the notebook's list of sections."""
    wanted = fold(copy.deepcopy(nb))
    found = [
        f"cell {number}"
        for number, (has, needs) in enumerate(
            zip(nb.cells, wanted.cells, strict=True), start=1
        )
        if has.metadata != needs.metadata
    ]
    if not found and nb.metadata != wanted.metadata:
        return ["its list of collapsed sections"]
    return found
