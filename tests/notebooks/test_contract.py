"""Every chapter has all that a chapter must have; and each rule can fail."""

import base64
import copy
from dataclasses import replace

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from d2lutils import exercises
from d2lutils.exercises import Exercise, Wrong
from d2lutils.records import METADATA
from tools import contract, rebuilt
from tools.notebooks import chapters, read, short
from tools.rebuilt import NOT_YET

PATHS = chapters()


@pytest.mark.parametrize("path", PATHS, ids=[p.stem for p in PATHS])
def test_chapter_keeps_the_contract(path):
    found = contract.problems(read(path), contract.book_of(path))
    lines = [f"{short(path)}: [{rule}] {text}" for rule, text in found]
    assert not lines, "\n".join(lines)


def md(source, *tags):
    return new_markdown_cell(source, metadata={"tags": list(tags)} if tags else {})


def code(source, *tags, text=None, html=None, alt=None, record=None):
    metadata, outputs = {"tags": list(tags)} if tags else {}, []
    if text is not None:
        outputs.append(new_output("stream", text=text))
    if html is not None:
        outputs.append(new_output("display_data", data={"text/html": html}))
    if alt is not None:
        metadata["mystnb"] = {"image": {"alt": alt}}
        picture = base64.b64encode(b"picture").decode()
        outputs.append(new_output("display_data", data={"image/png": picture}))
    if record is not None:
        outputs.append(new_output("display_data", data={"text/plain": "x"}))
        outputs[-1].metadata = {METADATA: record}
    return new_code_cell(source, metadata=metadata, outputs=outputs, execution_count=1)


def four(answer):
    """4."""
    if answer != 4:
        raise Wrong("Count again.")


ANSWERS = {
    "wrong": [lambda k=k: k for k in range(5, 10)],
    "right": [lambda: 4, lambda: 2 + 2],
}
RECORDED = {"name": "98.run", "metric": "test accuracy", "value": 0.92, "size": "full"}
RECORDED |= {"verdict": "inside", "band": [0.9, 0.94], "against": 0.1}
PROMISE = "After this chapter you can fit a line to data and say why it works.\n\n"
READING = "*Builds on: nothing.*"
IMPORTS = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
LATE = "n = d2l.size(full=1, quick=2)\nd2l.device('cpu')"
PATTERN = "## In practice\n\nStart here.\n\n| loss | when |\n| --- | --- |\n| a | b |"


def checked(number):
    """Task, stub and solution of a checked exercise."""
    return [
        md(f"**{number}** (ten minutes) How many?"),
        code(
            f'answer = ...\nd2l.check("{number}", answer)',
            "exercise",
            text=f"{number}: not answered yet. Hint: Two and two.\n",
        ),
        code(
            f'assert d2l.check("{number}", 4)',
            "solution",
            "hide-cell",
            text=f"{number}: right.\n",
        ),
    ]


