"""One training loop for regression and classification, on tensors that stay put.

The loop is the one that chapter 5 builds in front of the reader. It is fast because
the data are resident tensors and because nothing inside an epoch waits for the device:
losses are added up where they are, and read once an epoch.
"""

import torch

from d2lutils import flags
from d2lutils.batches import Batches
from d2lutils.training_checks import check_optimizer, checked_loss


class History:
    """What was measured in each epoch: a list of dicts ``epochs``, and their plot.

    ``history["test_loss"]`` is the list over the epochs, ``history.last`` the last dict.
    The keys are ``train_loss``, ``train_metric``, ``test_loss``, ``test_metric``; the
    training figures are means over the epoch, taken while the parameters still moved.
    """

    def __init__(self, metric_name=None):
        self.epochs, self.metric_name = [], metric_name

    def __getitem__(self, key):
        if not self.epochs or key not in self.epochs[0]:
            known = ", ".join(self.epochs[0]) if self.epochs else "nothing yet"
            raise KeyError(f"This history has no {key!r}; it has {known}.")
        return [epoch[key] for epoch in self.epochs]

    def __len__(self):
        return len(self.epochs)

    @property
    def last(self):
        """The figures of the last epoch, a dict of floats."""
        if not self.epochs:
            raise ValueError("This history is empty: no epoch has been run.")
        return self.epochs[-1]

    def plot(self, title=None):
        """Draw loss and metric over the epochs; return the matplotlib figure."""
        from d2lutils.plots import plot_history

        return plot_history(self, title)


def fit(
    net, train, test=None, *, loss, optimizer, num_epochs, batch_size,
    metric=None, scheduler=None, clip_norm=None, seed=None, progress=True,
):  # fmt: skip
    """Train a network and return the :class:`History` of the run.

    Parameters
    ----------
    net : torch.nn.Module
        Trained in place, on the device where its parameters are.
    train, test : (X, y)
        Tensors with the examples along the first dimension.
    loss : callable ``(outputs, y) -> scalar tensor``
        The MEAN loss of a batch.
    optimizer : torch.optim.Optimizer
        Built with ``net``'s parameters.
    num_epochs, batch_size : int
    metric : callable ``(outputs, y) -> scalar tensor``, optional
        Also a mean over the batch, such as :func:`accuracy`.
    scheduler : optional
        A learning-rate scheduler, stepped after every epoch.
    clip_norm : float, optional
        Upper bound on the norm of the whole gradient (Pascanu et al. 2013).
    seed : int, optional
        Fixes the order of the batches, and that only.
    progress : bool
        Show a progress bar.

    Raises
    ------
    ValueError, TypeError
        Before the first step, when shapes, dtypes or the optimizer do not fit; the
        message says what to change.
    """
    device = _device_of(net)
    X, y = (tensor.to(device) for tensor in train)
    check_optimizer(net, optimizer, num_epochs)
    batches = Batches(X, y, batch_size, seed=seed)
    history = History(getattr(metric, "__name__", None))
    for _ in _bar(range(num_epochs), progress):
        net.train()
        losses, metrics, counts = [], [], []
        for X_batch, y_batch in batches:
            outputs, batch_loss = checked_loss(net, X_batch, y_batch, loss)
            optimizer.zero_grad()
            batch_loss.backward()
            if clip_norm is not None:
                torch.nn.utils.clip_grad_norm_(net.parameters(), clip_norm)
            optimizer.step()
            losses.append(batch_loss.detach())
            counts.append(len(X_batch))
            if metric is not None:
                metrics.append(metric(outputs.detach(), y_batch))
        if scheduler is not None:
            scheduler.step()
        epoch = {"train_loss": _mean(losses, counts)}
        if metric is not None:
            epoch["train_metric"] = _mean(metrics, counts)
        if test is not None:
            for name, value in evaluate(net, test, loss=loss, metric=metric).items():
                epoch[f"test_{name}"] = value
        history.epochs.append(epoch)
    return history


def _mean(values, counts):
    """Mean over examples of per-batch means: the last batch may be smaller."""
    values = torch.stack(values).cpu().double()  # the one wait for the device
    return float(values @ torch.tensor(counts, dtype=torch.float64) / sum(counts))


def predict(net, X, batch_size=2048):
    """Return the outputs of ``net`` in evaluation mode, without gradients.

    The net's own mode (training or evaluation) is restored afterwards.
    """
    device, was_training = _device_of(net), net.training
    net.eval()
    try:
        with torch.inference_mode():
            parts = [net(part.to(device)) for part in X.split(batch_size)]
    finally:
        net.train(was_training)
    return torch.cat(parts)


def evaluate(net, data, loss=None, metric=None, batch_size=2048):
    """Measure mean loss and metric of ``net`` on ``data`` in evaluation mode.

    Returns
    -------
    dict
        ``{"loss": float, "metric": float}``, each where it was asked for.

    Raises
    ------
    ValueError
        When neither is asked for.
    """
    wanted = {"loss": loss, "metric": metric}
    wanted = {name: measure for name, measure in wanted.items() if measure is not None}
    if not wanted:
        raise ValueError("evaluate() needs a loss, a metric, or both.")
    X, y = data
    outputs = predict(net, X, batch_size)
    y = y.to(outputs.device)
    with torch.inference_mode():
        return {name: float(measure(outputs, y)) for name, measure in wanted.items()}


def accuracy(logits, y):
    """Return the fraction of rows whose largest entry is the label, as a tensor.

    Parameters
    ----------
    logits : torch.Tensor
        (n, q) scores or probabilities.
    y : torch.Tensor
        (n,) int64 labels.
    """
    if logits.ndim != 2 or logits.shape[0] != y.shape[0] or y.ndim != 1:
        raise ValueError(
            "accuracy() takes logits (n, q) and labels (n,), got "
            f"{tuple(logits.shape)} and {tuple(y.shape)}."
        )
    return (logits.argmax(dim=1) == y).float().mean()


def binary_accuracy(outputs, y, threshold=0.0):
    """Return the fraction of two-class decisions that are right, as a tensor.

    Parameters
    ----------
    outputs, y : torch.Tensor
        Same shape; ``y`` holds zeros and ones.
    threshold : float
        0 for logits (the default), 0.5 for probabilities.
    """
    if outputs.shape != y.shape:
        raise ValueError(
            f"binary_accuracy() compares equal shapes, got {tuple(outputs.shape)} and "
            f"{tuple(y.shape)}; reshape the labels with y.reshape(outputs.shape)."
        )
    return ((outputs > threshold) == (y > 0.5)).float().mean()


def _device_of(net):
    parameter = next(net.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def _bar(epochs, progress):
    # Executing the book (D2L_STRICT) must not leave a bar in the stored outputs.
    if not progress or flags.is_on("D2L_STRICT"):
        return epochs
    from tqdm.auto import tqdm

    return tqdm(epochs, desc="epoch", leave=False)
