"""The contract's rules about prose: title, headings, citations, links, alternative text."""

import re

from tools.notebooks import code_cells, markdown_cells, tagged, tags, text_of
from tools.rebuilt import is_rebuilt

LIBRARY = range(13, 18)  # part III: look-up chapters, which build little from scratch
LAST_PARTS = ("Pitfalls", "Exercises", "Summary", "Further reading")
CITE = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
PLACEHOLDER = re.compile(
    r"\b(TODO|FIXME|XXX|TBD|lorem ipsum|coming soon|to be written)\b", re.I
)
GENERIC = re.compile(
    r"^(an? |the )?(figure|image|plot|chart|picture|graph|diagram|output|curve)s?"
    r"( (of|showing) )?\W*(\w+\W*){0,2}$",
    re.I,
)


def headings(nb):
    """(cell number, level, text) of every heading, code blocks left out."""
    found = []
    for number, cell in markdown_cells(nb):
        prose = re.sub(r"^```.*?^```", "", cell.source, flags=re.M | re.S)
        for mark, text in re.findall(r"^(#{1,6}) +(.+?)\s*$", prose, re.M):
            found.append((number, len(mark), text))
    return found


def sections(nb):
    """The H2 sections as (title, cells); what stands before the first is "Introduction".

    A cell belongs to the last H2 heading that it or a cell before it holds.
    """
    starts = {number: text for number, level, text in headings(nb) if level == 2}
    found = [("Introduction", [])]
    for number, cell in enumerate(nb.cells, start=1):
        if number in starts:
            found.append((starts[number], []))
        found[-1][1].append((number, cell))
    return found


def section(nb, title):
    """The cells of the H2 section with this title; empty if there is none."""
    return next((cells for name, cells in sections(nb) if name == title), [])


def cite_keys(cells):
    """The keys cited in the Markdown cells among (number, cell) pairs."""
    text = "\n".join(c.source for _, c in cells if c.cell_type == "markdown")
    return [k.strip() for group in CITE.findall(text) for k in group.split(",")]


def title(nb, book):
    """Title and promise in the first cell."""
    first = nb.cells[0] if nb.cells else None
    if first is None or first.cell_type != "markdown" or first.source[:2] != "# ":
        yield "the first cell must be Markdown that starts with '# Title'"
        return
    promise = first.source.split("\n", 1)[-1].strip()
    if (
        len(re.sub(r"^\*(Reading time|Builds on).*$", "", promise, flags=re.M).strip())
        < 40
    ):
        yield (
            "cell 1 needs a promise under its title: one sentence on what the reader "
            "will be able to do"
        )
    if is_rebuilt(book.chapter):
        if "Builds on" not in promise:
            yield "cell 1 needs a line '*Builds on: ...*' under its promise"
    elif "Reading time" not in promise:
        yield "cell 1 needs a line '*Reading time: about ... minutes. Builds on: ...*'"
    if sum(level == 1 for _, level, _ in headings(nb)) > 1:
        yield "a chapter has one '# Title'; make the others '## ' headings"


def last_parts(nb, book):
    """The closing sections exist, once each and in order."""
    level2 = [text for _, level, text in headings(nb) if level == 2]
    for part in LAST_PARTS:
        if level2.count(part) != 1:
            yield (
                f"has {level2.count(part)} headings '## {part}' instead of one, spelled "
                "exactly so"
            )
    order = ("In practice", *LAST_PARTS)
    present = list(dict.fromkeys(text for text in level2 if text in order))
    if present != [part for part in order if part in present]:
        yield f"the last sections come in this order: {', '.join(order)}"


def from_scratch(nb, book):
    """A heading announces the version from scratch (not asked of a rebuilt one of part III)."""
    if is_rebuilt(book.chapter) and int(book.chapter) in LIBRARY:
        return
    if not any("from scratch" in text.lower() for _, _, text in headings(nb)):
        yield "needs a heading with the words 'from scratch' above that version"


