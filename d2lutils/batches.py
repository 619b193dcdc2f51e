"""Examples in resident tensors, divided into parts and into mini-batches by index."""

import numbers

import torch

from d2lutils.settings import generator


def train_test_split(X, y, test_fraction=0.2, seed=0):
    """Divide examples at random into a training and a test part.

    Parameters
    ----------
    X : torch.Tensor, or a tuple of them
        Examples along the first dimension; a tuple where a net takes several inputs.
    y : torch.Tensor
    test_fraction : float
    seed : int

    Returns
    -------
    ((X_train, y_train), (X_test, y_test))
        The test part has ``round(test_fraction * n)`` examples, at least 1.

    Raises
    ------
    ValueError
        When the lengths differ or a part would be empty.
    TypeError
        When ``X`` or ``y`` is no tensor.
    """
    check_pair(X, y)
    n = len(y)
    n_test = max(1, round(test_fraction * n))
    if not 0 < test_fraction < 1 or n_test >= n:
        raise ValueError(
            f"test_fraction={test_fraction} of {n} examples leaves a part empty."
        )
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    test, train = order[:n_test], order[n_test:]
    return _rows(X, y, train), _rows(X, y, test)


def _rows(X, y, index):
    """Return the pair of the examples ``index``, which is moved to where they are."""
    if isinstance(X, tuple):
        return tuple(part[index.to(part.device)] for part in X), y[index.to(y.device)]
    return X[index.to(X.device)], y[index.to(y.device)]


class Batches:
    """Mini-batches of resident tensors, taken by index, shuffled anew each epoch.

    Parameters
    ----------
    X, y : torch.Tensor
        Same length, same device. Batches stay on that device. ``X`` may be a tuple of
        tensors, such as sequences and their lengths; so are its batches then. One of
        one dimension and dtype int64 after the first (lengths) may be on the CPU.
    batch_size : int
        The last batch may be smaller; ``len(batches)`` counts it.
    shuffle : bool
    seed : int, optional
        Makes the order reproducible whatever else draws random numbers (as a
        :func:`d2lutils.settings.generator`: another ``D2L_SEED``, another order).
    drop_last : bool
        Leave out a last batch that is smaller than the others (in another order, and so
        with other examples, each epoch).

    Raises
    ------
    ValueError
        When the lengths differ, there are no examples, or the batch size is not a
        whole number from 1.
    TypeError
        When ``X`` or ``y`` is no tensor.
    """

    def __init__(self, X, y, batch_size, shuffle=True, seed=None, drop_last=False):
        check_pair(X, y)
        for i, part in enumerate(X if isinstance(X, tuple) else (X,)):
            if part.device != y.device and not stays_on_cpu(i, part):
                raise ValueError(
                    f"X is on {part.device} but y on {y.device}: move one of them."
                )
        batch_size = check_count(batch_size, "batch_size")
        if drop_last and batch_size > len(y):
            raise ValueError(
                f"drop_last leaves nothing: a batch of {batch_size} is more than the "
                f"{len(y)} examples."
            )
        self.X, self.y, self.batch_size, self.shuffle = X, y, batch_size, shuffle
        self.drop_last, self.generator = drop_last, None
        if seed is not None:
            self.generator = generator(seed)

    def __len__(self):
        n = len(self.y)
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __iter__(self):
        tensors = [*(self.X if isinstance(self.X, tuple) else [self.X]), self.y]
        for parts in self._shuffled(tensors) if self.shuffle else self._sliced(tensors):
            yield (
                (tuple(parts[:-1]) if isinstance(self.X, tuple) else parts[0]),
                parts[-1],
            )

    def _shuffled(self, tensors):
        order = torch.randperm(len(self.y), generator=self.generator)
        order = order[: len(self) * self.batch_size]
        # the indices lie where the examples do, the lengths' perhaps elsewhere
        orders = [order.to(t.device).split(self.batch_size) for t in tensors]
        for indices in zip(*orders, strict=True):
            # half the time of t[index] on images
            yield [t.index_select(0, i) for t, i in zip(tensors, indices, strict=True)]

    def _sliced(self, tensors):
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            yield [t[start : start + self.batch_size] for t in tensors]


def check_pair(X, y):
    """Refuse inputs and labels that do not belong together.

    Raises
    ------
    TypeError, ValueError
    """
    inputs = X if isinstance(X, tuple) else (X,)
    for part in (*inputs, y):
        if not torch.is_tensor(part):
            raise TypeError(
                f"X and y must be tensors, got {_kinds(X)} and {_kinds(y)}. "
                "Turn arrays into tensors with torch.as_tensor(...)."
            )
    if not inputs:
        raise ValueError("There are no inputs: X is an empty tuple.")
    for part in inputs:
        if not part.ndim or not y.ndim or len(part) != len(y):
            raise ValueError(
                f"X has {_count(part)} but y has {_count(y)}: there must be one label "
                "for each example, along the first dimension."
            )
    if len(y) == 0:
        raise ValueError("There are no examples: X and y are empty.")


def check_count(value, name):
    """Return a whole number from 1 on as an int.

    Raises
    ------
    ValueError
    """
    whole = isinstance(value, numbers.Real) and float(value).is_integer()
    if not whole or value < 1:
        raise ValueError(f"{name} must be a whole number from 1 on, not {value!r}.")
    return int(value)


def stays_on_cpu(position, tensor):
    """Tell lengths from the other inputs: 1-D int64, and not the first of them."""
    return position > 0 and tensor.ndim == 1 and tensor.dtype == torch.int64


def _count(tensor):
    return f"{len(tensor)} examples" if tensor.ndim else "no dimension"


def _kinds(value):
    if isinstance(value, tuple):
        return f"({', '.join(type(part).__name__ for part in value)})"
    return type(value).__name__
