"""Counts and shapes, against what is written in the papers' terms by hand."""

import pytest
import torch
from torch import nn

import d2lutils as d2l


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(4, 8, 3, stride=2, groups=2), nn.ReLU())
        self.head = nn.Linear(8, 5, bias=False)

    def forward(self, X):
        return self.head(self.body(X).mean(dim=(2, 3)))


def test_rows_hold_shape_parameters_and_multiply_adds():
    table = d2l.layer_table(Block(), (4, 9, 7), depth=2)
    conv = 8 * 4 * 3 * (4 // 2) * 3 * 3  # outputs times products of each
    assert table.rows == [
        ("body.0", "Conv2d", (8, 4, 3), 8 * 2 * 9 + 8, conv),
        ("body.1", "ReLU", (8, 4, 3), 0, 0),
        ("head", "Linear", (5,), 40, 40),
    ]
    assert (table.parameters, table.multiply_adds) == (152 + 40, conv + 40)


def test_depth_one_keeps_children_closed():
    table = d2l.layer_table(Block(), (4, 9, 7))
    assert [row[:3] for row in table.rows] == [
        ("body", "Sequential", (8, 4, 3)),
        ("head", "Linear", (5,)),
    ]
    assert sum(row[4] for row in table.rows) == table.multiply_adds


def test_a_depth_between_opens_so_many_levels_and_no_more():
    inner = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
    net = nn.Sequential(nn.Sequential(inner, nn.Linear(3, 2)), nn.Tanh())
    names = [
        [row[0] for row in d2l.layer_table(net, (3,), depth).rows]
        for depth in (1, 2, 3)
    ]
    assert names == [
        ["0", "1"],
        ["0.0", "0.1", "1"],
        ["0.0.0", "0.0.1", "0.1", "1"],
    ]


def test_one_example_is_enough_for_a_batch_norm():
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    assert net.training
    assert d2l.layer_table(net, (3,)).rows[1][2:4] == ((4,), 8)


def test_a_layer_called_twice_is_held_once():
    shared = nn.Linear(3, 3)
    table = d2l.layer_table(nn.Sequential(shared, nn.ReLU(), shared), (3,))
    assert table.parameters == 12
    assert table.multiply_adds == 18


def test_the_readers_net_is_left_alone():
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout())
    net[2].eval()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    state = torch.get_rng_state()
    d2l.layer_table(net, (1, 5, 5))
    assert [m.training for m in net] == [True, True, False]
    assert all(torch.equal(v, before[n]) for n, v in net.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)
    assert not net[0]._forward_hooks


def test_it_prints_as_a_table_with_a_total():
    net = nn.Sequential(nn.Conv1d(2, 16, 3), nn.Flatten())
    assert str(d2l.layer_table(net, (2, 9))).split("\n") == [
        "layer  kind     output  parameters  multiply–adds",
        "0      Conv1d   16 × 7         112            672",
        "1      Flatten  112              0              0",
        "total                          112            672",
    ]


def test_a_shape_that_does_not_fit_names_the_layer_before():
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(99, 2))
    with pytest.raises(ValueError, match=r"\(1, 8, 8\).*after layer '1'"):
        d2l.layer_table(net, (1, 8, 8))


@pytest.mark.parametrize("shape", [28, (), (1, 0, 2), (1, 2.0), "abc"])
def test_a_shape_that_is_none(shape):
    with pytest.raises(TypeError, match="one example"):
        d2l.layer_table(nn.Linear(2, 2), shape)


def test_something_that_is_no_module():
    with pytest.raises(TypeError, match=r"nn\.Module"):
        d2l.layer_table(nn.Linear, (1,))
