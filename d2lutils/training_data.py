"""What can be handed to fit(), evaluate() and predict(), brought into one form.

The form is ``(inputs, y)`` with ``inputs`` a tuple of tensors: ``net(*inputs)``.
"""

import torch
from torch.utils.data import Dataset, TensorDataset

from d2lutils.batches import Batches, check_count, check_pair, stays_on_cpu

_TAKES = (
    "a pair (X, y) of tensors, arrays or lists, a TensorDataset, a DataLoader or "
    "d2l.Batches"
)


def split_parts(train, test):
    """Return training and test data, also of a :class:`d2lutils.data.DataSplit`."""
    if hasattr(train, "train") and hasattr(train, "test"):
        return train.train, train.test if test is None else test
    return train, test


def training_batches(data, net, batch_size, seed, drop_last):
    """Return what gives ``(inputs, y)`` on the net's device, anew in each epoch.

    Raises
    ------
    TypeError, ValueError
        When the data can't be had in batches, or two places say how large they are.
    """
    if not _is_loader(data):
        if batch_size is None:
            raise ValueError("fit() needs a batch_size, unless it gets a DataLoader.")
        inputs, y = examples(data, net)
        inputs, y = moved(inputs, device_of(net)), y.to(device_of(net))
        return Batches(inputs, y, batch_size, seed=seed, drop_last=drop_last)
    if batch_size is not None or seed is not None or drop_last:
        raise ValueError(
            f"A {type(data).__name__} already says how its batches are made: leave out "
            "batch_size, seed and drop_last, and set them where it is made."
        )
    return _Loaded(data, net)


def evaluation_batches(data, net, batch_size):
    """Return the same without shuffling; each part moves to the device by itself."""
    if _is_loader(data):
        return _Loaded(data, net)
    inputs, y = examples(data, net)
    check_pair(inputs, y)
    device = device_of(net)
    return (
        (moved(part, device), labels.to(device))
        for *part, labels in _slices([*inputs, y], batch_size)
    )


def input_parts(X, net, batch_size):
    """Yield tuples of inputs for ``net``, ``batch_size`` examples each.

    Raises
    ------
    TypeError, ValueError
        When ``X`` holds labels too, or is no tensors.
    """
    if _is_loader(X) or isinstance(X, Dataset) or hasattr(X, "train"):
        raise TypeError(
            f"predict() takes inputs without labels, not a {type(X).__name__}: for "
            "example predict(net, X_test)."
        )
    inputs = tuple(tensor_of(x, net) for x in (X if type(X) is tuple else (X,)))
    if not inputs or any(x.ndim == 0 or len(x) != len(inputs[0]) for x in inputs):
        shapes = ", ".join(str(tuple(x.shape)) for x in inputs)
        raise ValueError(
            "predict() needs inputs with the examples along the first dimension, the "
            f"same number in each; got {shapes or 'an empty tuple'}."
        )
    for part in _slices(inputs, batch_size):
        yield moved(part, device_of(net))


def examples(data, net):
    """Return ``(inputs, y)`` of data that are all there: ``inputs`` is a tuple.

    Raises
    ------
    TypeError, ValueError
    """
    if hasattr(data, "train") and hasattr(data, "test"):
        raise ValueError(
            "Both a training and a test part are in these data: choose data.train or "
            "data.test."
        )
    if isinstance(data, TensorDataset):
        data = _split_batch(data.tensors)
    elif isinstance(data, Dataset):
        raise TypeError(
            f"A {type(data).__name__} gives one example at a time: wrap it, for example "
            "DataLoader(dataset, batch_size=64, shuffle=True)."
        )
    elif hasattr(data, "X") and hasattr(data, "y"):  # a d2l.Table
        data = data.X, data.y
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        several = isinstance(data, (tuple, list))
        got = f"{len(data)} values" if several else f"a {type(data).__name__}"
        raise TypeError(
            f"The data must be {_TAKES}; got {got}. Several inputs make a tuple: "
            "((X, lengths), y)."
        )
    X, y = data
    inputs = tuple(tensor_of(x, net) for x in (X if type(X) is tuple else (X,)))
    return inputs, tensor_of(y, net)


def tensor_of(values, net):
    """Return a tensor; of an array or list, floats come in the net's own dtype.

    Whole numbers become int64. A list of tensors is stacked.

    Raises
    ------
    TypeError
        When these are not numbers, or rows of unequal length.
    """
    if torch.is_tensor(values):
        return values
    import numpy

    try:
        if isinstance(values, list) and values and torch.is_tensor(values[0]):
            return torch.stack(values)
        array = numpy.asarray(values)
        dtype = {"f": _float_dtype(net), "i": torch.int64, "u": torch.int64, "b": None}
        return torch.tensor(array, dtype=dtype[array.dtype.kind])
    except (KeyError, TypeError, ValueError, RuntimeError):
        raise TypeError(
            f"Can't make a tensor of this {type(values).__name__}: it must hold numbers "
            "only, in rows of the same length (pad the shorter ones)."
        ) from None


def moved(inputs, device):
    """Return the inputs as a tuple on ``device``, lengths excepted.

    Of the inputs after the first, those that are 1-D int64 stay on the CPU, where
    packing wants them.
    """
    return tuple(
        x.cpu() if stays_on_cpu(i, x) else x.to(device) for i, x in enumerate(inputs)
    )


def device_of(net):
    """Return the device of the net's first parameter, the CPU if it has none."""
    parameter = next(net.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


class _Loaded:
    """The batches of a loader, moved to the device of a net."""

    def __init__(self, loader, net):
        if hasattr(loader, "__next__"):
            raise TypeError(
                f"A {type(loader).__name__} can be read only once, but every epoch "
                "reads the data anew: hand over a DataLoader or a pair (X, y)."
            )
        self.loader, self.device = loader, device_of(net)

    def __iter__(self):
        batch = None
        for batch in self.loader:
            if not isinstance(batch, (tuple, list)) or len(batch) < 2:
                raise TypeError(
                    f"A batch must be a pair (X, y), but this "
                    f"{type(self.loader).__name__} gives a {type(batch).__name__}."
                )
            inputs, y = _split_batch(batch)
            check_pair(inputs, y)
            yield moved(inputs, self.device), y.to(self.device)
        if batch is None:
            raise ValueError(f"This {type(self.loader).__name__} gave no batch.")


def _split_batch(batch):
    """Divide ``(X, y)``, ``((X, lengths), y)`` or ``(X, lengths, y)``."""
    *inputs, y = batch
    if len(inputs) == 1 and type(inputs[0]) in (tuple, list):
        inputs = inputs[0]
    return tuple(inputs), y


def _slices(tensors, batch_size):
    batch_size = check_count(batch_size, "batch_size")
    # no examples: one empty part, so that the outputs still get their shape
    for start in range(0, max(len(tensors[0]), 1), batch_size):
        yield [tensor[start : start + batch_size] for tensor in tensors]


def _is_loader(data):
    if isinstance(data, (tuple, list, torch.Tensor, Dataset, str, dict)):
        return False
    return hasattr(data, "__iter__") and not hasattr(data, "__array__")


def _float_dtype(net):
    dtypes = (p.dtype for p in net.parameters() if p.is_floating_point())
    return next(dtypes, torch.get_default_dtype())