@pytest.fixture
def good(tmp_path, monkeypatch):
    """(cells by name, notebook, book): a small chapter that keeps the contract."""
    (tmp_path / "02_next.ipynb").write_text("")
    alt = "Loss against the epoch: it falls from 2.3 to 0.3 within ten epochs."
    cells = {
        "title": md("# Lines\n\n" + PROMISE + READING),
        "card": md("card", "card"),
        "setup": code("import d2lutils as d2l", "setup"),
        "idea": md("## The idea from scratch\n\nDue to {cite:p}`gauss1809,ward`."),
        "import": code(IMPORTS + "device = d2l.device()"),
        "net": code("class Net(nn.Module):\n    pass", "net"),
        "net2": code("net = Net()\nA = F.relu(torch.ones(1))", "net"),
        "fit": code("d2l.fit(net)\nd2l.record('98.run')", record=RECORDED),
        "figure": code("d2l.plot([1], [2])", alt=alt),
        "proof": code("d2l.assert_close('w', 1, 1)", text="(largest difference 0)\n"),
        "deeper": md("### How it was found", "deeper"),
        "accident": md("By accident."),
        "aside": code("aside = 1\nprint(aside)"),
        "back": md("## Try it"),
        "widget": code("d2l.explore(net)", html='<div class="d2l-box" data-x="1"></div>'),
        "strict": code("print(1)", "nbval-check-output", text="1\n"),
        **{f"strict{i}": code(f"print({i})", "nbval-check-output", text=f"{i}\n")
           for i in range(2, 6)},
        "practice": md(PATTERN),
        "pattern": code("net = Net()\nnet(A)"),
        "pitfalls": md("## Pitfalls\n\nSee [the next](02_next.ipynb#part) chapter."),
        "exercises": md("## Exercises"),
    }  # fmt: skip
    for k in (1, 2, 3):
        parts = zip(("task", "stub", "solution"), checked(f"98.{k}"), strict=True)
        cells |= {f"{part}{k}": cell for part, cell in parts}
    cells["open"] = md("**98.4** (five minutes) Why?\n\n<details>Because.</details>")
    cells["puzzle"] = md("**98.5** (an evening, open) Who?")
    cells["summary"] = md("## Summary\n\nShort.")
    cells["reading"] = md("## Further reading\n\n{cite:t}`gauss1809`, {cite:t}`ward`, "
                          "{cite:t}`third`.")  # fmt: skip
    numbers = ("98.1", "98.2", "98.3")
    registry = {n: Exercise(n, four, "Two and two.", **ANSWERS) for n in numbers}
    monkeypatch.setattr(exercises, "_REGISTRY", registry)
    band = {"low": 0.9, "high": 0.94, "values": [0.92] * 5, "against": [0.1, 0.2]}
    bands = {"98.run": {"test accuracy": {"full": band, "quick": dict(band)}}}
    keys = {"gauss1809", "ward", "third"}
    book = contract.Book("98", tmp_path, keys, bands, registry)
    return copy.deepcopy(cells), book


def found_in(cells, book):
    return contract.problems(new_notebook(cells=list(cells.values())), book)


def test_a_good_chapter_passes(good):
    assert found_in(*good) == []


def source(name, text):
    """Replace a cell's source."""
    return lambda cells, book: cells[name].update(source=text)


def drop(*names):
    """Take cells out."""
    return lambda cells, book: [cells.pop(name) for name in names]


def metadata(name, value):
    """Replace a cell's metadata."""
    return lambda cells, book: cells[name].update(metadata=value)


def outputs(name, *values):
    """Replace a cell's outputs."""
    return lambda cells, book: cells[name].update(outputs=list(values))


def record(**changes):
    """Change the stored record."""
    return lambda cells, book: (
        cells["fit"].outputs[0].metadata[METADATA].update(changes)
    )


def band(size, **changes):
    """Change the measured band."""
    return lambda c, book: book.bands["98.run"]["test accuracy"][size].update(changes)


def task(number, **changes):
    """Change a registered exercise."""

    def spoil(cells, book):
        old = vars(book.registry[number])
        book.registry[number] = Exercise(**(old | changes))

    return spoil


def swap_last_parts(cells, book):
    cells["summary"], cells["pitfalls"] = cells["pitfalls"], cells["summary"]


def same_alt(cells, book):
    cells["again"] = copy.deepcopy(cells["figure"])
    cells["again"].id = "again"


def more(kind, build):
    """Give 98.2 one more wrong or right answer."""
    return task("98.2", **{kind: [*ANSWERS[kind], build]})


def extra_registry(cells, book):
    book.registry["98.6"] = Exercise("98.6", four, "h", **ANSWERS)


def strict_picture(cells, book):
    cells["figure"].metadata["tags"] = ["nbval-check-output"]


def no_against(cells, book):
    cells["fit"].outputs[0].metadata[METADATA].pop("against")


def measured_without(cells, book):
    book.bands["98.run"]["test accuracy"]["quick"].pop("against")


def unasserted(cells, book):
    cells["solution2"].source = 'd2l.check("98.2", 4)'


