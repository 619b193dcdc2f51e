"""Every check of every chapter, fuzzed: what is no answer is refused, and in words.

Right answers come from the checks' own lists and from the notebooks' solutions. A right
number passes in whatever type it comes; a right function that is spoiled in one way
(returns nan, text, nothing, another shape, raises, ...) is refused. Checks are kept so
small that all of this together takes seconds.
"""

import math
import random
import sys
from functools import cache, wraps

import numpy as np
import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook
from torch import nn
from torch.utils.data import Dataset

from d2lutils.exercises import judge, registry
from tools.notebooks import chapters
from tools.solutions import solutions, solutions_in

CHAPTERS = [path.name[:2] for path in chapters()]
NUMBERS = [number for chapter in CHAPTERS for number in registry(chapter)]
# WeightedRandomSampler takes lists and arrays of weights, too.
ALSO_RIGHT = {"04.5": ("lists", "arrays")}
# The gradient counts, too: a value without its graph is refused.
GRADIENTS = ["03.2", "05.2", "05.5", "10.3", "11.3", "11.5", "13.3", "15.3"]

nowhere = torch.device("meta")


def raises(*inputs, **options):
    raise ZeroDivisionError("the reader's own mistake")


class Speechless(Exception):
    """An error that can't say what it is."""

    def __str__(self):
        raise RuntimeError("no")


def raises_speechless(*inputs, **options):
    raise Speechless


class Mute(nn.Module):
    """A module that returns what it gets."""

    def __init__(self, *inputs, **options):
        super().__init__()

    def forward(self, X):
        return X


class Identity(torch.autograd.Function):
    """An operation that returns what it gets."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        return grad


class Nothing(Dataset):
    """No examples."""

    def __init__(self, *inputs):
        pass

    def __len__(self):
        return 0


class Hostile:
    """What can't be shown, compared or converted."""

    def __repr__(self):
        raise RuntimeError("no")

    __float__ = __eq__ = __len__ = __iter__ = __call__ = __str__ = __repr__


JUNK = {
    "nan": math.nan,
    "inf": math.inf,
    "minus inf": -math.inf,
    "minus one": -1,
    "a huge number": 10**400,
    "True": True,
    "NumPy's True": np.True_,
    "False": False,
    "text": "four",
    "digits": "4",
    "bytes": b"4",
    "None": None,
    "complex": 4j,
    "NumPy's nan": np.float32("nan"),
    "NumPy's minus one": np.int64(-1),
    "0-d nan": torch.tensor(math.nan),
    "0-d minus one": torch.tensor(-1),
    "0-d truth": torch.tensor(True),
    "meta": torch.empty((), device=nowhere),
    "meta matrix": torch.empty(2, 3, device=nowhere),
    "two numbers": torch.tensor([1.0, 2.0]),
    "a matrix of nan": torch.full((3, 4), math.nan),
    "empty tensor": torch.tensor([]),
    "empty array": np.array([]),
    "objects": np.array([None, "x"]),
    "sparse": torch.eye(3).to_sparse(),
    "empty list": [],
    "list": [1, 2],
    "list of nan": [math.nan] * 3,
    "pair of texts": ("1", "2"),
    "pair of truths": (True, False),
    "three empty lists": ([], [], []),
    "nested": [[1], [[2]]],
    "dict": {"w": 1.0},
    "set": {1, 2},
    "range": range(3),
    "generator": (i for i in range(3)),
    "type": float,
    "object": object(),
    "hostile": Hostile(),
    "module": Mute(),
    "module class": Mute,
    "Function class": Identity,
    "Dataset class": Nothing,
    "len": len,
    "raises": raises,
    "raises without a word": raises_speechless,
    "leaves": lambda *inputs, **options: sys.exit(),
    "no arguments": lambda: 1.0,
    "too many arguments": lambda a, b, c, d, e, f, g, h, i: 1.0,
    "returns nan": lambda *inputs, **options: math.nan,
    "returns inf": lambda *inputs, **options: math.inf,
    "returns text": lambda *inputs, **options: "4",
    "returns None": lambda *inputs, **options: print(end=""),
    "returns True": lambda *inputs, **options: True,
    "returns the inputs": lambda *inputs, **options: inputs,
    "returns the first input": lambda *inputs, **options: inputs[0],
    "returns an empty tensor": lambda *inputs, **options: torch.tensor([]),
    "returns an empty list": lambda *inputs, **options: [],
    "returns an empty dict": lambda *inputs, **options: {},
    "returns a 0-d nan": lambda *inputs, **options: torch.tensor(math.nan),
    "returns meta": lambda *inputs, **options: torch.empty(2, device=nowhere),
    "returns a function": lambda *inputs, **options: lambda: 1.0,
    "returns itself nested": lambda *inputs, **options: [[inputs], {"a": inputs}],
}


