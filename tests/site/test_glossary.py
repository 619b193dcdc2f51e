"""The glossary: every term once, in order, with its Chinese name and a sentence."""

import re
import unicodedata

from tools.glossary import ENTRY, NAME
from tools.notebooks import ROOT

GLOSSARY = ROOT / "book" / NAME


def problems(text):
    """What is wrong with a glossary's Markdown, as a list of sentences."""
    entries = [match.groupdict() for match in ENTRY.finditer(text)]
    bad = []
    if text.count("<a id=") != len(entries):
        bad.append(
            "an entry is not of the form: <a id></a>**term** 中文, newline, : text"
        )
    for entry in entries:
        name = entry["term"]
        if not re.fullmatch(r"term-[a-z0-9-]+", entry["id"]):
            bad.append(f"{name}: the id {entry['id']} is not term- and a slug")
        if not re.search(r"[\u4e00-\u9fff]|^[A-Za-z]+$", entry["zh"]):
            bad.append(f"{name}: no Chinese name")
        if not re.search(r"\.( \*.+\.\*)?$", entry["text"]):
            bad.append(f"{name}: the definition is not a sentence")
    ids = [entry["id"] for entry in entries]
    bad += [f"{i} stands twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
    names = [sort_key(entry["term"]) for entry in entries]
    if names != sorted(names):
        first = next(n for n, m in zip(names, sorted(names), strict=True) if n != m)
        bad.append(f"the terms are not in alphabetical order, first at: {first}")
    return bad


def sort_key(term):
    """Letters, digits and spaces of a term, in lower case."""
    plain = unicodedata.normalize("NFKD", term.lower().replace("–", " "))
    return re.sub(r"[^a-z0-9 ]", "", plain)


def test_the_glossary_is_in_order():
    assert not problems(GLOSSARY.read_text(encoding="utf8"))


def test_a_broken_glossary_is_found_out():
    good = '<a id="term-adam"></a>**Adam** 算法\n: An optimizer. *Chapter 12.*\n\n'
    assert not problems(good)
    assert problems(good + good)
    assert problems(good.replace("算法", "x-y"))
    assert problems(good.replace("term-adam", "adam"))
    assert problems(good.replace("An optimizer. *Chapter 12.*", "An optimizer"))
    assert problems(good.replace("**Adam**", "**Bdam**").replace("adam", "b") + good)
    assert problems(good.replace("\n: ", "\n"))
