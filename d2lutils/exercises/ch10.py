"""Chapter 10, numerical stability and initialization: the checks of its exercises."""

import math
import struct
from fractions import Fraction

import torch

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    agree,
    agree_gradients,
    call,
    close,
    function,
    number,
    peak_memory,
    tensor,
)


@exercise(
    "10.1",
    hint="Which part of the mean square passes where z > 0, and which where z < 0?",
    wrong=[
        lambda: math.sqrt(2 / 300),
        lambda: math.sqrt(1 / 300),
        lambda: 2 / (1.04 * 300),
        lambda: math.sqrt(2 / (1.2 * 300)),
        lambda: math.nan,
    ],
)
def check_leaky(answer):
    """sqrt(2 / (1.04 * 300)) = 0.0801."""
    value = number(answer, "The standard deviation")
    if abs(value - 2 / (1.04 * 300)) <= 5e-4:
        raise Wrong("That is the variance; the standard deviation was asked for.")
    if abs(value - math.sqrt(2 / 300)) <= 5e-4:
        raise Wrong("That is right for ReLU. What do the negative values add?")
    if not abs(value - math.sqrt(2 / (1.04 * 300))) <= 6e-4:
        raise Wrong("Half of the squares pass whole, the other half times 0.2 squared.")


def _bits(x):
    return f"{struct.unpack('>I', struct.pack('>f', x))[0]:032b}"


def _no_hidden_digit(text):
    m, e = int(text[9:], 2) / 2**23, int(text[1:9], 2)
    return (-1) ** int(text[0]) * m * 2.0 ** (e - 127)


def _no_sign(text):
    return (1 + int(text[9:], 2) / 2**23) * 2.0 ** (int(text[1:9], 2) - 127)


def _no_subnormals(text):
    return (-1) ** int(text[0]) * _no_sign(text)


@exercise(
    "10.2",
    hint="int(text[1:9], 2) is the exponent field; the mantissa is an integer / 2^23.",
    wrong=[
        lambda: _no_hidden_digit,
        lambda: _no_sign,
        lambda: _no_subnormals,
        lambda: lambda text: int(text, 2),
        lambda: lambda text: math.nan,
    ],
)
def check_decode(answer):
    """The value of 32 bits, for normal and subnormal numbers and zero."""
    function(answer, "decode")
    for x in (1.0, 0.875, 6.36, 0.1, 16777216.0, 3e38, 1.2e-38):
        for signed in (x, -x):
            text = _bits(signed)
            exact = struct.unpack(">f", struct.pack(">f", signed))[0]
            value = number(call(answer, text), f"decode of {signed:g}")
            if value == abs(exact) != exact:
                raise Wrong("The first bit is the sign: 1 means negative.")
            if not abs(value - exact) <= 1e-7 * abs(exact):
                raise Wrong(
                    f"decode('{text}') should be {exact:.9g}, not {value:.9g}. Is the "
                    "hidden 1 there, and is 127 subtracted from the exponent?"
                )
    for x in (0.0, 1e-40, -3e-45):
        exact = struct.unpack(">f", struct.pack(">f", x))[0]
        value = number(call(answer, _bits(x)), f"decode of {x:g}")
        if not abs(value - exact) <= 1e-3 * abs(exact):
            raise Wrong("With the exponent field 0, use 0.m * 2^-126 instead of 1.m.")


def _naive(o):
    return o.exp().mean(dim=-1).log()


def _all_dimensions(o):
    return o.flatten().logsumexp(0) - math.log(o.numel())


def _first_dimension(o):
    return o.logsumexp(dim=0) - math.log(o.shape[0])


def _maximum_only(o):
    """Right for distances so large that only the largest counts."""
    near = o.exp().mean(dim=-1).log()
    return torch.where(near.isfinite(), near, o.max(dim=-1).values)


