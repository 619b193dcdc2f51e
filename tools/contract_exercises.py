"""The contract's rules about exercises: task, stub, check, solution, all from one source."""

import re

from d2lutils.exercises import judge
from tools import minutes
from tools.contract_text import section
from tools.notebooks import tags, text_of
from tools.rebuilt import is_rebuilt

CHECK = re.compile(r"d2l\.check\(\s*[\"'](\d\d\.\d+)[\"']")
TASK = re.compile(r"\*\*(\d\d\.\d+)\b")
CHECKED, MOST = 3, 7
WRONG, RIGHT = 5, 2


def tasks(nb):
    """{number: cells from its task up to the next task} of the exercises section."""
    found, current = {}, None
    for number, cell in section(nb, "Exercises"):
        if cell.cell_type == "markdown":
            # several tasks may stand in one cell; the cells after it belong to the last
            for name in TASK.findall(cell.source):
                found.setdefault(name, []).append((number, cell))
                current = name
            if TASK.search(cell.source):
                continue
        if current:
            found[current].append((number, cell))
    return found


def remarks(nb):
    """{exercise: what stands in brackets after its number}, as "ten minutes" or "an hour, open"."""
    text = "\n".join(c.source for cells in tasks(nb).values() for _, c in cells)
    return dict(minutes.TASK.findall(text))


def open_problems(nb):
    """The exercises that say of themselves that they are open: no solution is printed."""
    return {
        name for name, remark in remarks(nb).items() if re.search(r"\bopen\b", remark)
    }


def rebuilt(nb, book):
    """In a chapter on two layers: seven exercises at most, each with its time, one of them open."""
    if not is_rebuilt(book.chapter):
        return
    named, said = tasks(nb), remarks(nb)
    if len(named) > MOST:
        yield f"has {len(named)} exercises; keep the best {MOST} at most"
    for name in named:
        if minutes.stated(said.get(name, "")) is None:
            yield (
                f"exercise {name} does not say how long it takes; write **{name}** (ten "
                "minutes), or (half an hour), (an evening)"
            )
    if not open_problems(nb):
        yield (
            f"has no open problem; give one without a printed solution and say so: "
            f"**{book.chapter}.7** (an evening, open)"
        )


def checks(nb, tag):
    """{exercise: (number, cell)} of the cells with this tag that call d2l.check."""
    found = {}
    for number, cell in enumerate(nb.cells, start=1):
        if cell.cell_type == "code" and tag in tags(cell):
            for name in CHECK.findall(cell.source):
                found.setdefault(name, (number, cell))
    return found


def count(nb, book):
    """Four to eight exercises, three of them and at least half of them checked."""
    named, checked = tasks(nb), checks(nb, "exercise")
    if not 4 <= len(named) <= 8:
        yield (
            f"has {len(named)} exercises instead of four to eight; each task is Markdown "
            f"under '## Exercises' that starts with its number: **{book.chapter}.1**"
        )
    if len(checked) < max(CHECKED, len(named) / 2):
        yield (
            f"has {len(checked)} checked exercises of {len(named)}; three and half of all "
            "need a stub cell (tag exercise) that calls d2l.check"
        )


def pairs(nb, book):
    """Each checked exercise has task, stub, solution and registry entry."""
    named, stubs, solutions = tasks(nb), checks(nb, "exercise"), checks(nb, "solution")
    for name in sorted({*stubs, *solutions, *book.registry}):
        missing = []
        if name not in named:
            missing.append(f"a task in Markdown that starts with **{name}**")
        if name not in stubs:
            missing.append("a stub cell tagged exercise that calls d2l.check")
        if name not in solutions:
            missing.append("a cell tagged solution and hide-cell that calls d2l.check")
        if name not in book.registry:
            missing.append(f"a check in d2lutils/exercises/ch{book.chapter}.py")
        if missing:
            yield f"exercise {name} lacks {'; '.join(missing)}"
    rest = set(named) - set(stubs) - set(solutions) - set(book.registry)
    for name in sorted(rest - open_problems(nb)):
        answered = any(
            "<details" in cell.source or tags(cell) & {"solution", "hide-cell"}
            for _, cell in named[name]
        )
        if not answered:
            yield (
                f"exercise {name} has no solution; fold it into <details> or into a cell "
                "tagged solution and hide-cell, or call it open: **"
                f"{name}** (an evening, open)"
            )


def outputs(nb, book):
    """Stored, the stub is not answered yet and the solution is right."""
    for name, (number, cell) in checks(nb, "exercise").items():
        shown = "\n".join(map(text_of, cell.outputs))
        if cell.outputs and f"{name}: right" in shown:
            yield f"cell {number}, the stub of {name}, passes its own check; empty it"
        elif cell.outputs and f"{name}: not answered yet" not in shown:
            yield (
                f"cell {number}, the stub of {name}, must show 'not answered yet': leave "
                "`...` as the answer"
            )
    for name, (number, cell) in checks(nb, "solution").items():
        if "hide-cell" not in tags(cell):
            yield f"cell {number}, the solution of {name}, needs the tag hide-cell, too"
        if not re.search(
            rf"assert +d2l\.check\(\s*[\"']{re.escape(name)}", cell.source
        ):
            yield f"cell {number}: end the solution with assert d2l.check({name!r}, ...)"
        shown = "\n".join(map(text_of, cell.outputs))
        if cell.outputs and f"{name}: right" not in shown:
            yield f"cell {number}: the solution of {name} did not pass its check"


def registry(nb, book):
    """Each check refuses the stub and every wrong answer, and lets every right one pass."""
    for name, task in book.registry.items():
        if judge(name, ...):
            yield f"the check of {name} lets the empty stub pass"
        if not task.hint.strip():
            yield f"the check of {name} has no hint"
        for kind, answers in (("wrong", task.wrong), ("right", task.right)):
            for index, build in enumerate(answers, start=1):
                try:
                    result = judge(name, build())
                except Exception as error:
                    yield (
                        f"{kind} answer {index} of {name} cannot be built "
                        f"({type(error).__name__}: {error})"
                    )
                    continue
                if result and kind == "wrong":
                    yield f"the check of {name} lets its wrong answer {index} pass"
                if not result and kind == "right":
                    yield f"the check refuses its right answer {index}: {result.message}"


def answers(nb, book):
    """In a rebuilt chapter each check has five wrong and two right answers."""
    if not is_rebuilt(book.chapter):
        return
    for name, task in book.registry.items():
        if len(task.wrong) < WRONG or len(task.right) < RIGHT:
            yield (
                f"exercise {name} has {len(task.wrong)} wrong and {len(task.right)} right "
                f"answers; its check needs {WRONG} that fail, among them the right value "
                f"got the wrong way, and {RIGHT} written differently that pass"
            )


RULES = {
    "exercise count": count,
    "exercise pairs": pairs,
    "exercise texts": rebuilt,
    "exercise outputs": outputs,
    "exercise registry": registry,
    "exercise answers": answers,
}
