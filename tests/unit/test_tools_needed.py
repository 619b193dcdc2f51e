"""Which cells the recorded figures rest on."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import needed
from tools.notebooks import chapters, code_cells, read


def code(source, *tags):
    return new_code_cell(source, metadata={"tags": list(tags)})


def md(source, *tags):
    return new_markdown_cell(source, metadata={"tags": list(tags)})


def kept(*cells):
    """The sources that are left."""
    nb = new_notebook(cells=list(cells))
    return [c.source for _, c in code_cells(needed.only_needed(nb))]


def test_exercises_and_what_follows_the_last_figure_are_left_out():
    cells = [
        code("import d2lutils as d2l", "setup"),
        code("answer = ...", "exercise"),
        code("a = d2l.fit()"),
        code("d2l.record('98.a', 'm', a)", "record"),
        code("d2l.record('98.x', 'm', 1)", "solution"),
        code("b = d2l.fit()"),
    ]
    assert kept(*cells) == [cells[i].source for i in (0, 2, 3)]


def test_no_cell_changes_its_number():
    cells = [code("1", "exercise"), md("# A"), code("d2l.record()"), code("2")]
    nb = new_notebook(cells=cells)
    short = needed.only_needed(nb)
    assert len(short.cells) == 4 and [n for n, _ in code_cells(short)] == [3]
    assert cells[0].source == "1"  # the notebook that was given stays whole


def test_a_figure_goes_unless_it_defines_what_is_used():
    idle, used = code("ax = plot(a)", "figure"), code("b = plot(a)", "figure")
    last = code("d2l.record(b)")
    assert kept(code("a = 1"), idle, used, last) == ["a = 1", used.source, last.source]


def test_a_chain_of_figures_stays():
    cells = [code("a = 1", "figure"), code("b = a", "figure"), code("d2l.record(b)")]
    assert len(kept(*cells)) == 3
    cells[-1] = code("d2l.record(0)")
    assert kept(*cells) == ["d2l.record(0)"]


def test_names_in_functions_count_wherever_they_are_called():
    cells = [
        code("def f():\n    return late"),
        code("late = plot()", "figure"),
        code("d2l.record(f())"),
    ]
    assert len(kept(*cells)) == 3


@pytest.mark.parametrize("inside", ["x = 1", "d2l.record(2)"])
def test_a_deeper_section_goes_whole_unless_it_records(inside):
    cells = [
        code("a = 1"),
        md("## Variants", "deeper"),
        code(inside),
        md("### More of them"),
        code("slow(a)"),
        md("## Core again"),
        code("d2l.record(a)"),
    ]
    wanted = [0, 2, 4, 6] if "record" in inside else [0, 6]
    assert kept(*cells) == [cells[i].source for i in wanted]


def test_two_deeper_sections_are_judged_apart():
    cells = [
        md("## One", "deeper"),
        code("x = 1"),
        md("## Two", "deeper"),
        code("y = 1"),
        md("## Core"),
        code("d2l.record(y)"),
    ]
    assert kept(*cells) == ["y = 1", "d2l.record(y)"]


def test_a_function_that_records_is_looked_for():
    cells = [
        code("def show(x):\n    d2l.record('98.a', 'm', x)"),
        code("other = 3"),
        code("show(other)"),
        code("print('after')"),
    ]
    assert kept(*cells) == [c.source for c in cells[:3]]


def test_without_figures_nothing_runs():
    assert kept(code("a = 1"), code("b = 2")) == []


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_every_chapter_keeps_its_records(path):
    """And every name that a kept cell uses at once is defined in a kept cell before it."""
    nb = read(path)
    own = [c for c in map(needed_source, code_cells(nb)) if c]
    cells = [c for _, c in code_cells(needed.only_needed(nb))]
    assert [c.source for c in cells if needed.CALL in c.source] == own
    seen = {"d2l"}
    for cell in cells:
        found = needed.names(cell.source)
        assert found.now <= seen, cell.source
        seen |= found.defined


def needed_source(pair):
    """The source of a cell that records a figure of the chapter's own."""
    cell = pair[1]
    own = not needed.tags(cell) & {"exercise", "solution"}
    return cell.source if own and needed.CALL in cell.source else None


def test_a_figure_after_the_last_record_is_no_trouble():
    cells = [
        code("d2l.record(0)"),
        md("## Curves", "deeper"),
        code("plot(1)", "figure"),
    ]
    assert kept(*cells) == ["d2l.record(0)"]
