"""The solutions in a chapter's notebook, without running the chapter.

A solution cell is run statement by statement, with torch and the usual names only; what
needs the rest of the chapter (a trained network, the data) is passed over. That is enough
for all but a few solutions, which are functions or numbers worked out by hand.
"""

import ast
import contextlib
import copy
import io
import itertools
import json
import math
import pathlib

import torch
from torch import nn
from torch.utils import data

from tools.notebooks import find, read, tags


class _Caught:
    """Stands for d2lutils: keeps what is handed to ``check``, and has nothing else."""

    def __init__(self):
        self.answers = {}

    def check(self, number, answer):
        """Keep an answer."""
        self.answers[number] = answer
        return True


def _names(caught):
    return {
        "d2l": caught,
        "torch": torch,
        "nn": nn,
        "F": nn.functional,
        "Dataset": data.Dataset,
        "DataLoader": data.DataLoader,
        "Path": pathlib.Path,
        "copy": copy,
        "math": math,
        "json": json,
        "pairwise": itertools.pairwise,
    }


def solutions(chapter):
    """{exercise: the answer that its solution hands to the check} of a chapter ("05")."""
    (path,) = find([chapter])
    return solutions_in(read(path))


def solutions_in(nb):
    """The same of a notebook that has been read."""
    caught = _Caught()
    names = _names(caught)
    for cell in nb.cells:
        if cell.cell_type != "code" or "solution" not in tags(cell):
            continue
        for statement in ast.parse(cell.source).body:
            for name in _made_by(statement):  # an older cell's value is not this one's
                names.pop(name, None)
            code = compile(ast.Module([statement], []), "solution", "exec")
            with (
                contextlib.suppress(Exception),
                contextlib.redirect_stdout(io.StringIO()),
            ):
                exec(code, names)
    return caught.answers


def _made_by(statement):
    """The names that a statement gives a value."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return [statement.name]
    stores = (n for n in ast.walk(statement) if isinstance(n, ast.Name))
    return [n.id for n in stores if isinstance(n.ctx, ast.Store)]
