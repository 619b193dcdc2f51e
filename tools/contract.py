"""Has every chapter all that a chapter must have?

python -m tools.contract [CH ...]     list what is missing, and what to do
"""

import argparse
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tools import (
    contract_code,
    contract_exercises,
    contract_figures,
    contract_layers,
    contract_text,
    mentions,
)
from tools.notebooks import ROOT, chapters, find, read, short

RULES = contract_text.RULES | contract_code.RULES | contract_exercises.RULES
RULES |= (
    contract_figures.RULES | contract_layers.RULES | {"chapter mentions": mentions.rule}
)


@dataclass
class Book:
    """What the rules need to know beyond the notebook."""

    chapter: str
    folder: Path
    bibliography: set = field(default_factory=set)
    bands: dict = field(default_factory=dict)
    registry: dict = field(default_factory=dict)


def book_of(path, root=ROOT):
    """The surroundings of the chapter at path."""
    from d2lutils.exercises import registry

    bib = Path(root, "book", "references.bib").read_text(encoding="utf-8")
    bands = Path(root, "d2lutils", "bands.json").read_text(encoding="utf-8")
    keys = set(re.findall(r"^@\w+\{\s*([^,\s]+)\s*,", bib, re.M))
    number = path.name[:2]
    return Book(number, path.parent, keys, json.loads(bands), registry(number))


def problems(nb, book):
    """(rule, sentence) of everything that the chapter lacks."""
    return [(name, text) for name, rule in RULES.items() for text in rule(nb, book)]


def main(arguments=None):
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", metavar="CH")
    names = parser.parse_args(arguments).chapters
    lacking = 0
    for path in find(names) if names else chapters():
        for rule, text in problems(read(path), book_of(path)):
            lacking += 1
            print(f"{short(path)}: [{rule}] {text}")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