def no_task(cells, book):
    cells["task2"].source = "How many?"
    cells["open"].source += "\n\n**98.6** (an hour) How?"


def few(cells, book):
    cells.pop("open")
    cells.pop("puzzle")
    cells["task3"].source = "**98.3** (ten minutes, open) How many?"


def titled_twice(cells, book):
    cells["twice"] = md("# Another")
    cells["twice"].id = "twice"


def after(place, **new):
    """Put cells behind the one of that name."""

    def spoil(cells, book):
        at = list(cells).index(place) + 1
        rest = {name: cells.pop(name) for name in list(cells)[at:]}
        cells.update(new | rest)

    return spoil


def many_lines(n):
    return "\n".join(["x = 1"] * n)


def accept(answer):
    """Everything is right."""


def text(value):
    return new_output("stream", text=value)


IDEA = "## The idea from scratch {cite:p}`ward`, as in\n"


def headings(count):
    """Add sections to the core."""
    return after("strict5", **{f"part{k}": md(f"## Part {k}") for k in range(count)})


def proofs(count):
    """Further checks."""
    return {f"proof{k}": code(f"d2l.assert_close('{k}', 1, 1)") for k in range(count)}


def moved(name, place):
    """Put one cell behind another."""

    def spoil(cells, book):
        cell = cells.pop(name)
        after(place, **{name: cell})(cells, book)

    return spoil


def typed(line):
    """Another line under the promise."""
    return source("title", "# Lines\n\n" + PROMISE + line)


def tag(name, *names):
    """Give a cell tags."""
    return lambda cells, book: (
        cells[name].metadata.update(tags=list(names))
        or cells[name].update(outputs=[text("1\n")])
    )


def uses(name):
    """A cell of the core that needs a name."""
    return source("pattern", f"print({name})")


def folded_definition(cells, book):
    cells["figure"].source = "axes = d2l.plot([1], [2])"
    cells["figure"].metadata["tags"] = ["figure"]
    cells["pattern"].source = "print(axes)"


