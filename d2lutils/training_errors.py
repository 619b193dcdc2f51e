"""The errors that PyTorch raises for a batch, translated into what to change."""

import inspect

import torch
from torch import nn

#: what PyTorch says when memory runs out and does not say it by type
_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")
_TOO_SMALL = ("Kernel size can't be greater", "output size is too small",
              "Output size is too small", "Invalid computed output size")  # fmt: skip


def raise_explained(error, net, inputs, y=None):
    """Raise an error that says what to change, caused by ``error``, or ``error`` itself.

    An error without an explanation keeps its type and text and gets a note of the
    batch's shapes. Running out of memory is never explained away.

    Raises
    ------
    TypeError, ValueError
        What could be explained: kinds of values, and everything else.
    Exception
        Any other error, as it was.
    """
    if isinstance(error, torch.OutOfMemoryError) or _says(error, *_OUT_OF_MEMORY):
        raise error
    for explain in (_call, _inputs, _layers, _labels):
        explanation = explain(error, net, inputs, y)
        if explanation is not None:
            kind, advice = explanation
            raise kind(f"{advice} ({error})") from error
    if hasattr(error, "add_note"):  # from Python 3.11
        shapes = ", ".join(f"{tuple(x.shape)} {x.dtype}" for x in inputs)
        labels = "" if y is None else f" and y {tuple(y.shape)} {y.dtype}"
        error.add_note(f"The batch had X {shapes}{labels}.")
    raise error


def _call(error, net, inputs, y):
    """Explain a net that takes another number of inputs than the data have."""
    if not isinstance(error, TypeError):
        return None
    try:
        inspect.signature(net.forward).bind(*inputs)
    except TypeError as refusal:
        several = "((X, lengths), y)"
        return TypeError, (
            f"{type(net).__name__}.forward() does not take the {len(inputs)} input(s) "
            f"of these data: {refusal}. A tuple of inputs becomes the net's arguments: "
            f"{several} calls net(X, lengths)."
        )
    except ValueError:  # no signature to be had
        pass
    if "not tuple" in str(error):
        where = _layer(net, error)
        return TypeError, (
            f"{where} gets a tuple: the layer before returns (output, state), as nn.RNN, "
            "nn.GRU and nn.LSTM do. Call it in a forward() of your own and pass on the "
            "output only."
        )
    return None


def _inputs(error, net, inputs, y):
    X, first = inputs[0], next(net.parameters(), None)
    if "argument #1 'indices'" in str(error):
        return TypeError, f"{_layer(net, error)} takes whole numbers: give it X.long()."
    wrong = first is not None and X.dtype != first.dtype and not X.is_complex()
    if wrong and _says(error, "same dtype", "should be the same", "scalar type"):
        return ValueError, (
            f"The inputs are {X.dtype} but the network's parameters {first.dtype}: "
            "convert one, for example X.float()."
        )
    if "shapes cannot be multiplied" in str(error):
        return ValueError, (
            f"A batch of inputs has shape {tuple(X.shape)}, which does not fit the first "
            f"layer or one after it: {_layer(net, error)} gets another number of "
            "features than it takes. Images need nn.Flatten() before a linear layer."
        )
    if _says(error, *_TOO_SMALL):
        return ValueError, (
            f"Inputs of shape {tuple(X.shape)} are too small for this network: at "
            f"{_layer(net, error)} nothing is left of them. Give larger ones, or fewer "
            "or smaller windows and strides."
        )
    return None


def _layers(error, net, inputs, y):
    if "more than 1 value per channel" in str(error):
        n = len(inputs[0])
        batch = "a batch of one example" if n == 1 else f"a batch of {n}"
        return ValueError, (
            f"{_layer(net, error)} can't take a variance over {batch}. Is it the last "
            "batch, which is smaller than the others? Give drop_last=True, or another "
            "batch_size."
        )
    if isinstance(error, IndexError) and "index out of range in self" in str(error):
        return ValueError, (
            f"An index in the inputs lies outside the table of {_layer(net, error)}: "
            "they run from 0 to one less than its rows."
        )
    return None


def _labels(error, net, inputs, y):
    text = str(error)
    if y is None:
        return None
    if isinstance(error, (IndexError, RuntimeError)) and (
        ("Target " in text and "is out of bounds" in text)
        or "target out of range" in text
    ):
        return ValueError, (
            f"The labels of a batch run from {y.min().item()} to {y.max().item()}, but "
            "classes are numbered from 0 to one less than the number of outputs."
        )
    if "device-side assert" in text:
        return ValueError, (
            "An index was out of range on the GPU, most often a label that is not "
            "between 0 and one less than the number of outputs. CUDA can't go on after "
            "that: restart the kernel, and check y.min() and y.max() first."
        )
    if "Long" in text and "can't be cast" in text and not y.is_floating_point():
        return (
            TypeError,
            f"This loss takes labels as floats, not {y.dtype}: use y.float().",
        )
    if "Long" in text and y.dtype != torch.int64:
        return TypeError, (
            f"This loss takes class numbers as int64 labels of shape (n,), not {y.dtype} "
            f"of shape {tuple(y.shape)}: use y.long()."
        )
    if "multi-target not supported" in text:
        return ValueError, (
            f"This loss takes class numbers of shape (n,), not {tuple(y.shape)}: use "
            "y.flatten()."
        )
    return None


def _says(error, *texts):
    return any(text in str(error) for text in texts)


def _layer(net, error):
    """Name the module in whose code the error arose, from its traceback."""
    module, step = net, error.__traceback__
    while step is not None:
        here = step.tb_frame.f_locals.get("self")
        module = here if isinstance(here, nn.Module) else module
        step = step.tb_next
    return named(net, module)


def named(net, module):
    """Return how to speak of a part of a net: ``layer '2' (Linear)``."""
    kind = type(module).__name__
    names = (name for name, part in net.named_modules() if part is module)
    name = next(names, "")
    return f"layer '{name}' ({kind})" if name else f"the network ({kind})"
