"""Checks of chapter 04, datasets and data loaders."""

import numpy as np
import torch
from torch.utils.data import Dataset

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    Stream,
    agree,
    call,
    function,
    largest_result,
    number,
    parts,
    peak_memory,
    subclass,
    tensor,
)


@exercise(
    "04.1",
    hint="How many whole batches of 64 are there in 60,000? Each epoch has that many.",
    wrong=[
        lambda: 938 * 10,
        lambda: 937,
        lambda: 9375,
        lambda: 60_000 * 10,
        lambda: "9370",
    ],
    right=[lambda: 60_000 // 64 * 10, lambda: torch.tensor(9370)],
)
def check_number_of_steps(answer):
    """937 whole batches in each of the ten epochs."""
    answer = number(answer, "The number of steps", whole=True)
    if answer == 9380:
        raise Wrong(
            "That keeps the short last batch of every epoch; drop_last drops it."
        )
    if answer == 937:
        raise Wrong("That is one epoch. There are ten.")
    if answer != 9370:
        raise Wrong(
            "An epoch has as many steps as there are whole batches in the data."
        )


def _mean_of_spreads(batches):
    spreads = [batch.std(correction=0) for batch in batches]
    return sum(spreads) / len(spreads)


def _root_of_mean_variance(batches):
    batches = list(batches)
    n = sum(len(batch) for batch in batches)
    return (sum(b.var(correction=0) * len(b) for b in batches) / n).sqrt()


def _all_at_once(batches):
    return torch.cat([batch.flatten() for batch in batches]).std(correction=0)


def _keeps_the_list(batches):
    return _two_passes(list(batches))


def _as_arrays(batches):
    return np.concatenate([batch.flatten().numpy() for batch in batches]).std()


def _sums(batches):
    count = total = squares = 0
    for batch in batches:
        batch = batch.double()
        count, total = count + batch.numel(), total + batch.sum()
        squares = squares + batch.square().sum()
    return (squares / count - (total / count) ** 2).sqrt()


def _sums_of_32_bits(batches):
    count = total = squares = 0
    for batch in batches:
        count, total = count + batch.numel(), total + batch.sum()
        squares = squares + batch.square().sum()
    return (squares / count - (total / count) ** 2).clamp(min=0).sqrt()


def _merged(batches):
    count, mean, squares = 0, 0.0, 0.0  # Chan's rule: sums round the running mean
    for batch in map(torch.Tensor.double, batches):
        n, delta = batch.numel(), batch.mean() - mean
        squares = squares + (batch - batch.mean()).square().sum()
        squares = squares + delta**2 * count * n / (count + n)
        count, mean = count + n, mean + delta * n / (count + n)
    return float((squares / count) ** 0.5)


def _two_passes(batches):
    mean = sum(b.sum().item() for b in batches) / sum(b.numel() for b in batches)
    count = squares = 0
    for batch in batches:
        count, squares = count + batch.numel(), squares + (batch - mean).square().sum()
    return (squares / count) ** 0.5


@exercise(
    "04.2",
    hint="Collect three sums: how many numbers, their sum, the sum of their squares.",
    wrong=[
        lambda: _mean_of_spreads,
        lambda: _root_of_mean_variance,
        lambda: _all_at_once,
        lambda: _keeps_the_list,
        lambda: _as_arrays,
        lambda: _sums_of_32_bits,
        lambda: lambda batches: _sums(batches) * torch.nan,
        lambda: lambda batches: _sums(batches) ** 2,
    ],
    right=[lambda: _sums, lambda: _two_passes, lambda: _merged],
)
def check_spread(answer):
    """The standard deviation of all numbers, whatever the batches, one at a time."""
    function(answer, "spread")
    cases = {
        "for batches that are each constant": [torch.zeros(3), torch.full((5,), 2.0)],
        "for batches of different lengths": [torch.arange(7.0), torch.tensor([100.0])],
        "for a batch with two axes": [torch.arange(6.0).view(2, 3), torch.ones(1, 3)],
        "for numbers far from 0": [torch.tensor([1e4, 1e4 + 1]), torch.full((1,), 1e4)],
    }
    for where, batches in cases.items():
        expected = torch.cat([b.flatten() for b in batches]).std(correction=0).item()
        stream = Stream(lambda i, batches=batches: batches[i].clone(), len(batches))
        found = number(call(answer, stream), "The spread")
        what = "the standard deviation of all numbers"
        advice = ""
        if "far" in where:
            advice = "(A small difference of large sums needs 64 bits.)"
        agree(found, expected, where, advice, what=what, atol=1e-4)
    generator = torch.Generator().manual_seed(0)
    many = Stream(lambda i: torch.randn(2000, generator=generator), 40)
    with largest_result() as seen:
        answer(many)
    memory = peak_memory(lambda: answer(many))  # of lists and arrays
    # Two are alive while the next is made; as a list, a batch takes 64 kB.
    if many.most_alive > 2 or seen.numel > 2000 or memory > 200_000:
        raise Wrong("Several batches are in memory at a time; keep sums, not batches.")


def _padded_with_zero(examples):
    words = [word for word, _ in examples]
    padded = torch.nn.utils.rnn.pad_sequence(words, batch_first=True)
    return padded, torch.tensor([len(w) for w in words]), torch.tensor(
        [label for _, label in examples]
    )  # fmt: skip


def _time_first(examples):
    padded, lengths, labels = _padded_with_zero(examples)
    return padded.T, lengths, labels


def _padded(examples, length=None):
    words, labels = zip(*examples, strict=True)
    lengths = torch.tensor([len(word) for word in words])
    padded = torch.full((len(words), length or int(lengths.max())), -1)
    for row, word in zip(padded, words, strict=True):
        row[: len(word)] = word
    return padded, lengths, torch.tensor(labels)


def _pad_sequence(examples):
    words = [word for word, _ in examples]
    padded = torch.nn.utils.rnn.pad_sequence(words, True, padding_value=-1)
    lengths, labels = [len(w) for w in words], [label for _, label in examples]
    return [padded, torch.tensor(lengths), torch.tensor(labels)]


@exercise(
    "04.3",
    hint="zip(*examples) parts the words from the labels; a tensor full of -1 is a start.",
    wrong=[
        lambda: _padded_with_zero,
        lambda: _time_first,
        lambda: lambda examples: _padded(examples, length=5),
        lambda: lambda examples: [v.tolist() for v in _padded(examples)],
        lambda: lambda examples: _padded(examples)[::2],
        lambda: lambda examples: [v.float() for v in _padded(examples)],
    ],
    right=[lambda: _padded, lambda: _pad_sequence],
)
def check_collate_words(answer):
    """Padded words (B, T), lengths (B,), labels (B,)."""
    function(answer, "collate_words")
    for words, labels in (
        ([[4, 0], [7, 8, 9], [0]], [5, 0, 2]),
        ([[3], [1, 2, 3, 4, 5]], [1, 1]),
        ([[6, 6]], [0]),
    ):
        longest = max(map(len, words))
        rows = [word + [-1] * (longest - len(word)) for word in words]
        expected = {
            "words": torch.tensor(rows),
            "lengths": torch.tensor([len(word) for word in words]),
            "labels": torch.tensor(labels),
        }
        examples = list(zip(map(torch.tensor, words), labels, strict=True))
        returned = parts(call(answer, examples), list(expected), of="tensors")
        for (name, right), found in zip(expected.items(), returned, strict=True):
            what = f"For {words}, the tensor of {name}"
            tensor(found, what, shape=right.shape, dtype="whole")
            if torch.equal(found.long(), right):
                continue
            if (found.long() == right)[right >= 0].all():
                raise Wrong(
                    "The letters are right, but 0 is a letter too: pad with -1."
                )
            raise Wrong(f"{what} should be {right.tolist()}, not {found.tolist()}.")


_ROWS = [
    (3, "male", 20, 7.5, 0),
    (1, "female", None, 80.0, 1),
    (2, "female", 40, 12.25, 1),
    (3, "male", 75, 8.0, 0),
]


class _Passengers(Dataset):
    """A right answer, which the wrong ones below spoil."""

    shape, dtype = (1,), torch.float32

    def __init__(self, rows):
        self.rows = rows
        self.missing = self.typical([row[2] for row in rows if row[2] is not None])

    def typical(self, ages):
        return sum(ages) / len(ages)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        place, sex, age, fare, survived = self.rows[index]
        age = self.missing if age is None else age
        features = torch.tensor([place, sex == "female", age, fare], dtype=self.dtype)
        return features, torch.full(self.shape, float(survived), dtype=self.dtype)


class _ZeroAge(_Passengers):
    def typical(self, ages):
        return 0.0


class _MedianAge(_Passengers):
    def typical(self, ages):
        return sorted(ages)[len(ages) // 2]


class _ConstantAge(_Passengers):
    def typical(self, ages):
        return 45.0


class _FlatLabel(_Passengers):
    shape = ()


class _Double(_Passengers):
    dtype = torch.float64


class _OnlyFour(_Passengers):
    def __len__(self):
        return 4


class _TwoTensors(Dataset):
    """The other right answer: two tensors, made once."""

    def __init__(self, rows):
        ages = torch.tensor([float("nan") if r[2] is None else r[2] for r in rows])
        ages = torch.where(ages.isnan(), ages.nanmean(), ages)
        others = torch.tensor([[r[0], r[1] == "female", *r[3:]] for r in rows])
        place, female, fare, survived = others.unbind(dim=1)
        self.X = torch.stack([place, female, ages, fare], dim=1)
        self.y = survived.unsqueeze(1)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, index):
        return self.X[index], self.y[index]


@exercise(
    "04.4",
    hint="Compute the mean of the known ages once, in __init__, and build two tensors there.",
    wrong=[
        lambda: _ZeroAge,
        lambda: _MedianAge,
        lambda: _ConstantAge,
        lambda: _FlatLabel,
        lambda: _Double,
        lambda: _OnlyFour,
    ],
    right=[lambda: _Passengers, lambda: _TwoTensors],
)
def check_passengers(answer):
    """A Dataset of (4,) float32 features and (1,) float32 labels."""
    subclass(answer, Dataset)
    for rows in (_ROWS, [(2, "male", 10, 1.0, 1), (1, "female", 30, 2.0, 0), _ROWS[1]]):
        data = answer(list(rows))
        if len(data) != len(rows):
            raise Wrong(f"{len(rows)} rows must give that length, not {len(data)}.")
        ages = [row[2] for row in rows if row[2] is not None]
        mean = sum(ages) / len(ages)
        for i, (place, sex, age, fare, survived) in enumerate(rows):
            age = mean if age is None else age
            right = {
                "features": torch.tensor([place, sex == "female", age, fare]),
                "label": torch.tensor([float(survived)]),
            }
            example = parts(data[i], list(right), of="tensors")
            for (name, values), found in zip(right.items(), example, strict=True):
                what = f"The tensor of the {name}"
                tensor(found, what, shape=values.shape, dtype=torch.float32)
                where = f"for the row {rows[i]}"
                advice = f"(The mean of the known ages is {mean:g}.)"
                agree(found, values, where, advice, what=what.lower())


def _two_classes(y):
    zeros = (y == 0).sum()
    return torch.where(y == 0, 1 / zeros, 1 / (len(y) - zeros))


@exercise(
    "04.5",
    hint="What must the weights of all rows of one class add up to? y.bincount() counts.",
    wrong=[
        lambda: lambda y: y.double() + 1,
        lambda: lambda y: y.bincount()[y].double(),
        lambda: lambda y: 1 / y.bincount().double(),
        lambda: _two_classes,
        lambda: lambda y: torch.full(y.shape, torch.nan),
        lambda: lambda y: torch.zeros(y.shape),
    ],
    right=[
        lambda: lambda y: 1 / y.bincount()[y].double(),
        lambda: lambda y: [len(y) / (y == label).sum().item() for label in y],
    ],
)
def check_balance(answer):
    """One weight per row; each class's weights add up to the same sum."""
    function(answer, "balance")
    for labels in ([0, 0, 0, 1], [2, 0, 1, 1, 2, 2, 2, 1], [3, 0, 3]):
        y = torch.tensor(labels)
        weights = call(answer, y)
        if isinstance(
            weights, (list, tuple, np.ndarray)
        ):  # the sampler takes those, too
            weights = torch.tensor([number(w, "Each weight") for w in weights])
        tensor(weights, f"For {len(y)} rows, the tensor of weights", shape=y.shape)
        sums = [weights[y == label].double().sum().item() for label in y.unique()]
        if (weights <= 0).any() or max(sums) - min(sums) > 1e-6 * max(sums):
            raise Wrong(
                f"For the labels {labels} the classes get the total weights "
                f"{[round(s, 3) for s in sums]}; they should be equal, and no weight zero."
            )
