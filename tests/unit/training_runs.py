"""The small runs that the tests of training share."""

import torch
from torch import nn

import d2lutils as d2l

X, y = d2l.linear_data([2, -3.4], 4.2, 200)
labels = (y.flatten() > 4.2).long()


def sgd(net, lr=0.03):
    """Return an optimizer for a net."""
    return torch.optim.SGD(net.parameters(), lr=lr)


def regression(**changes):
    """Fit a linear net on 200 examples, with other arguments; return (net, history)."""
    torch.manual_seed(0)
    net = changes.pop("net", None) or nn.Linear(2, 1)
    arguments = {
        "loss": nn.MSELoss(),
        "optimizer": sgd(net),
        "num_epochs": 3,
        "batch_size": 16,
        "seed": 0,
        "progress": False,
    }
    if "optimizer" in changes:
        del arguments["optimizer"]
    train = changes.pop("train", (X, y))
    return net, d2l.fit(net, train, changes.pop("test", None), **arguments | changes)