OPEN = "**98.4** (five minutes) Why?\n\n<details>Because.</details>"
STRICT = {"tags": ["nbval-check-output"]}
CASES = [
    ("title", "starts with '# Title'", source("title", PROMISE + READING)),
    ("title", "needs a promise", source("title", "# Lines\n\nShort.\n\n" + READING)),
    ("title", "'*Builds on: ...*'", source("title", "# Lines\n\n" + PROMISE)),
    ("title", "one '# Title'", titled_twice),
    ("generated cells", "tagged 'card', as cell 2", metadata("card", {})),
    ("generated cells", "tagged 'setup', as cell 3", metadata("setup", {})),
    ("last parts", "0 headings '## Pitfalls'", source("pitfalls", "## Traps")),
    ("last parts", "0 headings '## Summary'", source("summary", "### Summary")),
    ("last parts", "in this order", swap_last_parts),
    ("from scratch", "'from scratch'", source("idea", "## Idea\n{cite:p}`ward`")),
    ("citations", "cites 'nobody'", source("summary", "## Summary\n{cite:p}`nobody`")),
    ("citations", "three references", source("reading", "## Further reading\n{cite}`ward`")),
    ("cited networks", "cell 6 and 7 has no source", source("idea", "## Idea from scratch")),
    ("alt texts", "alternative text is ''", metadata("figure", {})),
    ("alt texts", "is 'Loss.'", metadata("figure", {"mystnb": {"image": {"alt": "Loss."}}})),
    (
        "alt texts",
        "is 'A plot showing the results.'",
        metadata("figure", {"mystnb": {"image": {"alt": "A plot showing the results."}}}),
    ),
    ("alt texts", "the same alternative text", same_alt),
    ("alt texts", "image without a text", source("pitfalls", "## Pitfalls\n![](02_next.ipynb)")),
    ("alt texts", "image without a text", source("pitfalls", "## Pitfalls\n<img src='x'>")),
    ("links", "links to 77_gone.ipynb", source("summary", "## Summary\n[a](77_gone.ipynb)")),
    ("chapter mentions", "names chapter 2 with", source("summary", "## Summary\nSee chapter 2.")),
    ("chapter mentions", "says chapter 3", source("idea", IDEA + "[chapter\n3](02_next.ipynb)")),
    ("placeholders", "still says 'TODO'", source("summary", "## Summary\n\nTODO")),
    ("placeholders", "still says 'coming soon'", source("strict", "# coming soon\nprint(1)")),
    ("placeholders", "is not written yet; it wants: the verdict",
     source("pattern", "net = Net()\nnet(A)  # «the verdict»")),
    ("loose ends", "a memory address", outputs("strict", text("<Axes at 0x7f01a2b3c4d5>\n"))),
    ("loose ends", "wall-clock time", outputs("strict", text("Wall time: 3 s\n"))),
    ("widget", "nothing to move", outputs("widget")),
    ("widget", "nothing to move", outputs("widget", text("d2l-widget d2l-box"))),
    ("strict cells", "4 cells tagged", metadata("strict", {})),
    ("strict cells", "shows nothing", outputs("strict")),
    ("strict cells", "depends on the processor", metadata("proof", STRICT)),
    ("strict cells", "shows a picture", strict_picture),
    ("strict cells", "depends on the size", metadata("fit", STRICT)),
    ("networks", "NameError: name 'd2l'", source("net2", "net = A = d2l.net()")),
    ("networks", "does not run on its own", source("net2", "net = A = 1 / 0")),
    ("networks", "NameError: name 'Net'", metadata("net", {})),
    ("bands", "is 0.5, outside its band", record(value=0.5)),
    ("bands", "beside an older band", record(band=[0.91, 0.94])),
    ("bands", "on stand-in data", record(verdict="stand-in")),
    ("bands", "a full band of 4 seeds", band("full", values=[1] * 4)),
    ("bands", "a quick band of 0 seeds", band("quick", values=[])),
    ("unused bands", "98.old", lambda c, book: book.bands.update({"98.old": {"m": {}}})),
    ("against", "say what it must be told apart", no_against),
    ("against", "0.9 to 0.94, which does not exclude 0.91", band("full", against=[0.91] * 5)),
    ("against", "does not exclude 0.1, 0.9;", band("quick", against=[0.1, 0.9])),
    ("against", "does not exclude 0.1, 0.95;", band("full", against=[0.1, 0.95])),
    ("against", "without what it must exclude", measured_without),
    ("against", "on the wrong side of 0.93", record(verdict="wrong side", against=0.93)),
    ("place", "does not say where it computes", source("import", IMPORTS)),
    ("place", "put the device first", source("import", IMPORTS + LATE)),
    ("lengths", "has 31 lines", source("aside", many_lines(31))),
    ("two layers", "has no deeper section", metadata("deeper", {})),
    ("two layers", "cell 4 is tagged deeper but", after("setup", bad=md("Text", "deeper"))),
    ("two layers", "in the middle of a cell", source("practice", PATTERN + "\n\n### A")),
    ("two layers", "text in the cell of a deeper", source("deeper", "### How\n\nBy accident.")),
    ("reading time", "core takes 74 minutes (7048 words", after("idea", long=md("word " * 7000))),
    ("reading time", "takes 142 minutes without", after("aside", long=md("word " * 13900))),
    ("reading time", "says 'Reading time'", typed("*Reading time: long. Builds on: A*")),
    ("reading time", "says '50 minutes'", typed("It takes 50 minutes. *Builds on: A*")),
    ("limits", "has 9 headings of the second level", headings(5)),
    ("limits", "has 4 cells with d2l.assert_close", after("proof", **proofs(3))),
    ("limits", "its core has no check", moved("proof", "aside")),
    ("limits", "cell 20 shows 16 lines", source("strict5", many_lines(15) + "\nprint(5)")),
    ("limits", "summary has 101 words", source("summary", "## Summary\n\n" + "word " * 100)),
    ("limits", "1.3", outputs("strict", text("x" * 1_300_000))),
    ("in practice", "has no '## In practice'", source("practice", "## In use")),
    ("in practice", "shows 13 lines", source("pattern", many_lines(13))),
    ("in practice", "shows 0 lines", drop("pattern")),
    ("in practice", "has no table", source("practice", "## In practice\n\nNothing.")),
    ("no notes", "mentions 'study notes'", source("open", OPEN + "The study notes say.")),
    ("no notes", "mentions 'The notes'", source("aside", "# The notes' draws\naside = 1")),
    ("folded cells", "but draws nothing", tag("aside", "figure")),
    ("folded cells", "neither records nor asserts", tag("aside", "record")),
    ("folded cells", "only records or asserts; tag it", source("aside", "assert net\nassert A")),
    ("core alone", "uses 'aside', which the core lacks there: deeper cell 13", uses("aside")),
    ("core alone", "uses 'nobody', which no cell", uses("nobody")),
    ("hidden names", "uses 'axes', which only the folded", folded_definition),
    ("exercise texts", "98.4 does not say how long", source("open", "**98.4** Why?<details>x")),
    ("exercise texts", "has no open problem", source("puzzle", "**98.5** (an hour) A<details>")),
    ("exercise count", "has 3 exercises", few),
    ("exercise pairs", "98.2 lacks a task", no_task),
    ("exercise pairs", "98.6 lacks a task", extra_registry),
    ("exercise pairs", "98.2 lacks a cell tagged solution", drop("solution2")),
    ("exercise pairs", "98.2 lacks a check", lambda c, book: book.registry.pop("98.2")),
    ("exercise pairs", "98.4 has no solution", source("open", "**98.4** (two minutes) Why?")),
    ("exercise outputs", "passes its own check", outputs("stub2", text("98.2: right.\n"))),
    ("exercise outputs", "must show 'not answered", outputs("stub2", text("98.2: not yet."))),
    ("exercise outputs", "needs the tag hide-cell", metadata("solution2", {"tags": ["solution"]})),
    ("exercise outputs", "end the solution with assert", unasserted),
    ("exercise outputs", "did not pass", outputs("solution2", text("98.2: not yet."))),
    ("exercise registry", "lets its wrong answer 6 pass", more("wrong", lambda: 4)),
    ("exercise registry", "wrong answer 6 of 98.2 cannot be built", more("wrong", lambda: 1 / 0)),
    ("exercise registry", "right answer 3 of 98.2 cannot be built", more("right", lambda: 1 / 0)),
    ("exercise registry", "refuses its right answer 3: 98.2: not yet", more("right", lambda: 5)),
    ("exercise answers", "98.2 has 4 wrong and 2 right", task("98.2", wrong=ANSWERS["wrong"][1:])),
    ("exercise answers", "98.3 has 5 wrong and 1 right", task("98.3", right=ANSWERS["right"][1:])),
    ("exercise registry", "has no hint", task("98.2", hint=" ")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "words", "spoil"), CASES, ids=[f"{c[0]}: {c[1]}" for c in CASES]
)
def test_each_rule_reports_exactly_its_problem(good, rule, words, spoil):
    cells, book = good
    spoil(cells, book)
    found = found_in(cells, book)
    assert [name for name, _ in found] == [rule], found
    assert words in found[0][1], found


