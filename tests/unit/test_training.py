"""The training loop and the metrics give the right figures."""

import math

import numpy
import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

import d2lutils as d2l
from tests.unit.training_runs import X, labels, regression, y


def test_the_helper_does_what_the_plain_loop_does():
    net, history = regression(test=(X, y))
    torch.manual_seed(0)
    plain = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(plain.parameters(), lr=0.03)
    batches = d2l.Batches(X, y, 16, seed=0)
    for _ in range(3):
        total = 0.0
        for X_batch, y_batch in batches:
            loss = nn.MSELoss()(plain(X_batch), y_batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(X_batch)
    assert torch.equal(net.weight, plain.weight) and torch.equal(net.bias, plain.bias)
    # the last batch has 8 of 200 examples: a mean over batches would be wrong
    assert history["train_loss"][-1] == pytest.approx(total / 200)
    expected = nn.MSELoss()(plain(X), y).item()
    assert history.last["test_loss"] == pytest.approx(expected)


def test_classification_with_scheduler_and_clipping():
    net = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    _, history = regression(
        net=net,
        train=(X, labels),
        test=(X, labels),
        loss=nn.CrossEntropyLoss(),
        optimizer=optimizer,
        metric=d2l.accuracy,
        scheduler=torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5),
        clip_norm=1.0,
    )
    assert history.last["test_metric"] > 0.9 and len(history) == 3
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.5 / 8)
    assert history.plot("a title") is not None


def test_clipping_bounds_the_step():
    net, _ = regression(num_epochs=1, batch_size=200, clip_norm=1e-3)
    torch.manual_seed(0)
    start = nn.Linear(2, 1)
    moved = torch.cat([(net.weight - start.weight).flatten(), net.bias - start.bias])
    assert moved.norm().item() == pytest.approx(0.03 * 1e-3, rel=1e-3)


def test_evaluation_mode_is_used_and_restored():
    net = nn.Sequential(nn.Dropout(0.9), nn.Linear(2, 1))
    once, twice = d2l.predict(net, X), d2l.predict(net, X)
    assert torch.equal(once, twice) and net.training and not once.requires_grad


def test_predict_in_parts_equals_predict_at_once():
    net = nn.Linear(2, 1)
    torch.testing.assert_close(d2l.predict(net, X, 7), d2l.predict(net, X, 1000))


@pytest.mark.parametrize("kind", [float, numpy.float64, lambda v: v, lambda v: v > 0])
def test_a_metric_may_be_a_tensor_or_a_number(kind):
    def error(outputs, targets):
        return kind((outputs - targets).abs().mean())

    net, history = regression(metric=error, test=(X, y), num_epochs=1)
    expected = float(kind((net(X) - y).abs().mean().detach()))
    assert history.last["test_metric"] == pytest.approx(expected)
    assert history.last["train_metric"] > 0


def test_metrics():
    logits = torch.tensor([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]])
    assert d2l.accuracy(logits, torch.tensor([0, 1, 1])).item() == pytest.approx(2 / 3)
    scores, truth = torch.tensor([[0.4], [-0.2]]), torch.tensor([[1.0], [0.0]])
    assert d2l.binary_accuracy(scores, truth) == 1
    assert d2l.binary_accuracy(scores, truth, threshold=0.5) == 0.5
    with pytest.raises(ValueError, match=r"\(n, q\)"):
        d2l.accuracy(logits, torch.tensor([[0], [1], [1]]))
    with pytest.raises(ValueError, match="equal shapes"):
        d2l.binary_accuracy(scores, truth.flatten())
    with pytest.raises(ValueError, match="a loss, a metric"):
        d2l.evaluate(nn.Linear(2, 1), (X, y))


def test_divergence_is_reported_not_hidden():
    _, history = regression(
        optimizer=None
        or torch.optim.SGD((net := nn.Linear(2, 1)).parameters(), lr=1e6),
        net=net,
        num_epochs=20,
    )
    assert not math.isfinite(history.last["train_loss"])


def test_history_says_what_it_has():
    _, history = regression()
    with pytest.raises(KeyError, match="no 'test_loss'; it has train_loss"):
        history["test_loss"]
    with pytest.raises(ValueError, match="no epoch"):
        _ = d2l.History().last


class Waits(TorchFunctionMode):
    """Count the calls for which Python would have to wait for a GPU's answer."""

    ASKING = ("item", "cpu", "tolist", "numpy", "nonzero", "unique", "equal")
    ASKING += ("__bool__", "__float__", "__int__", "__index__", "__contains__")

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self.count += getattr(function, "__name__", "") in self.ASKING
        return function(*args, **(kwargs or {}))


def test_nothing_inside_an_epoch_waits_for_the_device():
    """However many batches there are, results are asked for once an epoch."""
    counts = []
    for batch_size in (200, 100, 4):
        net = nn.Linear(2, 2)
        with Waits() as mode:
            regression(
                net=net, train=(X, labels), test=(X, labels), loss=nn.CrossEntropyLoss(),
                optimizer=torch.optim.SGD(net.parameters(), lr=0.1), clip_norm=1.0,
                metric=d2l.accuracy, batch_size=batch_size,
            )  # fmt: skip
        counts.append(mode.count)
    assert counts[0] == counts[1] == counts[2] > 0, counts
