"""A widget's life without a kernel, in headless Chromium: what the tests here share."""

from pathlib import Path

import pytest
import torch

from d2lutils import widgets
from d2lutils.widgets.framework import source

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Widgets</title></head>
<body style="font-family:sans-serif;max-width:760px;margin:0 auto">{}</body></html>"""


class Live:
    """One widget on the page, and the hands that move it."""

    def __init__(self, page, widget, index):
        self.page, self.kind = page, type(widget)
        self.root = page.locator(".d2l-widget").nth(index)

    def flush(self):
        """Draw now, whatever frame it is."""
        self.root.evaluate("el => el.d2l.flush()")

    def state(self):
        names = self.kind.state_names()
        return self.root.evaluate(
            "(el, names) => Object.fromEntries(names.map(n => [n, el.d2l.model.get(n)]))",
            names,
        )

    def set(self, **state):
        """Change the state as Python would, through the model."""
        self.root.evaluate(
            "(el, s) => { for (const k in s) el.d2l.model.set(k, s[k]); el.d2l.flush() }",
            state,
        )

    def values(self):
        self.flush()
        return self.root.evaluate("el => el.d2l.values")

    def agrees(self, atol=1e-5, rtol=1e-5):
        """The page's numbers equal torch's for the page's own state."""
        __tracebackhide__ = True
        ours, theirs = self.values(), self.kind(**self.state()).values()
        compare(ours, theirs, atol, rtol)
        return ours

    def knob(self, label):
        return self.root.get_by_role("slider", name=label, exact=True)

    def control(self, label):
        """The slider, select, checkbox or number with this label."""
        return self.root.get_by_label(label, exact=True)

    def typed(self, label, text):
        """Type into the number beside a slider; returns the message shown."""
        field = self.root.get_by_label(f"{label}, typed", exact=True)
        field.fill(text)
        field.press("Enter")
        self.flush()
        return field.locator("xpath=following-sibling::*").first.inner_text()

    def press(self, label, key, times=1):
        """Focus a slider or a draggable point and press a key on it."""
        control = self.knob(label)
        control.focus()
        for _ in range(times):
            control.press(key)
        self.flush()

    def click(self, label):
        self.root.get_by_role("button", name=label, exact=True).click()
        self.flush()

    def drag(self, label, dx, dy):
        """Drag a point by mouse, in pixels."""
        x, y = self._middle(label)
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + dx, y + dy, steps=4)
        mouse.up()
        self.flush()

    def touch(self, label, dx, dy):
        """Drag a point by a finger, in pixels."""
        x, y = self._middle(label)
        send = self.page.context.new_cdp_session(self.page).send
        for kind, t in ("touchStart", 0), ("touchMove", 0.5), ("touchMove", 1):
            points = [{"x": x + t * dx, "y": y + t * dy}]
            send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        self.flush()

    def _middle(self, label):
        knob = self.knob(label)
        knob.scroll_into_view_if_needed()
        box = knob.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def compare(ours, theirs, atol, rtol, path="values"):
    """Every number of Python's answer is in the page's, to the tolerance."""
    __tracebackhide__ = True
    if isinstance(theirs, dict):
        for key, value in theirs.items():
            assert key in ours, f"{path} has no {key}: {list(ours)}"
            compare(ours[key], value, atol, rtol, f"{path}.{key}")
    elif isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs), f"{path}: {len(ours)} against {len(theirs)}"
        for i, value in enumerate(theirs):
            compare(ours[i], value, atol, rtol, f"{path}[{i}]")
    elif isinstance(theirs, (int, float)) and not isinstance(theirs, bool):
        assert ours is not None, f"{path} is missing, torch says {theirs}"
        wanted = pytest.approx(theirs, rel=rtol, abs=atol, nan_ok=True)
        assert ours == wanted, f"{path}: the page says {ours}, torch {theirs}"
    else:
        assert ours == theirs, f"{path}: the page says {ours}, Python {theirs}"


@pytest.fixture
def open_page(chromium, tmp_path: Path):
    """open_page(html, **options): a page of this HTML; fails the test on any error in it."""
    contexts, errors = [], []

    def open_html(body, **options):
        options = {
            "viewport": {"width": 820, "height": 900},
            "has_touch": True,
        } | options
        context = chromium.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console", lambda m: errors.append(m.text) if m.type == "error" else None
        )
        file = tmp_path / f"page{len(contexts)}.html"
        file.write_text(PAGE.format(body), "utf-8")
        page.goto(file.as_uri())
        return page

    yield open_html
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture
def show(open_page):
    """show(widget, ...): the static life of the widgets on one page -> Live (or a list)."""

    def show_widgets(*shown: widgets.Widget, **options):
        parts = []
        for widget in shown:
            bundle = widget._repr_mimebundle_()
            bundle = bundle[0] if isinstance(bundle, tuple) else bundle
            parts.append(bundle["text/html"])
        page = open_page("\n".join(parts), **options)
        page.wait_for_function(
            "n => document.querySelectorAll('.d2l-widget').length === n", arg=len(shown)
        )
        lives = [Live(page, widget, i) for i, widget in enumerate(shown)]
        return lives[0] if len(lives) == 1 else lives

    return show_widgets


class Front:
    """Scripts of ``front/`` on an empty page, called from Python with tensors."""

    def __init__(self, page):
        self.page = page

    def __call__(self, code, *args):
        """The value of a JavaScript expression, in which ``a[0]``, ``a[1]``, ... are args.

        A tensor goes over as {shape, data}, and comes back as a float64 tensor.
        """
        value = self.page.evaluate(
            "([code, args]) => bare(new Function('front', 'a', "
            "`const { ${Object.keys(front)} } = front; return (${code});`)(front, full(args)))",
            [code, _sent(args)],
        )
        return _received(value)


def _sent(value):
    if isinstance(value, torch.Tensor):
        value = value.detach()
        return {"shape": list(value.shape), "data": value.flatten().tolist()}
    if isinstance(value, dict):
        return {key: _sent(part) for key, part in value.items()}
    return list(map(_sent, value)) if isinstance(value, (list, tuple)) else value


def _received(value):
    if isinstance(value, dict):
        if {"shape", "data"} <= set(value):
            return torch.tensor(value["data"], dtype=torch.float64).reshape(
                value["shape"]
            )
        return {key: _received(part) for key, part in value.items()}
    return list(map(_received, value)) if isinstance(value, list) else value


@pytest.fixture(scope="module")
def front(chromium):
    """front(script, *names): a script of front/ and those it uses; these names of it in tests."""
    revive = """
    const full = (v) => v?.shape && v.data ? tensor(v.shape, v.data)
      : Array.isArray(v) ? v.map(full)
      : v instanceof Object ? Object.fromEntries(Object.entries(v).map(([k, p]) => [k, full(p)]))
      : v;
    const bare = (v) => v?.shape && v.data ? { shape: v.shape, data: Array.from(v.data) }
      : Array.isArray(v) ? v.map(bare)
      : v instanceof Object ? Object.fromEntries(Object.entries(v).map(([k, p]) => [k, bare(p)]))
      : v;"""
    pages = []

    def load(name, *names):
        text = source.module(source.SHARED[0].parent / f"{name}.js")
        given = f"{{ full, bare, front: {{ {', '.join(('nn', 'tensor', *names))} }} }}"
        pages.append(chromium.new_page())
        pages[-1].add_script_tag(
            type="module", content=f"{text}{revive}Object.assign(globalThis, {given});"
        )
        pages[-1].wait_for_function("globalThis.front")
        return Front(pages[-1])

    yield load
    for page in pages:
        page.close()
