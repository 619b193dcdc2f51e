"""What the tools share: finding notebooks, reading them, writing them the same way every time."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

import nbformat

from d2lutils.records import METADATA
from tools import folding
from tools.folding import tags as tags

ROOT = Path(__file__).resolve().parents[1]
KEPT_CELL_METADATA = ("tags", "mystnb")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
CORRUPT = (AttributeError, TypeError, KeyError)


def chapters(root=ROOT):
    """The chapters' notebooks, in reading order."""
    return sorted(Path(root, "chapters").glob("[0-9][0-9]_*.ipynb"))


def pages(root=ROOT):
    """The other executable pages (notebooks in book/), in alphabetical order."""
    return sorted(Path(root, "book").glob("*.ipynb"))


def find(names, root=ROOT):
    """Notebooks named by path, file name or chapter number ("05"); all if names is empty."""
    known = chapters(root) + pages(root)
    if not names:
        return known
    found = []
    for name in names:
        hits = [p for p in known if str(name) in (p.name, p.stem, p.name[:2])]
        path = Path(name)
        if not hits and path.suffix == ".ipynb" and path.exists():
            hits = [path.resolve()]
        if not hits:
            raise SystemExit(
                f"{name}: no such chapter or notebook in {Path(root, 'chapters')}"
            )
        found += [p for p in hits if p not in found]
    return found


def short(path, root=ROOT):
    """The path as the reader knows it: relative to the book's folder where it lies inside."""
    path = Path(path).resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def code_cells(nb):
    """(number, cell) of every code cell; cells are numbered from 1, Markdown ones too."""
    cells = enumerate(nb.cells, start=1)
    return [(n, c) for n, c in cells if c.cell_type == "code" and c.source.strip()]


def markdown_cells(nb):
    """(number, cell) of every Markdown cell; cells are numbered from 1, code too."""
    return [
        (n, c) for n, c in enumerate(nb.cells, start=1) if c.cell_type == "markdown"
    ]


def tagged(nb, tag):
    """(number, cell) of every cell that carries the tag."""
    return [(n, c) for n, c in enumerate(nb.cells, start=1) if tag in tags(c)]


def text_of(output):
    """What one output shows as plain text ("" for pictures)."""
    if output.output_type == "stream":
        return as_text(output.text)
    if output.output_type == "error":
        return "\n".join(output.get("traceback", []))
    return as_text(output.get("data", {}).get("text/plain", ""))


def as_text(value):
    """A multi-line string of a notebook file, which may be stored as a list of lines."""
    return "".join(value) if isinstance(value, list) else value


def records(nb):
    """(cell number, record) of every figure that d2l.record left in the stored outputs."""
    found = []
    for number, cell in code_cells(nb):
        for output in cell.outputs:
            if METADATA in output.get("metadata", {}):
                found.append((number, dict(output.metadata[METADATA])))
    return found


def read(path):
    """Read a notebook (format 4.5). A file that is no notebook raises SystemExit with its name."""
    try:
        return nbformat.read(str(path), as_version=4)
    except (
        nbformat.reader.NotJSONError,
        nbformat.ValidationError,
        *CORRUPT,
    ) as error:
        raise SystemExit(f"{path}: not a notebook ({error})") from None


def tidy(nb):
    """Bring a notebook into the one form in which it is stored; changes and returns nb.

    Cell ids follow from the cells' text (so converting a draft again changes no id), metadata
    keeps only what the book uses, empty cells go, and what the tags fold is folded (a
    chapter with deeper sections is cut so that it can be, see ``folding.arrange``).
    """
    nb.cells = [cell for cell in nb.cells if cell.source.strip()]
    if any(map(folding.is_deeper, nb.cells)):
        nb.cells = folding.arrange(nb.cells)
    nb.nbformat, nb.nbformat_minor = 4, 5
    seen = {}
    for cell in nb.cells:
        cell.source = cell.source.rstrip()
        kept = {k: cell.metadata[k] for k in KEPT_CELL_METADATA if cell.metadata.get(k)}
        cell.metadata = nbformat.from_dict(kept)
        base = next((t for t in ("setup", "card") if t in tags(cell)), None)
        if base is None:
            text = cell.cell_type + "\0" + cell.source
            base = hashlib.sha256(text.encode()).hexdigest()[:8]
        seen[base] = seen.get(base, 0) + 1
        cell.id = base if seen[base] == 1 else f"{base}-{seen[base]}"
    kernel = {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    meta = {"kernelspec": kernel, "language_info": {"name": "python"}}
    if "d2l" in nb.metadata:
        meta["d2l"] = nb.metadata["d2l"]
    nb.metadata = nbformat.from_dict(meta)
    return folding.fold(nb)


def dumps(nb):
    """The text of the notebook file: 1-space indent, sorted keys, newline at the end."""
    nbformat.validate(nb)
    return nbformat.writes(nb, version=4).rstrip("\n") + "\n"


def write(path, nb):
    """Write the notebook in its stored form, replacing the file in one step."""
    replace(path, dumps(tidy(nb)))


def replace(path, text):
    """Replace a text file in one step, so that an interrupted run leaves the old one whole."""
    path = Path(path)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def plain(text):
    """Text without the terminal's colour codes."""
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
