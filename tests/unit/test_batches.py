"""Dividing examples into parts and batches; data drawn from a known law."""

import pytest
import torch

import d2lutils as d2l

X, y = torch.arange(10.0).reshape(10, 1), torch.arange(10)


def test_every_example_comes_once():
    batches = d2l.Batches(X, y, 4, seed=0)
    assert len(batches) == 3
    parts = list(batches)
    assert [len(part) for part, _ in parts] == [4, 4, 2]
    order = torch.cat([labels for _, labels in parts])
    assert order.tolist() != y.tolist() and order.sort().values.tolist() == y.tolist()
    assert all(torch.equal(a.flatten().long(), b) for a, b in parts)


def test_each_epoch_has_a_new_order_that_the_seed_repeats():
    def epochs():
        batches = d2l.Batches(X, y, 10, seed=1)
        return [next(iter(batches))[1].tolist() for _ in range(2)]

    first, second = epochs()
    assert first != second and epochs() == [first, second]


def test_without_shuffling_the_order_stays():
    parts = [labels.tolist() for _, labels in d2l.Batches(X, y, 4, shuffle=False)]
    assert parts == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((X, y[:9], 2), ValueError, "10 examples but y has 9"),
        ((X, y, 0), ValueError, "batch_size"),
        ((X, y, 2.5), ValueError, "batch_size"),
        ((X, y, "2"), ValueError, "batch_size"),
        ((X, y, None), ValueError, "batch_size"),
        ((X, y, float("inf")), ValueError, "batch_size"),
        ((X[:0], y[:0], 2), ValueError, "no examples"),
        ((X.tolist(), y, 2), TypeError, "must be tensors"),
        ((X, y.to("meta"), 2), ValueError, "move one"),
    ],
)
def test_bad_batches(arguments, error, text):
    with pytest.raises(error, match=text):
        d2l.Batches(*arguments)


def test_split_is_a_partition_and_repeats():
    (A, a), (B, b) = d2l.train_test_split(X, y, 0.3, seed=1)
    assert len(A) == 7 and len(B) == 3
    assert sorted(a.tolist() + b.tolist()) == y.tolist()
    assert torch.equal(A.flatten().long(), a)
    assert torch.equal(d2l.train_test_split(X, y, 0.3, seed=1)[1][1], b)
    assert not torch.equal(d2l.train_test_split(X, y, 0.3, seed=2)[1][1], b)


@pytest.mark.parametrize("fraction", [0, 1, 1.5, 0.99])
def test_split_never_leaves_a_part_empty(fraction):
    with pytest.raises(ValueError, match="empty"):
        d2l.train_test_split(X, y, fraction)


def test_linear_data_follows_its_law():
    features, targets = d2l.linear_data([2, -3.4], 4.2, 2000, noise=0.01)
    assert features.shape == (2000, 2) and targets.shape == (2000, 1)
    rest = targets - (features @ torch.tensor([[2.0], [-3.4]]) + 4.2)
    assert abs(rest.mean()) < 0.001 and abs(rest.std() - 0.01) < 0.001
    with pytest.raises(ValueError, match="noise >= 0"):
        d2l.linear_data([1], 0, 5, noise=-1)
    assert d2l.linear_data(torch.zeros(2, device="meta"), 0, 5)[1].device.type == "meta"


def test_moons():
    points, labels = d2l.moons(50, seed=3)
    assert points.shape == (50, 2) and labels.unique().tolist() == [0, 1]
    for arguments in ((1,), (50, float("nan"))):
        with pytest.raises(ValueError, match="n >= 2 and noise"):
            d2l.moons(*arguments)
