"""The cells that check something can fail, and print what they did."""

import math
import warnings

import numpy
import pytest
import torch

import d2lutils as d2l

nan = float("nan")


def said(capsys, *arguments, **options):
    d2l.assert_close("x", *arguments, **options)
    return capsys.readouterr().out.removeprefix("x: equal to ").strip()


def test_equal_values_print_one_line(capsys):
    a = torch.tensor([1.0, math.inf], dtype=torch.float64)
    d2l.assert_close("loss", a, a.clone())
    assert capsys.readouterr().out == (
        "loss: equal to 1e-12 (largest difference 0.0e+00)\n"
    )


@pytest.mark.parametrize(
    ("tolerances", "text"),
    [
        ({"atol": 0}, "the last bit (largest difference 0.0e+00)"),
        ({"atol": 3e-5}, "3e-05 (largest difference 0.0e+00)"),
        ({"atol": 0, "rtol": 0.5}, "0.5 of each value (largest difference 0.0e+00)"),
        (
            {"atol": 1e-6, "rtol": 1e-3},
            "1e-6 plus 1e-3 of each value (largest difference 0.0e+00)",
        ),
    ],
)
def test_what_is_printed_is_what_was_done(capsys, tolerances, text):
    assert said(capsys, 1.0, 1.0, **tolerances) == text


def test_python_floats_are_compared_in_64_bits(capsys):
    with pytest.raises(AssertionError, match="x differs"):
        d2l.assert_close("x", 1.0, 1.0 + 1e-9)
    assert said(capsys, 1.0, 1.0 + 1e-9, atol=1e-8).endswith("difference 1.0e-09)")
    # 0.1 in 32 bits is another number than 0.1 in 64, and so are whole ones from 2**53
    with pytest.raises(AssertionError, match="x differs"):
        d2l.assert_close("x", torch.tensor(0.1), 0.1)
    with pytest.raises(AssertionError, match="x differs"):
        d2l.assert_close("x", 2**53, 2**53 + 1)
    assert said(capsys, 2**53, 2**53 + 1, atol=2).endswith("difference 1.0e+00)")


def test_numbers_stand_beside_tensors_and_arrays():
    d2l.assert_close("x", torch.tensor(3), 3.0)
    d2l.assert_close("x", [0.5, 2], torch.tensor([0.5, 2.0]))
    d2l.assert_close("x", numpy.arange(3.0), torch.arange(3).double())
    d2l.assert_close("x", numpy.float32(0.5), torch.tensor(0.5))
    d2l.assert_close("x", 1j, torch.tensor(1j))
    d2l.assert_close("x", True, 1)
    with pytest.raises(AssertionError, match=r"dtype torch\.float64 against"):
        d2l.assert_close("x", numpy.arange(3.0), torch.arange(3.0))


