"""``d2l.explore``: what is stored, at which size, and what is refused. The browser's side
is in tests/site/widgets/test_explore.py."""

import json

import pytest
import torch

import d2lutils as d2l
from d2lutils import settings


@pytest.fixture(autouse=True)
def full_size(monkeypatch):
    monkeypatch.delenv("D2L_QUICK", raising=False)
    monkeypatch.setenv("D2L_DEVICE", "cpu")


def descend(lr, start=1):
    x, path = torch.tensor(float(start)), []
    for _ in range(20):
        path.append(x.item() ** 2)
        x = x - lr * 2 * x
    return {"loss": path, "end": x}


def test_choice_and_result_follow_the_index():
    widget = d2l.explore(descend, lr=[0.1, 0.4], start=[1, 2])
    widget.index = [0, 1]
    assert widget.choice == {"lr": 0.1, "start": 2}
    assert widget.result["series"]["loss"]["y"][0] == 4
    with pytest.raises(Exception, match="one position per parameter"):
        widget.index = [2, 0]


def test_pairs_give_the_x_values_and_json_has_no_nan():
    widget = d2l.explore(
        lambda a: {"f": (torch.tensor([0.0, 2.0]), [a, float("nan")])}, a=[1, 2]
    )
    assert widget.result["series"]["f"] == {"x": [0.0, 2.0], "y": [2, "nan"]}
    json.dumps(widget.state(), allow_nan=False)


def test_each_run_is_seeded():
    widget = d2l.explore(lambda a: float(torch.rand(1)), a=[1, 2, 3])
    assert len({r["numbers"]["value"] for r in widget.results}) == 1


def test_quick_runs_only_the_ends(monkeypatch):
    monkeypatch.setattr(settings, "run_size", lambda *a, **k: "quick")
    assert d2l.explore(lambda a: a, a=[1, 2, 3, 4]).choices == [[1, 4]]
    assert d2l.explore(lambda a: a, a=[1]).choices == [[1]]


@pytest.mark.parametrize(
    ("f", "grid", "message"),
    [
        (descend, {}, "needs a grid"),
        (descend, {"lr": []}, "lr has no values"),
        (descend, {"lr": 0.1}, "lr must be a list"),
        (descend, {"lr": "abc"}, "lr must be a list"),
        (descend, {"lr": [None]}, "numbers and strings only"),
        ("text", {"lr": [1]}, "runs a function, not str"),
        (lambda a: a, {"a": range(500)}, "500 settings are too many"),
        (lambda a: None, {"a": [1]}, "returned nothing for {'a': 1}"),
        (lambda a: {}, {"a": [1]}, "empty dict"),
        (lambda a: {"x": "text"}, {"a": [1]}, "x must be a number"),
        (lambda a: {"x": [[1], [2]]}, {"a": [1]}, "one-dimensional"),
        (lambda a: {"x": ([1, 2], [1])}, {"a": [1]}, "2 x values and 1 y"),
        (lambda a: {str(a): 1}, {"a": [1, 2]}, "same names"),
        (lambda a: {"x": [a / 7] * 60_000}, {"a": [1]}, "max_kb=300"),
    ],
)
def test_what_cannot_be_shown_is_refused(f, grid, message):
    with pytest.raises((TypeError, ValueError), match=message):
        d2l.explore(f, **grid)
