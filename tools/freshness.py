"""Do the stored outputs belong to the code above them?

python -m tools.freshness [CH ...]     list what is stale, and why
"""

import argparse
import copy
import sys

from tools import refresh
from tools.hashes import changed_helpers, code_hash
from tools.notebooks import ROOT, WIDGET_VIEW, code_cells, find, read, short
from tools.outputs import refusals

BUDGET_MB = 1.5


def number_of(path):
    """What the commands call a notebook: the chapter's number, or the page's name."""
    return path.stem[:2] if path.stem[:2].isdigit() else path.stem


def execution_problems(nb, path, root=ROOT):
    """Reasons to execute the notebook again (an empty list when its outputs are fresh)."""
    again = f"run `make execute CH={number_of(path)}`"
    info = nb.metadata.get("d2l")
    if not info:
        return [f"was never executed by the book's own command; {again}"]
    found = []
    if info.get("code") != code_hash(nb):
        found.append(f"its code changed after its outputs were stored; {again}")
    changed = changed_helpers(info.get("helpers", {}), root)
    if changed:
        found.append(
            f"its outputs were made with other versions of {', '.join(changed)}; {again}"
        )
    if info.get("size") != "full":
        found.append(f"its outputs come from a run at {info.get('size')} size; {again}")
    for count, (number, cell) in enumerate(code_cells(nb), start=1):
        if cell.execution_count != count:
            found.append(
                "its cells were not run once each from top to bottom (first at cell "
                f"{number}); {again}"
            )
            break
    return found


def storage_problems(nb, path):
    """What no run may leave in the stored notebook."""
    found = [f"cell {number} {reason}" for number, reason in refusals(nb)]
    for number, cell in code_cells(nb):
        if any(WIDGET_VIEW in o.get("data", {}) for o in cell.outputs):
            found.append(
                f"cell {number} stores a live widget's view, which shows as an error "
                "before it runs; store it with `make execute` only"
            )
    if path.exists() and path.stat().st_size > BUDGET_MB * 1e6:
        found.append(
            f"the file has {path.stat().st_size / 1e6:.1f} MB; the budget is {BUDGET_MB} "
            f"MB: fewer or smaller figures (largest output: cell {largest(nb)})"
        )
    return found


def largest(nb):
    """The number of the cell with the largest outputs."""
    return max(code_cells(nb), key=lambda pair: len(str(pair[1].outputs)))[0]


def problems(nb, path, root=ROOT):
    """Everything that is wrong with what is stored in the notebook, as sentences."""
    found = execution_problems(nb, path, root) + storage_problems(nb, path)
    return found + refresh.refresh(copy.deepcopy(nb), path, root)


def main(arguments=None):
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", metavar="CH")
    stale = 0
    for path in find(parser.parse_args(arguments).notebooks):
        for problem in problems(read(path), path):
            stale += 1
            print(f"{short(path)}: {problem}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
