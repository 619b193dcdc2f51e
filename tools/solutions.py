"""The solutions in a chapter's notebook, without running the chapter.

A solution cell is run statement by statement, with torch and the usual names only; what
needs the rest of the chapter (a trained network, the data) is passed over. That is enough
for all but a few solutions, which are functions or numbers worked out by hand.
"""

import ast
import contextlib
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
        "math": math,
        "json": json,
        "pairwise": itertools.pairwise,
    }


def solutions(chapter):
    """{exercise: the answer that its solution hands to the check} of a chapter ("05")."""
    (path,) = find([chapter])
    caught = _Caught()
    names = _names(caught)
    for cell in read(path).cells:
        if cell.cell_type != "code" or "solution" not in tags(cell):
            continue
        for statement in ast.parse(cell.source).body:
            code = compile(ast.Module([statement], []), path.name, "exec")
            with (
                contextlib.suppress(Exception),
                contextlib.redirect_stdout(io.StringIO()),
            ):
                exec(code, names)
    return caught.answers
