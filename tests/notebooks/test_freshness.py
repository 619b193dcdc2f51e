"""Stored outputs belong to the code above them; and the checker can fail."""

import base64
import gzip
import shutil

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from d2lutils import records
from d2lutils.records import METADATA
from d2lutils.widgets import DrawDigit, LinearFit
from d2lutils.widgets.framework import source
from tools import freshness, generated, hashes, notebooks, refresh
from tools.notebooks import ROOT, WIDGET_VIEW
from tools.refresh import AGAIN

PATHS = notebooks.chapters() + notebooks.pages()


@pytest.mark.parametrize("path", PATHS, ids=[p.stem for p in PATHS])
def test_notebook_is_fresh(path):
    found = freshness.problems(notebooks.read(path), path)
    assert not found, "\n".join(f"{notebooks.short(path)}: {text}" for text in found)


@pytest.mark.parametrize("path", refresh.pages(), ids=lambda path: path.name)
def test_generated_page_is_in_step(path):
    assert path.exists(), f"{path.name} is missing; run `make refresh`"
    same = path.read_text(encoding="utf-8") == refresh.pages()[path]
    assert same, f"{path.name} is out of date; run `make refresh`"


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


def widget(nb, shown=None):
    """Store a widget in cell 4; returns its HTML."""
    html = (shown or LinearFit()).html()
    nb.cells[3].outputs = [new_output("display_data", data={"text/html": html})]
    return html


def old_script(nb, root):
    html = widget(nb)
    key, text = source.own(source.path_of("linear_fit"))
    old = html.replace(text, text + "\nlet spare;").replace(key, "linear_fit-00000000")
    nb.cells[3].outputs[0].data["text/html"] = old


def old_styles(nb, root):
    html = widget(nb)
    text = source.shared()[1]
    packed = base64.b64encode(gzip.compress(b"const CSS_TEXT = '';")).decode()
    assert text in html
    nb.cells[3].outputs[0].data["text/html"] = html.replace(text, packed)


def old_host(nb, root):
    html = widget(nb)
    old = html.replace("data-alive", "data-awake")
    assert old != html
    nb.cells[3].outputs[0].data["text/html"] = old


def script_gone(nb, root):
    nb.cells[3].outputs[0:] = [
        new_output(
            "display_data",
            data={"text/html": widget(nb).replace("linear_fit-", "parabola-")},
        )
    ]


def old_band(nb, root):
    line = records.entry("98.run", "test accuracy", 0.5, "full").data
    line |= {"band": [0.4, 0.6], "seeds": 5, "verdict": "inside"}
    output = new_output("display_data", data={"text/plain": "x"})
    output.metadata[METADATA] = line
    nb.cells[3].outputs = [output]


def odd_metadata(nb, root):
    nb.cells[3].metadata["collapsed"] = True


def front_end_changed(nb, root):
    """What a run of an older version of the tools left: scripts are no helpers now."""
    for name in ("front/base.js", "softmax.js", "front/style.css", "source.py"):
        nb.metadata["d2l"]["helpers"][f"d2lutils/widgets/{name}"] = "0" * 16


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
        (setup_edited, f"cell 3 (setup) is not what the tools write; {AGAIN}"),
        (card_edited, f"cell 2 (card) is not what the tools write; {AGAIN}"),
        (no_card, f"has 0 cells tagged card instead of one; {AGAIN}"),
        (
            old_script,
            f"cell 4 stores a widget with other scripts or styles than those of "
            f"d2lutils/widgets; {AGAIN}",
        ),
        (old_styles, "cell 4 stores a widget with other scripts or styles"),
        (old_host, "cell 4 stores a widget with other scripts or styles"),
        (script_gone, "no script parabola.js); execute the notebook again"),
        (
            old_band,
            f"cell 4 shows a figure beside another band than d2lutils/bands.json "
            f"has; {AGAIN}",
        ),
        (odd_metadata, f"has metadata that the book's notebooks don't have; {AGAIN}"),
        (unfolded, "cell 4 does not fold as the tags say; run `make refresh`"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_problem_is_found_alone(stored, spoil, words):
    nb, path, root = stored
    spoil(nb, root)
    found = freshness.problems(nb, path, root)
    assert len(found) == 1 and words in found[0], found


def test_scripts_are_no_helpers(stored):
    nb, path, root = stored
    front_end_changed(nb, root)
    assert freshness.execution_problems(nb, path, root) == []
    assert refresh.refresh(nb, path, root)  # tidies the record
    assert list(nb.metadata["d2l"]["helpers"]) == ["d2lutils/training.py"]


@pytest.mark.parametrize("spoil", [old_script, old_styles, old_host])
def test_refreshing_gives_what_a_run_would_give(stored, spoil):
    nb, path, root = stored
    wanted = widget(nb)
    spoil(nb, root)
    refresh.refresh(nb, path, root)
    assert nb.cells[3].outputs[0].data["text/html"] == wanted


@pytest.mark.parametrize("more", [0, 1])
def test_a_widget_that_asks_for_other_scripts_now_gets_them(stored, more):
    """Stored before it asked for what it uses now, or when it asked for more."""
    nb, path, root = stored
    html = widget(nb, DrawDigit())
    extras = [source.extra(path) for path in source.extras(DrawDigit._script)]
    old = html
    for key, text in extras[:2]:
        old = old.replace(f" {key}", "").replace(source.script(key, text), "")
    if more:
        key, text = source.extra(source.SHARED[0].parent / "recurrent.js")
        own = source.own(DrawDigit._script)[0]
        old = html.replace(f" {own}", f" {key} {own}", 1)
        at = old.index(f'<script type="text/plain" data-code="{own}"')
        old = old[:at] + source.script(key, text) + old[at:]
    assert old != html
    nb.cells[3].outputs[0].data["text/html"] = old
    (found,) = freshness.problems(nb, path, root)
    assert "cell 4 stores a widget with other scripts or styles" in found
    refresh.refresh(nb, path, root)
    assert nb.cells[3].outputs[0].data["text/html"] == html


def test_another_zlib_makes_nothing_stale(stored):
    """The same source, packed to other bytes, is the same source."""
    nb, path, root = stored
    html = widget(nb)
    text = source.shared()[1]
    raw = gzip.decompress(base64.b64decode(text))
    packed = base64.b64encode(gzip.compress(raw, 1)).decode()
    assert packed != text
    nb.cells[3].outputs[0].data["text/html"] = html.replace(text, packed)
    assert freshness.problems(nb, path, root) == []


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