def test_dicts_and_lists_are_compared_item_by_item():
    ours = {"w": torch.ones(2), "b": torch.zeros(1)}
    theirs = {"b": torch.zeros(1), "w": torch.ones(2)}
    d2l.assert_close("parameters", ours, theirs)
    with pytest.raises(AssertionError, match="2 values against 1"):
        d2l.assert_close("parameters", [1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("ours", "theirs", "text"),
    [
        ({}, {"w": 1.0, "b": 2.0}, "only theirs has 'w', 'b'"),
        ({"w": 1.0}, {"b": 1.0, "w": 1.0}, "only theirs has 'b'"),
        ({"w": 1.0, "b": 1.0}, {"w": 1.0}, "only ours has 'b'"),
        ({"a": {"w": 1.0}}, {"a": {"v": 1.0}}, r"at \['a'\]: only ours has 'w'"),
        ({"a": [1.0, 2.0]}, {"a": [1.0, 3.0]}, r"\['a'\]\[1\]"),
        ({"a": [1.0, 2.0]}, {"a": [1.0]}, r"at \['a'\]: 2 values against 1"),
        ({"w": 1.0}, [1.0], "a dict against a list"),
        ([1.0], 1.0, "a list against a float"),
        ([1.0, 2.0], torch.ones(3), "2 values against 3"),
        ({}, {}, "not one number"),
        (torch.ones(0), torch.ones(0), "not one number"),
        (torch.ones(2, 1), torch.ones(2), r"shape \(2, 1\) against \(2,\)"),
        (torch.ones(2), 1.0, r"shape \(2,\) against \(\)"),
        (torch.ones(2), torch.ones(2).long(), "dtype torch.float32 against"),
    ],
)
def test_lost_keys_and_values_are_found(ours, theirs, text):
    with pytest.raises(AssertionError, match=text):
        d2l.assert_close("x", ours, theirs)


@pytest.mark.parametrize(
    "theirs",
    [
        torch.tensor([1.0, 2.1]),
        torch.tensor([1.0]),
        torch.tensor([1.0, 2.0]).double(),
        torch.tensor([1.0, nan]),
        torch.tensor([1.0, math.inf]),
    ],
)
def test_differences_are_found(theirs):
    with pytest.raises(AssertionError, match="gradient differs"):
        d2l.assert_close("gradient", torch.tensor([1.0, 2.0]), theirs, atol=1e-6)


def test_nan_agrees_with_nothing_and_infinities_by_sign():
    for a, b in [(nan, nan), (nan, 1.0), (math.inf, -math.inf), (math.inf, nan)]:
        with pytest.raises(AssertionError):
            d2l.assert_close("x", torch.tensor([1.0, a]), torch.tensor([1.0, b]))
        with pytest.raises(AssertionError):
            d2l.assert_close("x", a, b, atol=1e9, rtol=0.5)
    d2l.assert_close("x", -math.inf, -math.inf, atol=0)


@pytest.mark.parametrize(
    "dtype",
    [torch.bool, torch.uint8, torch.int64, torch.bfloat16, torch.float16,
     torch.complex64],
)  # fmt: skip
def test_every_kind_of_number(dtype, capsys):
    a, b = torch.tensor([0, 1]).to(dtype), torch.tensor([1, 1]).to(dtype)
    assert said(capsys, a, a.clone(), atol=0).startswith("the last bit")
    with pytest.raises(AssertionError, match="x differs"):
        d2l.assert_close("x", a, b, atol=0.5)
    assert said(capsys, a, b, atol=1).endswith("difference 1.0e+00)")


@pytest.mark.parametrize(
    ("ours", "text"),
    [
        ("text", "a str can't be compared"),
        (None, "a NoneType can't"),
        (torch.nn.Linear(1, 1).parameters(), "a generator .* Make it a list"),
        ({1: "text"}, r"at \[1\]: a str"),
        (torch.ones(2, device="meta"), "no values"),
        (numpy.array(["a"]), "no numbers"),
        (2**70, "no numbers"),
    ],
)
def test_what_cannot_be_compared_is_said(ours, text):
    for pair in (
        (ours, ours),
        (ours, {1: 1.0}) if isinstance(ours, dict) else (1, ours),
    ):
        with pytest.raises(TypeError, match=text):
            d2l.assert_close("x", *pair)


@pytest.mark.parametrize("tolerance", [{"atol": -1}, {"rtol": nan}, {"atol": nan}])
def test_tolerances_must_make_sense(tolerance):
    with pytest.raises(ValueError, match="Tolerances start at 0"):
        d2l.assert_close("x", 1.0, 1.0, **tolerance)


class OnMps(torch.Tensor):
    """A tensor as on Apple's MPS, which has no float64."""

    def cpu(self):
        return self.as_subclass(torch.Tensor)

    def double(self):
        raise TypeError("MPS has no float64")

    def to(self, *places):
        if torch.float64 in places:
            raise TypeError("MPS has no float64")
        return super().to(*places)


def test_what_lies_on_mps_comes_to_the_cpu_first():
    a = torch.ones(2, requires_grad=True).as_subclass(OnMps)
    with pytest.raises(TypeError, match="MPS"):
        a.detach().to(torch.float64)
    d2l.assert_close("x", a, a.detach().clone())
    d2l.assert_close("x", a.sum(), 2.0)


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


def test_raises_names_all_that_were_expected():
    message = "with ValueError or TypeError, but it ran"
    with (
        pytest.raises(AssertionError, match=message),
        d2l.raises((ValueError, TypeError)),
    ):
        pass
    with d2l.raises((ValueError, TypeError)):
        int(None)


def test_warns_prints_the_warning_and_needs_one(capsys):
    with d2l.warns(UserWarning):
        warnings.warn("mind the gap", stacklevel=1)
    assert capsys.readouterr().out == "UserWarning: mind the gap\n"
    with pytest.raises(AssertionError, match="meant to give"), d2l.warns(UserWarning):
        pass
    message = "give a UserWarning or FutureWarning"
    with (
        pytest.raises(AssertionError, match=message),
        d2l.warns((UserWarning, FutureWarning)),
    ):
        pass


def test_warns_lets_other_warnings_through():
    with pytest.warns(FutureWarning, match="another"), d2l.warns(UserWarning):
        warnings.warn("mind the gap", stacklevel=1)
        warnings.warn("another", FutureWarning, stacklevel=1)
