"""Where the text names a chapter by its number, it links there.

python -m tools.mentions            list what is missing or leads to another chapter
python -m tools.mentions --write    turn the missing ones into links

Between two headings the first mention of a chapter is a link; the next ones may be plain,
so that no paragraph is full of links. A chapter that does not exist yet is named without
one, and becomes a link when it exists. "Chapter 3" behind a citation is another book's.
"""

import argparse
import os
import re
import sys
from dataclasses import dataclass

from tools import texts as pages
from tools.contract_text import LINK
from tools.notebooks import short

MENTION = re.compile(
    r"\b(?:chapter\s+\d+|chapters\s+\d+(?:(?:,\s+|,?\s+(?:and|to|or)\s+|[–-])\d+)*)"
    r"(?![\d.]*\d)",
    re.I,
)
CHAPTER_FILE = re.compile(r"(?:^|/)(\d\d)_\w+\.ipynb(?:#|$)")
CODE_OR_FORMULA = re.compile(
    r"^(```|~~~).*?^\1|(`+)(?!`).*?(?<!`)\2(?!`)"
    r"|\$\$.*?\$\$|(?<!\\)\$(?:[^$\n]|\n(?!\s*\n))+\$",
    re.M | re.S,
)
HEADING = re.compile(r"^#{1,6} .*$", re.M)
# Where "the first time" begins anew: a heading, an entry of the glossary.
BORDER = re.compile(HEADING.pattern + r'|^<a id="[^"]+"></a>(?=\*\*)', re.M)
AFTER_CITATION = re.compile(r"\{cite(?::\w+)?\}`[^`]*`,?\s*$")
BEFORE_CITATION = re.compile(r"\s+(?:of|in)\s+\{cite(?::\w+)?\}`")


@dataclass(frozen=True)
class Mention:
    """A chapter's number in running text.

    ``start`` and ``end`` are what the link should span, ``target`` is where the text leads
    already (None where it is no link), ``section`` counts the headings above it.
    """

    number: int
    start: int
    end: int
    target: str | None
    section: int


def find(text):
    """Every mention of a chapter in Markdown, in order, other books' chapters left out.

    Headings are no running text: what they name needs no link.
    """
    prose = hide(CODE_OR_FORMULA, text)
    borders = [match.start() for match in BORDER.finditer(prose)]
    plain, places, targets = unlinked(hide(HEADING, prose))
    found = []
    for match in MENTION.finditer(plain):
        first, last = places[match.start()], places[match.end() - 1] + 1
        if of_another_book(text, first, last):
            continue
        for number in re.finditer(r"\d+", match[0]):
            at = match.start() + number.start()
            start, end = places[at], places[at + len(number[0]) - 1] + 1
            if not re.search(r"\d", match[0][: number.start()]):
                start = first
            section = sum(border <= start for border in borders)
            found.append(Mention(int(number[0]), start, end, targets[at], section))
    return found


def hide(pattern, text):
    """The text with what the pattern finds blanked, as long as before."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", "\0", match[0]), text)


def unlinked(text):
    """The text that a reader sees of its links, and for each of its characters the place in
    ``text`` and the link's target (None outside of links)."""
    plain, places, targets = [], [], []

    def take(start, end, target):
        plain.append(text[start:end])
        places.extend(range(start, end))
        targets.extend([target] * (end - start))

    done = 0
    for match in LINK.finditer(text):
        take(done, match.start(), None)
        if not match[1]:
            take(*match.span(2), match[3])
        done = match.end()
    take(done, len(text), None)
    return "".join(plain), places, targets


def of_another_book(text, first, last):
    """Whether a citation stands right before the mention, or "of" one right behind it."""
    return bool(
        AFTER_CITATION.search(text[:first].removesuffix("["))
        or BEFORE_CITATION.match(text, last)
    )


def missing(texts, existing, own=None):
    """(place, mention) of all that should be links and are none.

    texts: list of (place, Markdown) in reading order, parts of one page
    existing: the numbers of the chapters that exist
    own: the page's own number, which needs no link
    """
    found, linked = [], {own}
    for place, text in texts:
        section = 0
        for mention in find(text):
            if mention.section != section:
                linked, section = {own}, mention.section
            if mention.number in linked or mention.number not in existing:
                continue
            linked.add(mention.number)
            if mention.target is None:
                found.append((place, mention))
        if section != len(BORDER.findall(hide(CODE_OR_FORMULA, text))):
            linked = {own}  # a heading stands below the last mention
    return found


def astray(texts):
    """(place, mention) of all links whose text says one chapter and whose target is another.

    A link to another site may speak of another book's chapters.
    """
    return [
        (place, mention)
        for place, text in texts
        for mention in find(text)
        if mention.target is not None
        and not re.match(r"[a-z][a-z0-9+.-]*:", mention.target)
        and leads_to(mention.target) != mention.number
    ]


def leads_to(target):
    """The number of the chapter that a link leads to, or None."""
    match = CHAPTER_FILE.search(target)
    return int(match[1]) if match else None


def problems(texts, existing, own=None):
    """What is wrong with a page's mentions, as sentences."""
    for place, mention in missing(texts, existing, own):
        yield (
            f"{place} names chapter {mention.number} without a link, the first time under "
            "its heading; python -m tools.mentions --write links it"
        )
    for place, mention in astray(texts):
        yield (
            f"{place} says chapter {mention.number}, but its link leads to "
            f"{mention.target}"
        )


def link(texts, files, folder, own=None):
    """The texts of a page with the missing links put in.

    files: {number: path} of the chapters that exist; folder: the page's, which the links
    are relative to
    """
    texts = dict(texts)
    for place, mention in reversed(missing(list(texts.items()), files, own)):
        text, path = texts[place], os.path.relpath(files[mention.number], folder)
        words = text[mention.start : mention.end]
        texts[place] = f"{text[: mention.start]}[{words}]({path}){text[mention.end :]}"
    return texts


def rule(nb, book):
    """The contract's: mentions of chapters are links, and lead where they say."""
    files = {int(path.name[:2]) for path in book.folder.glob("[0-9][0-9]_*.ipynb")}
    yield from problems(pages.of_notebook(nb), files, int(book.chapter))


def mend(path, files):
    """Put the missing links into a page; returns whether that changed it."""
    before = pages.of(path)
    after = link(before, files, path.parent, pages.own_number(path))
    if after == dict(before):
        return False
    pages.write(path, after)
    return True


def main(arguments=None):
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put missing links in")
    write_them = parser.parse_args(arguments).write
    files, bad = pages.chapter_files(), 0
    for path in pages.all_pages():
        if write_them and mend(path, files):
            print(f"{short(path)}: links put in")
        for sentence in problems(pages.of(path), files, pages.own_number(path)):
            bad += 1
            print(f"{short(path)}: {sentence}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
