"""Encoder–decoder nets with additive attention for the page: packed, rebuilt, decoded.

``front/translation.js`` does the same in the browser. The net is the one of Bahdanau and others
(2015, https://arxiv.org/abs/1409.0473): a recurrent encoder, a decoder whose every step
looks at all of the encoder's states.
"""

import torch
import torch.nn.functional as F
from torch import nn

from d2lutils.widgets.framework import packed

LONGEST = 20  # words of a translation, its end included
ALPHA = 0.75  # a translation's score is its log probability / words ** ALPHA
_LAYERS = {
    "source": nn.Embedding,
    "encoder": nn.GRU,
    "target": nn.Embedding,
    "query": nn.Linear,
    "key": nn.Linear,
    "score": nn.Linear,
    "decoder": nn.GRU,
    "output": nn.Linear,
}


def convert(net, bits=None, budget_kb=700):
    """A trained encoder–decoder as plain JSON values.

    Parameters
    ----------
    net : nn.Module
        With the layers ``source`` (embedding of words read), ``encoder`` (a GRU of one layer, in
        one direction or two), ``target`` (embedding of words written), ``query``, ``key``
        and ``score`` (linear: the attention's score of place j is
        score(tanh(query(s) + key(h_j)))), ``decoder`` (a GRU of one layer that reads
        [embedding, context]) and ``output`` (linear: logits of [s] or of [s, context]).
        A linear layer ``bridge``, where there is one, makes the decoder's first state,
        tanh(bridge(encoder's last states)); otherwise that is the encoder's last state.
    bits, budget_kb : int, float
        As in :func:`packed.pack`.

    Raises
    ------
    TypeError, ValueError
        For a layer that is missing or another, and weights over the budget.
    """
    layers = _LAYERS | ({"bridge": nn.Linear} if hasattr(net, "bridge") else {})
    tensors = {}
    for name, kind in layers.items():
        layer = getattr(net, name, None)
        if not isinstance(layer, kind):
            raise TypeError(
                f"the net's layer {name} must be an nn.{kind.__name__}, not "
                f"{type(layer).__name__}"
            )
        if kind is nn.GRU and (layer.num_layers > 1 or not layer.bias):
            raise TypeError(f"{name} must have one layer, and biases")
        tensors |= {f"{name}.{key}": value for key, value in layer.state_dict().items()}
    if net.decoder.bidirectional:
        raise TypeError("the decoder must read in one direction: it writes as it goes")
    return {
        "bidirectional": net.encoder.bidirectional,
        "weights": packed.pack(tensors, bits, budget_kb),
    }


class Translator:
    """A packed net at work, in float64: encode, step, greedy and beam search."""

    def __init__(self, network, bos, eos):
        self.bos, self.eos = bos, eos
        self.both = network["bidirectional"]
        self.weights = {
            name: tensor.double()
            for name, tensor in packed.unpack(network["weights"]).items()
        }
        self.encoder, self.decoder = (
            self._gru(name, both)
            for name, both in (("encoder", self.both), ("decoder", False))
        )

    def _gru(self, name, both):
        start = f"{name}."
        own = {
            key[len(start) :]: value
            for key, value in self.weights.items()
            if key.startswith(start)
        }
        hidden, wide = own["weight_hh_l0"].shape[1], own["weight_ih_l0"].shape[1]
        with torch.random.fork_rng(devices=[]):  # the reader's seed stays where it is
            gru = nn.GRU(wide, hidden, bidirectional=both, dtype=torch.float64)
        gru.load_state_dict(own)
        return gru.requires_grad_(False)

    def _linear(self, name, x):
        return F.linear(
            x, self.weights[f"{name}.weight"], self.weights.get(f"{name}.bias")
        )

    def encode(self, ids):
        """The encoder's states (words, features), and the decoder's first state."""
        states, ends = self.encoder(self.weights["source.weight"][ids])
        if "bridge.weight" in self.weights:
            return states, self._linear("bridge", ends.flatten()).tanh()
        return states, ends[-1]

    def step(self, states, s, word):
        """One word read: (logits of the next, attention over the source, new state)."""
        hidden = (self._linear("query", s) + self._linear("key", states)).tanh()
        attention = self._linear("score", hidden).squeeze(1).softmax(0)
        context = attention @ states
        given = torch.cat([self.weights["target.weight"][word], context])
        s = self.decoder(given.unsqueeze(0), s.unsqueeze(0))[0][0]
        wide = self.weights["output.weight"].shape[1]
        seen = s if wide == len(s) else torch.cat([s, context])
        return self._linear("output", seen), attention, s

    def beam(self, ids, width):
        """The finished translations, best score first; ``width`` 1 is greedy.

        Each is {words, logp, score, steps}; steps holds (probabilities, attention) of each
        word. At every step each of the at most ``width`` live beginnings is followed by its
        ``width`` likeliest words, and the ``width`` likeliest of these go on; one that ends
        leaves its place. The search stops with ``width`` ends, or after LONGEST words.
        """
        states, s = self.encode(ids)
        live, done = [{"words": [], "logp": 0.0, "steps": [], "state": s}], []
        for at in range(1, LONGEST + 1):
            born = []
            for old in live:
                last = old["words"][-1] if old["words"] else self.bos
                logits, attention, s = self.step(states, old["state"], last)
                logs = logits.log_softmax(0)
                best = logs.argsort(descending=True, stable=True)[:width].tolist()
                born += [
                    {
                        "words": [*old["words"], word],
                        "logp": old["logp"] + logs[word].item(),
                        "steps": [*old["steps"], (logs.exp(), attention)],
                        "state": s,
                    }
                    for word in best
                ]
            born.sort(key=lambda new: -new["logp"])
            live = []
            for new in born[: width - len(done)]:
                over = new["words"][-1] == self.eos or at == LONGEST
                (done if over else live).append(new)
            if not live:
                break
        for one in done:
            one["score"] = one["logp"] / len(one["words"]) ** ALPHA
        return sorted(done, key=lambda one: -one["score"])
