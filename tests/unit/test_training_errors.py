"""What does not fit is said in plain words; other errors pass through."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import d2lutils as d2l
from tests.unit.training_runs import X, labels, regression, sgd, y


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"train": (X, y.flatten())}, ValueError, "would broadcast"),
        ({"train": (X.double(), y)}, ValueError, r"X.float\(\)"),
        ({"train": (X[:, :1], y)}, ValueError, "does not fit the first"),
        ({"train": (X, y[:9])}, ValueError, "one label for each"),
        ({"num_epochs": 0}, ValueError, "num_epochs must be a whole number"),
        ({"num_epochs": 2.5}, ValueError, "num_epochs must be"),
        ({"num_epochs": "3"}, ValueError, "not '3'"),
        ({"loss": nn.MSELoss}, TypeError, r"make one, MSELoss\(\)"),
        ({"train": (X, labels)}, ValueError, "would broadcast"),
        ({"loss": nn.MSELoss(reduction="none")}, ValueError, "reduction='mean'"),
        (
            {"optimizer": torch.optim.SGD(nn.Linear(2, 1).parameters(), lr=1)},
            ValueError,
            "none of this network's parameters",
        ),
        ({"net": nn.Linear(2, 1).requires_grad_(False)}, ValueError, "no parameter"),
        ({"train": ((X * 9).long(), y)}, ValueError, r"int64 .* X\.float\(\)"),
        ({"loss": lambda o, t: (o - t).square().mean().item()}, TypeError, r"\.item\(\)"),
        ({"loss": lambda o, t: (o.detach() - t).mean()}, ValueError, "cuts the graph"),
        ({"metric": lambda o, t: (o - t).abs()}, ValueError, r"shape \(16, 1\)"),
        ({"metric": lambda o, t: None}, TypeError, "metric is a NoneType"),
        ({"net": nn.LSTM(2, 1)}, TypeError, r"returns a tuple \(Tensor, tuple\)"),
        (
            {"net": nn.Sequential(nn.LSTM(2, 3), nn.Linear(3, 1))},
            TypeError,
            r"layer '1' \(Linear\) gets a tuple",
        ),
        (
            {"net": nn.Sequential(nn.Unflatten(1, (1, 2)), nn.Conv1d(1, 1, 3))},
            ValueError,
            r"too small .* layer '1' \(Conv1d\)",
        ),
        (
            {"net": nn.Sequential(nn.Linear(2, 2), nn.Unflatten(1, (1, 2)), nn.MaxPool1d(3))},
            ValueError,
            r"too small .* layer '2' \(MaxPool1d\)",
        ),
        (
            {"net": nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 1)), "batch_size": 1},
            ValueError,
            r"layer '0' \(BatchNorm1d\) can't .* drop_last=True",
        ),
        (
            {"net": nn.Linear(2, 2), "train": (X, labels + 1),
             "loss": nn.CrossEntropyLoss()},
            ValueError,
            "labels run from 1 to 2, but the network gives 2 scores",
        ),
        (
            {"net": nn.Linear(2, 2), "train": (X, labels - 1),
             "loss": F.cross_entropy},
            ValueError,
            "labels run from -1 to 0",
        ),
        (  # a loss that nobody can look into: said by the batch that meets it
            {"net": nn.Linear(2, 2), "train": (X, labels + 1),
             "loss": lambda o, t: F.cross_entropy(o, t)},
            ValueError,
            "labels of a batch run from 1 to 2",
        ),
        (
            {"net": nn.Linear(2, 2), "train": (X, labels.view(-1, 1)),
             "loss": F.cross_entropy},
            ValueError,
            r"y\.flatten\(\)",
        ),
        (
            {"train": (X, labels.view(-1, 1)), "loss": nn.BCEWithLogitsLoss()},
            TypeError,
            r"y\.float\(\)",
        ),
        (
            {"net": nn.Embedding(2, 1), "train": (labels + 1, y)},
            ValueError,
            r"outside the table of the network \(Embedding\)",
        ),
        (
            {"net": nn.Linear(2, 3), "train": (X, labels.float()),
             "loss": nn.NLLLoss()},
            TypeError,
            "int64 labels",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(changes, error, text):
    net = changes.get("net") or nn.Linear(2, 1)
    before = [p.clone() for p in net.parameters()]
    with pytest.raises(error, match=text):
        regression(**{"net": net, "optimizer": sgd(net)} | changes)
    after = list(net.parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_labels_that_the_loss_ignores_may_be_anything():
    hidden = torch.where(torch.arange(200) % 2 == 0, -7, labels)
    for ignored, options in ((-7, {"ignore_index": -7}), (-100, {})):
        kept = torch.where(hidden == -7, ignored, hidden)
        loss = nn.CrossEntropyLoss(**options)
        net = nn.Linear(2, 2)
        regression(net=net, train=(X, kept), loss=loss, optimizer=sgd(net))


class Failing(nn.Module):
    """A net that raises what it is told to."""

    def __init__(self, error):
        super().__init__()
        self.weight, self.error = nn.Parameter(torch.zeros(1)), error

    def forward(self, X):
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA: mat1 and mat2 shapes cannot be multiplied"),
        RuntimeError("MPS backend out of memory: shapes cannot be multiplied"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: 4000 bytes"),
        RuntimeError("something of the reader's own"),
        KeyError("Target 'x' is out of bounds"),
    ],
)
def test_errors_that_have_another_cause_pass_through(error):
    net = Failing(error)
    for call in (
        lambda: regression(net=net, optimizer=sgd(net)),
        lambda: d2l.predict(net, X),
        lambda: d2l.evaluate(net, (X, y), nn.MSELoss()),
    ):
        with pytest.raises(type(error)) as caught:
            call()
        assert caught.value is error and error.__cause__ is None


def test_memory_that_runs_out_in_the_loss_is_not_called_a_wrong_shape():
    def loss(outputs, targets):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        regression(loss=loss)


def test_unexplained_errors_get_a_note_of_the_shapes():
    error = RuntimeError("something of the reader's own")
    if not hasattr(error, "add_note"):
        pytest.skip("notes need Python 3.11")
    net = Failing(error)
    with pytest.raises(RuntimeError):
        regression(net=net, optimizer=sgd(net))
    assert "X (16, 2) torch.float32 and y (16, 1)" in error.__notes__[0]
