"""The front end's source: one module out of the shared files and a widget's own.

There is no build step. ``module`` joins the files as they are; for the static page,
``squeeze`` drops comments and indentation, and the shared part is sent gzipped (the
browser's ``DecompressionStream`` opens it), so that a page with a widget stays small.
What only some widgets need (``front/tensors.js``) is added where a script asks for it, with
a line ``// uses: tensors``.
"""

import base64
import gzip
import hashlib
import json
import re
import zlib
from functools import cache
from pathlib import Path

_FRONT = Path(__file__).parent / "front"
# The shared scripts, in the order in which they are joined.
SHARED = tuple(
    _FRONT / f"{name}.js"
    for name in (
        "base",
        "plot",
        "handle",
        "field",
        "inputs",
        "controls",
        "choices",
        "player",
        "random",
    )
)
_USES = re.compile(r"^// uses: (.+)$", re.MULTILINE)
_SCRIPT = r'<script type="text/plain" data-code="([^"]+)">(.*?)</script>'
# A widget in a page: the names of its pieces, what Python made of its state, the pieces.
_BOX = rf'<div class="d2l-box" data-code="([^"]*)">(.*?)((?:{_SCRIPT.replace("(", "(?:")})+)'
_PACKAGE = next(p for p in Path(__file__).parents if p.name == "widgets")


@cache
def front():
    """The shared source: the style sheet as ``CSS_TEXT``, then the drawing helpers."""
    style = re.sub(r"\s+", " ", (_FRONT / "style.css").read_text("utf-8")).strip()
    style = re.sub(r"\s*([{};,])\s*|(:)\s+", r"\1\2", style)
    parts = [path.read_text("utf-8") for path in SHARED]
    return "\n".join([f"const CSS_TEXT = {json.dumps(style)};", *parts])


@cache
def extras(path):
    """The scripts of ``front/`` that a script asks for, each behind those that it needs itself.

    Raises LookupError when there is none of that name.
    """
    found = {}
    for name in _USES.findall(Path(path).read_text("utf-8")):
        for word in re.split(r",\s*", name.strip()):
            file = _FRONT / f"{word}.js"
            if not file.exists() or file in SHARED:
                raise LookupError(
                    f"{Path(path).name} uses {word}; no script front/{word}.js"
                )
            found |= dict.fromkeys((*extras(file), file))
    return tuple(found)


def module(path):
    """The whole module of a widget, for a kernel: shared source, extras, the widget's own."""
    files = (*extras(path), Path(path))
    return "\n".join([front(), *(file.read_text("utf-8") for file in files)])


def squeeze(text):
    """JavaScript without its comment lines, indentation and empty lines."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def safe(text):
    """JSON that cannot close the script element that it stands in."""
    return text.replace("<", "\\u003c")


@cache
def shared():
    """(key, gzipped base64 text) of the shared source. The key changes with the text."""
    return _packed("front", front())


def _packed(name, source):
    text = squeeze(source)
    packed = base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
    return f"{name}-{_digest(text)}", packed


@cache
def extra(path):
    """(key, gzipped base64 text) of a script that only some widgets use."""
    return _packed(Path(path).stem, Path(path).read_text("utf-8"))


@cache
def own(path):
    """(key, text) of a widget's own source."""
    text = squeeze(Path(path).read_text("utf-8"))
    if re.search(r"</script|<!--", text, re.IGNORECASE):
        raise ValueError(
            f"{Path(path).name} would end the script element it is sent in"
        )
    return f"{Path(path).stem}-{_digest(text)}", text


def pieces(path):
    """[(key, text), ...] of all that a widget's page needs; the last one is its own script."""
    return [shared(), *map(extra, extras(path)), own(path)]


def scripts(found):
    """The elements that carry these pieces in a page."""
    return "".join(script(key, text) for key, text in found)


def script(key, text):
    """The element that carries a piece of source in a page, to be read by the host."""
    return f'<script type="text/plain" data-code="{key}">{text}</script>'


def share(page):
    """A page's HTML in which each piece of source stands once, at its first widget."""
    seen = set()

    def once(match):
        first = match[1] not in seen
        seen.add(match[1])
        return match[0] if first else ""

    return re.sub(_SCRIPT, once, page, flags=re.DOTALL)


@cache
def host():
    """The element that brings every widget of a page alive where no kernel runs."""
    text = squeeze((_FRONT / "host.js").read_text("utf-8"))
    return f'<script type="module">{text}</script>'


def path_of(name):
    """The file of a widget's own script, by its name without ``.js``.

    Raises LookupError when there is no such file any more.
    """
    found = [p for p in _PACKAGE.rglob(f"{name}.js") if p.parent != _FRONT]
    if not found:
        raise LookupError(f"d2lutils/widgets has no script {name}.js")
    return found[0]


def renew(page):
    """A widget's stored HTML with the front end's source as it is now.

    The state and the picture, which Python made, stay as they are: nothing has to run. Where
    shared source is the same, its stored gzip stays too, whose bytes differ between
    versions of zlib. HTML without a widget comes back unchanged. Raises LookupError when the
    script of a widget is gone.
    """
    if 'class="d2l-box"' not in page:
        return page

    def box(match):
        stored = dict(re.findall(_SCRIPT, match[3], flags=re.DOTALL))
        found = [
            (key, stored[key] if _same(stored.get(key), text) else text)
            for key, text in pieces(path_of(match[1].rpartition("-")[0].split()[-1]))
        ]
        keys = " ".join(key for key, _ in found)
        return f'<div class="d2l-box" data-code="{keys}">{match[2]}{scripts(found)}'

    page = re.sub(_BOX, box, page, flags=re.DOTALL)
    alive = r'<script type="module">.*?</script>'
    return re.sub(alive, lambda _: host(), page, flags=re.DOTALL)


def _same(stored, text):
    """Whether two gzipped base64 texts hold the same source; None holds nothing."""
    if stored is None:
        return False
    try:
        return _unpack(stored) == _unpack(text)
    except (ValueError, OSError, EOFError, zlib.error):
        return False


def _unpack(text):
    return gzip.decompress(base64.b64decode(text, validate=True))


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:8]
