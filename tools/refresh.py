"""Bring up to date what is stored but not computed. Nothing is executed.

    python -m tools.refresh            every notebook and every generated page
    python -m tools.refresh --check    change nothing, only say what is out of date

That is: of each notebook the card, the setup cell, the scripts and styles of its widgets, the
bands beside its figures and the metadata of its cells; and the generated pages.
"""

import argparse
import copy
import sys
from pathlib import Path

from d2lutils.records import METADATA
from d2lutils.widgets.framework import source
from tools import (
    bands,
    blocks,
    folding,
    gallery,
    generated,
    glossary,
    mentions,
    results_page,
    texts,
)
from tools.hashes import counts
from tools.notebooks import (
    ROOT,
    as_text,
    chapters,
    code_cells,
    dumps,
    find,
    markdown_cells,
    read,
    replace,
    short,
    tagged,
    tidy,
)

AGAIN = "run `make refresh`"


def cells(nb, path, root=ROOT):
    """Fill the card and the setup cell of nb; returns sentences on what was out of date."""
    stored = {
        tag: [(n, c.source) for n, c in tagged(nb, tag)] for tag in generated.TAGS
    }
    generated.fill(nb, path, root)
    found = []
    for tag, old in stored.items():
        wanted = tagged(nb, tag)[0][1].source
        if len(old) != 1:
            found.append(f"has {len(old)} cells tagged {tag} instead of one; {AGAIN}")
        elif old[0][1] != wanted:
            found.append(
                f"cell {old[0][0]} ({tag}) is not what the tools write; {AGAIN}"
            )
    return found


def pieces(nb, path, root=ROOT):
    """Write the generated pieces into the text of nb; returns sentences."""
    found = []
    for number, cell in markdown_cells(nb):
        text = blocks.fill(cell.source, f"{path.parent.name}/{path.name}", root)
        if text != cell.source:
            cell.source = text
            found.append(f"cell {number} has an old table of chapters; {AGAIN}")
    if path.name == gallery.NAME:
        found += [f"{sentence}; {AGAIN}" for sentence in gallery.fill(nb, root)]
    return found


def scripts(nb):
    """Put the present front end into the widgets stored in nb; returns sentences."""
    found = []
    for number, cell in code_cells(nb):
        for output in cell.outputs:
            old = as_text(output.get("data", {}).get("text/html", ""))
            try:
                new = source.renew(old)
            except LookupError as error:
                found.append(
                    f"cell {number} stores a widget without its script ({error}); "
                    "execute the notebook again"
                )
                continue
            if new != old:
                output.data["text/html"] = new
                found.append(
                    f"cell {number} stores a widget with other scripts or styles than "
                    f"those of d2lutils/widgets; {AGAIN}"
                )
    return found


def limits(nb):
    """Put the present bands beside the figures stored in nb; returns sentences."""

    def figures():
        outputs = [(n, o) for n, c in code_cells(nb) for o in c.outputs]
        return [(n, o) for n, o in outputs if METADATA in o.get("metadata", {})]

    before = copy.deepcopy(figures())
    bands.refresh(nb)
    changed = {
        n for (n, old), (_, new) in zip(before, figures(), strict=True) if old != new
    }
    return [
        f"cell {number} shows a figure beside another band than d2lutils/bands.json has; "
        f"{AGAIN}"
        for number in sorted(changed)
    ]


def metadata(nb):
    """The metadata of the notebook and of its cells, as they are now."""
    return copy.deepcopy([nb.metadata, *(cell.metadata for cell in nb.cells)])


def refresh(nb, path, root=ROOT):
    """Bring nb, the notebook of path, up to date in place; returns what was not, in sentences."""
    before = metadata(nb)
    info = nb.metadata.get("d2l", {})
    if "helpers" in info:
        kept = {name: value for name, value in info["helpers"].items() if counts(name)}
        info["helpers"] = kept
    found = [
        f"{p} does not fold as the tags say; {AGAIN}" for p in folding.stale(nb)[:1]
    ]
    found += pieces(nb, path, root) + cells(nb, path, root) + scripts(nb) + limits(nb)
    tidy(nb)
    if not found and metadata(nb) != before:
        found.append(f"has metadata that the book's notebooks don't have; {AGAIN}")
    return found


def pages(root=ROOT):
    """{path: text} of every page that the tools write, whole or in part, as it should be."""
    stored = [(path, read(path)) for path in chapters(root)]
    results = {Path(root, "book", "results.md"): results_page.page(stored)}
    terms = glossary.page(root)
    return results | terms | blocks.text_pages(root)


def main(arguments=None):
    """The command; with --check it returns 1 when something is out of date."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m tools.refresh",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args(arguments).check
    stale = 0

    def say(path, sentences):
        nonlocal stale
        stale += len(sentences)
        for sentence in sentences:
            print(
                f"{short(path)}: {sentence if check else sentence.replace(AGAIN, 'done')}"
            )

    for path in find([]):
        nb = read(path)
        say(path, refresh(nb, path))
        text = dumps(nb)
        if not check and path.read_text(encoding="utf-8") != text:
            replace(path, text)
    files = {} if check else texts.chapter_files()  # links are the contract's to check
    for path in texts.all_pages() if files else ():
        if mentions.mend(path, files):
            say(path, [f"names a chapter without a link; {AGAIN}"])
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            say(path, [f"is not what the notebooks and book/plan.yml give; {AGAIN}"])
            if not check:
                replace(path, text)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
