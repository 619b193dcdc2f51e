"""Write every chapter's core alone, as notebooks to be executed.

python -m tools.core [CH ...]     into _build/core/chapters/

The core, its exercises and its solutions stay; deeper sections go. Executing these copies (one
of the two notebook passes of `make test` does) shows that the core needs nothing deeper.
"""

import argparse
import sys
from pathlib import Path

from tools import layers
from tools.notebooks import ROOT, chapters, dumps, find, read, replace, tidy


def write(paths, folder):
    """Write the core of each chapter into the folder; returns the files, former ones are gone."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.ipynb"):
        old.unlink()
    written = []
    for path in paths:
        written.append(folder / path.name)
        replace(written[-1], dumps(tidy(layers.core_only(read(path)))))
    return written


def main(arguments=None):
    """The command; prints the folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", metavar="CH")
    names = parser.parse_args(arguments).chapters
    folder = ROOT / "_build" / "core" / "chapters"
    write(find(names) if names else chapters(), folder)
    print(folder.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main())
