"""Every reference is cited and has an address; one may wait for a chapter to come."""

import pytest
from pybtex.exceptions import PybtexError

from tools import references, texts

GOOD = {"doi": "10.1038/323533a0"}


def problems(fields, citations=None, existing=(1, 2)):
    citations = {"key": "01_a.ipynb"} if citations is None else citations
    return list(references.problems({"key": fields}, citations, existing))


@pytest.mark.parametrize(
    "fields",
    [
        GOOD,
        {"eprint": "1412.6980", "archiveprefix": "arXiv"},
        {"eprint": "cs/0301001", "archiveprefix": "arXiv"},
        {"isbn": "978-0-387-31073-2"},
        {"url": "https://www.deeplearningbook.org"},
    ],
)
def test_addresses_that_will_do(fields):
    assert problems(fields) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": "x"}, "key has no doi"),
        ({"doi": "https://doi.org/10.1038/323533a0"}, "as doi"),
        ({"doi": ""}, "as doi"),
        ({"url": "www.deeplearningbook.org"}, "as url"),
        ({"eprint": "1412.698", "archiveprefix": "arXiv"}, "as eprint"),
        ({"eprint": "1412.6980"}, "archiveprefix"),
        ({"isbn": "978-0-387-31073-3"}, "do not add up"),
        ({"isbn": "0-387-31073-8"}, "do not add up"),
    ],
)
def test_addresses_that_will_not(fields, words):
    (found,) = problems(fields)
    assert words in found


def test_what_nobody_cites_is_told_unless_it_waits_for_a_chapter_to_come():
    assert "cited nowhere" in problems(GOOD, {})[0]
    waiting = GOOD | {"awaits": "25, 26"}
    assert problems(waiting, {}) == []
    assert "cited nowhere" in problems(waiting, {}, existing=(1, 26))[0]
    assert "take out what it awaits" in problems(waiting)[0]


def test_what_is_cited_and_missing():
    (found,) = problems(GOOD, {"key": "a", "other": "03_c.ipynb"})
    assert found == "03_c.ipynb cites other, which references.bib lacks"


def test_a_bibliography_is_read_with_its_mistakes():
    text = "@book{key,\n  title = {A {B}},\n  DOI = {10.1000/x},\n}\n"
    fields = references.entries(text)["key"]
    assert fields["title"] == "A {B}" and fields["doi"] == "10.1000/x"
    with pytest.raises(PybtexError, match="key"):
        references.entries(text + text)


def test_the_books_references():
    bibliography = references.entries(references.FILE.read_text(encoding="utf-8"))
    found = references.problems(bibliography, references.cited(), texts.chapter_files())
    assert not (complaints := list(found)), "\n  ".join(["", *complaints])