@exercise(
    "10.3",
    hint="The mean is the sum, divided by k. What does that do to the logarithm?",
    wrong=[
        lambda: _naive,
        lambda: lambda o: o.logsumexp(dim=-1),
        lambda: lambda o: o.mean(dim=-1),
        lambda: _all_dimensions,
        lambda: _first_dimension,
        lambda: lambda o: o.logsumexp(dim=-1) / o.shape[-1],
        lambda: lambda o: o.detach().logsumexp(dim=-1) - math.log(o.shape[-1]),
        lambda: _maximum_only,
    ],
)
def check_log_mean_exp(answer):
    """logsumexp over the last dimension minus log k."""
    function(answer, "log_mean_exp")
    generator = torch.Generator().manual_seed(0)
    for shape, scale in [((5,), 1), ((3, 4), 1), ((2, 3, 4), 1), ((3, 4), 1e4)]:
        o = scale * torch.randn(shape, dtype=torch.float64, generator=generator)
        theirs = o.logsumexp(dim=-1) - math.log(shape[-1])
        ours = call(answer, o)
        if torch.is_tensor(ours) and not ours.isfinite().all():
            raise Wrong(
                "Values of ±10,000 give nan or inf. Subtract the maximum first."
            )
        what = f"For o of shape {shape}, of which the last dimension goes, the result"
        tensor(ours, what, shape=theirs.shape)
        if close(ours, o.logsumexp(dim=-1)):
            raise Wrong("That is the logarithm of the sum. What does the mean change?")
        agree(ours, theirs, f"for o of shape {shape}", what="the result")
        agree_gradients(answer, lambda o: o.logsumexp(dim=-1), o, where="for such o")
    equal = tensor(call(answer, torch.full((7,), -1e4)), shape=())
    if not close(equal.double(), torch.tensor(-1e4), atol=1e-2):
        raise Wrong("The log-mean-exp of seven equal numbers is that number.")


def _squares(values):
    n = total = squares = 0
    for v in values:
        n, total, squares = n + 1, total + v, squares + v * v
    return squares / n - (total / n) ** 2


def _two_passes(values):
    mean = sum(values) / len(values)
    return sum((v - mean) ** 2 for v in values) / len(values)


def _welford(values, old_mean_twice=False):
    n, mean, S = 0, 0.0, 0.0
    for v in values:
        n, distance = n + 1, v - mean
        mean += distance / n
        S += distance * (distance if old_mean_twice else v - mean)
    return n, S


def _sample_variance(values):
    n, S = _welford(values)
    return S / (n - 1)


def _two_passes_by_index(values):
    n = len(values)
    mean = sum(values[i] for i in range(n)) / n
    return sum((values[i] - mean) ** 2 for i in range(n)) / n


def _copied(values):
    return _two_passes(list(values))


def _converted(values):
    return torch.tensor([float(v) for v in values]).double().var(correction=0)


def _by_index(values):
    """A right answer: Welford's update by index."""
    mean = S = 0.0
    for i in range(len(values)):
        x = values[i]
        step = (x - mean) / (i + 1)
        S += i * step * (x - mean)
        mean += step
    return S / len(values)


def _wrong_update(values):
    n, S = _welford(values, old_mean_twice=True)
    return S / n


class _Once:
    """Numbers that can be looked at a single time, only the first one twice."""

    def __init__(self, values):
        self.values, self.looks = values, 0

    def __iter__(self):
        return (self[i] for i in range(len(self.values)))

    def __len__(self):
        return len(self.values)

    def __getitem__(self, index):
        found = self.values[index]
        self.looks += len(found) if isinstance(index, slice) else 1
        if self.looks > len(self.values) + 1:
            raise Wrong("You went through the values a second time.")
        return found


@exercise(
    "10.4",
    hint="Move mu towards x by a share of x - mu. S grows by a product of two distances.",
    wrong=[
        lambda: _squares,
        lambda: _two_passes,
        lambda: _two_passes_by_index,
        lambda: _sample_variance,
        lambda: _wrong_update,
        lambda: lambda values: _welford(values)[1],
        lambda: lambda values: math.nan,
        lambda: _copied,
        lambda: _converted,
    ],
    right=[lambda: _by_index],
)
def check_running_variance(answer):
    """Welford's update."""
    function(answer, "running_variance")
    for shift, tolerance in [(0.0, 1e-6), (1e3, 1e-6), (1e9, 1e-3)]:
        values = [shift + v for v in (1.0, 2.0, 4.0, 8.0, -3.0)]
        value = number(call(answer, _Once(values)), "The variance")
        right = 13.04 if shift == 0 else _exact(values)
        if abs(value - 5 * right) <= 1e-3:
            raise Wrong("That is the sum S; divide it by the number of values.")
        if abs(value - 1.25 * right) <= 1e-3:
            raise Wrong("You divide by n - 1; the variance over n was asked for.")
        if not abs(value - right) <= tolerance * 10:
            raise Wrong(
                f"For numbers around {shift:g} it should be {right:.4f}, not {value:.4f}."
            )
    many = _Once(range(20_000))
    if peak_memory(lambda: answer(many)) > 2 * len(many):
        raise Wrong("It keeps a copy of the values; three numbers are enough.")


def _exact(values):
    exact = [Fraction(v) for v in values]
    mean = sum(exact) / len(exact)
    return float(sum((v - mean) ** 2 for v in exact) / len(exact))
