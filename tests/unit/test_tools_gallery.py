"""The gallery shows every widget, and leads to the chapters that show it."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from d2lutils import widgets
from tools import gallery, notebooks


@pytest.fixture
def root(tmp_path):
    """A course whose chapters 1 and 2 show Softmax and whose chapter 2 shows Losses."""
    (tmp_path / "chapters").mkdir()
    for name, shown in (("01_one", ["Softmax"]), ("02_two", ["Softmax", "Losses"])):
        code = [new_code_cell(f"d2l.widgets.{widget}(step=1)") for widget in shown]
        notebooks.write(
            tmp_path / "chapters" / f"{name}.ipynb", new_notebook(cells=code)
        )
    return tmp_path


def text_above(nb, name):
    return nb.cells[gallery.place_of(nb, name) - 1].source


def test_an_empty_gallery_gets_a_section_for_each_widget(root):
    nb = new_notebook(cells=[new_markdown_cell("# All widgets")])
    found = gallery.fill(nb, root)
    assert set(found) == {f"lacks the widget {name}" for name in widgets.NAMES}
    assert text_above(nb, "Softmax").startswith("## Softmax\n\n")
    assert text_above(nb, "Softmax").endswith(
        "\n[Chapter 1](../chapters/01_one.ipynb) and [chapter 2](../chapters/02_two.ipynb)"
    )
    assert gallery.fill(nb, root) == []


def test_a_widget_stands_behind_those_of_earlier_chapters(root):
    nb = new_notebook(cells=[new_markdown_cell("# All widgets")])
    gallery.fill(nb, root)
    cut = [c for c in nb.cells if "Losses" not in c.source]
    nb.cells = [c for c in cut if not c.source.startswith("## Losses")]
    assert gallery.fill(nb, root) == ["lacks the widget Losses"]
    assert gallery.place_of(nb, "Losses") == gallery.place_of(nb, "Softmax") + 2


@pytest.mark.parametrize(
    "line",
    ["", "\n[Chapter 7](../chapters/07_x.ipynb)", "\n(Chapter 2, Two)",
     " [Chapter 1](../chapters/01_one.ipynb) and\n[chapter 9](../chapters/09_x.ipynb)"],
)  # fmt: skip
def test_hand_written_text_stays_and_links_follow(root, line):
    nb = new_notebook(cells=[new_markdown_cell("# All widgets")])
    gallery.fill(nb, root)
    cell = nb.cells[gallery.place_of(nb, "Losses") - 1]
    cell.source = "## Losses\n\nMine (see [chapter 4](x)), *by hand*." + line
    assert gallery.fill(nb, root) == [
        "links other chapters than those that show Losses"
    ]
    assert cell.source == (
        "## Losses\n\nMine (see [chapter 4](x)), *by hand*.\n"
        "[Chapter 2](../chapters/02_two.ipynb)"
    )


def test_a_line_for_a_chapter_to_come_stays(root):
    nb = new_notebook(cells=[new_markdown_cell("# All widgets")])
    gallery.fill(nb, root)
    cell = nb.cells[gallery.place_of(nb, "Gates") - 1]
    cell.source = "## Gates\n\nMine. (Chapters 29 and 31, GRU and LSTM)"
    assert gallery.fill(nb, root) == []
    assert cell.source.endswith("(Chapters 29 and 31, GRU and LSTM)")
