"""Generated pieces of pages that are otherwise written by hand: what stands between marks.

In Markdown the marks are ``<!-- made: chapters -->`` and ``<!-- end -->``, in YAML the lines
``# made: chapters`` and ``# end``. `make refresh` writes what stands between them.
"""

import re
from pathlib import Path

from tools import address, contents
from tools.notebooks import ROOT

MARKED = re.compile(
    r"(?P<start>^ *(?:<!-- made: (?P<name>\w+) -->|# made: (?P<yaml>\w+))\n)"
    r"(?P<text>.*?)"
    r"(?P<end>^ *(?:<!-- end -->|# end)$)",
    re.M | re.S,
)
PAGES = (
    "README.md",
    "_toc.yml",
    "CITATION.cff",
    "book/how_to_use.md",
    "book/index.ipynb",
)


def blocks(page, root=ROOT):
    """{name: text} of the pieces that can stand in a page, given as "book/index.ipynb"."""
    parts = contents.plan(root)
    folder = "../chapters/" if page.startswith("book/") else "chapters/"
    return {
        "chapters": contents.table(parts, folder),
        "promises": contents.promises(parts, folder),
        "toc": contents.toc(parts),
        **address.blocks(root),
    }


def fill(text, page, root=ROOT):
    """The text of a page, or of a cell of it, with its pieces as they are now.

    Raises SystemExit when a mark has a name that nobody makes, or no end.
    """
    starts = len(re.findall(r"^ *(?:<!--|#) made: ", text, re.M))
    if not starts:
        return text
    if starts != len(MARKED.findall(text)):
        raise SystemExit(
            f"{page}: a mark 'made: ...' has no end; write <!-- end --> below"
        )
    made = blocks(page, root)

    def piece(match):
        name = match["name"] or match["yaml"]
        if name not in made:
            raise SystemExit(
                f"{page}: nothing makes {name!r}; there is {', '.join(sorted(made))}"
            )
        gap = "\n" if match["name"] else ""
        body = f"{gap}{made[name]}\n{gap}" if made[name] else ""
        return f"{match['start']}{body}{match['end']}"

    return MARKED.sub(piece, text)


def text_pages(root=ROOT):
    """{path: text as it should be} of the pages with marks that are no notebooks."""
    found = {}
    for name in PAGES:
        path = Path(root, name)
        if path.suffix != ".ipynb" and path.exists():
            found[path] = fill(path.read_text(encoding="utf-8"), name, root)
    return found
