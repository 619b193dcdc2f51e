"""Core and deeper: which cells they are, how they are folded, how long they take."""

import copy

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import clock, core, folding, generated, layers, minutes, notebooks


def md(source, *tags):
    return new_markdown_cell(source, metadata={"tags": list(tags)} if tags else {})


def code(source, *tags, outputs=()):
    metadata = {"tags": list(tags)} if tags else {}
    return new_code_cell(source, metadata=metadata, outputs=list(outputs))


def chapter():
    """A chapter in which each cell says where it belongs."""
    return new_notebook(
        cells=[
            md("# Title\n\ncore"),
            md("card", "card"),
            code("'setup'", "setup"),
            code("'core 1'"),
            md("## Deep\n\ndeeper", "deeper"),
            code("'deeper 1'", "figure"),
            md("### Still deep\n\ndeeper"),
            code("'deeper 2'"),
            md("## Back\n\ncore\n\n### Aside in the middle\n\ncore"),
            code("'core 2'", "record"),
            md("### Deep again\n\ndeeper", "deeper"),
            code("'deeper 3'"),
            md("#### Deeper still\n\ndeeper"),
            md("### Up\n\ncore"),
            md("## Exercises\n\n**98.1** (ten minutes) exercises"),
            code("'exercises 1'", "exercise"),
            code("'exercises 2'", "solution", "hide-cell"),
            md("## Summary\n\ncore"),
        ]
    )


def said(cells):
    """The layers that the cells' own text names."""
    return {
        word
        for _, cell in cells
        for word in ("core", "deeper", "exercises")
        if word in cell.source
    }


def test_each_cell_is_in_the_layer_that_it_names():
    nb = chapter()
    for name in ("core", "deeper", "exercises"):
        cells = getattr(layers, f"{name.rstrip('s')}_cells")(nb)
        assert said(cells) == {name}
    assert len(layers.deeper_cells(nb)) == 7
    assert len(layers.exercise_cells(nb)) == 3


def test_an_exercise_elsewhere_is_no_reading():
    nb = new_notebook(cells=[md("## A\n\ncore"), code("'exercises'", "exercise")])
    assert said(layers.core_cells(nb)) == {"core"}
    assert said(layers.exercise_cells(nb)) == {"exercises"}


def test_the_core_alone_keeps_setup_and_exercises(tmp_path):
    nb = chapter()
    short = layers.core_only(nb)
    text = "\n".join(cell.source for cell in short.cells)
    assert "deeper" not in text and "Deep" not in text
    assert all(w in text for w in ("setup", "card", "core 2", "exercises 2", "### Up"))
    path = tmp_path / "98_x.ipynb"
    notebooks.write(path, nb)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "97_gone.ipynb").write_text("{}")
    (written,) = core.write([path], tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == [written.name]
    assert "deeper" not in "".join(c.source for c in notebooks.read(written).cells)


def test_a_tag_without_a_heading_is_found():
    nb = new_notebook(
        cells=[md("text\n\n## A", "deeper"), code("1", "deeper"), md("#A", "deeper")]
    )
    assert layers.misplaced(nb) == [1, 2, 3]
    assert not layers.has_deeper(nb)


def test_tidy_folds_what_the_tags_say():
    nb = notebooks.tidy(chapter())
    by = {cell.source.split("\n")[0]: cell for cell in nb.cells}
    deep = by["## Deep"]
    assert deep.metadata["jp-MarkdownHeadingCollapsed"] is True
    assert deep.metadata["id"] == deep.id
    again = by["### Deep again"].id
    assert nb.metadata["colab"] == {"collapsed_sections": [deep.id, again]}
    hidden = [s for s, c in by.items() if "jupyter" in c.metadata]
    assert hidden == ["'setup'", "'deeper 1'", "'core 2'", "# @title Solution"]
    assert by["'core 2'"].metadata["jupyter"] == {"source_hidden": True}
    assert by["'core 2'"].metadata["cellView"] == "form"
    assert "jp-MarkdownHeadingCollapsed" not in by["### Still deep"].metadata
    assert deep.source == "## Deep"  # its text would stay in view
    assert "# @title Solution" in by and by["# @title Solution"].source.endswith("2'")
    assert by["### Aside in the middle"].source.endswith("core")
    assert folding.stale(nb) == []
    assert notebooks.dumps(notebooks.tidy(copy.deepcopy(nb))) == notebooks.dumps(nb)


def test_a_tag_taken_away_unfolds_again():
    nb = notebooks.tidy(chapter())
    for cell in nb.cells:
        cell.metadata.pop("tags", None)
    assert folding.stale(nb)[0].startswith("cell ")
    nb = notebooks.tidy(nb)
    assert "colab" not in nb.metadata
    assert all(not c.metadata for c in nb.cells)


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda nb: nb.cells[3].metadata.update(tags=["figure"]), "cell 4"),
        (lambda nb: nb.cells[4].metadata.pop("jp-MarkdownHeadingCollapsed"), "cell 5"),
        (lambda nb: nb.metadata.pop("colab"), "its list of collapsed sections"),
        (lambda nb: nb.cells[2].metadata.update(cellView="code"), "cell 3"),
    ],
)
def test_what_is_not_folded_is_named(spoil, place):
    nb = notebooks.tidy(chapter())
    spoil(nb)
    assert folding.stale(nb)[0] == place


