"""Stored outputs belong to the code above them; and the checker can fail."""

import shutil

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import freshness, generated, hashes, notebooks, results
from tools.notebooks import ROOT, WIDGET_VIEW

PATHS = notebooks.chapters() + notebooks.pages()


@pytest.mark.parametrize("path", PATHS, ids=[p.stem for p in PATHS])
def test_notebook_is_fresh(path):
    found = freshness.problems(notebooks.read(path), path)
    assert not found, "\n".join(f"{notebooks.short(path)}: {text}" for text in found)


def test_results_page_is_the_generated_one():
    page = ROOT / "book" / "results.md"
    wanted = results.page([(p, notebooks.read(p)) for p in notebooks.chapters()])
    assert page.exists(), "book/results.md is missing; run `make results`"
    same = page.read_text(encoding="utf-8") == wanted
    assert same, "book/results.md is out of date; run `make results`"


@pytest.fixture
def stored(tmp_path):
    """(notebook, path, root): a small notebook as a full run would have stored it."""
    shutil.copy(ROOT / "_config.yml", tmp_path)
    for folder in ("chapters", "d2lutils"):
        (tmp_path / folder).mkdir()
    helper = tmp_path / "d2lutils" / "training.py"
    helper.write_text("def fit():\n    return 1\n")
    path = tmp_path / "chapters" / "98_small.ipynb"
    cells = [
        new_markdown_cell("# Small"),
        new_code_cell("1 + 1", outputs=[new_output("stream", text="2\n")]),
        new_code_cell("2 + 2", outputs=[]),
    ]
    nb = generated.fill(new_notebook(cells=cells), path, tmp_path)
    nb.metadata["d2l"] = {
        "code": hashes.code_hash(nb),
        "helpers": hashes.helper_hashes([helper], tmp_path),
        "size": "full",
        "seconds": 1.0,
        "cores": 2,
        "memory_mb": 500,
        "torch": "2",
        "data": {},
    }
    generated.refill(nb, path, tmp_path)
    for count, (_, cell) in enumerate(notebooks.code_cells(nb), start=1):
        cell.execution_count = count
    notebooks.write(path, nb)
    return nb, path, tmp_path


def test_a_fresh_one_passes(stored):
    assert freshness.problems(*stored) == []


def no_record(nb, root):
    del nb.metadata["d2l"]
    generated.refill(nb, root / "chapters" / "98_small.ipynb", root)


def code_changed(nb, root):
    nb.cells[3].source = "1 + 2"


def cell_added(nb, root):
    nb.cells.append(new_code_cell("5", execution_count=4))


def helper_changed(nb, root):
    (root / "d2lutils" / "training.py").write_text("def fit():\n    return 2\n")


def quick_run(nb, root):
    nb.metadata["d2l"]["size"] = "quick"


def out_of_order(nb, root):
    nb.cells[3].execution_count, nb.cells[4].execution_count = 3, 2


def hole(nb, root):
    nb.cells[4].execution_count = 7


def not_run(nb, root):
    nb.cells[4].execution_count = None


def error(nb, root):
    nb.cells[3].outputs = [new_output("error", ename="E", evalue="x", traceback=[])]


def warning(nb, root):
    text = "/x.py:1: UserWarning: w\n"
    nb.cells[3].outputs = [new_output("stream", name="stderr", text=text)]


def live_view(nb, root):
    data = {WIDGET_VIEW: {}, "text/html": "x"}
    nb.cells[3].outputs = [new_output("display_data", data=data)]


def too_big(nb, root):
    nb.cells[3].outputs = [new_output("stream", text="x" * 1_600_000)]
    notebooks.write(root / "chapters" / "98_small.ipynb", nb)


def setup_edited(nb, root):
    nb.cells[2].source = "import d2lutils as d2l"


def card_edited(nb, root):
    nb.cells[1].source += " and fast"


def unfolded(nb, root):
    nb.cells[3].metadata["tags"] = ["figure"]


def no_card(nb, root):
    nb.cells[1].metadata = {}


def prose_changed(nb, root):
    nb.cells[0].source = "# Other"


def docstring_changed(nb, root):
    text = 'def fit():\n    """Doc."""\n    return 1  # one\n'
    (root / "d2lutils" / "training.py").write_text(text)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (no_record, "never executed"),
        (code_changed, "its code changed after its outputs were stored"),
        (cell_added, "its code changed after its outputs were stored"),
        (helper_changed, "other versions of d2lutils/training.py"),
        (quick_run, "at quick size"),
        (out_of_order, "from top to bottom (first at cell 4)"),
        (hole, "from top to bottom (first at cell 5)"),
        (not_run, "from top to bottom (first at cell 5)"),
        (error, "cell 4 shows an error (E: x)"),
        (warning, "cell 4 shows a warning (line 1: UserWarning: w)"),
        (live_view, "cell 4 stores a live widget's view"),
        (too_big, "largest output: cell 4"),
        (setup_edited, "cell 3 (setup) is not what the tools generate"),
        (card_edited, "cell 2 (card) is not what the tools generate"),
        (unfolded, "cell 4 does not fold as the tags say; run `make refresh`"),
        (no_card, "has 0 cells tagged card"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_problem_is_found_alone(stored, spoil, words):
    nb, path, root = stored
    spoil(nb, root)
    found = freshness.problems(nb, path, root)
    assert len(found) == 1 and words in found[0], found


@pytest.mark.parametrize("change", [prose_changed, docstring_changed])
def test_words_alone_make_nothing_stale(stored, change):
    nb, path, root = stored
    change(nb, root)
    assert freshness.problems(nb, path, root) == []


def test_the_command_lists_problems(stored, monkeypatch, capsys):
    nb, path, _ = stored
    monkeypatch.setattr(freshness, "find", lambda names: [path])
    nb.cells[3].source = "3"
    notebooks.write(path, nb)
    assert freshness.main([]) == 1
    assert "its code changed" in capsys.readouterr().out
