"""Turn a percent script (jupytext) into a chapter, keeping outputs that still belong to it.

    python -m tools.convert draft.py chapters/05_softmax_regression.ipynb

When the code cells are the ones of the stored notebook, all outputs stay (so a change of prose
needs no new run); otherwise the notebook is written without outputs.
"""

import argparse
import sys
from pathlib import Path

import jupytext

from tools import generated
from tools.hashes import code_hash
from tools.notebooks import code_cells, read, tagged, tags, tidy, write


def graft(new, old):
    """Give new the outputs and the record of old if both hold the same code; says whether."""
    setups = [cell for _, cell in tagged(old, "setup")]
    if code_hash(new) != code_hash(old) or "d2l" not in old.metadata or not setups:
        return False
    stored = iter([c for _, c in code_cells(old) if "setup" not in tags(c)])
    for _, cell in code_cells(new):
        source = setups[0] if "setup" in tags(cell) else next(stored)
        cell.outputs, cell.execution_count = source.outputs, source.execution_count
    new.metadata["d2l"] = old.metadata["d2l"]
    return True


def main(arguments=None):
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("draft", type=Path)
    parser.add_argument("notebook", type=Path)
    options = parser.parse_args(arguments)
    new = tidy(jupytext.read(options.draft))
    kept = options.notebook.exists() and graft(new, read(options.notebook))
    write(options.notebook, generated.fill(new, options.notebook))
    print(f"{options.notebook}: {'outputs kept' if kept else 'no outputs, execute it'}")


if __name__ == "__main__":
    sys.exit(main())
