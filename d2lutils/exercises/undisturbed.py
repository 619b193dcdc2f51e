"""What a check runs leaves the reader's generators and networks as they were."""

import random
from contextlib import ExitStack, contextmanager
from functools import partial

import numpy as np
import torch
from torch import nn

DEPTH = 4


@contextmanager
def undisturbed(answer=None, seed=0):
    """Run a block from a fixed seed on the CPU, and put everything back afterwards.

    That is: the generators of torch (all devices that are in use), NumPy and Python, the
    default type, whether gradients are on, and of each network or generator that the
    answer is, holds or uses its state, modes and gradients.
    """
    numpy_state, python_state = np.random.get_state(), random.getstate()
    dtype, kept = torch.get_default_dtype(), [_state(t) for t in things(answer)]
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=devices))
        if torch.backends.mps.is_available():
            stack.callback(torch.mps.set_rng_state, torch.mps.get_rng_state())
        device = torch.get_default_device()
        stack.callback(_back_to_device, device)
        if device.type != "cpu":
            stack.enter_context(torch.device("cpu"))
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        stack.callback(torch.set_default_dtype, dtype)
        stack.callback(np.random.set_state, numpy_state)
        stack.callback(random.setstate, python_state)
        for restore in kept:
            stack.callback(restore)
        torch.set_default_dtype(torch.float32)
        torch.manual_seed(seed)
        np.random.seed(seed)
        random.seed(seed)
        yield


def _back_to_device(device):
    if torch.get_default_device() != device:
        # None takes the device mode away; "cpu" would leave one behind.
        torch.set_default_device(None if device.type == "cpu" else device)


def things(answer, depth=DEPTH, seen=None):
    """Return the networks and generators that an answer is, holds or uses."""
    seen = set() if seen is None else seen
    if id(answer) in seen or depth < 0:
        return []
    seen.add(id(answer))
    if isinstance(answer, (nn.Module, torch.Generator, np.random.Generator)):
        return [answer]
    return [t for part in _inside(answer) for t in things(part, depth - 1, seen)]


def _inside(answer):
    if isinstance(answer, (list, tuple, set)):
        return list(answer)
    if isinstance(answer, dict):
        return list(answer.values())
    if isinstance(answer, partial):
        return [answer.func, *answer.args, *answer.keywords.values()]
    if isinstance(answer, type):
        own = (vars(c) for c in answer.__mro__[:-1] if not _foreign(c))
        return [v for names in own for v in names.values()]
    inside = [getattr(answer, name, None) for name in ("__self__", "__func__")]
    code = getattr(answer, "__code__", None)
    if code is None or _foreign(answer):
        return inside
    known = answer.__globals__
    cells = [c.cell_contents for c in answer.__closure__ or () if _filled(c)]
    defaults = [*(answer.__defaults__ or ()), *(answer.__kwdefaults__ or {}).values()]
    return inside + [known[n] for n in code.co_names if n in known] + cells + defaults


def _foreign(f):
    """Written by a library, not by the reader: not to be searched."""
    module = getattr(f, "__module__", "") or ""
    return module.split(".")[0] in ("torch", "numpy", "builtins", "torchvision")


def _filled(cell):
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:  # the name has no value yet
        return False
    return True


def _state(thing):
    """A function that puts a network or generator back into its present state."""
    if isinstance(thing, torch.Generator):
        return partial(thing.set_state, thing.get_state())
    if isinstance(thing, np.random.Generator):
        return partial(setattr, thing.bit_generator, "state", thing.bit_generator.state)
    modes = [(m, m.training) for m in thing.modules()]
    tensors = [*thing.parameters(), *thing.buffers()]
    kept = [
        (t, t.detach().clone(), t.requires_grad, _copy(t.grad))
        for t in tensors
        if not isinstance(t, nn.parameter.UninitializedTensorMixin)
    ]

    def restore():
        for module, training in modes:
            module.training = training
        with torch.no_grad():
            for t, value, requires_grad, grad in kept:
                t.requires_grad_(requires_grad)
                t.grad = grad
                if not t.is_meta and not torch.equal(t, value):
                    t.copy_(value)

    return restore


def _copy(grad):
    return None if grad is None else grad.detach().clone()
