"""Trained recurrent nets for the page: found in a module, packed, and rebuilt in torch.

A net here is an optional embedding, one ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``, and a linear
layer; ``front/sequences.js`` runs it in the browser, symbol by symbol.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from d2lutils.widgets.framework import packed

_KINDS = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}


class Pieces(NamedTuple):
    """The layers of a recurrent net; ``embedding`` is None where symbols go in one-hot."""

    embedding: nn.Embedding | None
    rnn: nn.RNNBase
    linear: nn.Linear

    @property
    def symbols(self):
        """How many different symbols it reads."""
        if self.embedding is not None:
            return self.embedding.num_embeddings
        return self.rnn.input_size

    def given(self, ids):
        """What the recurrent layer reads for symbols ``ids`` (steps): (steps, features)."""
        if self.embedding is not None:
            return self.embedding(ids)
        return F.one_hot(ids, self.rnn.input_size).to(self.linear.weight.dtype)

    def states(self, ids):
        """The last layer's state after each symbol, (steps, directions · hidden)."""
        return self.rnn(self.given(ids))[0]

    def logits(self, ids):
        """The linear layer's answer after each symbol, (steps, outputs)."""
        return self.linear(self.states(ids))


def check_characters(characters, lengths=(1,)):
    """Raise ValueError unless these texts differ and have one of these lengths."""
    if len(set(characters)) != len(characters) or not {*map(len, characters)} <= {
        *lengths
    }:
        raise ValueError("characters must be single, and each must stand there once")


def check_sizes(name, net, symbols, outputs):
    """Raise ValueError unless the net reads so many symbols and gives so many logits."""
    found = net.symbols, net.linear.out_features
    if found != (symbols, outputs):
        raise ValueError(
            f"{name} reads {found[0]} symbols and answers with {found[1]} logits; to fit what "
            f"was given with it, that must be {symbols} and {outputs}"
        )


def pieces(net):
    """The layers of ``net``, whatever their names.

    Raises TypeError where there is not one recurrent layer and one linear layer (an embedding
    may stand before them), or when the recurrent layer projects its state.
    """
    name = type(net).__name__
    if not isinstance(net, nn.Module):
        raise TypeError(f"a net must be an nn.Module, not {name}")
    found = {
        kind: [part for part in net.modules() if isinstance(part, kind)]
        for kind in (nn.Embedding, nn.RNNBase, nn.Linear)
    }
    embeddings, recurrent, linear = found.values()
    if len(recurrent) != 1 or len(linear) != 1 or len(embeddings) > 1:
        raise TypeError(
            f"{name} must have one recurrent layer, one linear layer and at most one "
            f"embedding; it has {len(recurrent)}, {len(linear)} and {len(embeddings)}"
        )
    if recurrent[0].proj_size:
        raise TypeError(f"{name}: the page has no LSTM with proj_size")
    return Pieces(*(embeddings or [None]), *recurrent, *linear)


def convert(nets, bits=None, budget_kb=300):
    """Trained nets as plain JSON values.

    Parameters
    ----------
    nets : dict of str to nn.Module
        Each as :func:`pieces` wants it. They stay as they are.
    bits, budget_kb : int, float
        As in :func:`packed.pack`, for all nets together.

    Returns
    -------
    dict
        ``nets``, {name: {kind, layers, hidden, bidirectional, nonlinearity}}, and
        ``weights``, whose names begin with the net's: ``GRU.rnn.weight_ih_l0``.

    Raises
    ------
    TypeError, ValueError
        For a net of other layers, one whose layers don't fit together, and weights over the
        budget.
    """
    told, tensors = {}, {}
    for name, net in nets.items():
        found = pieces(net)
        rnn = found.rnn
        directions = 2 if rnn.bidirectional else 1
        wide = rnn.hidden_size * directions
        if found.linear.in_features not in (wide, rnn.hidden_size):
            raise ValueError(
                f"{name}: the linear layer takes {found.linear.in_features} numbers, and the "
                f"recurrent layer gives {wide}"
            )
        told[name] = {
            "kind": type(rnn).__name__.lower(),
            "layers": rnn.num_layers,
            "hidden": rnn.hidden_size,
            "bidirectional": rnn.bidirectional,
            "nonlinearity": getattr(rnn, "nonlinearity", "tanh"),
        }
        for part, layer in zip(Pieces._fields, found, strict=True):
            if layer is not None:
                own = layer.state_dict().items()
                tensors |= {f"{name}.{part}.{key}": value for key, value in own}
    return {"nets": told, "weights": packed.pack(tensors, bits, budget_kb)}


def revive(converted):
    """{name: Pieces} in float64, with the weights as the page has them, rounded."""
    tensors = packed.unpack(converted["weights"])
    return {
        name: _built(name, told, tensors) for name, told in converted["nets"].items()
    }


def _built(name, told, tensors):
    own = {
        key[len(name) + 1 :]: tensor.double()
        for key, tensor in tensors.items()
        if key.startswith(f"{name}.")
    }
    more = {"nonlinearity": told["nonlinearity"]} if told["kind"] == "rnn" else {}
    hidden, wide = own["rnn.weight_hh_l0"].shape[1], own["rnn.weight_ih_l0"].shape[1]
    with torch.random.fork_rng(devices=[]):  # the reader's seed stays where it is
        rnn = _KINDS[told["kind"].upper()](
            wide,
            hidden,
            told["layers"],
            bias="rnn.bias_ih_l0" in own,
            bidirectional=told["bidirectional"],
            dtype=torch.float64,
            **more,
        )
        linear = nn.Linear(
            *own["linear.weight"].shape[::-1],
            bias="linear.bias" in own,
            dtype=torch.float64,
        )
    embedding = None
    if "embedding.weight" in own:
        embedding = nn.Embedding.from_pretrained(own["embedding.weight"])
    found = Pieces(embedding, rnn, linear)
    for part, layer in zip(Pieces._fields[1:], found[1:], strict=True):
        start = f"{part}."
        layer.load_state_dict(
            {k[len(start) :]: v for k, v in own.items() if k.startswith(start)}
        )
        layer.requires_grad_(False)
    return found
