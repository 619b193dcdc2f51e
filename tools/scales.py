"""How far a figure may stray: the band of its values over several seeds, on a scale that fits.

A band is a prediction interval for one further run. With mean m and standard deviation s of n
seeds it reaches from m - w to m + w, w = 3 s c. The factor c makes of three standard
deviations what they would mean if s were known exactly, an interval that one further run in
370 leaves: c = t sqrt(1 + 1/n) / 3 with Student's t for n - 1 degrees of freedom (2.4 for five
seeds, 1.4 for ten: more seeds, narrower bands). m and s are taken on the metric's scale:

logit     shares from 0 to 1 (the metric's name holds accuracy, error rate, precision, recall,
          share, F1 or AUC): log(p / (1 - p)), so that no band leaves 0 to 1. An exact 1 counts
          as if half of the smallest miss among the seeds were missed (half the floor, if that
          is less or no seed missed any), and the band then ends at 1; likewise at 0.
log       what is positive for every seed, such as losses, perplexities, ratios.
linear    differences (the name holds difference, minus, gain, change, saved, lost or
          optimism), whose sign means something, and what is negative for some seed.
clipped   the rest, never negative but 0 for some seed: linear, cut off at 0. A band that
          stores no scale was measured on this one before the others came; shares are cut
          off at 1 as well.

The floor keeps a band from being narrower than what another processor may change: 0.002 to each
side for shares and their differences, and 0.01 at quick size, where few examples are counted;
for others 1 % of the mean (quick: 3 %), and never less than 1e-6.
"""

import math
import re
import statistics

from scipy import stats

SHARES = ("accuracy", "error rate", "precision", "recall", "share", "f1", "auc")
DIFFERENCE = re.compile(
    r"\b(differences?|minus|gain(s|ed)?|changes?|saved|lost|optimism)\b", re.I
)


def is_share(metric):
    """Whether a metric counts in shares from 0 to 1, or is a difference of such."""
    return any(word in metric.lower() for word in SHARES)


def scale_of(metric, values):
    """The scale of a metric with these values: "logit", "log", "linear" or "clipped"."""
    if DIFFERENCE.search(metric) or min(values) < 0:
        return "linear"
    if is_share(metric) and max(values) <= 1:
        return "logit"
    return "log" if min(values) > 0 else "clipped"


def limits(values, metric, size, scale):
    """(low, high) of the band of a metric with these values, one per seed."""
    if len(values) < 2:
        raise ValueError(
            f"a band needs two seeds at least, five to count; got {len(values)}"
        )
    quick = size == "quick"
    relative = 0.03 if quick else 0.01
    floor = 0.01 if quick else 0.002
    if scale == "logit":
        low, high = shares(values, floor)
    elif scale == "log":
        low, high = map(
            math.exp, around([math.log(v) for v in values], math.log1p(relative))
        )
    else:
        mean = abs(statistics.fmean(values))
        width = floor if is_share(metric) else mean * relative
        low, high = around(values, max(width, 1e-6))
        if scale == "clipped":
            low = max(low, 0.0) if min(values) >= 0 else low
            high = min(high, 1.0) if is_share(metric) and max(values) <= 1 else high
    return rounded(low), rounded(high)


def around(values, floor):
    """(low, high) around the mean of values, on the scale on which they are given."""
    mean, spread = statistics.fmean(values), statistics.stdev(values)
    width = max(3 * spread * small_sample(len(values)), floor)
    return mean - width, mean + width


def shares(values, floor):
    """(low, high) of shares, by way of their logits."""
    least = min([2 * floor, *(v for v in values if v > 0)]) / 2
    most = 1 - min([2 * floor, *(1 - v for v in values if v < 1)]) / 2
    inner = [min(max(v, least), most) for v in values]
    logits = [math.log(v / (1 - v)) for v in inner]
    middle = logistic(statistics.fmean(logits))
    low, high = map(logistic, around(logits, 0.0))
    low = 0.0 if min(values) == 0 else min(low, max(middle - floor, 0.0))
    high = 1.0 if max(values) == 1 else max(high, min(middle + floor, 1.0))
    return low, high


def logistic(x):
    """The share whose logit is x; large x of both signs will do."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def small_sample(n):
    """By how much n seeds must widen three standard deviations."""
    t = stats.t.ppf(stats.norm.cdf(3), n - 1)
    return float(t) * math.sqrt(1 + 1 / n) / 3


def rounded(value):
    """The value with six significant digits, as bands.json holds it."""
    return float(f"{value:.6g}")


def told_apart(band):
    """Whether every figure that the band must exclude lies outside, all on one side."""
    low, high, against = band["low"], band["high"], band["against"]
    return max(against) < low or min(against) > high
