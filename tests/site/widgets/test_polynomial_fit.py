"""Polynomials through noisy points: coefficients and errors, against torch."""

from itertools import pairwise

import pytest
import traitlets

from d2lutils.widgets import PolynomialFit


@pytest.mark.parametrize("against", ["degree", "points", "penalty"])
def test_coefficients_and_errors_agree_with_torch(show, against):
    live = show(PolynomialFit(against=against))
    for degree, points, seed in (0, 4, 0), (3, 15, 7), (12, 13, 2), (20, 100, 9999):
        live.set(degree=degree, points=points, seed=seed, penalised=False)
        live.agrees(rtol=1e-5, atol=1e-9)
        live.set(penalised=True, penalty=10.0 ** -(seed % 8), noise=seed % 5 / 4)
        live.agrees(rtol=1e-5, atol=1e-9)


def test_mouse_touch_and_keyboard_move_the_marker_and_the_sliders(show):
    live = show(PolynomialFit())
    live.drag("Marker", -50, 0)
    assert live.state()["degree"] < 9
    live.agrees()
    live.touch("Marker", 30, 0)
    live.agrees()
    before = live.state()["degree"]
    live.press("Marker", "ArrowRight", times=2)
    assert live.state()["degree"] == before + 2
    live.press("degree", "ArrowLeft")
    assert live.state()["degree"] == before + 1
    live.agrees()
    live.control("errors against").select_option(label="penalty λ")
    live.drag("Marker", 30, 0)
    assert live.state()["penalised"] and live.state()["penalty"] > 2e-3
    live.agrees()


def test_too_stiff_right_too_flexible_and_two_cures(show):
    live = show(PolynomialFit())
    errors = {}
    for name in (
        "Too stiff",
        "Right",
        "Too flexible",
        "… with a penalty",
        "… with more data",
    ):
        live.click(name)
        errors[name] = live.agrees()
    right, flexible = errors["Right"], errors["Too flexible"]
    assert errors["Too stiff"]["train"] > 3 * right["train"]
    assert flexible["train"] < 1e-12 and flexible["test"] > 10 * right["test"]
    assert flexible["norm"] > 100 * right["norm"]
    for cure in "… with a penalty", "… with more data":
        assert errors[cure]["test"] < flexible["test"] / 10
    live.click("Defaults")
    assert live.state() == PolynomialFit().state()
    train = live.agrees()["sweep"]["train"][:15]  # 14 passes through all points
    assert all(a >= b - 1e-12 for a, b in pairwise(train))


def test_what_the_points_do_not_determine_is_refused(show):
    live = show(PolynomialFit(degree=9, points=12))
    assert "takes 13 points or a penalty" in live.typed("degree", "12")
    assert live.state()["degree"] == 9
    assert "takes 10 points" in live.typed("points", "9")
    live.press("Marker", "ArrowRight", times=8)
    assert live.state()["degree"] == 11
    live.agrees()
    live.control("penalise large coefficients").check()
    assert live.typed("degree", "20") == ""
    live.agrees()
    live.control("penalise large coefficients").uncheck()
    assert live.state()["degree"] == 11
    live.agrees()


def test_bad_input_breaks_nothing(show):
    live = show(PolynomialFit(penalised=True))
    assert "not a number" in live.typed("penalty λ", "some")
    assert live.typed("penalty λ", "-1") != ""
    assert "whole" in live.typed("degree", "2.5")
    assert live.typed("noise", "0") == ""
    live.agrees()


def test_python_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="16 coefficients; 12 points"):
        PolynomialFit(degree=15, points=12)
    PolynomialFit(degree=15, points=12, penalised=True)
    with pytest.raises(traitlets.TraitError):
        PolynomialFit(degree=21)
