"""The tables of chapters follow from the plan and from what stands in chapters/."""

import pytest
import yaml
from nbformat.v4 import new_markdown_cell, new_notebook

from tools import blocks, contents, notebooks, refresh

PLAN = """\
parts:
  - {part: I, title: Lines, chapters: 1-2}
  - {part: II, title: Curves, chapters: 3-3}
titles: {2: Two lines, 3: A curve}
"""
FIRST = """\
# Lines, planes and more

By the end of this chapter you can fit a [line](../book/glossary.md#term-line) to
points. And more.

*Builds on: nothing.*"""


@pytest.fixture
def root(tmp_path):
    """A course of three chapters, of which the first exists."""
    (tmp_path / "chapters").mkdir()
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "plan.yml").write_text(PLAN)
    add(tmp_path, "01_lines", FIRST)
    return tmp_path


def add(root, name, text="# Another\n\nAfter this chapter you can do more."):
    nb = new_notebook(cells=[new_markdown_cell(text)])
    notebooks.write(root / "chapters" / f"{name}.ipynb", nb)


def test_title_and_promise_come_from_the_notebook(root):
    chapter = contents.plan(root)[0].chapters[0]
    assert (chapter.number, chapter.title) == (1, "Lines, planes and more")
    assert chapter.promise == "fit a line to points."


def test_the_table_links_what_exists_and_counts_it(root):
    table = contents.table(contents.plan(root), "../chapters/")
    assert table.startswith("1 of 3 chapters are here. The others")
    assert (
        "| **I** Lines | 1 [Lines](../chapters/01_lines.ipynb) · 2 Two lines |" in table
    )
    assert "| **II** Curves *(coming)* | 3 A curve |" in table


def test_a_whole_course_promises_no_more(root):
    add(root, "02_two")
    add(root, "03_curve")
    table = contents.table(contents.plan(root), "")
    assert table.startswith("All 3 chapters are here.\n") and "coming" not in table


def test_a_part_appears_in_the_contents_with_its_first_chapter(root):
    before = yaml.safe_load(contents.toc(contents.plan(root)))
    add(root, "03_curve")
    after = yaml.safe_load(contents.toc(contents.plan(root)))
    assert [part["caption"] for part in before] == ["I · Lines"]
    assert [part["caption"] for part in after] == ["I · Lines", "II · Curves"]
    assert after[1]["chapters"] == [{"file": "chapters/03_curve"}]


def test_a_chapter_outside_of_the_plan_is_refused(root):
    add(root, "04_more")
    with pytest.raises(SystemExit, match="no part has chapter 4"):
        contents.plan(root)


def test_a_planned_chapter_needs_a_title(root):
    path = root / "book" / "plan.yml"
    path.write_text(PLAN.replace(", 3: A curve", ""))
    with pytest.raises(SystemExit, match="chapter 3 has no title"):
        contents.plan(root)


HAND = "# Here\n\n<!-- made: chapters -->\nold\n<!-- end -->\n\nBy hand.\n"


def test_only_what_stands_between_marks_is_written(root):
    text = blocks.fill(HAND, "README.md", root)
    assert text.startswith("# Here\n\n<!-- made: chapters -->\n\n1 of 3 chapters")
    assert text.endswith("|\n\n<!-- end -->\n\nBy hand.\n") and "\nold\n" not in text
    assert blocks.fill(text, "README.md", root) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HAND.replace("<!-- end -->", ""), "has no end"),
        (HAND.replace("chapters", "pictures"), "nothing makes 'pictures'"),
    ],
)
def test_bad_marks(root, text, words):
    with pytest.raises(SystemExit, match=words):
        blocks.fill(text, "README.md", root)


def test_a_new_chapter_makes_pages_stale(root):
    (root / "README.md").write_text(blocks.fill(HAND, "README.md", root))
    (root / "_toc.yml").write_text("parts:\n  # made: toc\n  # end\n")
    cell = new_markdown_cell(blocks.fill(HAND, "book/index.ipynb", root))
    assert (
        refresh.pieces(new_notebook(cells=[cell]), root / "book/index.ipynb", root)
        == []
    )
    add(root, "02_two")
    (sentence,) = refresh.pieces(
        new_notebook(cells=[cell]), root / "book/index.ipynb", root
    )
    assert sentence == "cell 1 has an old table of chapters; run `make refresh`"
    pages = {path.name: text for path, text in refresh.pages(root).items()}
    assert "2 [Another](chapters/02_two.ipynb)" in pages["README.md"]
    assert "- file: chapters/02_two\n" in pages["_toc.yml"]
