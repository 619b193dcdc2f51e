"""How often a classifier is right."""


def accuracy(logits, y):
    """Return the fraction of rows whose largest entry is the label, as a tensor.

    Parameters
    ----------
    logits : torch.Tensor
        (n, q) scores or probabilities.
    y : torch.Tensor
        (n,) int64 labels.

    Raises
    ------
    ValueError
        When the shapes are others.
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

    Raises
    ------
    ValueError
        When the shapes differ.
    """
    if outputs.shape != y.shape:
        raise ValueError(
            f"binary_accuracy() compares equal shapes, got {tuple(outputs.shape)} and "
            f"{tuple(y.shape)}; reshape the labels with y.reshape(outputs.shape)."
        )
    return ((outputs > threshold) == (y > 0.5)).float().mean()
