"""Write data/SHA256SUMS and the table of data/README.md from d2lutils/data_registry.py.

python -m tools.data_lists
"""

import re

from d2lutils import data_registry
from tools.notebooks import ROOT

MARKS = ("<!-- python -m tools.data_lists -->\n", "<!-- end of the table -->\n")


def with_table(text):
    """Return the README's text with the registry's table between its two marks.

    Raises
    ------
    ValueError
        When the marks are not there.
    """
    pattern = f"(?<={re.escape(MARKS[0])}).*(?={re.escape(MARKS[1])})"
    table = f"\n{data_registry.table()}\n"
    new, count = re.subn(pattern, lambda _: table, text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"data/README.md needs {MARKS[0]!r} and {MARKS[1]!r}, once.")
    return new


def wanted(root=ROOT):
    """Return what the two files shall hold: path -> text."""
    readme = root / "data" / "README.md"
    return {
        root / "data" / "SHA256SUMS": data_registry.checksums(),
        readme: with_table(readme.read_text("utf-8")),
    }


if __name__ == "__main__":
    for path, text in wanted().items():
        path.write_text(text, "utf-8", newline="\n")
