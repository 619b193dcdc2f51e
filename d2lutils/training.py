"""One training loop for regression and classification, on tensors that stay put.

The loop is the one that chapter 5 builds in front of the reader. It is fast because
the data are resident tensors and because nothing inside an epoch waits for the device:
losses are added up where they are, and read once an epoch.
"""

import math

import torch

from d2lutils import flags
from d2lutils.batches import check_count
from d2lutils.history import History
from d2lutils.modes import evaluation_mode, start_training
from d2lutils.not_finite import first_not_finite
from d2lutils.training_checks import (
    check_labels,
    check_run,
    checked_loss,
    checked_number,
    checked_outputs,
    refuse_broadcasting,
)
from d2lutils.training_data import (
    evaluation_batches,
    input_parts,
    split_parts,
    training_batches,
)


def fit(
    net, train, test=None, *, loss, optimizer, num_epochs, batch_size=None,
    metric=None, scheduler=None, clip_norm=None, seed=None, drop_last=False,
    stop_on_nan=False, progress=True,
):  # fmt: skip
    """Train a network and return the :class:`History` of the run.

    Parameters
    ----------
    net : torch.nn.Module
        Trained in place, on the device where its parameters are. A net in training mode
        is left in the modes that it is in, so that a part which you put into ``eval()``
        (a frozen batch norm) stays there; a net in evaluation mode is put into training
        mode as a whole.
    train, test : (X, y)
        Tensors with the examples along the first dimension. A tuple of inputs becomes
        the net's arguments: ``((X, lengths), y)`` calls ``net(X, lengths)``. Everything
        moves to the net's device but lengths: inputs after the first that are 1-D int64
        stay on the CPU. NumPy arrays and lists become tensors, floats in the net's own
        dtype; a ``TensorDataset`` gives its last tensor as ``y``; a ``DataLoader``
        makes its batches itself; a ``DataSplit`` as ``train`` gives both parts.
    loss : callable ``(outputs, y) -> scalar tensor``
        The MEAN loss of a batch.
    optimizer : torch.optim.Optimizer
        Built with ``net``'s parameters.
    num_epochs, batch_size : int
        No batch size (nor ``seed`` and ``drop_last``) with a ``DataLoader``.
    metric : callable ``(outputs, y) -> scalar tensor or float``, optional
        Also a mean over the batch, such as :func:`accuracy`. A float makes a GPU wait.
    scheduler : optional
        A learning-rate scheduler, stepped after every epoch.
    clip_norm : float, optional
        Upper bound on the norm of the whole gradient (Pascanu et al. 2013).
    seed : int, optional
        Fixes the order of the batches, and that only.
    drop_last : bool
        Leave out a last batch that is smaller, such as one example for a batch norm.
    stop_on_nan : bool
        End after the first epoch whose training loss is nan or infinite. Such an epoch
        is told in one line, with the layer it comes from, whether training goes on or
        not.
    progress : bool
        Show a progress bar.

    Raises
    ------
    ValueError, TypeError
        Before the first step, when data, shapes, dtypes, metric or the optimizer do not
        fit, and at the batch that does not go through the net; the message says what to
        change. Other errors of net and loss pass through.
    """
    train, test = split_parts(train, test)
    check_run(net, optimizer, loss)
    num_epochs = check_count(num_epochs, "num_epochs")
    batches = training_batches(train, net, batch_size, seed, drop_last)
    history = History(getattr(metric, "__name__", None))
    start_training(net)
    for number in _bar(range(num_epochs), progress):
        losses, metrics, counts = [], [], []
        for inputs, y in batches:
            outputs = checked_outputs(net, inputs, y)
            if not history.epochs and not counts:
                check_labels(outputs, getattr(batches, "y", y), loss)
            batch_loss = checked_loss(net, inputs, y, outputs, loss)
            if metric is not None:
                metrics.append(checked_number(metric(outputs.detach(), y), "metric"))
            optimizer.zero_grad()
            batch_loss.backward()
            if clip_norm is not None:
                torch.nn.utils.clip_grad_norm_(net.parameters(), clip_norm)
            optimizer.step()
            losses.append(batch_loss.detach())
            counts.append(len(y))
        if scheduler is not None:
            scheduler.step()
        epoch = {"train_loss": _mean(losses, counts)}
        if metric is not None:
            epoch["train_metric"] = _mean(metrics, counts)
        if test is not None:
            for name, value in evaluate(net, test, loss=loss, metric=metric).items():
                epoch[f"test_{name}"] = value
        history.epochs.append(epoch)
        if not math.isfinite(epoch["train_loss"]):
            if _finite_before(history):
                where = first_not_finite(net, inputs, y)
                print(f"epoch {number + 1}: the loss is {epoch['train_loss']}. {where}")
            if stop_on_nan:
                break
    return history


