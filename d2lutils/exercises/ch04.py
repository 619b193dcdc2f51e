"""Checks of chapter 04, datasets and data loaders."""

import torch

from d2lutils.exercises import Wrong, exercise


@exercise(
    "04.1",
    hint="How many whole batches of 64 are there in 60,000? Each epoch has that many.",
    wrong=[lambda: 938 * 10, lambda: 937, lambda: 9375],
)
def check_number_of_steps(answer):
    """937 whole batches in each of the ten epochs."""
    if isinstance(answer, bool) or not isinstance(answer, (int, float)):
        raise Wrong("The answer is one whole number.")
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


@exercise(
    "04.2",
    hint="Collect three sums: how many numbers, their sum, the sum of their squares.",
    wrong=[lambda: _mean_of_spreads, lambda: _root_of_mean_variance],
)
def check_spread(answer):
    """The standard deviation of all numbers, whatever the batches."""
    cases = {
        "batches that are each constant": [torch.zeros(3), torch.full((5,), 2.0)],
        "batches of different lengths": [torch.arange(7.0), torch.tensor([100.0])],
        "a batch with two axes": [torch.arange(6.0).reshape(2, 3), torch.ones(1, 3)],
    }
    for what, batches in cases.items():
        expected = torch.cat([batch.flatten() for batch in batches]).std(correction=0)
        found = answer(iter(batches))
        if found is None:
            raise Wrong("The function returns nothing.")
        if abs(float(found) - float(expected)) > 1e-4:
            raise Wrong(
                f"For {what} it gives {float(found):.4f}, but all numbers together have "
                f"the standard deviation {float(expected):.4f}."
            )


def _padded_with_zero(examples):
    words = [word for word, _ in examples]
    padded = torch.nn.utils.rnn.pad_sequence(words, batch_first=True)
    return padded, torch.tensor([len(w) for w in words]), torch.tensor(
        [label for _, label in examples]
    )  # fmt: skip


def _time_first(examples):
    padded, lengths, labels = _padded_with_zero(examples)
    return padded.T, lengths, labels


@exercise(
    "04.3",
    hint="zip(*examples) parts the words from the labels; a tensor full of -1 is a start.",
    wrong=[lambda: _padded_with_zero, lambda: _time_first],
)
def check_collate_words(answer):
    """Padded words (B, T), lengths (B,), labels (B,)."""
    words = [torch.tensor([4, 0]), torch.tensor([7, 8, 9]), torch.tensor([0])]
    returned = answer(
        [(word, label) for word, label in zip(words, (5, 0, 2), strict=True)]
    )
    if not isinstance(returned, (tuple, list)) or len(returned) != 3:
        raise Wrong("It must return three tensors: words, lengths, labels.")
    for name, tensor in zip(("words", "lengths", "labels"), returned, strict=True):
        if not torch.is_tensor(tensor):
            raise Wrong(f"The {name} are a {type(tensor).__name__}, not a tensor.")
    padded, lengths, labels = returned
    if tuple(padded.shape) != (3, 3):
        raise Wrong(
            f"Three words of at most three letters must give shape (3, 3), not "
            f"{tuple(padded.shape)}."
        )
    expected = torch.tensor([[4, 0, -1], [7, 8, 9], [0, -1, -1]])
    if not torch.equal(padded.long(), expected):
        if (padded.long() == expected)[expected >= 0].all():
            raise Wrong("The letters are right, but 0 is a letter too: pad with -1.")
        raise Wrong(f"The words {expected.tolist()} became {padded.tolist()}.")
    if lengths.tolist() != [2, 3, 1]:
        raise Wrong(f"The lengths are [2, 3, 1], not {lengths.tolist()}.")
    if labels.tolist() != [5, 0, 2]:
        raise Wrong(f"The labels are [5, 0, 2], not {labels.tolist()}.")


_ROWS = [
    (3, "male", 20, 7.5, 0),
    (1, "female", None, 80.0, 1),
    (2, "female", 40, 12.25, 1),
]


class _Passengers:
    """A right answer, which the wrong ones below spoil."""

    missing, shape, dtype = 30.0, (1,), torch.float32

    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        place, sex, age, fare, survived = self.rows[index]
        age = self.missing if age is None else age
        features = torch.tensor([place, sex == "female", age, fare], dtype=self.dtype)
        return features, torch.full(self.shape, float(survived), dtype=self.dtype)


class _ZeroAge(_Passengers):
    missing = 0.0


class _FlatLabel(_Passengers):
    shape = ()


class _Double(_Passengers):
    dtype = torch.float64


@exercise(
    "04.4",
    hint="Compute the mean of the known ages once, in __init__, and build two tensors there.",
    wrong=[lambda: _ZeroAge, lambda: _FlatLabel, lambda: _Double],
)
def check_passengers(answer):
    """A Dataset of (4,) float32 features and (1,) float32 labels."""
    data = answer(_ROWS)
    if len(data) != len(_ROWS):
        raise Wrong(f"Three rows must give the length 3, not {len(data)}.")
    expected = [[3, 0, 20, 7.5], [1, 1, 30, 80.0], [2, 1, 40, 12.25]]
    for i, (row, survived) in enumerate(zip(expected, (0.0, 1.0, 1.0), strict=True)):
        features, label = data[i]
        for name, tensor, shape in (
            ("features", features, (4,)),
            ("label", label, (1,)),
        ):
            if not torch.is_tensor(tensor) or tuple(tensor.shape) != shape:
                found = getattr(tensor, "shape", type(tensor).__name__)
                raise Wrong(
                    f"The {name} of an example must have shape {shape}: {found}."
                )
            if tensor.dtype != torch.float32:
                raise Wrong(f"The {name} must be float32, not {tensor.dtype}.")
        if not torch.allclose(features, torch.tensor(row, dtype=torch.float32)):
            raise Wrong(
                f"The row {_ROWS[i]} should become {row} (30 is the mean of the known ages "
                f"20 and 40), not {features.tolist()}."
            )
        if label.item() != survived:
            raise Wrong(f"The label of {_ROWS[i]} is {survived}, not {label.item()}.")


@exercise(
    "04.5",
    hint="What must the weights of all rows of one class add up to? y.bincount() counts.",
    wrong=[
        lambda: lambda y: y.double() + 1,
        lambda: lambda y: y.bincount()[y].double(),
    ],
)
def check_balance(answer):
    """One weight per row; each class's weights add up to the same sum."""
    for y in (torch.tensor([0, 0, 0, 1]), torch.tensor([2, 0, 1, 1, 2, 2, 2, 1])):
        weights = torch.as_tensor(answer(y), dtype=torch.float64)
        if weights.shape != y.shape:
            raise Wrong(
                f"{len(y)} rows need {len(y)} weights, not {tuple(weights.shape)}."
            )
        sums = torch.zeros(int(y.max()) + 1, dtype=torch.float64).index_add(
            0, y, weights
        )
        if (weights <= 0).any() or (sums.max() - sums.min()) > 1e-6 * sums.max():
            raise Wrong(
                f"For the labels {y.tolist()} the classes get the total weights "
                f"{[round(s, 3) for s in sums.tolist()]}; they should be equal, and no "
                "weight zero."
            )