def test_headings_in_fences_are_none():
    source = "a\n\n```python\n# no\n```\n\n~~~\n## no\n~~~\n\n## Yes\n\nb\n::::{x}\n## no\n::::"
    assert [p.split("\n")[0] for p in folding.pieces(source)] == ["a", "## Yes"]
    assert folding.pieces("#hash\n\n####### seven") == ["#hash\n\n####### seven"]


# ------------------------------------------------------------------ minutes

PICTURE = new_output("display_data", data={"image/png": "eA==", "text/plain": "x"})
WIDGET = new_output("display_data", data={"text/html": '<div class="d2l-box"></div>'})


def counted(*cells):
    return minutes.count(new_notebook(cells=list(cells)), "core")


def test_what_is_counted():
    text = (
        "## Two words\n\nThe [loss](../book/glossary.md#term-loss) is $x^2 + 1$ {cite:p}`a,b`."
        "\n\n$$ many words in here $$\n\n\\begin{align}\na\n\\end{align}\n\n<b>bold</b>"
    )
    found = counted(md(text))
    assert (found.words, found.formulas) == (8, 2)
    found = counted(
        code("a = 1\n\n# b\nc", outputs=[PICTURE]), code("1", outputs=[WIDGET])
    )
    assert (found.lines, found.figures, found.widgets) == (4, 1, 1)


@pytest.mark.parametrize("tag", ["figure", "record", "hide-input", "solution"])
def test_folded_source_costs_no_time_but_its_figure_does(tag):
    found = counted(code("a\nb", tag, outputs=[PICTURE]))
    assert found == (minutes.Count() if tag == "solution" else minutes.Count(figures=1))


def test_generated_cells_cost_nothing():
    assert counted(md("a b c", "card"), code("a\nb", "setup")).minutes == 0


def test_the_clock_is_the_calibrated_one():
    found = clock.calibrated()
    for kind, weight in clock.WEIGHTS.items():
        assert weight == pytest.approx(found[kind], rel=0.05), kind


def test_the_clock_agrees_with_the_readers():
    for chapter_, (counts, taken) in clock.READERS.items():
        told = minutes.Count(*counts).minutes
        assert told == pytest.approx(taken, rel=0.21), chapter_
    errors = [minutes.Count(*c).minutes / t - 1 for c, t in clock.READERS.values()]
    assert abs(sum(errors) / len(errors)) < 0.02  # right on average
    assert minutes.Count(*clock.HOUR[0]).minutes == pytest.approx(60, rel=0.08)


def test_readers_who_take_longer_move_the_clock():
    slower = {n: (c, 1.5 * t) for n, (c, t) in clock.READERS.items()}
    assert clock.calibrated(slower)["lines"] > 1.2 * clock.WEIGHTS["lines"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ten minutes", 10),
        ("half an hour", 30),
        ("an hour", 60),
        ("two hours", 120),
        ("warm-up, three minutes", 3),
        ("twenty-five minutes, no check", 25),
        ("90 minutes", 90),
        ("an evening, no check", "an evening"),
        ("think", None),
        ("umpteen minutes", None),
    ],
)
def test_stated_times(text, value):
    assert minutes.stated(text) == value


def test_the_cards_line():
    nb = chapter()
    nb.cells += [
        md("## Exercises\n\n**98.2** (half an hour) b\n\n**98.3** (an evening) c")
    ]
    assert minutes.exercise_minutes(nb) == (40, 1)
    line = "core 5 min · deeper 5 min · exercises 40 min and an evening"
    assert minutes.line(nb) == line
    card = generated.card_source(nb, notebooks.ROOT / "chapters" / "98_x.ipynb")
    assert line in card and "[In practice](#in-practice)" in card
    flat = new_notebook(cells=[md("# T\n\ncore")])
    assert "core" not in generated.card_source(
        flat, notebooks.ROOT / "chapters" / "9.ipynb"
    )


def test_a_deeper_section_counts_all_that_it_folds():
    words = " ".join(["word"] * 1000)
    cells = [md("## A\n\nx"), md(f"## B\n\n{words}", "deeper"), md(f"### C\n\n{words}")]
    cells += [md(f"## D\n\n{words}")]
    assert minutes.section_minutes(new_notebook(cells=cells)) == {2: 20}


def test_the_command_shows_its_sums(capsys):
    minutes.main(["05"])
    shown = capsys.readouterr().out
    assert "Pitfalls" in shown and "exercises" in shown and "words" in shown
