"""The re-execution of the chapters (`make notebooks`) sees what it has to see."""

import os
import re
import subprocess
import sys

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools import notebooks
from tools.notebooks import ROOT

STRICT = {"tags": ["nbval-check-output"]}


def cell(source, text, metadata=None):
    """A stored cell that shows text."""
    outputs = [new_output("stream", text=text)] if text else []
    return new_code_cell(
        source, outputs=outputs, metadata=metadata or {}, execution_count=1
    )


CELLS = [
    cell("print(1)", "1\n", STRICT),  # as stored
    cell("print(2)", "another text\n"),  # differs, but nobody asked
    cell("print(3)", "another text\n", STRICT),  # differs
    cell("assert 1 == 2", ""),  # an assertion that does not hold
    cell("print(4)", "4\n", STRICT),
    cell(
        "from d2lutils import records\n"
        "records.band = lambda *a: {'low': 1, 'high': 2, 'values': [1] * 5}\n"
        "_ = records.record('98.run', 'figure', 3)",  # outside its band
        "",
    ),
]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """What nbval says of each cell: a list of PASSED and FAILED."""
    path = tmp_path_factory.mktemp("nbval") / "98_broken.ipynb"
    notebooks.write(path, new_notebook(cells=[c.copy() for c in CELLS]))
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env"]
    command += [
        "-v",
        "--color=no",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        str(path),
    ]
    env = os.environ | {"D2L_STRICT": "1", "D2L_QUICK": "1", "OMP_NUM_THREADS": "1"}
    env.pop("PYTEST_XDIST_WORKER", None)
    env.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    found = re.findall(r"::Cell \d+ (PASSED|FAILED|XFAIL)", done.stdout)
    assert len(found) == len(CELLS), done.stdout + done.stderr
    return found


def test_each_cell_gets_its_verdict(verdicts):
    """Strict cells are compared, others only run; assertions and bands hold or fail."""
    assert verdicts == ["PASSED", "PASSED", "FAILED", "FAILED", "PASSED", "FAILED"]
