"""What does not fit together, found at the first batch and said in plain words."""

import numbers

import torch
import torch.nn.functional as F
from torch import nn

from d2lutils.training_errors import raise_explained

_WITH_CLASS_NUMBERS = (nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss)


def check_run(net, optimizer, loss):
    """Refuse a run that could not train: a foreign optimizer, a class for a loss.

    Raises
    ------
    ValueError, TypeError
    """
    if isinstance(loss, type):
        raise TypeError(
            f"The loss is the class {loss.__name__}: make one, {loss.__name__}()."
        )
    trainable = {id(p) for p in net.parameters() if p.requires_grad}
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if not trainable:
        raise ValueError("The network has no parameter that requires a gradient.")
    if not trainable & held:
        raise ValueError(
            "The optimizer holds none of this network's parameters: it was built for "
            "another network, or before this one was created or replaced. Build it "
            "anew, for example torch.optim.SGD(net.parameters(), lr=0.1)."
        )


def checked_outputs(net, inputs, y=None):
    """Return ``net(*inputs)``, one tensor, with errors that say what to change.

    Raises
    ------
    ValueError, TypeError
        When the inputs do not fit the network, or it does not return one tensor. The
        original error is kept as the cause. What has no explanation (and running out of
        memory) passes through as it is.
    """
    try:
        outputs = net(*inputs)
    except Exception as error:
        raise_explained(error, net, inputs, y)
    if not isinstance(outputs, torch.Tensor):
        kind = type(outputs).__name__
        if isinstance(outputs, (tuple, list)):
            kind += f" ({', '.join(type(part).__name__ for part in outputs)})"
        raise TypeError(
            f"The network returns a {kind}, but loss and metric need one tensor. nn.RNN, "
            "nn.GRU and nn.LSTM return (output, state): write a forward() that returns "
            "what is to be compared with y, for example output[:, -1]."
        )
    return outputs


def checked_loss(net, inputs, y, outputs, loss):
    """Return ``loss(outputs, y)``, a scalar tensor, with errors that say what to change.

    Raises
    ------
    ValueError, TypeError
        When the shapes would broadcast, the loss is no scalar, or dtypes do not fit.
    """
    refuse_broadcasting(outputs, y)
    try:
        value = loss(outputs, y)
    except Exception as error:
        raise_explained(error, net, inputs, y)
    if not isinstance(value, torch.Tensor):
        raise TypeError(
            f"The loss is a {type(value).__name__}, but a gradient needs a tensor: "
            "return it without .item() or float()."
        )
    if value.ndim:
        raise ValueError(
            f"The loss of a batch has shape {tuple(value.shape)}, but a gradient needs "
            "one number: give the loss reduction='mean'."
        )
    if not value.requires_grad:
        raise ValueError(
            "The loss does not depend on the network's parameters: something between "
            "them cuts the graph, such as .detach(), .item(), argmax or torch.no_grad()."
        )
    return value


def checked_number(value, what):
    """Return what a metric or loss gives if it is one number, as tensor or float.

    Raises
    ------
    TypeError, ValueError
    """
    if isinstance(value, torch.Tensor):
        if value.numel() != 1:
            raise ValueError(
                f"The {what} has shape {tuple(value.shape)}, but must be one number: "
                "the mean over the batch."
            )
        return value.reshape(()) if value.ndim else value
    if not isinstance(value, numbers.Real):
        raise TypeError(
            f"The {what} is a {type(value).__name__}, but must be one number, as a "
            "tensor or a float."
        )
    return float(value)


def check_labels(outputs, y, loss):
    """Refuse class numbers that are none, before a loss meets them.

    On a GPU the loss would stop the whole process with a device-side assert. All of the
    labels are looked at once, where the loss is one of PyTorch's for class numbers.

    Raises
    ------
    ValueError
    """
    if loss not in (F.cross_entropy, F.nll_loss) and not isinstance(
        loss, _WITH_CLASS_NUMBERS
    ):
        return
    if y.dtype != torch.int64 or outputs.ndim < 2 or outputs.ndim != y.ndim + 1:
        return
    labels = y[y != getattr(loss, "ignore_index", -100)]
    if not labels.numel():
        return
    low, high = labels.min().item(), labels.max().item()
    if low < 0 or high >= outputs.shape[1]:
        raise ValueError(
            f"The labels run from {low} to {high}, but the network gives "
            f"{outputs.shape[1]} scores, for the classes 0 to {outputs.shape[1] - 1}: "
            f"its last layer needs {high + 1} outputs, or the labels another numbering."
        )


def refuse_broadcasting(outputs, y):
    """Refuse (n, 1) against (n,): the difference would be an (n, n) table.

    Raises
    ------
    ValueError
    """
    if outputs.shape != y.shape and outputs.numel() == y.numel():
        raise ValueError(
            f"The network gives shape {tuple(outputs.shape)} but the targets have shape "
            f"{tuple(y.shape)}. Subtracting them would broadcast to the wrong shape: "
            "reshape the targets, for example y.reshape(-1, 1)."
        )
