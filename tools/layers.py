"""The two layers of a chapter: which cells are its core, which are deeper, which exercises.

A section is deeper when the cell that begins with its heading is tagged ``deeper``; it reaches
to the next heading of the same or a higher level. Exercises are the section of that name and,
wherever they stand, the cells tagged ``exercise`` or ``solution``.
"""

import copy
from dataclasses import dataclass, field

from tools.folding import DEEPER, heading, is_deeper, split, tags

EXERCISES = "Exercises"
GENERATED = frozenset({"setup", "card"})


@dataclass
class Section:
    """A heading and the cells below it, up to the next heading of any level.

    ``layer`` is "core", "deeper" or "exercises"; ``cells`` are pairs (number, cell), numbered
    from 1 in the notebook they came from. What stands before the first heading has level 0.
    """

    level: int
    title: str
    layer: str
    cells: list = field(default_factory=list)
    starts_deeper: bool = False


def sections(nb):
    """The chapter as a list of sections, in order; Markdown cells are cut at their headings."""
    found = [Section(0, "", "core")]
    deeper = exercises = 7  # level of the heading whose section we are in; 7: in none
    for number, cell in enumerate(nb.cells, start=1):
        for part in split([cell]):
            if head := heading(part):
                level, title = head
                deeper = deeper if level > deeper else 7
                exercises = exercises if level > exercises else 7
                if is_deeper(part):
                    deeper = min(deeper, level)
                if title == EXERCISES and level == 2:
                    exercises = level
                layer = "deeper" if deeper < 7 else "core"
                layer = "exercises" if exercises < 7 else layer
                starts = is_deeper(part) and deeper == level
                found.append(Section(level, title, layer, [], starts))
            found[-1].cells.append((number, part))
    return found if found[0].cells else found[1:]


def layer_of(section, cell):
    """The layer of one cell of a section."""
    return "exercises" if tags(cell) & {"exercise", "solution"} else section.layer


def cells_in(nb, layer):
    """(number, cell) of the cells in a layer, without the generated ones."""
    return [
        (number, cell)
        for section in sections(nb)
        for number, cell in section.cells
        if layer_of(section, cell) == layer and not tags(cell) & GENERATED
    ]


def core_cells(nb):
    """(number, cell) of the core, neither exercises nor generated cells."""
    return cells_in(nb, "core")


def deeper_cells(nb):
    """(number, cell) of everything deeper."""
    return cells_in(nb, "deeper")


def exercise_cells(nb):
    """(number, cell) of the exercises: tasks, stubs and solutions."""
    return cells_in(nb, "exercises")


def has_deeper(nb):
    """Whether the notebook has a deeper section."""
    return any(map(is_deeper, nb.cells))


def core_only(nb):
    """A copy of the notebook without its deeper sections (generated cells and exercises stay)."""
    short = copy.copy(nb)
    short.cells = [
        cell
        for section in sections(nb)
        if section.layer != "deeper"
        for _, cell in section.cells
    ]
    return copy.deepcopy(short)


def misplaced(nb):
    """Numbers of the cells whose tag ``deeper`` folds nothing: no heading begins them."""
    return [
        number
        for number, cell in enumerate(nb.cells, start=1)
        if DEEPER in tags(cell) and not is_deeper(cell)
    ]
