"""Examples in resident tensors, divided into parts and into mini-batches by index."""

import torch

from d2lutils.settings import generator


def train_test_split(X, y, test_fraction=0.2, seed=0):
    """Divide examples at random into a training and a test part.

    Returns
    -------
    ((X_train, y_train), (X_test, y_test))
        The test part has ``round(test_fraction * n)`` examples, at least 1.

    Raises
    ------
    ValueError
        When the lengths differ or a part would be empty.
    """
    _check_pair(X, y)
    n_test = max(1, round(test_fraction * len(X)))
    if not 0 < test_fraction < 1 or n_test >= len(X):
        raise ValueError(
            f"test_fraction={test_fraction} of {len(X)} examples leaves a part empty."
        )
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
    order = order.to(X.device)
    test, train = order[:n_test], order[n_test:]
    return (X[train], y[train]), (X[test], y[test])


class Batches:
    """Mini-batches of resident tensors, taken by index, shuffled anew each epoch.

    Parameters
    ----------
    X, y : torch.Tensor
        Same length, same device. Batches stay on that device.
    batch_size : int
        The last batch may be smaller; ``len(batches)`` counts it.
    shuffle : bool
    seed : int, optional
        Makes the order reproducible whatever else draws random numbers (as a
        :func:`d2lutils.settings.generator`: another ``D2L_SEED``, another order).

    Raises
    ------
    ValueError
        When the lengths differ, there are no examples, or the batch size is below 1.
    """

    def __init__(self, X, y, batch_size, shuffle=True, seed=None):
        _check_pair(X, y)
        if int(batch_size) != batch_size or batch_size < 1:
            raise ValueError(f"batch_size must be a whole number from 1: {batch_size}.")
        self.X, self.y, self.batch_size, self.shuffle = X, y, int(batch_size), shuffle
        self.generator = None
        if seed is not None:
            self.generator = generator(seed)

    def __len__(self):
        return -(-len(self.X) // self.batch_size)

    def __iter__(self):
        n = len(self.X)
        if not self.shuffle:
            for start in range(0, n, self.batch_size):
                stop = start + self.batch_size
                yield self.X[start:stop], self.y[start:stop]
            return
        order = torch.randperm(n, generator=self.generator).to(self.X.device)
        for index in order.split(self.batch_size):
            # half the time of self.X[index] on images
            yield self.X.index_select(0, index), self.y.index_select(0, index)


def _check_pair(X, y):
    if not (torch.is_tensor(X) and torch.is_tensor(y)):
        raise TypeError(
            f"X and y must be tensors, got {type(X).__name__} and {type(y).__name__}. "
            "Turn arrays into tensors with torch.as_tensor(...)."
        )
    if len(X) != len(y):
        raise ValueError(
            f"X has {len(X)} examples but y has {len(y)}: there must be one label for "
            "each example, along the first dimension."
        )
    if len(X) == 0:
        raise ValueError("There are no examples: X and y are empty.")
    if X.device != y.device:
        raise ValueError(f"X is on {X.device} but y on {y.device}: move one of them.")
