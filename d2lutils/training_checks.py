"""Errors of shape and dtype, found at the first batch and said in plain words."""

import torch


def check_optimizer(net, optimizer, num_epochs):
    """Refuse a run that could not train: a foreign optimizer, or no epochs.

    Raises
    ------
    ValueError
    """
    if num_epochs < 1:
        raise ValueError(f"num_epochs must be at least 1, got {num_epochs}.")
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


def checked_loss(net, X, y, loss):
    """Return ``(outputs, loss(outputs, y))``, with errors that say what to change.

    Raises
    ------
    ValueError, TypeError
        When the shapes would broadcast, the loss is not a scalar, or dtypes don't fit.
        The original error is kept as the cause.
    """
    try:
        outputs = net(X)
        _refuse_broadcasting(outputs, y)
        value = loss(outputs, y)
    except RuntimeError as error:
        raise _explained(net, X, y, error) from error
    if value.ndim:
        raise ValueError(
            f"The loss of a batch has shape {tuple(value.shape)}, but a gradient needs "
            "one number: give the loss reduction='mean'."
        )
    return outputs, value


def _refuse_broadcasting(outputs, y):
    # (n, 1) against (n,) would silently become an (n, n) table of differences.
    if (
        torch.is_tensor(outputs)
        and y.is_floating_point()
        and outputs.shape != y.shape
        and outputs.numel() == y.numel()
    ):
        raise ValueError(
            f"The network gives shape {tuple(outputs.shape)} but the targets have shape "
            f"{tuple(y.shape)}. Subtracting them would broadcast to the wrong shape: "
            "reshape the targets, for example y.reshape(-1, 1)."
        )


def _explained(net, X, y, error):
    first = next(net.parameters(), None)
    advice = None
    if first is not None and X.is_floating_point() and X.dtype != first.dtype:
        advice = (
            f"The inputs are {X.dtype} but the network's parameters {first.dtype}: "
            "convert one, for example X.float()."
        )
    elif "Long" in str(error) and y.dtype != torch.int64:
        advice = (
            f"This loss takes class numbers as int64 labels of shape (n,), not {y.dtype} "
            f"of shape {tuple(y.shape)}: use y.long()."
        )
    elif "shapes cannot be multiplied" in str(error):
        advice = (
            f"A batch of inputs has shape {tuple(X.shape)}, which does not fit the first "
            "layer. Images need nn.Flatten() before a linear layer."
        )
    kind = TypeError if advice and "int64" in advice else ValueError
    message = f"{advice} ({error})" if advice else _shapes(X, y, error)
    return kind(message)


def _shapes(X, y, error):
    return (
        f"A batch with X {tuple(X.shape)} {X.dtype} and y {tuple(y.shape)} {y.dtype} "
        f"did not go through the network and the loss: {error}"
    )
