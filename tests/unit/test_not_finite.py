"""A loss that becomes nan or infinite is told once, with the place it comes from."""

import math

import pytest
import torch
from torch import nn

from d2lutils.not_finite import first_not_finite
from tests.unit.training_runs import X, regression, sgd, y


class Broken(nn.Linear):
    """Its output becomes infinite at the third call in training mode."""

    calls = 0

    def forward(self, X):
        self.calls += self.training
        return super().forward(X) + (math.inf if self.calls > 2 else 0.0)


def broken_run(**options):
    net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(Broken(2, 2)), nn.Linear(2, 1))
    options = {"num_epochs": 4, "batch_size": 200, "test": (X, y)} | options
    return regression(net=net, optimizer=sgd(net), **options)[1]


def test_a_loss_that_is_not_finite_is_told_once(capsys):
    history = broken_run()
    lines = capsys.readouterr().out.splitlines()
    assert len(history) == 4 and len(lines) == 1
    assert lines[0].startswith("epoch 3: the loss is ")
    # the step after the infinite loss has made every parameter nan
    assert "of layer '0' (Linear), nor is its weight and bias:" in lines[0]


def test_a_run_stops_when_asked_to(capsys):
    assert len(broken_run(stop_on_nan=True)) == 3
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert len(regression(stop_on_nan=True)[1]) == 3
    assert capsys.readouterr().out == ""


def holes(values):
    return torch.where(torch.arange(len(values)).view(-1, 1) == 3, math.nan, values)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"train": (holes(X), y)}, "The inputs themselves hold nan or inf."),
        ({"train": (X, holes(y))}, "The targets themselves hold nan or inf."),
    ],
)
def test_data_that_are_not_finite_are_told(changes, text, capsys):
    regression(**changes, batch_size=200)
    assert text in capsys.readouterr().out


def test_the_layer_is_found_inside_others_and_after_the_first():
    net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU(), Broken(2, 1)))
    net[1][1].calls = 9
    assert first_not_finite(net, (X,), y).endswith("of layer '1.1' (Broken).")
    with torch.no_grad():
        net[0].bias[1] = math.nan
    assert "layer '0' (Linear), nor is its bias:" in first_not_finite(net, (X,), y)


def test_the_output_of_a_recurrent_layer_is_looked_into():
    net = nn.GRU(2, 3)
    with torch.no_grad():
        net.weight_ih_l0[0, 0] = math.nan
    assert "of the network (GRU)" in first_not_finite(net, (X,), y)


def test_looking_for_nan_leaves_net_and_generators_alone():
    net = nn.Sequential(nn.Dropout(), nn.BatchNorm1d(2), nn.Linear(2, 1))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    state = torch.get_rng_state()

    class Noisy(nn.Module):
        def forward(self, X):
            return X + torch.randn_like(X)

    net.append(Noisy())
    assert "all layers are finite" in first_not_finite(net, (X,), y)
    assert torch.equal(torch.get_rng_state(), state) and net.training
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert not any(module._forward_hooks for module in net.modules())
