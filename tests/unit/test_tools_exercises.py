"""d2l.check: the exercises' registry and its verdicts."""

import pytest

from d2lutils import exercises
from d2lutils.exercises import Wrong, check, exercise, is_empty


@pytest.fixture
def registry(monkeypatch):
    """An empty registry with one exercise, 98.1: the answer is 4."""
    monkeypatch.setattr(exercises, "_REGISTRY", {})

    @exercise("98.1", hint="Two and two.", wrong=[lambda: 5])
    def check_four(answer):
        """4."""
        if answer + 0 != 4:
            raise Wrong("Count again.")

    return exercises._REGISTRY


def test_right(registry, capsys):
    result = check("98.1", 4)
    assert result and capsys.readouterr().out == "98.1: right.\n"


def test_wrong_gives_the_nudge(registry, capsys):
    assert not check("98.1", 5)
    assert capsys.readouterr().out == "98.1: not yet. Count again.\n"


@pytest.mark.parametrize("stub", [..., None, "", "...", [], [..., ...], {"a": None}])
def test_stub_gives_the_hint(registry, stub, capsys):
    assert not check("98.1", stub)
    assert "not answered yet. Hint: Two and two." in capsys.readouterr().out


def test_missing_answer_is_a_stub(registry):
    assert not check("98.1")


def test_an_answer_that_raises_is_wrong(registry, capsys):
    assert not check("98.1", "four")
    out = capsys.readouterr().out
    assert "Your answer raised TypeError" in out and "Two and two" in out


def test_a_result_shows_nothing_more(registry):
    result = check("98.1", 4)
    assert result._ipython_display_() is None and repr(result) == "98.1: right."


def stub_dots(x): ...


def stub_doc(x):
    """Only said what it should do."""
    ...


def stub_pass(x, y=1):
    """Doc."""
    pass


def stub_none(x):
    return None


class StubModule:
    """A class whose methods are stubs."""

    def forward(self, X):
        """Doc."""
        ...


@pytest.mark.parametrize("f", [stub_dots, stub_doc, stub_pass, stub_none, StubModule])
def test_stub_functions_are_empty(f):
    assert is_empty(f)


def answer_function(x):
    """Doc."""
    return x + 1


class AnswerModule:
    def forward(self, X):
        return X


@pytest.mark.parametrize(
    "answer",
    [answer_function, AnswerModule, lambda x: 0, 0, 0.0, False, "x", [0], len, object],
)
def test_answers_are_not_empty(answer):
    assert not is_empty(answer)


@pytest.mark.parametrize("number", ["98.7", "97.1"])
def test_unknown_exercise(registry, number):
    with pytest.raises(ValueError, match="no checked exercise"):
        check(number, 1)


def test_unknown_exercise_names_the_known(registry):
    with pytest.raises(ValueError, match=r"chapter 98 has 98\.1"):
        check("98.2", 1)


@pytest.mark.parametrize("number", ["5.2", "05", "", None, 5.2])
def test_bad_number(registry, number):
    with pytest.raises(ValueError, match=r"looks like '05\.2'"):
        check(number, 1)
    with pytest.raises(ValueError, match=r"looks like '05\.2'"):
        exercise(number, hint="h", wrong=[lambda: 1])


@pytest.mark.parametrize(
    ("hint", "wrong", "words"),
    [
        ("", [lambda: 1], "needs a hint"),
        (None, [lambda: 1], "needs a hint"),
        ("h", [], "plausible wrong"),
        ("h", [5], "plausible wrong"),
    ],
)
def test_bad_registration(registry, hint, wrong, words):
    with pytest.raises(ValueError, match=words):
        exercise("98.2", hint=hint, wrong=wrong)


def test_right_answers_are_functions_too(registry):
    with pytest.raises(ValueError, match="right"):
        exercise("98.2", hint="h", wrong=[lambda: 1], right=[4])
    exercise("98.3", hint="h", wrong=[lambda: 1], right=[lambda: 4])(print)
    assert [build() for build in registry["98.3"].right] == [4]


def test_a_number_is_taken_once(registry):
    with pytest.raises(ValueError, match="registered twice"):
        exercise("98.1", hint="h", wrong=[lambda: 1])(lambda answer: None)


def test_registry_of_a_chapter(registry):
    assert list(exercises.registry("98")) == ["98.1"]
    assert exercises.registry("97") == {}
