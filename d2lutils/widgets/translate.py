"""Type a sentence and watch a trained network translate it, word by word, with its attention.

Play the translation and look where the network looks; then let it keep several beginnings
alive instead of one.
"""

import re
from html import escape

import torch
import traitlets

from d2lutils.widgets.framework import dates, translation
from d2lutils.widgets.framework.base import Widget
from d2lutils.widgets.framework.dates import BOS, EOS

LONGEST = 16  # words of a sentence, at most


def words_of(sentence):
    """A sentence as the words that are looked up: small letters, marks on their own.

    >>> words_of("Go on, please!")
    ['go', 'on', ',', 'please', '!']
    """
    plain = sentence.lower().replace("\u202f", " ").replace("\xa0", " ")
    return re.sub(r"([,.!?])", r" \1 ", plain).split()


class Translate(Widget):
    """A sentence, its translation by a trained encoder–decoder, and where each word looked.

    Parameters
    ----------
    net : nn.Module, optional
        With the layers that ``framework/translation.py`` names. Without one a little net
        answers that translates English dates into French ones.
    source_words, target_words : list of str
        The vocabularies: word number i at place i. ``target_words`` holds ``<bos>`` and ``<eos>``;
        where ``source_words`` holds ``<eos>``, it is read at the end of each sentence.
        Other words in angle brackets are never typed, and may be written.
    bits, budget_kb : int, float
        Of a weight in the page, and the most kilobytes (``framework/packed.py``).
    sentence_in : str
        What is read: words of the vocabulary, in small or capital letters.
    beams : int
        How many beginnings stay alive; 1 is greedy. The best end has the largest log probability
        divided by (number of words, the end included) to the power 0.75.
    shown : int
        How many words of the translation are drawn, at most all.
    examples : list of str
        Sentences to choose from.

    Raises TypeError for a net of other layers, ValueError for words that are not in the
    vocabulary, vocabularies of other sizes, and above the budget.
    """

    network = traitlets.Dict().tag(sync=True)
    source_words = traitlets.List(traitlets.Unicode(), minlen=1).tag(sync=True)
    target_words = traitlets.List(traitlets.Unicode(), minlen=3).tag(sync=True)
    sentence_in = traitlets.Unicode().tag(sync=True)
    beams = traitlets.Int(1, min=1, max=5).tag(sync=True)
    shown = traitlets.Int(translation.LONGEST, min=0).tag(sync=True)
    examples = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self, net=None, source_words=None, target_words=None, *,
        bits=None, budget_kb=700, **state,
    ):  # fmt: skip
        if net is not None:
            if source_words is None or target_words is None:
                raise TypeError("a net needs the words of both languages")
            state["network"] = translation.convert(net, bits, budget_kb)
        if source_words is not None:
            state["source_words"] = list(source_words)
        if target_words is not None:
            state["target_words"] = list(target_words)
        super().__init__(**state)

    @traitlets.default("network")
    def _net(self):
        return dates.trained()[2]

    @traitlets.default("source_words")
    def _english(self):
        return dates.trained()[0]

    @traitlets.default("target_words")
    def _french(self):
        return dates.trained()[1]

    @traitlets.default("examples")
    def _some(self):
        dates = ["Monday, May 3", "Friday, October 13", "Sunday, July 14"]
        return [d for d in dates if set(words_of(d)) <= set(self.source_words)]

    @traitlets.default("sentence_in")
    def _first(self):
        plain = (word for word in self.source_words if not word.startswith("<"))
        return self.examples[0] if self.examples else next(plain)

    def check(self):
        for side, words, name in (
            ("source", self.source_words, "embedding"),
            ("target", self.target_words, "embedding"),
        ):
            entries = {
                key: shape for key, shape, _ in self.network["weights"]["entries"]
            }
            rows = entries[f"{side}.weight"][0]
            if len(words) != rows or len(set(words)) != rows:
                raise ValueError(
                    f"the {side} {name} has {rows} rows; {side}_words must be as many "
                    f"different words, not {len(words)}"
                )
        if not {BOS, EOS} <= set(self.target_words):
            raise ValueError(f"target_words must hold {BOS} and {EOS}")
        for sentence in (self.sentence_in, *self.examples):
            self._ids(sentence)

    def _ids(self, sentence):
        words = words_of(sentence)
        known = {w for w in self.source_words if not w.startswith("<")}
        if not 1 <= len(words) <= LONGEST:
            raise ValueError(f"a sentence has 1 to {LONGEST} words, not {len(words)}")
        if strange := [word for word in words if word not in known]:
            raise ValueError(f"the network does not know {strange[0]!r}")
        ids = [self.source_words.index(word) for word in words]
        if EOS in self.source_words:
            ids.append(self.source_words.index(EOS))
        return torch.tensor(ids)

    def translations(self):
        """The finished translations, the best first (``framework/translation.py``)."""
        bos, eos = (self.target_words.index(word) for word in (BOS, EOS))
        translator = translation.Translator(self.network, bos, eos)
        return translator.beam(self._ids(self.sentence_in), self.beams)

    def texts(self):
        """The finished translations as text, the best first."""
        return [
            " ".join(
                self.target_words[i]
                for i in one["words"]
                if self.target_words[i] != EOS
            )
            for one in self.translations()
        ]

    def values(self):
        found = self.translations()
        steps = found[0]["steps"]
        at = max(min(self.shown, len(steps)), 1) - 1
        return {
            "words": [one["words"] for one in found],
            "scores": [one["score"] for one in found],
            "attention": [attention.tolist() for _, attention in steps],
            "probabilities": steps[at][0].tolist(),
        }

    def sentence(self):
        how = "greedily" if self.beams == 1 else f"with {self.beams} beams"
        return (
            f"A trained network translates “{self.sentence_in}” {how} as "
            f"“{self.texts()[0]}”. Where scripts run, you type a sentence of the words it knows "
            "and watch it write, word by word, with its attention."
        )

    def picture(self):
        best = self.translations()[0]
        columns = [self.source_words[i] for i in self._ids(self.sentence_in).tolist()]
        wide = min(64, 360 // len(columns))
        parts = []
        for j, word in enumerate(columns):
            x = 112 + wide * (j + 0.5)
            parts.append(
                f"<text x='{x}' y='58' transform='rotate(-40 {x} 58)'>{escape(word)}</text>"
            )
        for i, (word, (_, attention)) in enumerate(
            zip(best["words"], best["steps"], strict=True)
        ):
            y = 66 + 24 * i
            parts.append(
                f"<text x='104' y='{y + 15}' text-anchor='end'>"
                f"{escape(self.target_words[word])}</text>"
            )
            for j, p in enumerate(attention.tolist()):
                parts.append(
                    f"<rect x='{112 + wide * j}' y='{y}' width='{wide - 2}' height='22' "
                    f"fill='#d55e00' fill-opacity='{p:.2f}' stroke='#c3cad3'/>"
                )
        return (
            "<svg xmlns='http://www.w3.org/2000/svg' width='520' "
            f"height='{72 + 24 * len(best['words'])}' font-family='sans-serif' font-size='12'>"
            f"<rect width='100%' height='100%' fill='#fff'/>{''.join(parts)}</svg>"
        )
