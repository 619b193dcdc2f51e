"""Training leaves the parts of a net in the modes they were in."""

import pytest
from torch import nn

import d2lutils as d2l
from tests.unit.training_runs import X, regression, sgd, y


def frozen_norm():
    """A net that trains, with a batch norm that somebody froze, and its statistics."""
    norm = nn.BatchNorm1d(2).requires_grad_(False).eval()
    return nn.Sequential(norm, nn.Linear(2, 1)), norm


def test_a_frozen_batch_norm_stays_frozen():
    net, norm = frozen_norm()
    regression(net=net, optimizer=sgd(net), test=(X + 5, y))
    d2l.predict(net, X)
    d2l.evaluate(net, (X, y), nn.MSELoss())
    assert norm.running_mean.tolist() == [0, 0] and norm.num_batches_tracked == 0
    assert (net.training, net[0].training, net[1].training) == (True, False, True)


def test_a_net_in_evaluation_mode_is_trained_as_a_whole():
    net, norm = frozen_norm()
    net.eval()
    regression(net=net, optimizer=sgd(net))
    assert norm.running_mean.abs().min() > 0
    assert all(module.training for module in net.modules())


def test_modes_are_restored_after_an_error_too():
    net, _ = frozen_norm()
    broken = nn.Sequential(net, nn.Linear(9, 1))
    for call in (d2l.predict, lambda net, X: d2l.evaluate(net, (X, y), nn.MSELoss())):
        with pytest.raises(ValueError, match="does not fit"):
            call(broken, X)
    assert (net.training, net[0].training) == (True, False)


def test_a_train_of_the_nets_own_is_called():
    class Merged(nn.Linear):
        merged = False

        def train(self, mode=True):
            self.merged = not mode
            return super().train(mode)

    net = Merged(2, 1)
    d2l.predict(net, X)
    assert net.training and not net.merged
