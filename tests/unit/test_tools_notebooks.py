"""Finding, reading and writing notebooks; fingerprints; the percent converter."""

import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import convert, hashes, notebooks


def small():
    """A notebook as jupytext writes it, with random ids and spare metadata."""
    cells = [
        new_markdown_cell("# T\n", metadata={"lines_to_next_cell": 0}),
        new_code_cell("import d2lutils as d2l", metadata={"tags": ["setup"]}),
        new_code_cell("x = 1", metadata={"tags": ["net"], "jupyter": {"a": 1}}),
        new_code_cell("x = 1", metadata={"mystnb": {"image": {"alt": "a"}}}),
        new_code_cell("  \n"),
    ]
    return new_notebook(cells=cells, metadata={"jupytext": {}, "widgets": {}})


def test_written_twice_the_same(tmp_path):
    texts = []
    for name in ("a.ipynb", "b.ipynb"):
        notebooks.write(tmp_path / name, small())
        texts.append((tmp_path / name).read_text())
    assert texts[0] == texts[1]
    assert texts[0].endswith("}\n") and '\n "cells"' in texts[0]


def test_tidy_keeps_what_the_book_uses():
    nb = notebooks.tidy(small())
    assert [dict(c.metadata) for c in nb.cells] == [
        {},
        {
            "tags": ["setup"],
            "jupyter": {"source_hidden": True},
            "cellView": "form",
        },
        {"tags": ["net"]},
        {"mystnb": {"image": {"alt": "a"}}},
    ]
    assert nb.cells[1].id == "setup"
    assert nb.cells[3].id == nb.cells[2].id + "-2"
    assert set(nb.metadata) == {"kernelspec", "language_info"}


def test_ids_of_other_cells_survive_an_insertion():
    nb, longer = notebooks.tidy(small()), small()
    longer.cells.insert(1, new_markdown_cell("new"))
    ids = [c.id for c in notebooks.tidy(longer).cells]
    assert [c.id for c in nb.cells] == ids[:1] + ids[2:]


def test_find(tmp_path):
    folder = tmp_path / "chapters"
    folder.mkdir()
    (tmp_path / "book").mkdir()
    for name in ("05_b.ipynb", "01_a.ipynb", "notes.ipynb"):
        notebooks.write(folder / name, small())
    names = [p.name for p in notebooks.find([], tmp_path)]
    assert names == ["01_a.ipynb", "05_b.ipynb"]
    for name in ("05", "05_b", "05_b.ipynb", folder / "05_b.ipynb"):
        assert [p.name for p in notebooks.find([name], tmp_path)] == ["05_b.ipynb"]
    with pytest.raises(SystemExit, match="no such chapter"):
        notebooks.find(["07"], tmp_path)


@pytest.mark.parametrize("text", ["no json", "[]", '{"cells": 1}'])
def test_read_refuses_what_is_no_notebook(tmp_path, text):
    path = tmp_path / "x.ipynb"
    path.write_text(text)
    with pytest.raises(SystemExit, match="not a notebook"):
        notebooks.read(path)


def test_replace_leaves_the_old_file_when_it_fails(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        notebooks.replace(path, "new \ud800")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_code_hash_sees_code_only():
    nb = small()
    before = hashes.code_hash(nb)
    nb.cells[0].source = "# Other"
    nb.cells[1].source = "another setup"
    assert hashes.code_hash(nb) == before
    nb.cells[2].source = "x = 2"
    assert hashes.code_hash(nb) != before


def test_code_hash_sees_the_order():
    nb, other = small(), small()
    nb.cells[2].source = other.cells[3].source = "x = 2"
    assert hashes.code_hash(nb) != hashes.code_hash(other)


PLAIN = "def f(x):\n    return x + 1\n"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (
            '"""Doc."""\ndef f(x):\n    """Doc."""\n    # why\n    return (x + 1)\n',
            True,
        ),
        ("def f(x):\n    return x + 2\n", False),
        ('def f(x):\n    y = """not a docstring"""\n    return x + 1\n', False),
    ],
)
def test_file_hash_of_python(tmp_path, text, same):
    (tmp_path / "a.py").write_text(PLAIN)
    (tmp_path / "b.py").write_text(text)
    a, b = (hashes.file_hash(tmp_path / n) for n in ("a.py", "b.py"))
    assert (a == b) is same


def test_file_hash_of_scripts_is_exact(tmp_path):
    (tmp_path / "a.js").write_text("let a = 1;")
    (tmp_path / "b.js").write_text("let a = 1; ")
    assert len({hashes.file_hash(tmp_path / n) for n in ("a.js", "b.js")}) == 2


def test_changed_helpers(tmp_path):
    folder = tmp_path / "d2lutils"
    folder.mkdir()
    for name in ("a.py", "b.js", "c.py", "bands.json", "__init__.py"):
        (folder / name).write_text("1")
    files = [*folder.iterdir(), "/usr/lib/other.py"]
    stored = hashes.helper_hashes(files, tmp_path)
    assert list(stored) == ["d2lutils/a.py", "d2lutils/b.js", "d2lutils/c.py"]
    assert hashes.changed_helpers(stored, tmp_path) == []
    (folder / "a.py").write_text("2")
    (folder / "c.py").unlink()
    (folder / "bands.json").write_text("{}")
    changed = hashes.changed_helpers(stored, tmp_path)
    assert changed == ["d2lutils/a.py", "d2lutils/c.py"]


DRAFT = """\
# %% [markdown]
# # Title
# {prose}

# %% tags=["setup"]
import d2lutils as d2l

# %%
{code}
"""


def test_convert_keeps_outputs_while_the_code_is_the_same(tmp_path, capsys):
    draft, path = tmp_path / "d.py", tmp_path / "05_x.ipynb"
    draft.write_text(DRAFT.format(prose="One.", code="1 + 1"))
    convert.main([str(draft), str(path)])
    nb = notebooks.read(path)
    assert "card" in notebooks.tags(nb.cells[1])
    nb.metadata["d2l"] = {"code": "x", "seconds": 1, "cores": 2, "memory_mb": 500}
    nb.metadata["d2l"] |= {"data": {}, "torch": "2"}
    nb.cells[3].execution_count = 2
    notebooks.write(path, nb)
    draft.write_text(DRAFT.format(prose="Two.", code="1 + 1"))
    convert.main([str(draft), str(path)])
    kept = json.loads(path.read_text())
    assert "Two." in "".join(kept["cells"][0]["source"])
    assert kept["cells"][3]["execution_count"] == 2 and "d2l" in kept["metadata"]
    draft.write_text(DRAFT.format(prose="Two.", code="1 + 2"))
    convert.main([str(draft), str(path)])
    lost = json.loads(path.read_text())
    assert lost["cells"][3]["execution_count"] is None and "d2l" not in lost["metadata"]
    assert "no outputs" in capsys.readouterr().out.splitlines()[-1]
