"""The cells that prove something can fail."""

import math
import warnings

import pytest
import torch

import d2lutils as d2l


def test_equal_values_print_one_line(capsys):
    a = torch.tensor([1.0, math.inf], dtype=torch.float64)
    d2l.assert_close("loss", a, a.clone())
    assert capsys.readouterr().out == (
        "loss: equal to 1e-12 (largest difference 0.0e+00)\n"
    )


def test_dicts_and_lists_are_compared_item_by_item():
    ours = {"w": torch.ones(2), "b": torch.zeros(1)}
    theirs = {"b": torch.zeros(1), "w": torch.ones(2)}
    d2l.assert_close("parameters", ours, theirs)
    with pytest.raises(AssertionError, match="2 values against 1"):
        d2l.assert_close("parameters", [1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    "theirs",
    [
        torch.tensor([1.0, 2.1]),
        torch.tensor([1.0]),
        torch.tensor([1.0, 2.0]).double(),
        torch.tensor([1.0, math.nan]),
    ],
)
def test_differences_are_found(theirs):
    with pytest.raises(AssertionError, match="gradient differs"):
        d2l.assert_close("gradient", torch.tensor([1.0, 2.0]), theirs, atol=1e-6)


def test_the_description_comes_first():
    with pytest.raises(TypeError, match="first argument is a text"):
        d2l.assert_close(torch.ones(1), torch.ones(1), "loss")


def test_raises_prints_the_error_and_needs_one(capsys):
    with d2l.raises(ValueError):
        int("seven")
    assert capsys.readouterr().out.startswith("ValueError: invalid literal")
    with pytest.raises(AssertionError, match="meant to fail"), d2l.raises(ValueError):
        int("7")
    with pytest.raises(TypeError), d2l.raises(ValueError):
        int(None)


def test_warns_prints_the_warning_and_needs_one(capsys):
    with d2l.warns(UserWarning):
        warnings.warn("mind the gap", stacklevel=1)
    assert capsys.readouterr().out == "UserWarning: mind the gap\n"
    with pytest.raises(AssertionError, match="meant to give"), d2l.warns(UserWarning):
        pass
