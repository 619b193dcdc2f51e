"""How an answer is reached: by hand, without a ready-made function, in one look."""

import tracemalloc
from weakref import ref

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from d2lutils.exercises import Wrong
from d2lutils.exercises.reading import call


def by_hand(answer, *inputs):
    """Call the reader's function where autograd can't work; return what it returns."""
    try:
        with torch.inference_mode():
            return call(answer, *inputs)
    except RuntimeError as error:
        if "grad" in str(error).lower() or "inference" in str(error).lower():
            raise Wrong("Autograd can't be used here: derive it by hand.") from None
        raise


class without(TorchFunctionMode):
    """A context in which calling these functions of torch is ``Wrong``."""

    def __init__(self, *names):
        super().__init__()
        self.names = names

    def __torch_function__(self, func, types, args=(), kwargs=None):
        """Refuse the named functions, and call the others."""
        name = getattr(func, "__name__", "")
        if name in self.names:
            raise Wrong(f"{name} does all of it; write it yourself.")
        return func(*args, **(kwargs or {}))


class Stream:
    """An iterable without a length or an index, whose values are made when they are due.

    One may go through it again and again. ``most_alive`` says how many of its values
    (tensors) existed at the same time, which finds out who collects them.
    """

    def __init__(self, make, count):
        self.make, self.count, self.most_alive = make, count, 0

    def __iter__(self):
        living = []
        for place in range(self.count):
            value = self.make(place)
            living = [w for w in living if w() is not None] + [ref(value)]
            self.most_alive = max(self.most_alive, len(living))
            yield value
            del value


def peak_memory(f):
    """Return the most bytes that Python and NumPy held at a time while f() ran.

    What f() imports counts, too: call the reader's function once before.
    """
    running = tracemalloc.is_tracing()
    tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        f()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if not running:
            tracemalloc.stop()


class largest_result(TorchDispatchMode):
    """A context that notes in ``numel`` the size of the largest tensor that is made."""

    def __init__(self):
        super().__init__()
        self.numel = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Call the operation and look at what it returns."""
        result = func(*args, **(kwargs or {}))
        for value in result if isinstance(result, (tuple, list)) else (result,):
            if torch.is_tensor(value):
                self.numel = max(self.numel, value.numel())
        return result
