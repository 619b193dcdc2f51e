"""The gallery, book/widgets.ipynb: every widget has its section, with links to its chapters.

What a section says is written by hand; `make refresh` adds the section of a new widget, with
what its module's docstring says, and writes the links at each section's end: to the chapters
that show the widget, in reading order. A widget that no chapter shows yet keeps the line
that it has.
"""

import ast
import re
from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell

from d2lutils import widgets
from tools.notebooks import ROOT, chapters, code_cells, read

NAME = "widgets.ipynb"
LINKS = re.compile(
    r"(?:\s*\[[Cc]hapter \d+\]\([^)]*\)(?:,| and)?)+$|\s*\(Chapters? \d[^()]*\)$"
)


def shown_in(root=ROOT):
    """{widget: paths of the chapters that show it, in reading order}."""
    found = {name: [] for name in widgets.NAMES}
    for path in chapters(root):
        code = "\n".join(cell.source for _, cell in code_cells(read(path)))
        for name in set(re.findall(r"\bwidgets\.(\w+)", code)) & set(found):
            found[name].append(path)
    return found


def links(paths):
    """Links to chapters in a sentence's form: "[Chapter 7](...) and [chapter 8](...)"."""
    words = [
        f"[{'chapter' if place else 'Chapter'} {int(path.name[:2])}](../chapters/{path.name})"
        for place, path in enumerate(paths)
    ]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def section(name, paths):
    """The two cells of a widget that the gallery does not show yet."""
    files = Path(widgets.__file__).parent.glob("*.py")
    module = next(f for f in files if f.stem.replace("_", "") == name.lower())
    about = ast.get_docstring(ast.parse(module.read_text("utf-8"))).split("\n\n")[0]
    title = module.stem.replace("_", " ").capitalize()
    text = f"## {title}\n\n{about}" + (f"\n{links(paths)}" if paths else "")
    code = new_code_cell(f"d2l.widgets.{name}()", metadata={"tags": ["remove-input"]})
    return [new_markdown_cell(text), code]


def place_of(nb, name):
    """The position of the cell that shows a widget in the gallery; None if there is none."""
    for position, cell in enumerate(nb.cells):
        if cell.cell_type == "code" and re.search(rf"\bwidgets\.{name}\b", cell.source):
            return position
    return None


def fill(nb, root=ROOT):
    """Bring the gallery up to date in place; returns sentences on what it lacked."""
    found, shown = [], shown_in(root)
    for name, paths in shown.items():
        if place_of(nb, name) is None:
            at = end_of_earlier(nb, shown, paths)
            nb.cells[at:at] = section(name, paths)
            found.append(f"lacks the widget {name}")
        cell = nb.cells[place_of(nb, name) - 1]
        if "«" in cell.source:  # written from a skeleton's docstring
            cell.source = section(name, paths)[0].source
        if not paths or cell.cell_type != "markdown":
            continue
        text = LINKS.sub("", cell.source.rstrip()) + "\n" + links(paths)
        if " ".join(text.split()) != " ".join(cell.source.split()):
            cell.source = text
            found.append(f"links other chapters than those that show {name}")
    return found


def end_of_earlier(nb, shown, paths):
    """Where a widget with these chapters goes: behind the last of those that begin earlier."""
    first = paths[0].name if paths else "~"
    places = [
        place_of(nb, name)
        for name, others in shown.items()
        if others and others[0].name <= first
    ]
    places = [place for place in places if place is not None]
    return max(places) + 1 if places and paths else len(nb.cells)
