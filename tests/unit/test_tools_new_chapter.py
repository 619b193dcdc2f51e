"""A new chapter's skeletons say what they want, and nothing of them reaches the book."""

import shutil
import subprocess
import sys

import nbformat
import pytest

from d2lutils import exercises
from tools import contract, new_chapter, notebooks
from tools.notebooks import ROOT, short


def test_nothing_of_a_skeleton_is_left():
    found = [
        f"{short(path)}, line {line}, is not written yet; it wants: {what}"
        for path, line, what in new_chapter.unwritten()
    ]
    assert not found, "\n".join(found)


@pytest.fixture
def root(tmp_path):
    """A book with a plan and a chapter 17, in a folder of its own."""
    for name in ("chapters", "book", "d2lutils/exercises", "d2lutils/widgets"):
        (tmp_path / name).mkdir(parents=True)
    shutil.copy(ROOT / "_config.yml", tmp_path)
    shutil.copy(ROOT / "book" / "plan.yml", tmp_path / "book")
    plan = (tmp_path / "book" / "plan.yml").read_text()
    numbers = "".join(f"  {number}: Earlier\n" for number in range(1, 17))
    (tmp_path / "book" / "plan.yml").write_text(plan + numbers)
    cell = nbformat.v4.new_markdown_cell("# Seventeen\n\nIt exists.")
    there = nbformat.v4.new_notebook(cells=[cell])
    notebooks.write(tmp_path / "chapters" / "17_gpu.ipynb", there)
    return tmp_path


@pytest.fixture
def written(root):
    """{name: text} of the files of chapter 18 with a widget, also written into root."""
    found = new_chapter.chapter(18, "convolutions", "KernelSlide", root)
    for path, text in found.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return {path.relative_to(root).as_posix(): text for path, text in found.items()}


def test_five_files_make_a_chapter_with_exercises_and_a_widget(written):
    assert sorted(written) == [
        "chapters/18_convolutions.ipynb",
        "d2lutils/exercises/ch18.py",
        "d2lutils/widgets/kernel_slide.js",
        "d2lutils/widgets/kernel_slide.py",
        "tests/site/widgets/test_kernel_slide.py",
    ]
    nb = nbformat.reads(written["chapters/18_convolutions.ipynb"], as_version=4)
    assert nb.cells[0].source.startswith("# Convolutions\n")
    code = "\n".join(cell.source for cell in nb.cells)
    assert "d2l.widgets.KernelSlide()" in code and 'd2l.check("18.3", answer)' in code
    tags = set().union(*(notebooks.tags(cell) for cell in nb.cells))
    assert tags == {"card", "setup", "deeper", "figure", "record", "net", "exercise",
                    "solution", "hide-cell", "nbval-check-output"}  # fmt: skip


def test_each_file_says_what_it_wants(written, root):
    wanted = new_chapter.unwritten(root)
    for name in (
        "ch18.py",
        "kernel_slide.py",
        "kernel_slide.js",
        "test_kernel_slide.py",
    ):
        assert any(path.name == name for path, _, _ in wanted), name
    assert all(len(what) > 0 for _, _, what in wanted)


def test_each_unwritten_cell_is_told_by_the_contract(written, monkeypatch):
    nb = nbformat.reads(written["chapters/18_convolutions.ipynb"], as_version=4)
    monkeypatch.setattr(exercises, "_REGISTRY", {})
    exec(written["d2lutils/exercises/ch18.py"], {})
    registry = dict(exercises._REGISTRY)
    book = contract.Book("18", ROOT / "chapters", set(), {}, registry)
    found = [text for rule, text in contract.problems(nb, book) if "it wants:" in text]
    for number, cell in enumerate(nb.cells, start=1):
        told = any(text.startswith(f"cell {number} ") for text in found)
        assert told == ("«" in cell.source), (number, cell.source)
    answers = [t for r, t in contract.problems(nb, book) if r == "exercise registry"]
    assert len(answers) == 3 and all("What is wrong" in text for text in answers)


def test_the_skeletons_are_in_house_form(written, root):
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        command = [sys.executable, "-m", "ruff", *command]
        command += ["--config", ROOT / "pyproject.toml", root]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((40, "more"), "book/plan.yml has no chapter 40"),
        ((18, "Convolutions"), "named in snake_case"),
        ((17, "other"), "chapter 17 exists: chapters/17_gpu.ipynb"),
        ((18, "convolutions", "kernel_slide"), "named like LinearFit"),
    ],
)
def test_names_that_will_not_do(root, arguments, words):
    arguments = (*arguments, None)[:3]
    with pytest.raises(SystemExit, match=words):
        new_chapter.chapter(*arguments, root)


def test_a_chapter_that_exists_can_get_its_widget(root):
    found = new_chapter.chapter(17, "gpu", "UnrolledRNN", root)
    assert root / "d2lutils/widgets/unrolled_rnn.py" in found
