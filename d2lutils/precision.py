"""Which precision a processor is fast in."""

from contextlib import nullcontext

import torch


def mixed_precision(device):
    """Return a context in which a network's products run in bfloat16 where that is fast.

    Asks the hardware: NVIDIA GPUs with bfloat16 units and CPUs with Intel's matrix
    extensions (AMX) are two to eight times faster in it. Elsewhere it can be fifty times
    slower, so the context does nothing there. Parameters, losses, norms and
    the optimizer's state stay in float32 (``torch.autocast``).

    Parameters
    ----------
    device : torch.device or str

    Examples
    --------
    >>> with d2l.mixed_precision(device):
    ...     d2l.fit(net, data, ...)
    """
    kind = torch.device(device).type
    if not _fast_in_bfloat16(kind):
        return nullcontext()
    return torch.autocast(kind, torch.bfloat16)


def _fast_in_bfloat16(kind):
    if kind == "cuda":
        return torch.cuda.get_device_capability()[0] >= 8
    if kind == "cpu":
        # private, and absent from some versions: then float32 is the safe choice
        has_amx = getattr(torch.cpu, "_is_amx_tile_supported", None)
        return has_amx is not None and has_amx()
    return False
