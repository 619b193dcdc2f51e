"""The glossary's last words of each entry: the chapter that links to the term first.

python -m tools.glossary     list what is wrong with the glossary's links

`make refresh` brings the chapters that it names up to date.

A term that no page links to yet keeps what it says while all chapters that it names are
still to come; when one of them exists, it must link to the term, or the entry goes.
"""

import argparse
import os
import re
import sys
from pathlib import Path

from tools import mentions, texts
from tools.notebooks import ROOT

NAME = "glossary.md"
ENTRY = re.compile(
    r'^<a id="(?P<id>[^"]+)"></a>\*\*(?P<term>[^*]+)\*\* (?P<zh>.+)\n: (?P<text>.+)$',
    re.M,
)
LINK = re.compile(rf"\]\([^)\s]*\b{re.escape(NAME)}#([\w-]+)\)")
# The part of an entry that is written by the command: one or more chapters or pages.
ORIGIN = re.compile(r"(?<=\.) \*[^*]+\.\*$")


def first_links(root=ROOT):
    """{id: path} of the page that links to each term first: a chapter where there is one."""
    first = {}
    for path in texts.all_pages(root):
        if path.name != NAME:
            for _, text in texts.of(path):
                for term in LINK.findall(text):
                    first.setdefault(term, path)
    return first


def origin(path, folder):
    """The words that send a reader from the glossary to a page."""
    number = texts.own_number(path)
    title = re.search(r"^# (.+)$", texts.of(path)[0][1], re.M)
    name = f"Chapter {number}" if number else title[1] if title else path.stem
    return f"*[{name}]({os.path.relpath(path, folder)}).*"


def updated(text, first, folder):
    """The glossary's text with the origin of every term that ``first`` knows."""

    def rewrite(match):
        path = first.get(match["id"])
        if path is None:
            return match[0]
        return f"{ORIGIN.sub('', match[0])} {origin(path, folder)}"

    return ENTRY.sub(rewrite, text)


def page(root=ROOT):
    """{path: text} of the glossary as it should be; empty where there is none."""
    path = Path(root, "book", NAME)
    if not path.exists():
        return {}
    return {path: updated(path.read_text("utf-8"), first_links(root), path.parent)}


def waits(entry, existing):
    """Whether the entry names chapters and all of them are still to come."""
    named = {mention.number for mention in mentions.find(entry["text"])}
    return bool(named) and not named & set(existing)


def problems(text, first, existing, folder):
    """What is wrong between the glossary and the pages that link to it, as sentences.

    first: {id: path} of the first link to each term; existing: the chapters' numbers;
    folder: the glossary's
    """
    entries = list(ENTRY.finditer(text))
    for entry in entries:
        if entry["id"] not in first and not waits(entry, existing):
            yield (
                f"no page links to {entry['term']!r} ({entry['id']}); link it where it is "
                "first used, or take the entry out"
            )
    for term in sorted(set(first) - {entry["id"] for entry in entries}):
        yield f"{first[term].name} links to {term}, which the glossary lacks"
    if updated(text, first, folder) != text:
        yield (
            "some entries name another chapter than the one that links to them first; "
            "run `make refresh`"
        )


def main(arguments=None):
    """The command."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args(arguments)
    path, first = Path(ROOT, "book", NAME), first_links()
    text = path.read_text(encoding="utf-8")
    found = list(problems(text, first, texts.chapter_files(), path.parent))
    print("\n".join(found) if found else "The glossary is in step with the chapters.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
