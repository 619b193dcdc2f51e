"""Chapter 16, saving and loading: the checks of its exercises."""

import copy
import json
import struct
import tempfile
from pathlib import Path

import torch
from torch import nn

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    close,
    function,
    number,
    peak_memory,
    tensor,
)


@exercise(
    "16.1",
    hint="Count the parameters, then think of how many bytes one takes.",
    wrong=[
        lambda: 203_530,
        lambda: 812_000 + 1,
        lambda: 1_628_240,
        lambda: float("nan"),
        lambda: "814120",
    ],
)
def check_bytes(answer):
    """203,530 parameters of four bytes each."""
    count = number(answer, "The number of bytes", whole=True)
    if count == 203_530:
        raise Wrong("That is how many numbers there are. How many bytes has each?")
    if count == (784 * 256 + 256 * 10) * 4:
        raise Wrong("The biases are missing.")
    if count == 203_530 * 8:
        raise Wrong("float32 has 32 bits. How many bytes are those?")
    if count != 203_530 * 4:
        raise Wrong("Weights and biases of both layers, then bytes per number.")


def _not_strict(net, state):
    return sorted(net.load_state_dict(state, strict=False).unexpected_keys)


def _names_only(net, state):
    own = net.state_dict()
    return sorted(name for name in state if name not in own)


def _returns_loaded(net, state):
    own = net.state_dict()
    fits = {k: v for k, v in state.items() if k in own and own[k].shape == v.shape}
    net.load_state_dict(fits, strict=False)
    return sorted(fits)


def _loads_nothing(net, state):
    own = net.state_dict()
    return sorted(
        k for k, v in state.items() if k not in own or own[k].shape != v.shape
    )


@exercise(
    "16.2",
    hint="Compare with net.state_dict(): is the name there, is the shape the same?",
    wrong=[
        lambda: _not_strict,
        lambda: _names_only,
        lambda: _returns_loaded,
        lambda: _loads_nothing,
    ],
)
def check_load_matching(answer):
    """Load what fits in name and shape; return the names of the rest."""
    function(answer, "load_matching")
    old = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 5))
    new = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    old[1].running_mean += 1
    state = copy.deepcopy(old.state_dict()) | {"extra": torch.ones(2)}
    head = new[2].weight.detach().clone()
    parameters = list(new.parameters())
    left = answer(new, state)
    if [id(p) for p in new.parameters()] != [id(p) for p in parameters]:
        raise Wrong("Copy the values into the network's own parameters.")
    same = torch.equal(new[0].weight, old[0].weight)
    same &= torch.equal(new[0].bias, old[0].bias)
    same &= torch.equal(new[1].running_mean, old[1].running_mean)
    if not same:
        raise Wrong("An entry whose name and shape fit was not loaded.")
    if not torch.equal(new[2].weight, head):
        raise Wrong("The last layer has another shape and must stay as it was.")
    if not isinstance(left, (list, tuple)) or list(left) != [
        "2.bias",
        "2.weight",
        "extra",
    ]:
        raise Wrong("Return the sorted names of the entries that were left out.")


def _reads_blindly(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length))


def _returns_text(path):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if 8 + length > Path(path).stat().st_size:
            raise ValueError("damaged")
        return file.read(length)


def _big_endian(path):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "big")
        if 8 + length > Path(path).stat().st_size:
            raise ValueError("damaged")
        return json.loads(file.read(length))


def _forgets_eight(path):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > Path(path).stat().st_size:
            raise ValueError("damaged")
        return json.loads(file.read(length))


def _reads_all(path):
    content = Path(path).read_bytes()
    length = int.from_bytes(content[:8], "little")
    if 8 + length > len(content):
        raise ValueError("damaged")
    return json.loads(content[8 : 8 + length])


def _seeks_the_end(path):
    """A right answer."""
    with open(path, "rb") as file:
        end = file.seek(0, 2)
        file.seek(0)
        (length,) = struct.unpack("<Q", file.read(8))
        if length > end - 8:
            raise ValueError("damaged")
        return json.loads(file.read(length).decode())


