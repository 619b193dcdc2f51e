"""The results page: every recorded figure beside its band, and what a run costs."""

from d2lutils.records import digits
from tools.generated import amount, duration
from tools.notebooks import records

HEAD = """\
# Results

Every training run of the book is seeded, and its headline figure is recorded: here those
of the stored runs, on the CPU with seed 0. The band beside a figure comes from running the
chapter with at least five seeds: it reaches so far to both sides of their mean that, by
chance alone, about one further run in 370 would miss it. Where a figure must be told apart
from another (chance, a broken version, a rival), the band does not reach as far as that. A
stored run outside its band fails the tests. If you run a chapter yourself and land inside,
all is well; if you land outside, something differs that is more than chance.

This page is generated from the stored notebooks by `make refresh`.
"""

COST = """\
## What a run costs

Seconds, peak memory and downloads of the stored runs, one chapter after the other on the
same machine. Data sets are downloaded once for all chapters; `make data` fetches them all.
"""


def chapter_title(nb):
    """The chapter's title."""
    return nb.cells[0].source.splitlines()[0].lstrip("# ").strip()


def figures_table(notebooks):
    """The table of recorded figures; notebooks is a list of (path, nb)."""
    rows = []
    for path, nb in notebooks:
        for _, entry in records(nb):
            band = entry.get("band")
            numbers = [
                entry["value"],
                *(band or []),
                *(entry[k] for k in ("against", "reported") if k in entry),
            ]
            places = digits(*numbers)
            shown = (
                f"{band[0]:.{places}f} to {band[1]:.{places}f}" if band else "none yet"
            )
            others = [
                f"{entry[key]:.{places}f}" if key in entry else ""
                for key in ("against", "reported")
            ]
            run = entry["name"].split(".", 1)[1].replace("_", " ")
            link = f"[{path.name[:2]}](../chapters/{path.name})"
            value = f"{entry['value']:.{places}f}"
            metric = entry["metric"].replace("|", "\\|")
            rows.append((link, run, metric, value, shown, *others))
    head = ("Chapter", "Run", "Figure", "Value (seed 0)", "Band", "Told apart from")
    head += ("A well-known course",)
    return table(head, rows, "lllrrrr") if rows else "Nothing is recorded yet."


def cost_table(notebooks):
    """The table of costs; notebooks is a list of (path, nb)."""
    rows = []
    for path, nb in notebooks:
        info = nb.metadata.get("d2l", {})
        if not info:
            continue
        gpu = info.get("gpu")
        data = sum(mb for mb in info["data"].values())
        rows.append(
            (
                f"[{path.name[:2]} {chapter_title(nb)}](../chapters/{path.name})",
                duration(info["seconds"]),
                duration(gpu["seconds"]) if gpu else "",
                f"{amount(info['memory_mb'] / 1024)} GB",
                f"{amount(data)} MB" if data else "none",
                info["torch"],
            )
        )
    head = ("Chapter", "CPU, 2 cores", "GPU", "Memory", "Downloads", "PyTorch")
    return table(head, rows, "lrrrrr") if rows else "Nothing has run yet."


def table(head, rows, align):
    """A Markdown table; align holds l or r for each column."""
    marks = ["---:" if a == "r" else "---" for a in align]
    lines = [head, marks, *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def page(notebooks):
    """The text of the results page; notebooks is a list of (path, nb)."""
    parts = [HEAD, figures_table(notebooks), "", COST, cost_table(notebooks)]
    return "\n".join(parts) + "\n"
