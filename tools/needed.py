"""Which cells of a chapter its recorded figures rest on: the others need not run to measure them.

Left out are exercises and solutions, what follows the last figure, and those cells tagged
``figure`` and deeper sections without a figure that define no name which the rest uses.
"""

import ast
import copy

from tools import layers
from tools.names import names
from tools.notebooks import code_cells, tags

CALL = "d2l.record("


def only_needed(nb):
    """A copy of the notebook whose other code cells are empty, so that no cell's number changes."""
    kept, short = needed(nb), copy.deepcopy(nb)
    for number, cell in code_cells(short):
        if number not in kept:
            cell.source = ""
    return short


def needed(nb):
    """The numbers of the code cells to run; empty where no figure is recorded."""
    own = [(n, c) for n, c in code_cells(nb) if not tags(c) & {"exercise", "solution"}]
    found = {number: names(cell.source) for number, cell in own}
    recorders = set().union(*(recorders_in(cell.source) for _, cell in own))
    recording = {
        number
        for number, cell in own
        if CALL in cell.source or (found[number].now | found[number].later) & recorders
    }
    kept = {number for number in found if number <= max(recording, default=0)}
    for group in reversed(spare(nb)):
        group &= kept
        if not group or group & recording:  # after the last figure, or needed itself
            continue
        defined = set().union(*(found[n].defined for n in group))
        rest = kept - group
        used = set().union(*(found[n].later for n in rest))
        used |= set().union(*(found[n].now for n in rest if n > min(group)))
        if not defined & used:
            kept = rest
    return kept


def recorders_in(source):
    """The functions of a cell in which d2l.record is called."""
    nodes = ast.walk(ast.parse(source)) if "def " in source and CALL in source else ()
    return {
        node.name
        for node in nodes
        if isinstance(node, ast.FunctionDef) and CALL in ast.unparse(node)
    }


def spare(nb):
    """Sets of cell numbers that may be left out together: figures, deeper sections."""
    groups = [{n} for n, cell in code_cells(nb) if "figure" in tags(cell)]
    for part in layers.sections(nb):
        if part.layer == "deeper":
            cells = {n for n, cell in part.cells if cell.cell_type == "code"}
            if part.starts_deeper or not groups:
                groups.append(set())
            groups[-1] |= cells
    return sorted(filter(None, groups), key=min)
