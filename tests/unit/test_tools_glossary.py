"""The glossary names the chapter that links to a term first, and no term is forgotten."""

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from tools import glossary, texts
from tools.notebooks import ROOT, write

ENTRIES = """# Glossary

<a id="term-adam"></a>**Adam** 算法
: An optimizer of {cite}`x`. *Chapter 3.*

<a id="term-bias"></a>**bias** 偏置
: A number, *not* a prejudice.

<a id="term-gate"></a>**gate** 门
: A factor. *Chapters 29 and 31.*
"""
IN_STEP = ENTRIES.replace(
    "*Chapter 3.*", "*[Chapter 2](../chapters/02_b.ipynb).*"
).replace("prejudice.", "prejudice. *[Start here](start.md).*")


@pytest.fixture
def root(tmp_path):
    """A book of two chapters and a page, each of which links to a term."""

    def chapter(name, text):
        write(
            tmp_path / "chapters" / name, new_notebook(cells=[new_markdown_cell(text)])
        )

    (tmp_path / "chapters").mkdir()
    (tmp_path / "book").mkdir()
    chapter("01_a.ipynb", "# A\n\nAdam, and [up](../book/glossary.md).")
    chapter("02_b.ipynb", "# B\n\n[**Adam**](../book/glossary.md#term-adam)")
    start = "# Start here\n\n[bias](glossary.md#term-bias), [x](glossary.md#term-adam)"
    (tmp_path / "book" / "start.md").write_text(start)
    (tmp_path / "book" / "glossary.md").write_text("[gate](glossary.md#term-gate)")
    return tmp_path


def problems(root, text, existing=(1, 2)):
    first = glossary.first_links(root)
    return list(glossary.problems(text, first, existing, root / "book"))


def test_chapters_come_before_pages_and_the_glossary_itself_does_not_count(root):
    names = {term: path.name for term, path in glossary.first_links(root).items()}
    assert names == {"term-adam": "02_b.ipynb", "term-bias": "start.md"}


def test_entries_are_brought_in_step_once(root):
    first = glossary.first_links(root)
    text = glossary.updated(ENTRIES, first, root / "book")
    assert text == IN_STEP
    assert glossary.updated(text, first, root / "book") == text
    assert problems(root, text) == []


def test_refresh_writes_it(root):
    path = root / "book" / "glossary.md"
    path.write_text(ENTRIES)
    assert glossary.page(root) == {path: IN_STEP}
    path.unlink()
    assert glossary.page(root) == {}


def test_an_entry_out_of_step(root):
    (found,) = problems(root, ENTRIES)
    assert "another chapter" in found


def test_a_term_that_nobody_links_to(root):
    text = IN_STEP.replace("Chapters 29 and 31", "Chapter 1")
    (found,) = problems(root, text)
    assert "no page links to 'gate' (term-gate)" in found
    (found,) = problems(root, IN_STEP.replace(" *Chapters 29 and 31.*", ""))
    assert "term-gate" in found


def test_a_term_waits_only_until_one_of_its_chapters_exists(root):
    assert problems(root, IN_STEP, existing=(1, 2, 30)) == []
    assert "term-gate" in problems(root, IN_STEP, existing=(1, 2, 31))[0]


def test_a_link_to_a_term_that_is_missing(root):
    found = problems(root, IN_STEP.replace("term-bias", "term-offset"))
    assert "start.md links to term-bias, which the glossary lacks" in found


def test_the_books_glossary():
    text = (ROOT / "book" / glossary.NAME).read_text(encoding="utf-8")
    first, files = glossary.first_links(), texts.chapter_files()
    found = list(glossary.problems(text, first, files, ROOT / "book"))
    assert not found, "\n  ".join(["", *found])