@cache
def right_answers(number):
    """The right answers of an exercise: its own, and the notebook's solution."""
    chapter = number[:2]
    own = [build() for build in registry(chapter)[number].right]
    stored = notebook_solutions(chapter)
    return own + ([stored[number]] if number in stored else [])


notebook_solutions = cache(solutions)


def state():
    return torch.get_rng_state(), np.random.get_state()[1], random.getstate()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_right_answer_is_known_and_passes(number):
    answers = right_answers(number)
    assert answers, f"{number} needs right=[...]: its solution rests on the chapter"
    for index, answer in enumerate(answers, start=1):
        result = judge(number, answer)
        assert result, f"right answer {index}: {result.message}"


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_no_answer_is_refused(number):
    for name, junk in JUNK.items():
        result = judge(number, junk)
        assert not result, f"{name} is accepted"
        assert result.message.startswith(f"{number}: not")


@pytest.mark.parametrize("number", NUMBERS)
def test_no_check_touches_the_readers_random_numbers(number):
    answers = right_answers(number)  # first: building a solution may draw
    torch.manual_seed(5), np.random.seed(5), random.seed(5)
    before = state()
    for answer in answers:
        judge(number, answer)
    after = state()
    assert torch.equal(before[0], after[0])
    assert (before[1] == after[1]).all() and before[2] == after[2]


def test_a_solution_that_rests_on_its_chapter_is_passed_over():
    def solution(source):
        return new_code_cell(source, metadata={"tags": ["solution"]})

    cells = [
        solution("answer = 1\nassert d2l.check('98.1', answer)"),
        solution("answer = net(X)\nassert d2l.check('98.2', answer)"),
        new_code_cell("assert d2l.check('98.3', 3)"),
        solution(
            "def f(x):\n    return x\n\n\nassert d2l.check('98.4', f)\nprint(f(y))"
        ),
    ]
    found = solutions_in(new_notebook(cells=cells))
    assert list(found) == ["98.1", "98.4"] and found["98.4"](5) == 5


def is_number(answer):
    return isinstance(answer, (int, float, np.generic)) or (
        torch.is_tensor(answer) and answer.numel() == 1
    )


def in_types(value):
    value = float(value)
    kinds = [np.float64, np.array, lambda v: np.array([v]), torch.tensor]
    kinds += [lambda v: torch.tensor([[v]]), lambda v: torch.tensor(v).double()]
    kinds += [lambda v: torch.tensor(v, requires_grad=True), np.float32]
    if value == int(value):
        kinds += [int, lambda v: torch.tensor(int(v)), lambda v: np.int64(v)]
    return [kind(value) for kind in kinds]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_right_number_passes_in_every_type_and_not_as_text(number):
    for answer in right_answers(number):
        if is_number(answer):
            value = answer.item() if hasattr(answer, "item") else answer
            for other in in_types(value):
                assert judge(number, other), f"{other!r}: {judge(number, other)}"
            for other in (str(value), complex(value), [value], value + 1, -value):
                assert not judge(number, other), f"{other!r} is accepted"
        if isinstance(answer, tuple) and all(map(is_number, answer)):
            for other in (list(answer), np.array(answer), torch.tensor(answer)):
                assert judge(number, other), f"{other!r}: {judge(number, other)}"
            for bad in (math.nan, "1", True, None, torch.ones(2)):
                for place in range(len(answer)):
                    other = (*answer[:place], bad, *answer[place + 1 :])
                    assert not judge(number, other), f"{other!r} is accepted"


