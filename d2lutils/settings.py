"""How big, where and with which seed a notebook runs.

Three environment variables steer a run: ``D2L_QUICK=1`` makes every chapter small
(what the tests run), ``D2L_DEVICE`` names the device, ``D2L_SEED`` is added to every
seed (what the measurement of the bands varies).
"""

import random

from d2lutils import flags


def size(*, full, quick, gpu=None):
    """Return the settings of the current run size.

    Parameters
    ----------
    full, quick, gpu : any
        What to use in a full run, in a quick run (``D2L_QUICK=1``), and in a full run
        on a machine with a CUDA device. Usually tuples of the same length, such as
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
    return gpu if gpu is not None and device().type == "cuda" else full


def run_size():
    """Return ``"quick"``, ``"gpu"`` (full, with a CUDA device) or ``"full"``."""
    return size(full="full", quick="quick", gpu="gpu")


def device():
    """Return the best device of this machine as a ``torch.device``.

    CUDA first, then Apple's MPS, then the CPU. ``D2L_DEVICE`` (for example ``cpu`` or
    ``cuda:1``) overrides the choice.

    Raises
    ------
    RuntimeError
        When ``D2L_DEVICE`` names a device that is not there.
    """
    import torch

    wanted = flags.text("D2L_DEVICE")
    if wanted:
        try:
            torch.empty(1, device=wanted)
        except (RuntimeError, AssertionError, NotImplementedError) as error:
            raise RuntimeError(
                f"D2L_DEVICE is {wanted!r}, but this machine has no such device "
                f"({str(error).splitlines()[0]}). Unset D2L_DEVICE to let the book "
                "choose, or set it to 'cpu'."
            ) from None
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def seed(number=0):
    """Seed torch, NumPy and Python's ``random``, and return the seed that was used.

    ``D2L_SEED`` is added to ``number``, so that one variable re-runs a whole chapter
    with other random numbers.

    Raises
    ------
    ValueError
        When ``number`` or ``D2L_SEED`` is not a whole number from 0 on.
    """
    import numpy
    import torch

    offset = flags.whole_number("D2L_SEED")
    try:
        used = int(number) + int(offset)
    except (TypeError, ValueError):
        used = -1
    if used < 0 or used != number + int(offset):
        raise ValueError(
            f"A seed is a whole number from 0 on; got seed({number!r}) with "
            f"D2L_SEED={offset!r}."
        )
    torch.manual_seed(used)
    numpy.random.seed(used % 2**32)
    random.seed(used)
    return used