def test_every_rule_was_seen_to_fail():
    assert set(contract.RULES) - {rule for rule, _, _ in CASES} == {"trained", "proof"}


def test_a_chapter_without_any_check(good):
    cells, book = good
    cells["proof"].source = "print(1)"
    found = dict(found_in(cells, book))
    assert set(found) == {"proof", "limits"}
    assert "proves nothing" in found["proof"]


def test_a_chapter_that_waits_is_not_asked_for_layers(good, monkeypatch):
    cells, book = good
    drop("deeper", "aside", "practice", "pattern")(cells, book)
    monkeypatch.setattr(rebuilt, "NOT_YET", ("98",))
    typed("*Reading time: about 50 minutes. Builds on: A.*")(cells, book)
    assert found_in(cells, book) == []
    monkeypatch.setattr(rebuilt, "NOT_YET", ())
    rules = {rule for rule, _ in found_in(cells, book)}
    assert rules == {"two layers", "in practice", "reading time"}


def test_a_chapter_of_part_iii_builds_nothing_from_scratch(good, monkeypatch):
    cells, book = good
    cells["idea"].source = "## Idea\n\n{cite:p}`gauss1809`"
    assert [rule for rule, _ in found_in(cells, book)] == ["from scratch"]
    third = replace(book, chapter="14")
    monkeypatch.setattr(rebuilt, "NOT_YET", ())
    assert list(contract.RULES["from scratch"](new_notebook(), third)) == []


