"""The cells that no one writes by hand: the setup cell and the cost card."""

import nbformat

from tools import address, folding, layers, minutes
from tools.notebooks import ROOT, tagged

TAGS = ("card", "setup")
SETUP = """\
# @title Setup: loads the book's helpers; run this cell first
try:
    import d2lutils as d2l
except ModuleNotFoundError:  # {when}
{missing}

d2l.style()"""
INSTALL = """\
    %pip install -q "git+{address}"
    import d2lutils as d2l"""
# Of a copy of the book without an address: nothing can be installed from there.
TELL = """\
    print("The book's helpers are missing. In its folder, run `make install` and then")
    print("`make lab`, or `pip install -e .` with the Python that runs this notebook.")
    raise"""


def setup_source(root=ROOT):
    """The text of the setup cell."""
    if not address.is_set(root):
        return SETUP.format(when="another Python than the book's", missing=TELL)
    return SETUP.format(
        when="on Colab, or wherever the book's helpers are missing",
        missing=INSTALL.format(address=address.address(root)),
    )


def amount(value):
    """A number with two significant digits, for reading: 0.94, 7.3, 62, 120."""
    value = float(value)
    if value >= 100:
        return f"{round(value, -1):.0f}"
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"


def duration(seconds):
    """Seconds for reading: "under 10 s", "45 s", "3 min"."""
    if seconds < 10:
        return "under 10 s"
    if seconds < 100:
        return f"{5 * round(seconds / 5)} s"
    return f"{amount(seconds / 60)} min"


def data_text(data):
    """The data sets of a run for reading: "MNIST (11 MB)", or that nothing is downloaded."""
    parts = []
    for name, used in sorted(data.items()):
        used = used if isinstance(used, dict) else {"mb": used}
        size = f"{amount(max(used['mb'], 0.1))} MB" if used.get("mb") else "no download"
        parts.append(
            f"{name} ({size}{', from ' + used['source'] if used.get('source') else ''})"
        )
    return "; ".join(parts) if parts else "nothing to download"


def times(nb):
    """The card's first line, in a chapter with two layers: minutes, and the quick way in."""
    return f"> **{minutes.line(nb)}** · back for a look? [In practice](#in-practice)"


def card_source(nb, path, root=ROOT):
    """The text of the card: how long the chapter takes, what its recorded run cost, links."""
    info = nb.metadata.get("d2l", {})
    lines = [times(nb)] if layers.has_deeper(nb) else []
    if info:
        lines.append(f"> **What this chapter costs:** {costs(info)}")
    if address.is_set(root):
        lines.append(
            f"> [Open in Colab]({address.colab(path, root)}) · "
            f"[Download the notebook]({address.download(path, root)})"
        )
    return "\n>\n".join(lines or ["> Not yet run; no cost is known."])


def costs(info):
    """What a recorded run cost, for reading."""
    gpu = info.get("gpu")
    extra = f" ({duration(gpu['seconds'])} on one {gpu['device']})" if gpu else ""
    facts = [
        f"{duration(info['seconds'])} on {info['cores']} CPU cores{extra}",
        f"{amount(info['memory_mb'] / 1024)} GB of memory",
        f"data: {data_text(info['data'])}",
        f"run with PyTorch {info['torch']}",
    ]
    return " · ".join(facts)


def fill(nb, path, root=ROOT):
    """Write setup cell and card into nb, the notebook of path; insert them where missing.

    Returns nb. Outputs and execution counts stay as they are.
    """
    first = 1 if nb.cells and nb.cells[0].cell_type == "markdown" else 0
    if not tagged(nb, "card"):
        card = nbformat.v4.new_markdown_cell("card", metadata={"tags": ["card"]})
        nb.cells.insert(first, card)
    if not tagged(nb, "setup"):
        setup = nbformat.v4.new_code_cell("setup", metadata={"tags": ["setup"]})
        nb.cells.insert(first + 1, setup)
    return refill(nb, path, root)


def refill(nb, path, root=ROOT):
    """Bring the setup cell and the card of nb up to date, where it has them; returns nb."""
    for _, cell in tagged(nb, "setup"):
        cell.source = setup_source(root)
    for _, cell in tagged(nb, "card"):
        cell.source = card_source(nb, path, root)
    return folding.fold(nb)