def changed(value, leaf):
    """A value with ``leaf`` applied to every number and tensor in it, and whether any was."""
    if torch.is_tensor(value) or isinstance(value, (int, float, np.generic)):
        new = leaf(value)
        return new, new is not value
    if isinstance(value, (list, tuple)):
        pairs = [changed(v, leaf) for v in value]
        return type(value)(v for v, _ in pairs), any(done for _, done in pairs)
    if isinstance(value, dict):
        pairs = {k: changed(v, leaf) for k, v in value.items()}
        return {k: v for k, (v, _) in pairs.items()}, any(d for _, d in pairs.values())
    return value, False


def spoiled(answer, leaf, note):
    """A function, module class or the like whose results pass through ``leaf``."""

    def through(f):
        @wraps(f)
        def g(*inputs, **options):
            value, done = changed(f(*inputs, **options), leaf)
            note.append(done)
            return value

        return g

    if isinstance(answer, type):
        name = "__getitem__" if issubclass(answer, Dataset) else "forward"
        method = through(getattr(answer, name))
        if issubclass(answer, torch.autograd.Function):
            method = staticmethod(method)
        return type(answer.__name__, (answer,), {name: method})
    return through(answer)


def tensors(f):
    return lambda v: f(v) if torch.is_tensor(v) else v


def both(on_tensor, on_number):
    return lambda v: on_tensor(v) if torch.is_tensor(v) else on_number(v)


SPOILS = {
    "nan": both(lambda t: t * math.nan, lambda v: math.nan),
    "one nan": tensors(
        lambda t: torch.where(torch.arange(t.numel()).view(t.shape) == 0, math.nan, t)
    ),
    "inf": both(lambda t: t * 0 + math.inf, lambda v: math.inf),
    "shifted": both(lambda t: t + 1, lambda v: v + 1),
    "text": lambda v: str(v),
    "nothing": lambda v: None,
    "complex": both(lambda t: t * 1j, lambda v: v * 1j),
    "one more axis": tensors(lambda t: t.unsqueeze(0) if t.numel() > 1 else t),
    "emptied": tensors(lambda t: t.flatten()[:0]),
    "lists": tensors(lambda t: t.tolist() if t.ndim else t),
    "arrays": tensors(lambda t: t.detach().numpy() if t.ndim else t),
    "truth": both(lambda t: t.bool(), bool),
}


@pytest.mark.parametrize("number", NUMBERS)
def test_a_right_function_that_is_spoiled_is_refused(number):
    for answer in right_answers(number):
        if not callable(answer):
            continue
        for name, leaf in SPOILS.items():
            if name in ALSO_RIGHT.get(number, ()):
                continue
            note = []
            result = judge(number, spoiled(answer, leaf, note))
            if any(note):
                assert not result, f"{name} is accepted"


@pytest.mark.parametrize("number", NUMBERS)
def test_a_right_function_must_return_at_once_and_take_its_arguments(number):
    for answer in right_answers(number):
        if not callable(answer) or isinstance(answer, type):
            continue

        def late(*inputs, answer=answer, **options):
            answer(*inputs, **options)

        def greedy(*inputs, more, answer=answer, **options):
            return answer(*inputs, **options)

        assert not judge(number, late) and not judge(number, greedy)


@pytest.mark.parametrize("number", GRADIENTS)
def test_a_right_value_without_its_graph_is_refused(number):
    detach = tensors(lambda t: t.detach())
    item = tensors(lambda t: t.item() if t.numel() == 1 else t)
    for answer in right_answers(number):
        for name, leaf in {"detach": detach, "item": item}.items():
            note = []
            result = judge(number, spoiled(answer, leaf, note))
            assert not any(note) or not result, f"{name} is accepted"