def test_training_without_a_record(good):
    cells, book = good
    cells["fit"] = code("d2l.fit(net)")
    found = found_in(cells, book)
    assert [rule for rule, _ in found] == ["trained", "unused bands"]
    assert "records no figure" in found[0][1]


@pytest.mark.parametrize("step", ["optimizer.step()", "optimiser_2.step()"])
def test_a_loop_by_hand_is_training(good, step):
    cells, book = good
    cells["fit"] = code(f"loss.backward()\n{step}")
    assert "records no figure" in found_in(cells, book)[0][1]


def test_a_record_that_was_not_stored(good):
    cells, book = good
    cells["fit"].outputs = []
    found = found_in(cells, book)
    assert "no record is stored" in found[0][1]


def test_a_record_of_another_chapter(good):
    cells, book = good
    record(name="05.run")(cells, book)
    found = dict(found_in(cells, book))
    assert "must start with the chapter's number, 98." in found["bands"]


def test_too_many_exercises(good):
    cells, book = good
    names = (f"**98.{k}** (an hour) Why? <details>x" for k in range(6, 10))
    cells["open"].source += "\n\n" + "\n\n".join(names)
    first, second, third = (text for _, text in found_in(cells, book))
    assert "has 9 exercises" in first and "3 checked exercises of 9" in second
    assert "keep the best 7" in third


def test_too_few_checked_exercises(good):
    cells, book = good
    drop("stub2")(cells, book)
    found = dict(found_in(cells, book))
    assert "2 checked exercises of 5" in found["exercise count"]
    assert "98.2 lacks a stub cell" in found["exercise pairs"]


def test_a_check_that_accepts_everything(good):
    cells, book = good
    task("98.2", judge=accept)(cells, book)
    found = list(found_in(cells, book))
    assert len(found) == len(ANSWERS["wrong"])
    for index, (rule, sentence) in enumerate(found, start=1):
        assert rule == "exercise registry"
        assert f"98.2 lets its wrong answer {index} pass" in sentence


def test_an_empty_chapter_is_told_everything(good):
    _, book = good
    found = contract.problems(new_notebook(), book)
    rules = {"title", "generated cells", "last parts", "citations", "proof", "widget"}
    assert rules <= {rule for rule, _ in found}


def test_a_chapter_not_yet_executed_lacks_no_outputs_of_its_exercises(good):
    cells, book = good
    for cell in cells.values():
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    rules = {rule for rule, _ in found_in(cells, book)}
    assert rules == {"widget", "trained", "unused bands"}


def test_code_in_a_fence_is_no_heading(good):
    cells, book = good
    cells["summary"].source += "\n\n```python\n# a comment\n```"
    assert found_in(cells, book) == []


def test_chapters_not_yet_rebuilt_need_no_against(good):
    cells, book = good
    no_against(cells, book)
    waiting = contract.Book(**(vars(book) | {"chapter": NOT_YET[0]}))
    asked = contract.RULES["against"]
    nb = new_notebook(cells=list(cells.values()))
    assert list(asked(nb, book)) and not list(asked(nb, waiting))


def test_a_device_of_the_machines_choice_may_come_after_the_sizes(good):
    cells, book = good
    late = "n = d2l.size(full=1, quick=2)\ndevice = d2l.device()"
    cells["import"].source = IMPORTS + late
    assert found_in(cells, book) == []
