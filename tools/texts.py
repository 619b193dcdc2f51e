"""The running text of the book's pages: chapters, and what else stands in book/."""

from pathlib import Path

from tools.notebooks import ROOT, chapters, markdown_cells, pages, read, replace, tags
from tools.notebooks import write as write_notebook

WHOLE = "the page"


def all_pages(root=ROOT):
    """Every page with text, chapters first, in reading order."""
    return chapters(root) + pages(root) + sorted(Path(root, "book").glob("*.md"))


def chapter_files(root=ROOT):
    """{number: path} of the chapters that exist."""
    return {int(path.name[:2]): path for path in chapters(root)}


def own_number(path):
    """A chapter's number, None for another page."""
    return int(path.name[:2]) if path.parent.name == "chapters" else None


def of_notebook(nb):
    """[(place, Markdown)] of a notebook's text cells, but for the card."""
    cells = markdown_cells(nb)
    return [(f"cell {n}", c.source) for n, c in cells if "card" not in tags(c)]


def of(path):
    """[(place, Markdown)] of a page."""
    if path.suffix == ".ipynb":
        return of_notebook(read(path))
    return [(WHOLE, path.read_text(encoding="utf-8"))]


def write(path, texts):
    """Store other texts, {place: Markdown} as of ``of``, in a page."""
    if path.suffix != ".ipynb":
        return replace(path, texts[WHOLE])
    nb = read(path)
    for place, text in texts.items():
        nb.cells[int(place.split()[1]) - 1].source = text
    write_notebook(path, nb)
