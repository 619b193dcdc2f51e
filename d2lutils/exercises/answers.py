"""How a check reads an answer and compares it: the same in every exercise.

A check reads with ``number``, ``numbers``, ``parts``, ``tensor``, ``function`` and
``subclass``, calls the reader's function with ``call``, and compares with ``agree`` (or
``close``, for a hint) and ``agree_gradients``. Each raises ``Wrong`` with a sentence::

    @exercise("98.1", hint="...", wrong=[...], right=[...])
    def check_softmax(answer):
        function(answer, "softmax")
        for shape in [(3,), (2, 3)]:
            logits = torch.randn(shape, dtype=torch.float64)
            agree(call(answer, logits), logits.softmax(-1), f"for logits {shape}")
        agree_gradients(answer, lambda o: o.softmax(-1), logits)

One policy: a number may come from Python, NumPy or torch (0-d or a single element); text,
truth values, complex numbers, nan and infinity are refused. A tensor must be a tensor, of
the shape that is asked for, in single or double precision, and finite. Nothing is ever
close to nan. ``judge`` seeds the generators and leaves everything as it was, so a check
may draw with torch as it likes; ``independent`` and its kin judge what it draws,
``by_hand``, ``without`` and their kin how a value is reached.
"""

from d2lutils.exercises.comparing import agree, agree_gradients, close
from d2lutils.exercises.draws import fresh, independent, share, unrelated
from d2lutils.exercises.reading import (
    call,
    function,
    number,
    numbers,
    parts,
    subclass,
    tensor,
)
from d2lutils.exercises.ways import (
    Stream,
    by_hand,
    largest_result,
    peak_memory,
    without,
)

__all__ = [
    "Stream",
    "agree",
    "agree_gradients",
    "by_hand",
    "call",
    "close",
    "fresh",
    "function",
    "independent",
    "largest_result",
    "number",
    "numbers",
    "parts",
    "peak_memory",
    "share",
    "subclass",
    "tensor",
    "unrelated",
    "without",
]
