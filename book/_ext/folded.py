"""What a page folds: deeper sections, code that only draws or records, setup, solutions.

A deeper section becomes a closed ``<details>`` whose summary is its heading and its minutes.
It stays a section to everything else (search, table of contents, links), and works without
scripts; ``_static/folded.js`` opens it for a link into it, for a search, and on paper.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from docutils import nodes

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools import folding, minutes  # noqa: E402

MARK = re.compile(r"deeper-section (\d+)$")
# What the summary of a folded cell says, by the cell's tag: (closed, open).
PROMPTS = {
    "solution": ("Show the solution", "Hide the solution"),
    "figure": ("Show the code that draws this", "Hide the code that draws this"),
    "record": ("Show the code that records this", "Hide the code that records this"),
    "setup": ("Setup: show the code that loads the book’s helpers", "Hide the setup"),
}


def mark_deeper(app, docname, source):
    """Put a comment with its minutes under the heading of every deeper section of a notebook."""
    if not str(app.env.doc2path(docname)).endswith(".ipynb"):
        return
    nb = nbformat.reads(source[0], as_version=4)
    spent = minutes.section_minutes(nb)
    for number, cell in enumerate(nb.cells, start=1):
        if folding.is_deeper(cell):
            head, _, rest = cell.source.partition("\n")
            time = spent.get(number, 0)
            cell.source = f"{head}\n\n% deeper-section {time}\n\n{rest}"
    if spent:
        source[0] = nbformat.writes(nb)


def take_marks(app, doctree):
    """Turn the comments into a class and the minutes of the section in which they stand."""
    for node in list(doctree.findall(nodes.comment)):
        match = MARK.match(node.astext().strip())
        if match and isinstance(node.parent, nodes.section):
            node.parent["classes"].append("deeper")
            node.parent["minutes"] = int(match[1])
            node.parent.remove(node)


def fold_cells(app, doctree):
    """Fold the source of cells that only draw, record or set up; say what a fold hides."""
    for node in doctree.findall(nodes.container):
        if node.get("nb_element") != "cell_code":
            continue
        for tag, (closed, opened) in PROMPTS.items():
            if f"tag_{tag}" in node.get("classes", []):
                node.attributes.setdefault("hide_mode", "input")
                node["prompt_show"], node["prompt_hide"] = closed, opened
                break


def fold_sections(app, doctree, docname):
    """Wrap what stands in a deeper section into <details>, its heading into <summary>."""
    if app.builder.format != "html":
        return
    for section in doctree.findall(nodes.section):
        if "deeper" not in section["classes"]:
            continue
        time = f"deeper · {section['minutes']} min"
        begin = '<details class="deeper"><summary>'
        middle = f'<span class="deeper-note">{time}</span></summary><div class="deeper-body">'
        at = next(i for i, n in enumerate(section) if isinstance(n, nodes.title))
        section.insert(at + 1, nodes.raw("", middle, format="html"))
        section.insert(at, nodes.raw("", begin, format="html"))
        section.append(nodes.raw("", "</div></details>", format="html"))


def set_apart(app, pagename, templatename, context, doctree):
    """Name the deeper sections in the page's table of contents; drop labels that hide prompts."""
    body = context.get("body", "")
    # The summary's own text says what it does; the theme's label would hide it from ears.
    context["body"] = body.replace(' aria-label="Toggle hidden content"', "")
    places = re.findall(r'<section class="deeper" id="([^"]+)">', body)
    if not places or "toc" not in context:
        return
    soup = BeautifulSoup(context["toc"], "html.parser")
    for link in soup.find_all("a", href=[f"#{place}" for place in places]):
        link.find_parent("li")["class"] = [
            *link.find_parent("li").get("class", []),
            "deeper",
        ]
        note = soup.new_tag("span", attrs={"class": "deeper-note"})
        note.string = " (deeper)"
        link.append(note)
    context["toc"] = str(soup)


def setup(app):
    """Connect all of it."""
    app.connect("source-read", mark_deeper)
    app.connect("doctree-read", take_marks)
    app.connect("doctree-read", fold_cells)
    app.connect("doctree-resolved", fold_sections)
    # early: the theme reads the table of contents once and keeps what it made of it
    app.connect("html-page-context", set_apart, priority=100)
