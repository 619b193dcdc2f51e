"""The table of contents: which chapters there are, which are planned, in which part.

The plan stands in book/plan.yml; titles and promises of what exists stand in the notebooks.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from tools.notebooks import ROOT, chapters, read

PROMISE = re.compile(r"(By the end of|After) this chapter,? you can ")


@dataclass(frozen=True)
class Chapter:
    """A chapter: its path (None while it is only planned), its title, what it promises."""

    number: int
    title: str
    promise: str = ""
    path: Path | None = None

    def link(self, folder):
        """The title for a table; a link from a page in this folder, where there is a page."""
        title = re.split("[:,]", self.title)[0]
        return f"[{title}]({folder}{self.path.name})" if self.path else title


@dataclass(frozen=True)
class Part:
    """A part of the course: its Roman number, its title, its chapters."""

    name: str
    title: str
    chapters: tuple


def plan(root=ROOT):
    """The course as a list of parts. Raises SystemExit when a chapter belongs to none."""
    path = Path(root, "book", "plan.yml")
    planned = yaml.safe_load(path.read_text(encoding="utf-8"))
    there = {int(path.name[:2]): written(path) for path in chapters(root)}
    parts = []
    for part in planned["parts"]:
        first, last = map(int, part["chapters"].split("-"))
        found = []
        for number in range(first, last + 1):
            if number not in there and number not in planned["titles"]:
                raise SystemExit(f"{path}: chapter {number} has no title; add it there")
            planned_one = Chapter(number, planned["titles"].get(number, ""))
            found.append(there.pop(number, planned_one))
        parts.append(Part(part["part"], part["title"], tuple(found)))
    if there:
        raise SystemExit(
            f"{path}: no part has chapter {min(there)}, which stands in chapters/; let "
            "one part's chapters reach to it"
        )
    return parts


def written(path):
    """The chapter that stands at path."""
    first = [*read(path).cells[0].source.split("\n\n"), ""]
    promise = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(first[1].split()))
    sentence = re.split(r"(?<=[.!?])\s", PROMISE.sub("", promise, count=1))[0]
    return Chapter(int(path.name[:2]), first[0].lstrip("# ").strip(), sentence, path)


def count(parts):
    """How many chapters there are, in a sentence."""
    every = [chapter for part in parts for chapter in part.chapters]
    there = [chapter for chapter in every if chapter.path]
    if len(there) == len(every):
        return f"All {len(every)} chapters are here."
    return (
        f"{len(there)} of {len(every)} chapters are here. The others are planned in this "
        "order and appear as they are finished."
    )


def table(parts, folder):
    """How many chapters there are, and a table of them, one row for each part."""
    rows = ["| part | chapters |", "| --- | --- |"]
    for part in parts:
        coming = "" if any(chapter.path for chapter in part.chapters) else " *(coming)*"
        names = " · ".join(f"{c.number} {c.link(folder)}" for c in part.chapters)
        rows.append(f"| **{part.name}** {part.title}{coming} | {names} |")
    return "\n".join([count(parts), "", *rows])


def promises(parts, folder):
    """What one can do after each chapter, folded."""
    lines = ["<details>", "<summary>What you can do after each of them</summary>", ""]
    for part in parts:
        for chapter in part.chapters:
            if chapter.path:
                lines.append(
                    f"- {chapter.number} {chapter.link(folder)}: {chapter.promise}"
                )
    return "\n".join([*lines, "", "</details>"])


def toc(parts):
    """The lines of _toc.yml for the chapters that exist."""
    lines = []
    for part in parts:
        files = [chapter.path.stem for chapter in part.chapters if chapter.path]
        if files:
            lines += [f"  - caption: {part.name} · {part.title}", "    numbered: 1"]
            lines += ["    chapters:", *(f"      - file: chapters/{f}" for f in files)]
    return "\n".join(lines)
