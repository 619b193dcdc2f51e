"""How big, where and with which seed a notebook runs.

Three environment variables steer a run (``d2lutils.flags`` lists them all):
``D2L_QUICK=1`` makes every chapter small (what the tests run), ``D2L_DEVICE`` names the
device, ``D2L_SEED`` gives every seed other random numbers (what the measurement of the
bands varies).
"""

import hashlib
import operator
import random

from d2lutils import flags

_chapters_device = None  # what the chapter asked for with device("cpu")


def size(*, full, quick, gpu=None):
    """Return the settings of the current run size.

    Parameters
    ----------
    full, quick, gpu : any
        What to use in a full run, in a quick run (``D2L_QUICK=1``), and in a full run
        that computes on a CUDA device. Usually tuples of the same length, such as
        ``(num_epochs, num_examples)``; ``gpu`` may be left out.

    Returns
    -------
    any
        One of the three, unchanged.

    Raises
    ------
    ValueError
        When the tuples do not have the same length.
    """
    given = [choice for choice in (full, quick, gpu) if choice is not None]
    lengths = {len(c) if isinstance(c, tuple) else None for c in given}
    if len(lengths) > 1:
        raise ValueError(
            f"size() got tuples of different lengths: full={full!r}, quick={quick!r}, "
            f"gpu={gpu!r}. Give each size the same settings in the same order."
        )
    if flags.is_on("D2L_QUICK"):
        return quick
    return gpu if gpu is not None and where().type == "cuda" else full


def run_size():
    """Return ``"quick"``, ``"gpu"`` (full, on a CUDA device) or ``"full"``."""
    return size(full="full", quick="quick", gpu="gpu")


def device(name=None):
    """Return the device to compute on, as a ``torch.device``.

    Parameters
    ----------
    name : str, optional
        Where the chapter computes whatever the machine offers: ``d2l.device("cpu")`` says
        that everything in it stays on the CPU. Sizes and bands then are those of the
        CPU, on a machine with a GPU as well. Say it before the first ``d2l.size``.
        Without a name: CUDA if it is there, then Apple's MPS, then the CPU; the
        environment variable ``D2L_DEVICE`` (for example ``cpu`` or ``cuda:1``)
        overrules this choice.

    Raises
    ------
    RuntimeError
        When the named device is not there, or cannot compute (``meta``).
    """
    import torch

    global _chapters_device
    if name is not None:
        _chapters_device = _usable(str(name), f"device({str(name)!r})")
        return _chapters_device
    if wanted := flags.text("D2L_DEVICE"):
        return _usable(wanted, f"D2L_DEVICE={wanted}")
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def where():
    """Return the device that the chapter named, or else :func:`device`'s choice."""
    return _chapters_device or device()


def _usable(name, asked):
    """Return a named device after trying it; ``asked`` says who named it."""
    import torch

    try:
        torch.ones(1, device=name).item()
        return torch.device(name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
    advice = "Leave it out to let the book choose, or say 'cpu'."
    if name.split(":")[0] == "meta":
        raise RuntimeError(
            f"{asked}: tensors on 'meta' have shapes but no numbers, so nothing can be "
            f"computed there. {advice}"
        )
    raise RuntimeError(f"{asked}: this machine has no such device ({reason}). {advice}")


def seed(number=0):
    """Seed torch, NumPy and Python's ``random``, and return the seed that was used.

    With ``D2L_SEED`` unset or 0 that is ``number`` itself. With any other ``D2L_SEED`` a
    number is computed from both, so that all runs of a chapter get other random
    numbers, and no run of one repetition is a run of another.

    Raises
    ------
    ValueError
        When ``number`` or ``D2L_SEED`` is not a whole number from 0 on.
    """
    import numpy
    import torch

    used = mixed(number)
    torch.manual_seed(used)
    numpy.random.seed(used % 2**32)
    random.seed(used)
    return used


def generator(number=0):
    """Return a ``torch.Generator`` on the CPU whose seed depends on ``D2L_SEED`` as well.

    For what has random numbers of its own, such as the order of the batches; ``d2l.fit``
    and ``d2l.Batches`` use it for their ``seed``. The data stay as given:
    ``train_test_split``, ``linear_data`` and ``moons`` take their seed as it is, since on
    other data the same training has another figure and would need another band.

    Raises
    ------
    ValueError
        When ``number`` or ``D2L_SEED`` is not a whole number from 0 on.
    """
    import torch

    return torch.Generator().manual_seed(mixed(number))


def mixed(number):
    """Return the seed that stands for ``number`` in this repetition (``D2L_SEED``).

    Raises
    ------
    ValueError
        When ``number`` or ``D2L_SEED`` is not a whole number from 0 on.
    """
    repetition = flags.whole_number("D2L_SEED")
    try:
        whole = None if isinstance(number, bool) else operator.index(number)
    except (TypeError, ValueError, RuntimeError):  # the last two: tensors
        whole = None
    if whole is None or whole < 0:
        raise ValueError(f"A seed is a whole number from 0 on; got {number!r}.")
    if repetition == 0:
        return whole
    # 32 bits: torch's generator on the CPU looks at no more
    both = hashlib.sha256(f"{whole} {repetition}".encode()).digest()
    return int.from_bytes(both[:4], "big")
