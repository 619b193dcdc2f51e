"""Bands on scales that fit: what they contain, what they cannot leave, where they end."""

import math
import random
import statistics

import pytest

from tools import scales

VALUES = [0.920, 0.921, 0.922, 0.9205, 0.9215]


def limits(values, metric, size="full"):
    return scales.limits(values, metric, size, scales.scale_of(metric, values))


@pytest.mark.parametrize(
    ("metric", "values", "scale"),
    [
        ("test accuracy", VALUES, "logit"),
        ("test accuracy", [0.0, 1.0], "logit"),
        ("F1 of the rare class", [0.2, 0.3], "logit"),
        ("test accuracy, percent", [92.0, 93.0], "log"),
        ("test loss", [0.3, 0.4], "log"),
        ("perplexity", [8.0, 9.0], "log"),
        ("ratio of times", [1.1, 0.9], "log"),
        ("dead units", [0.0, 3.0], "clipped"),
        ("slope", [-0.1, 3.0], "linear"),
        ("gain in test accuracy", [0.01, 0.02], "linear"),
        ("test accuracy minus the rival's", [0.01, 0.02], "linear"),
        ("difference of the test losses", [0.1, 0.2], "linear"),
        ("optimism of the validation RMSE", [1.0, 2.0], "linear"),
        ("exchanged words, share", [0.1, 0.2], "logit"),  # no "change"
    ],
)
def test_the_scale_follows_from_metric_and_values(metric, values, scale):
    assert scales.scale_of(metric, values) == scale


def test_limits_are_a_prediction_interval_on_the_scale():
    for metric, forward, values in (
        ("test accuracy", lambda p: math.log(p / (1 - p)), [0.6, 0.7, 0.8, 0.75, 0.7]),
        ("test loss", math.log, [0.3, 0.6, 0.5, 0.2, 0.4]),
        ("gain in loss", float, [0.3, 0.6, 0.5, -0.2, 0.4]),
    ):
        at = [forward(v) for v in values]
        width = 3 * statistics.stdev(at) * scales.small_sample(5)
        low, high = limits(values, metric)
        assert forward(low) == pytest.approx(statistics.fmean(at) - width, abs=1e-4)
        assert forward(high) == pytest.approx(statistics.fmean(at) + width, abs=1e-4)


def test_more_seeds_narrower_bands():
    factors = [scales.small_sample(n) for n in (5, 8, 20, 1000)]
    assert factors == sorted(factors, reverse=True)
    assert factors[0] == pytest.approx(2.42, abs=0.01)
    assert factors[-1] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("metric", "size", "wanted"),
    [
        ("test accuracy", "full", (0.498, 0.502)),
        ("test accuracy", "quick", (0.49, 0.51)),
        ("gain in accuracy", "full", (0.498, 0.502)),
        ("gain in accuracy", "quick", (0.49, 0.51)),
        ("test loss", "full", (0.5 / 1.01, 0.5 * 1.01)),
        ("test loss", "quick", (0.5 / 1.03, 0.5 * 1.03)),
        ("gain in loss", "full", (0.495, 0.505)),
        ("gain in loss", "quick", (0.485, 0.515)),
    ],
)
def test_floors(metric, size, wanted):
    assert limits([0.5] * 5, metric, size) == pytest.approx(wanted, rel=1e-5)


def test_the_floor_stays_inside_the_possible():
    assert limits([0.9995, 0.9994] * 3, "accuracy")[1] == 1.0
    assert limits([0.001] * 5, "error rate", "quick")[0] == 0.0


def test_floor_at_zero():
    assert limits([0.0] * 5, "steps") == (0.0, 1e-6)


@pytest.mark.parametrize("size", ["full", "quick"])
def test_shares_stay_between_0_and_1_and_hold_their_values(size):
    """Also near the ends, where a linear band was cut off or reached beyond."""
    chance = random.Random(0)
    for _ in range(500):
        n, center = (
            chance.choice([20, 500, 10_000]),
            chance.choice([0, 0.02, 0.5, 0.99, 1]),
        )
        values = [
            min(max(round(n * (center + chance.gauss(0, 0.02))), 0), n) / n
            for _ in range(chance.choice([5, 8]))
        ]
        low, high = limits(values, "test accuracy", size)
        assert 0 <= low <= min(values) and max(values) <= high <= 1, values
        assert low < high


@pytest.mark.parametrize(("n", "missed"), [(10_000, 1), (500, 1), (20, 3)])
def test_an_exact_1_counts_as_half_of_the_smallest_miss(n, missed):
    """Whether 10,000 or 20 examples are counted, the other end follows from the misses."""
    values = [1.0, 1.0, 1 - missed / n, 1 - 2 * missed / n, 1 - 2 * missed / n]
    half = min(missed / n, 0.004) / 2
    same = [v if v < 1 else 1 - half for v in values]
    low, high = limits(values, "accuracy")
    at = [math.log(v / (1 - v)) for v in same]
    wanted = statistics.fmean(at) - 3 * statistics.stdev(at) * scales.small_sample(5)
    assert high == 1.0
    assert low == pytest.approx(1 / (1 + math.exp(-wanted)), rel=1e-4) or low < 0.998
    mirrored = limits([1 - v for v in values], "error rate")
    assert mirrored == pytest.approx((0.0, 1 - low), abs=1e-5)


def test_never_a_miss():
    assert limits([1.0] * 5, "accuracy", "full") == (0.996, 1.0)
    assert limits([0.0] * 5, "accuracy", "quick") == (0.0, 0.02)


def test_positive_figures_stay_positive():
    low, high = limits([0.001, 1.0, 0.5, 0.02, 3.0], "test loss")
    assert 0 < low < 0.001 and high > 3


def test_a_difference_may_change_its_sign():
    low, high = limits([0.01, 0.03, 0.0, 0.02, 0.01], "gain in accuracy")
    assert low < 0 < high
    assert limits([-1.0, 0.5, 0, 0.1, 0.2], "slope")[0] < -1


def test_clipped_is_as_it_was():
    """The scale of bands measured before the others came."""
    values = [0.999, 0.97, 1.0, 0.99, 0.98]
    low, high = scales.limits(values, "accuracy", "full", "clipped")
    width = 3 * statistics.stdev(values) * scales.small_sample(5)
    assert (low, high) == (pytest.approx(0.9878 - width, abs=1e-6), 1.0)
    values = [0.01, 0.0, 0.2, 0, 0.1]
    assert scales.limits(values, "accuracy", "full", "clipped")[0] == 0.0


@pytest.mark.parametrize("metric", ["accuracy", "loss", "gain"])
def test_one_seed_is_refused(metric):
    with pytest.raises(ValueError, match="two seeds"):
        limits([0.9], metric)


@pytest.mark.parametrize(
    ("against", "apart"),
    [
        ([0.1, 0.2], True),
        ([0.95], True),
        ([0.92], False),
        ([0.9], False),  # the limits belong to the band
        ([0.94], False),
        ([0.1, 0.95], False),  # once below and once above
        ([0.1, 0.92], False),
    ],
)
def test_told_apart(against, apart):
    assert scales.told_apart({"low": 0.9, "high": 0.94, "against": against}) == apart
