"""What people hand to fit(), evaluate() and predict(): it works, or a sentence says."""

import copy

import numpy
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

import d2lutils as d2l
from d2lutils.training_data import moved, tensor_of

X, y = d2l.linear_data([2, -3.4], 4.2, 40)


class Examples(Dataset):
    def __getitem__(self, i):
        return X[i], y[i]

    def __len__(self):
        return len(X)


class Stream(IterableDataset):
    def __iter__(self):
        return zip(X, y, strict=True)


def trained(train, net=None, **options):
    torch.manual_seed(0)
    net = net or nn.Linear(2, 1)
    options = {"batch_size": 8, "seed": 0, "test": None} | options
    history = d2l.fit(
        net, train, options.pop("test"), loss=nn.MSELoss(), num_epochs=3,
        optimizer=torch.optim.SGD(net.parameters(), lr=0.03), progress=False,
        **{name: value for name, value in options.items() if value is not None},
    )  # fmt: skip
    return net, history


expected = trained((X, y))[0].weight.tolist()


@pytest.mark.parametrize(
    "train",
    [
        [X, y],
        (X.numpy(), y.numpy()),
        (X.double().numpy(), y.double().numpy()),  # what NumPy makes by itself
        (X.tolist(), y.tolist()),
        (list(X), list(y)),
        TensorDataset(X, y),
        d2l.data.Table(X, y, ["a", "b"], "somewhere"),
        d2l.DataSplit((X, y), (X, y), [], "somewhere"),
        ((X,), y),
    ],
)
def test_every_form_of_the_same_examples_trains_the_same_net(train):
    assert trained(train)[0].weight.tolist() == expected


def test_floats_of_arrays_come_in_the_nets_own_dtype():
    data = (X.tolist(), y.tolist())
    net, _ = trained(data, nn.Linear(2, 1).double())
    assert net.weight.dtype == torch.float64
    assert d2l.predict(net, X.tolist()).dtype == torch.float64


@pytest.mark.parametrize("dtype", [numpy.int32, numpy.uint8, numpy.int64])
def test_whole_numbers_of_arrays_are_labels(dtype):
    labels = (y > 0).flatten().numpy().astype(dtype)
    figures = d2l.evaluate(
        nn.Linear(2, 2), (X.numpy(), labels), nn.CrossEntropyLoss(), d2l.accuracy
    )
    assert 0 <= figures["metric"] <= 1
    assert tensor_of(labels, nn.Linear(2, 2)).dtype == torch.int64


def test_a_split_gives_both_parts():
    split = d2l.DataSplit((X, y), (X[:5], y[:5]), [], "somewhere")
    net, history = trained(split)
    last = history.last["test_loss"]
    assert last == pytest.approx(nn.MSELoss()(net(X[:5]), y[:5]).item())
    assert last != trained(split, test=(X, y))[1].last["test_loss"]
    with pytest.raises(ValueError, match=r"choose data\.train or data\.test"):
        d2l.evaluate(net, split, nn.MSELoss())


@pytest.mark.parametrize("data", [Examples(), TensorDataset(X, y), Stream()])
def test_a_loader_makes_its_own_batches(data):
    loader = DataLoader(data, batch_size=8)
    ours, history = trained(loader, batch_size=None, seed=None, test=loader)
    torch.manual_seed(0)
    net = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.03)
    for _ in range(3):
        for inputs, targets in loader:
            optimizer.zero_grad()
            nn.MSELoss()(net(inputs), targets).backward()
            optimizer.step()
    assert torch.equal(ours.weight, net.weight)
    whole = d2l.evaluate(net, (X, y), nn.MSELoss())["loss"]
    assert history.last["test_loss"] == pytest.approx(whole)


def test_batches_are_a_loader_too():
    batches = d2l.Batches(X, y, 8, seed=0)
    assert trained(batches, batch_size=None, seed=None)[0].weight.tolist() == expected