def _finite_before(history):
    return all(math.isfinite(epoch["train_loss"]) for epoch in history.epochs[:-1])


def _mean(values, counts):
    """Mean over examples of per-batch means: the last batch may be smaller."""
    if all(isinstance(value, torch.Tensor) for value in values):
        values = torch.stack(values).cpu().double()  # the one wait for the device
    else:
        values = torch.tensor([float(value) for value in values], dtype=torch.float64)
    return float(values @ torch.tensor(counts, dtype=torch.float64) / sum(counts))


def predict(net, X, batch_size=2048):
    """Return the outputs of ``net`` in evaluation mode, without gradients.

    Parameters
    ----------
    net : torch.nn.Module
        Every part of it is put back into its own mode afterwards.
    X : torch.Tensor, array or list, or a tuple of them
        Inputs alone; a tuple becomes the net's arguments, as for :func:`fit`.
    batch_size : int
        How many examples go through the net at a time.

    Raises
    ------
    ValueError, TypeError
        When the inputs do not fit the net, or it does not return one tensor.
    """
    with evaluation_mode(net), torch.inference_mode():
        return _joined(
            [checked_outputs(net, part) for part in input_parts(X, net, batch_size)]
        )


def evaluate(net, data, loss=None, metric=None, batch_size=2048):
    """Measure mean loss and metric of ``net`` on ``data`` in evaluation mode.

    Every part of the net is put back into its own mode afterwards. ``data`` is a pair
    ``(X, y)`` or anything else that :func:`fit` takes, a ``DataSplit`` excepted.

    Returns
    -------
    dict
        ``{"loss": float, "metric": float}``, each where it was asked for: of all
        outputs at once, not of batches.

    Raises
    ------
    ValueError, TypeError
        When neither is asked for, the data do not fit the net, or a loss or metric is
        not one number.
    """
    wanted = {"loss": loss, "metric": metric}
    wanted = {name: measure for name, measure in wanted.items() if measure is not None}
    if not wanted:
        raise ValueError("evaluate() needs a loss, a metric, or both.")
    with evaluation_mode(net), torch.inference_mode():
        outputs, labels = [], []
        for inputs, y in evaluation_batches(data, net, batch_size):
            outputs.append(checked_outputs(net, inputs, y))
            labels.append(y)
        outputs, y = _joined(outputs), torch.cat(labels)
        if loss is not None:
            refuse_broadcasting(outputs, y)
            check_labels(outputs, y, loss)
        return {
            name: float(checked_number(measure(outputs, y), name))
            for name, measure in wanted.items()
        }


def _joined(parts):
    if len({part.shape[1:] for part in parts}) > 1:
        shapes = ", ".join(sorted({str(tuple(part.shape)) for part in parts}))
        raise ValueError(
            f"The outputs of the batches have different shapes ({shapes}) and can't be "
            "joined. For packed sequences, pad_packed_sequence(..., total_length="
            "X.shape[1]) makes them the same."
        )
    return torch.cat(parts)


def _bar(epochs, progress):
    # Executing the book (D2L_STRICT) must not leave a bar in the stored outputs.
    if not progress or flags.is_on("D2L_STRICT"):
        return epochs
    from tqdm.auto import tqdm

    return tqdm(epochs, desc="epoch", leave=False)
