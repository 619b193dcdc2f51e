"""The base class of every widget: one front end, three lives.

With a kernel, anywidget runs the front end and keeps the state in step with Python. In a
static page, ``text/html`` of the same mime bundle carries the state, the same module and a
host of a few lines (``front/host.js``). Where no script runs, that HTML is a picture and a
sentence. See https://anywidget.dev/en/afm/ for the ``render({model, el})`` protocol.
"""

import base64
import inspect
import json
import math
from pathlib import Path
from urllib.parse import quote

import anywidget
import ipywidgets
import traitlets

from d2lutils.widgets.framework import source

_FRONT = Path(__file__).parent / "front"


class Finite(traitlets.Float):
    """A float that is neither NaN nor infinite, within ``min`` and ``max`` where given."""

    def validate(self, obj, value):
        value = super().validate(obj, value)
        if not math.isfinite(value):
            raise traitlets.TraitError(
                f"{self.name} must be a finite number, not {value}"
            )
        return value


class Widget(anywidget.AnyWidget):
    """A widget: traits tagged ``sync=True`` are its state, a ``.js`` file is its front end.

    That file stands beside the subclass's module, has its name, and ends in
    ``export default { render };``. The subclass defines its state, and says in
    :meth:`sentence` and :meth:`picture` what a reader sees where scripts don't run.
    :meth:`values` gives, by torch, the numbers that the front end shows for the present
    state; the tests compare the two.
    """

    _script = None  # the path of the .js file

    def __init_subclass__(cls, **kwargs):
        script = Path(inspect.getfile(cls)).with_suffix(".js")
        live = "_esm" in vars(cls)  # the class that anywidget makes for one instance
        if script.exists() and not live:
            cls._script, cls._esm = script, source.module(script)
        super().__init_subclass__(**kwargs)

    def __init__(self, **state):
        unknown = sorted(set(state) - set(self.trait_names()))
        if unknown:
            raise TypeError(
                f"{type(self).__name__} has no {', '.join(unknown)}; its state is "
                + ", ".join(self.state_names())
            )
        super().__init__(**state)
        self.check()

    def check(self):
        """Raise ValueError for a state in which the single values are fine but not together."""

    @classmethod
    def state_names(cls):
        """Names of the traits that the front end and Python share."""
        inherited = set(ipywidgets.DOMWidget.class_trait_names())
        own = cls.class_traits(sync=True)
        return sorted(n for n in own if n not in inherited and not n.startswith("_"))

    def state(self):
        """The shared state as plain JSON values."""
        return {name: getattr(self, name) for name in self.state_names()}

    def values(self):
        """What torch computes for the present state: a dict of numbers and lists."""
        raise NotImplementedError

    def sentence(self):
        """One or two sentences: what the widget shows now and what can be moved."""
        raise NotImplementedError

    def picture(self):
        """A static SVG (``d2lutils.widgets.framework.svg``), a ``data:`` image, or None."""
        return None

    def html(self):
        """The life without a kernel: a picture and a sentence, and what brings it alive."""
        pieces = source.pieces(self._script)
        keys = " ".join(key for key, _ in pieces)
        state = json.dumps(self.state(), allow_nan=False, separators=(",", ":"))
        return (
            f'<div class="d2l-box" data-code="{keys}">'
            f'<div class="d2l-picture">{_figure(self.picture(), self.sentence())}</div>'
            f'<script type="application/json" data-state>{source.safe(state)}</script>'
            f"{source.scripts(pieces)}</div>{source.host()}"
        )

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data["text/plain"] = self.sentence()
            data["text/html"] = self.html()
        return bundle


def _figure(svg, sentence):
    """The picture as an image with its sentence: both survive where SVG is filtered out."""
    text = sentence.replace("&", "&amp;").replace("<", "&lt;")
    alt = text.replace('"', "&quot;")
    if svg is None:
        return f"<p>{text}</p>"
    if svg.startswith("data:"):
        return f'<img alt="{alt}" style="max-width:100%" src="{svg}"><p>{text}</p>'
    plain = quote(svg, safe=" =:/;,.()'#!*+-_~@$").replace("#", "%23")
    coded = base64.b64encode(svg.encode()).decode()
    data = f"utf8,{plain}" if len(plain) < len(coded) else f"base64,{coded}"
    return (
        f'<img alt="{alt}" style="max-width:100%;background:#fff" '
        f'src="data:image/svg+xml;{data}"><p>{text}</p>'
    )