class Last(nn.Module):
    """Reads sequences (n, T, 2) of the given lengths; answers from the last state."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(2, 4, batch_first=True)
        self.dense = nn.Linear(4, 1)

    def forward(self, sequences, lengths):
        packed = pack_padded_sequence(sequences, lengths, True, enforce_sorted=False)
        return self.dense(self.rnn(packed)[1][-1])


sequences, lengths = torch.randn(40, 6, 2), torch.arange(40) % 6 + 1


@pytest.mark.parametrize(
    "data",
    [
        ((sequences, lengths), y),
        ((sequences.numpy(), lengths.tolist()), y.numpy()),
        TensorDataset(sequences, lengths, y),
    ],
)
def test_a_tuple_of_inputs_becomes_the_arguments(data):
    net, history = trained(data, Last(), test=data)
    outputs = d2l.predict(net, (sequences, lengths), batch_size=7)
    torch.testing.assert_close(outputs, net.eval()(sequences, lengths))
    figures = d2l.evaluate(net, data, nn.MSELoss())
    assert figures["loss"] == pytest.approx(history.last["test_loss"])


def test_a_loader_gives_several_inputs_flat_or_nested():
    dataset, start = TensorDataset(sequences, lengths, y), Last()
    nested = [((s, n), t) for s, n, t in dataset]
    a, b = (
        trained(DataLoader(d, 8), copy.deepcopy(start), batch_size=None, seed=None)[0]
        for d in (dataset, nested)
    )
    assert torch.equal(a.dense.weight, b.dense.weight)


def test_examples_lengths_and_labels_stay_together():
    index = torch.arange(40)
    batches = d2l.Batches((index.view(-1, 1), index), index, 7, seed=0)
    for (features, counts), labels in batches:
        assert torch.equal(features.flatten(), labels) and torch.equal(counts, labels)
    (A, a), (B, b) = d2l.train_test_split((index.view(-1, 1), index), index)
    assert torch.equal(A[0].flatten(), a) and torch.equal(A[1], a)
    assert torch.equal(B[0].flatten(), b) and len(b) == 8


def test_lengths_stay_on_the_cpu_and_all_else_moves():
    ids = torch.zeros(40, 1, dtype=torch.int64)
    X_, lengths_, ids_ = moved((sequences, lengths, ids), "meta")
    places = [t.device.type for t in (X_, lengths_, ids_)]
    assert places == ["meta", "cpu", "meta"]
    tokens = moved((lengths,), "meta")
    assert tokens[0].device.type == "meta"  # whole numbers that are the data
    with_lengths = d2l.Batches((X.to("meta"), lengths), y.to("meta"), 8, shuffle=False)
    assert next(iter(with_lengths))[0][1].device.type == "cpu"


def test_drop_last_leaves_out_what_is_too_small():
    sizes = [len(b) for _, b in d2l.Batches(X, y, 12, drop_last=True)]
    assert sizes == [12, 12, 12] and len(d2l.Batches(X, y, 12, drop_last=True)) == 3
    sizes = [len(b) for _, b in d2l.Batches(X, y, 12, shuffle=False, drop_last=True)]
    assert sizes == [12, 12, 12]
    assert len(list(d2l.Batches(X, y, 40, drop_last=True))) == 1
    with pytest.raises(ValueError, match="leaves nothing"):
        d2l.Batches(X, y, 41, drop_last=True)
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    trained((X, y), net, batch_size=13, drop_last=True)
    with pytest.raises(ValueError, match=r"layer '1' \(BatchNorm1d\).*drop_last=True"):
        trained((X, y), net, batch_size=13)


@pytest.mark.parametrize(
    ("train", "options", "error", "text"),
    [
        (DataLoader(Examples(), 8), {"seed": None}, ValueError, "leave out batch_size"),
        (DataLoader(Examples(), 8), {"batch_size": None}, ValueError, "leave out"),
        ((X, y), {"batch_size": None}, ValueError, "needs a batch_size"),
        (Examples(), {}, TypeError, r"wrap it, for example\s+DataLoader"),
        (Stream(), {}, TypeError, "wrap it"),
        (zip([X], [y], strict=True), {}, TypeError, "only once"),
        (DataLoader(X, 8), {}, TypeError, "must be a pair"),
        (DataLoader([]), {}, ValueError, "gave no batch"),
        ((X, lengths, y), {}, TypeError, r"\(\(X, lengths\), y\)"),
        (X, {}, TypeError, "a pair .* got a Tensor"),
        ({"X": X}, {}, TypeError, "got a dict"),
        ("text", {}, TypeError, "got a str"),
        (((), y), {}, ValueError, "empty tuple"),
        (([[1, 2], [3]], [1, 2]), {}, TypeError, "pad the shorter"),
        ((["a", "b"], [1, 2]), {}, TypeError, "numbers only"),
        ((X, y[:9]), {}, ValueError, "one label for each"),
        (((sequences, lengths[:9]), y), {}, ValueError, "one label for each"),
        (((sequences, lengths), y), {}, TypeError, r"calls net\(X, lengths\)"),
    ],
)
def test_what_is_no_data_is_said(train, options, error, text):
    if isinstance(train, (DataLoader, zip)) and not options:
        options = {"batch_size": None, "seed": None}
    with pytest.raises(error, match=text):
        trained(train, **options)


@pytest.mark.parametrize(
    ("inputs", "error", "text"),
    [
        (DataLoader(Examples(), 8), TypeError, "inputs without labels"),
        (TensorDataset(X, y), TypeError, "inputs without labels"),
        ((X, y), TypeError, "does not take the 2 input"),
        ((X, y[:3]), ValueError, "the same number"),
        ((), ValueError, "empty tuple"),
        (None, TypeError, "numbers"),
    ],
)
def test_what_cannot_be_predicted_is_said(inputs, error, text):
    with pytest.raises(error, match=text):
        d2l.predict(nn.Linear(2, 1), inputs)


def test_parts_have_at_least_one_example():
    for batch_size in (0, 2.5, None):
        with pytest.raises(ValueError, match="batch_size must be"):
            d2l.predict(nn.Linear(2, 1), X, batch_size)
        with pytest.raises(ValueError, match="batch_size must be"):
            d2l.evaluate(nn.Linear(2, 1), (X, y), nn.MSELoss(), batch_size=batch_size)


def test_no_examples_give_no_outputs():
    assert d2l.predict(nn.Linear(2, 3), X[:0]).shape == (0, 3)


class Padded(nn.Module):
    """Outputs for every position, cut to the longest sequence of the batch."""

    def forward(self, sequences, lengths):
        packed = pack_padded_sequence(sequences, lengths, True, enforce_sorted=False)
        return pad_packed_sequence(packed, batch_first=True)[0]


def test_outputs_of_unequal_length_are_explained():
    with pytest.raises(ValueError, match="total_length"):
        d2l.predict(Padded(), (sequences[:9], lengths[:9]), batch_size=3)
