"""The exercises' checks: one registry for the notebooks and for the tests.

The checks of chapter 5 stand in ``ch05.py``::

    @exercise("05.2", hint="...", wrong=[lambda: a_wrong_one], right=[lambda: a_right_one])
    def check_stable_softmax(answer):
        '''What a right answer is.'''
        if ...:
            raise Wrong("what is wrong with it, and a nudge")

Returning means right. How an answer is read and compared stands in ``answers.py``. The
tests prove that the empty stub and every wrong answer fail and every right one passes.
"""

import dis
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

NUMBER = re.compile(r"(\d\d)\.(\d{1,2})")
_REGISTRY = {}


class Wrong(Exception):
    """Raised by a check; its message tells the reader what is wrong, with a nudge."""


@dataclass(frozen=True)
class Exercise:
    """An exercise: number, the function that judges, hint, wrong and right answers."""

    number: str
    judge: Callable
    hint: str
    wrong: list = field(default_factory=list)
    right: list = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """What ``check`` found; true when the answer is right. Shows itself as one line."""

    right: bool
    message: str

    def __bool__(self):
        return self.right

    def __repr__(self):
        return self.message

    def _ipython_display_(self):
        """Show nothing: check() has printed the line already."""


def exercise(number, *, hint, wrong=(), right=()):
    """Register the decorated function as the check of an exercise.

    Parameters
    ----------
    number : str
        Chapter and exercise, such as ``"05.2"``.
    hint : str
        How to start, without the answer; shown when nothing was answered yet.
    wrong : list of callables
        Each builds, without arguments, a plausible wrong answer; five in a rebuilt
        chapter, among them the one that gets the right value the wrong way.
    right : list of callables
        Each builds a right answer, written differently from the others; two in a rebuilt
        chapter.

    Raises
    ------
    ValueError
        When the number has another form or is taken, the hint is empty, ``wrong`` is
        empty, or one of the lists holds something that cannot be called.
    """
    if not isinstance(number, str) or not NUMBER.fullmatch(number):
        raise ValueError(f"An exercise's number looks like '05.2', not {number!r}.")
    if not isinstance(hint, str) or not hint.strip():
        raise ValueError(f"Exercise {number} needs a hint: how to start.")
    wrong, right = list(wrong), list(right)
    if not wrong or not all(map(callable, wrong + right)):
        raise ValueError(
            f"Exercise {number} needs wrong=[...], a list of functions without arguments "
            "that build plausible wrong answers, and right=[...] is such a list, too."
        )

    def register(judge):
        taken = _REGISTRY.get(number)
        if taken and taken.judge.__qualname__ != judge.__qualname__:
            raise ValueError(
                f"Exercise {number} is registered twice: {taken.judge.__qualname__} and "
                f"{judge.__qualname__}."
            )
        _REGISTRY[number] = Exercise(number, judge, hint, wrong, right)
        return judge

    return register


def registry(chapter):
    """Return the exercises of a chapter ("05") as a dict from number to ``Exercise``."""
    module = f"{__name__}.ch{chapter}"
    if find_spec(module) is not None:
        import_module(module)
    return {n: e for n, e in sorted(_REGISTRY.items()) if n.startswith(f"{chapter}.")}


def find(number):
    """Return an exercise by its number; ValueError names the ones there are."""
    match = NUMBER.fullmatch(number) if isinstance(number, str) else None
    if match is None:
        raise ValueError(f"An exercise's number looks like '05.2', not {number!r}.")
    known = registry(match[1])
    if number not in known:
        raise ValueError(
            f"There is no checked exercise {number}; chapter {match[1]} has "
            f"{', '.join(known) or 'none'}."
        )
    return known[number]


def is_empty(answer):
    """Say whether an answer is still a stub.

    A stub is ``...``, ``None``, an empty string, a collection of stubs, or a function
    whose body is a docstring, ``...``, ``pass`` or ``return None``.
    """
    if answer is None or answer is Ellipsis:
        return True
    if isinstance(answer, str):
        return not answer.strip(" .")
    if isinstance(answer, (list, tuple, dict)):
        parts = list(answer.values()) if isinstance(answer, dict) else answer
        return all(is_empty(part) for part in parts)
    if isinstance(answer, type):
        methods = [getattr(m, "__func__", m) for m in vars(answer).values()]
        methods = [m for m in methods if hasattr(m, "__code__")]
        return bool(methods) and all(is_empty(m) for m in methods)
    code = getattr(answer, "__code__", None)
    if code is None:
        return False
    steps = [s for s in dis.get_instructions(code) if s.opname not in _SILENT]
    return all(s.opname in _RETURNS and s.argval in (None, ...) for s in steps)


# What the bytecode of an empty body is made of, from Python 3.10 on.
_SILENT = {"RESUME", "NOP", "COPY_FREE_VARS", "CACHE"}
_RETURNS = {"LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}


def judge(number, answer):
    """Judge an answer without printing; returns a ``Result``.

    The check runs from a fixed seed, and the reader's generators and networks are
    afterwards as they were.
    """
    task = find(number)
    if is_empty(answer):
        return Result(False, f"{number}: not answered yet. Hint: {task.hint}")
    from d2lutils.exercises.undisturbed import undisturbed  # needs torch: load it late

    try:
        with undisturbed(answer):
            task.judge(answer)
    except Wrong as wrong:
        return Result(False, f"{number}: not yet. {wrong}")
    except (Exception, SystemExit) as error:  # the reader's code may raise anything
        return Result(
            False,
            f"{number}: not yet. Your answer raised {type(error).__name__}{_said(error)}. "
            f"Hint: {task.hint}",
        )
    return Result(True, f"{number}: right.")


def _said(error):
    """What an error says, when it says anything."""
    try:
        said = str(error).strip()
    except Exception:
        said = ""
    return f": {said.rstrip('.')}" if said else ""


def check(number, answer=...):
    """Check an answer to an exercise, print one line and return the result.

    Parameters
    ----------
    number : str
        The exercise, such as ``"05.2"``.
    answer : number, tensor, string or function
        What the exercise asks for; ``...`` counts as not answered yet.

    Returns
    -------
    Result
        True when the answer is right, false otherwise.

    Raises
    ------
    ValueError
        When there is no such exercise.
    """
    result = judge(number, answer)
    print(result)
    return result
