"""Chapters named by number: found, linked once a section, leading where they say."""

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import mentions, texts
from tools.notebooks import read, write

FILES = {n: Path(f"/book/chapters/{n:02d}_name.ipynb") for n in range(1, 13)}
FOLDER = Path("/book/chapters")


def numbers(text):
    return [mention.number for mention in mentions.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("as in chapter 7.", [7]),
        ("Chapters 3 and 5; chapters 6 to 12", [3, 5, 6, 12]),
        ("chapters 7, 8, and 9", [7, 8, 9]),
        ("chapters 1–3", [1, 3]),
        ("[Chapter\n10](10_name.ipynb) and [chapters 1](a) or\n[5](b)", [10, 1, 5]),
        ("**[the loop of chapter 5](05_name.ipynb#loop)**", [5]),
        ("chapter 5 and 60,000 images", [5]),
        ("the 3 chapters; this chapter; Chapter one; chapter 3.2; 12 chapters 1", [1]),
        ("`chapter 3`, $x_{chapter 4}$\n\n```\nchapter 5\n```\n", []),
        ("costs $5 in chapter 3\n\nor $6 in chapter 4", [3, 4]),
        ("![chapter 3](chapter.svg)", []),
        ("## The loop of chapter 3\n\nand chapter 4", [4]),
        ("{cite:t}`bishop2006pattern`, chapters 1 and 4, and our chapter 2", [2]),
        ("chapter 3 of {cite:t}`bishop2006pattern`", []),
        ("batch normalization {cite:p}`ioffe2015batch` in chapter 24", [24]),
    ],
)
def test_what_is_a_mention(text, expected):
    assert numbers(text) == expected


def linked(*cells, own=None):
    page = [(f"cell {k}", text) for k, text in enumerate(cells)]
    return list(mentions.link(page, FILES, FOLDER, own).values())


def test_the_first_mention_under_a_heading_becomes_a_link():
    found = linked(
        "Chapter 3, then chapter 3.", "And chapter 3.", "## New\n\nChapter 3."
    )
    assert found == [
        "[Chapter 3](03_name.ipynb), then chapter 3.",
        "And chapter 3.",
        "## New\n\n[Chapter 3](03_name.ipynb).",
    ]


def test_a_heading_below_the_last_mention_begins_a_section_too():
    assert linked("Chapter 3.\n\n## New", "Chapter 3.")[1].startswith("[Chapter 3]")
    assert linked("# no heading: code\n\n```\n# x\n```", "Chapter 3.")[1][0] == "["


def test_a_comment_in_code_begins_no_section():
    assert linked("Chapter 3.\n\n```python\n# x\n```", "Chapter 3.")[1][0] == "C"


def test_a_mention_in_a_heading_is_neither_linked_nor_the_first():
    after = linked("## Beyond chapter 3\n\nSee chapter 3.")
    assert after == ["## Beyond chapter 3\n\nSee [chapter 3](03_name.ipynb)."]


def test_lists_and_ranges_link_each_number_that_they_name():
    after = linked("Chapters 3,\n4 and 5 to 12.")
    assert after == [
        "[Chapters 3](03_name.ipynb),\n[4](04_name.ipynb) and [5](05_name.ipynb) to "
        "[12](12_name.ipynb)."
    ]


def test_what_does_not_exist_yet_stays_plain_and_the_page_itself_too():
    text = "Chapters 12 and 24, as chapter 5 said."
    after = linked(text, own=5)
    assert after == ["[Chapters 12](12_name.ipynb) and 24, as chapter 5 said."]
    assert not list(mentions.problems([("here", after[0])], FILES, own=5))
    found = list(mentions.problems([("here", after[0])], {*FILES, 24}, own=5))
    assert len(found) == 1 and "here names chapter 24 without a link" in found[0]


@pytest.mark.parametrize(
    "target", ["04_name.ipynb", "../book/glossary.md#term-x", "#part", "103_x.ipynb"]
)
def test_a_link_that_leads_elsewhere_is_told(target):
    found = list(mentions.problems([("here", f"As [chapter 3]({target}).")], FILES))
    assert len(found) == 1 and target in found[0]


def test_links_that_lead_right():
    text = "[chapter 3](../chapters/03_name.ipynb#part), [chapter 4](https://d2l.ai/4)"
    assert not list(mentions.problems([("here", text)], FILES))


def test_a_page_is_mended_in_place(tmp_path):
    path = tmp_path / "book" / "page.ipynb"
    path.parent.mkdir()
    cells = [
        new_markdown_cell("chapter 2", metadata={"tags": ["card"]}),
        new_code_cell("chapter = 2"),
        new_markdown_cell("See chapter 2."),
    ]
    write(path, new_notebook(cells=cells))
    files = {2: tmp_path / "chapters" / "02_name.ipynb"}
    assert mentions.mend(path, files) and not mentions.mend(path, files)
    assert [cell.source for cell in read(path).cells] == [
        "chapter 2",
        "chapter = 2",
        "See [chapter 2](../chapters/02_name.ipynb).",
    ]


PAGES = texts.all_pages()


@pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])
def test_chapters_named_by_number_are_links(path):
    files, own = texts.chapter_files(), texts.own_number(path)
    found = list(mentions.problems(texts.of(path), files, own))
    assert not found, "\n  ".join(["", *found])