def citations(nb, book):
    """Something is cited, every key exists, further reading cites three works."""
    keys = cite_keys(markdown_cells(nb))
    if not keys:
        yield "cites nothing; cite with {cite:p}`key` from book/references.bib"
    for key in sorted(set(keys) - book.bibliography):
        yield f"cites {key!r}, which is not in book/references.bib; add its entry there"
    reading = section(nb, "Further reading")
    if reading and len(set(cite_keys(reading))) < 3:
        yield "'## Further reading' must cite three references at least"


def cited_networks(nb, book):
    """The section of every network says where it comes from."""
    for name, cells in sections(nb):
        if cite_keys(cells):
            continue
        nets = [str(number) for number, cell in cells if "net" in tags(cell)]
        if nets:
            yield (
                f"the network in cell {' and '.join(nets)} has no source: its section '{name}' "
                "cites nothing; cite the network's source in the text beside it"
            )


def alt_texts(nb, book):
    """Every picture has a text that says what it shows."""
    seen = {}
    for number, cell in code_cells(nb):
        if not any(
            k.startswith("image/") for o in cell.outputs for k in o.get("data", {})
        ):
            continue
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").strip()
        if len(alt) < 20 or GENERIC.match(alt):
            yield (
                f"cell {number} shows a picture whose alternative text is {alt!r}; say "
                "what it shows in its metadata: mystnb.image.alt"
            )
        elif alt in seen:
            yield f"cells {seen[alt]} and {number} have the same alternative text"
        seen[alt] = number
    for number, cell in markdown_cells(nb):
        plain_images = [t for mark, t, _ in LINK.findall(cell.source) if mark]
        tags_ = re.findall(r"<img\b[^>]*>", cell.source)
        texts = plain_images + [
            (re.findall(r"alt=[\"']([^\"']*)", t) or [""])[0] for t in tags_
        ]
        if any(len(text.strip()) < 20 for text in texts):
            yield f"cell {number} has an image without a text that says what it shows"


def links(nb, book):
    """Local links lead to files that exist."""
    for number, cell in markdown_cells(nb):
        for _, _, target in LINK.findall(cell.source):
            if re.match(r"[a-z][a-z0-9+.-]*:|#", target):
                continue
            if not (book.folder / target.split("#")[0]).exists():
                yield (
                    f"cell {number} links to {target}, which does not exist; a chapter "
                    "that is not there yet is named without a link"
                )


def placeholders(nb, book):
    """Nothing is left to be written."""
    for number, cell in enumerate(nb.cells, start=1):
        if match := PLACEHOLDER.search(cell.source):
            yield f"cell {number} still says {match[0]!r}; write it or take it out"
        for task in re.findall(r"«([^»]*)»?", cell.source):
            yield f"cell {number} is not written yet; it wants: {task}"


def loose_ends(nb, book):
    """No output shows a memory address or a time."""
    for number, cell in code_cells(nb):
        shown = "\n".join(map(text_of, cell.outputs))
        if re.search(r"\bat 0x[0-9a-f]{6,}", shown):
            yield (
                f"cell {number} shows a memory address, which differs in every run; end "
                "the cell with a semicolon, or assign the value to _"
            )
        if re.search(r"\b(Wall time|CPU times)\b|\bper loop\b", shown):
            yield f"cell {number} shows wall-clock time; show a ratio instead"


def generated_cells(nb, book):
    """Card and setup stand right under the title."""
    for tag, place in (("card", 2), ("setup", 3)):
        numbers = [number for number, _ in tagged(nb, tag)]
        if numbers != [place]:
            yield (
                f"needs exactly one cell tagged {tag!r}, as cell {place} (found: "
                f"{numbers or 'none'}); the tools fill it"
            )


RULES = {
    "title": title,
    "generated cells": generated_cells,
    "last parts": last_parts,
    "from scratch": from_scratch,
    "citations": citations,
    "cited networks": cited_networks,
    "alt texts": alt_texts,
    "links": links,
    "placeholders": placeholders,
    "loose ends": loose_ends,
}