@exercise(
    "16.3",
    hint="Eight bytes, little-endian, are the length; the JSON text follows.",
    wrong=[
        lambda: _reads_blindly,
        lambda: _returns_text,
        lambda: _big_endian,
        lambda: _forgets_eight,
        lambda: _reads_all,
    ],
    right=[lambda: _seeks_the_end],
)
def check_read_header(answer):
    """The header of a safetensors file, and ValueError for a false length."""
    function(answer, "read_header")
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    text = json.dumps({"w": entry}).encode()
    with tempfile.TemporaryDirectory() as folder:
        good, bad = Path(folder, "good"), Path(folder, "bad")
        good.write_bytes(struct.pack("<Q", len(text)) + text + bytes(8))
        if answer(good) != {"w": entry}:
            raise Wrong("Return the header as a dictionary, as json.loads gives it.")
        with good.open("ab") as file:
            file.truncate(
                good.stat().st_size + 4_000_000
            )  # weights, which nobody asked for
        if peak_memory(lambda: answer(good)) > 1_000_000:
            raise Wrong("It reads the whole file; the header is at its beginning.")
        for length in (2**60, len(text) + 1):
            bad.write_bytes(struct.pack("<Q", length) + text)
            try:
                answer(bad)
            except ValueError as error:
                if isinstance(error, json.JSONDecodeError):
                    raise Wrong(
                        "The damaged file was parsed; compare sizes first."
                    ) from None
            except (MemoryError, OverflowError):
                raise Wrong(
                    "You believed the length of 2**60 bytes. "
                    "Compare it with the file's size."
                ) from None
            else:
                raise Wrong(
                    "A header that would end behind the end of the file "
                    "must raise ValueError. Do the first eight bytes count?"
                )


def _replaces_everywhere(state, prefix):
    return {name.replace(prefix, ""): value for name, value in state.items()}


def _never_raises(state, prefix):
    return {name.removeprefix(prefix): value for name, value in state.items()}


def _raises_when_mixed(state, prefix):
    have = [name.startswith(prefix) for name in state]
    if any(have) and not all(have):
        raise KeyError(prefix)
    return _never_raises(state, prefix)


def _left_strip(state, prefix):
    if not all(name.startswith(prefix) for name in state):
        raise KeyError(prefix)
    return {name.lstrip(prefix): value for name, value in state.items()}


@exercise(
    "16.4",
    hint="str.removeprefix takes a prefix off once; str.lstrip does something else.",
    wrong=[
        lambda: _replaces_everywhere,
        lambda: _never_raises,
        lambda: _raises_when_mixed,
        lambda: _left_strip,
    ],
)
def check_strip_prefix(answer):
    """Names without the prefix, KeyError when one does not have it."""
    function(answer, "strip_prefix")
    tensor = torch.ones(1)
    state = {"module.module.weight": tensor, "module.old.bias": tensor + 1}
    given = dict(state)
    result = answer(given, "module.")
    if not isinstance(result, dict):
        raise Wrong("Return a dictionary.")
    if list(given) != list(state):
        raise Wrong("The given dictionary has changed. Make a new one.")
    if list(result) != ["module.weight", "old.bias"]:
        raise Wrong("The prefix comes off once, at the beginning, and nothing else.")
    if not torch.equal(result["old.bias"], state["module.old.bias"]):
        raise Wrong("The tensors themselves stay what they are.")
    for names in (["module.weight", "bias"], ["weight", "bias"]):
        try:
            answer(dict.fromkeys(names, tensor), "module.")
        except KeyError:
            continue
        raise Wrong("When a name does not begin with the prefix, raise KeyError.")


def _average_everything(states):
    return {
        k: torch.stack([s[k].float() for s in states]).mean(0).to(states[-1][k].dtype)
        for k in states[-1]
    }


def _sum(states):
    return {k: sum(s[k] for s in states) for k in states[-1]}


def _in_place(states):
    mean = states[0]
    for state in states[1:]:
        for name, value in mean.items():
            if value.is_floating_point():
                value += state[name]
    for name, value in mean.items():
        if value.is_floating_point():
            value /= len(states)
        else:
            mean[name] = states[-1][name]
    return mean


def _single_precision(states):
    return {
        k: torch.stack([s[k].float() for s in states]).mean(0)
        if v.is_floating_point()
        else v.clone()
        for k, v in states[-1].items()
    }


@exercise(
    "16.5",
    hint="tensor.is_floating_point() separates the two kinds; torch.stack, then mean.",
    wrong=[
        lambda: _average_everything,
        lambda: _sum,
        lambda: _in_place,
        lambda: _single_precision,
    ],
)
def check_average(answer):
    """The mean of floating entries, the last of the others, nothing changed."""
    function(answer, "average")
    states = [
        {
            "w": torch.full((2, 2), float(k * k), dtype=torch.float64),
            "n": torch.tensor(10 * k),
        }
        for k in (1, 2, 4)
    ]
    before = copy.deepcopy(states)
    mean = answer(states)
    for state, old in zip(states, before, strict=True):
        if any(not torch.equal(state[k], old[k]) for k in old):
            raise Wrong("The given states have changed. Make new tensors.")
    if not isinstance(mean, dict) or set(mean) != {"w", "n"}:
        raise Wrong("Return a dictionary with the same names.")
    tensor(mean["w"], "The average", shape=(2, 2), dtype=torch.float64)
    tensor(mean["n"], "The counter", shape=(), dtype=torch.int64)
    if mean["n"] != 40:
        raise Wrong("A counter is not averaged: take the last one.")
    if not close(mean["w"], torch.full((2, 2), 7.0, dtype=torch.float64)):
        raise Wrong("(1 + 4 + 16) / 3 is 7.")
