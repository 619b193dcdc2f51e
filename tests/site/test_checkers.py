"""Each checker of the site, shown to fail on a small broken page and to pass a sound one."""

import base64

import pytest

from tests.site import checks

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg=="
)
SOUND = """<!doctype html><html lang="en"><head><title>t</title></head><body>
<div class="bd-sidebar-primary"><a href="page.html">chapter</a></div>
<button class="search-button-field">Search</button>
<dialog><input type="search" aria-label="Search"></dialog>
<button class="theme-switch-button">theme</button>
<main><article class="bd-article"><h1 id="top-of-it">T</h1>BODY</article></main>
</body></html>"""


@pytest.fixture
def show(tmp_path, chromium):
    """Write a page and open it; ``body`` goes into its text."""
    (tmp_path / "pixel.png").write_bytes(PIXEL)
    pages = []

    def opened(body="<p>text</p>", html=SOUND):
        (tmp_path / "page.html").write_text(html.replace("BODY", body), encoding="utf8")
        pages.append(checks.Opened(chromium, tmp_path / "page.html"))
        return pages[-1]

    yield opened
    for page in pages:
        page.close()


def test_a_sound_page_passes_everything(show, tmp_path):
    page = show('<p>It costs $5.</p><img src="pixel.png" alt="One white pixel.">')
    for check in (
        checks.behaviour,
        checks.maths,
        checks.pictures,
        checks.search_fields,
        checks.structure,
        checks.overflow,
        checks.widgets,
        checks.accessibility,
    ):
        assert check(page) == [], check.__name__
    assert checks.broken_links(tmp_path) == []
    assert checks.other_hosts(tmp_path) == []


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("<script>console.error('no')</script>", "console: no"),
        ("<script>undefinedName()</script>", "uncaught"),
        ("<script>const A = 1</script><script>const A = 2</script>", "already been"),
        ("<img src='https://example.org/x.png' alt='x'>", "asks another host"),
        (
            "<script>fetch('https://example.org').catch(() => 0)</script>",
            "another host",
        ),
        ("<script src='gone.js'></script>", "missing file"),
    ],
)
def test_bad_behaviour_is_found(show, body, word):
    assert word in " ".join(checks.behaviour(show(body)))


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('<span class="math">\\(x^2\\)</span>', "not rendered"),
        ("<p>where $x^2$ is</p>", "raw mathematics"),
        ("<p>\\begin{aligned}</p>", "raw mathematics"),
        ("<li>\\dfrac{\\partial J}{\\partial s}</li>", "raw mathematics"),
        ('<mjx-container><g data-mjx-error="Undefined"></g></mjx-container>', "error"),
    ],
)
def test_unrendered_maths_is_found(show, body, word):
    assert word in " ".join(checks.maths(show(body)))


def test_maths_in_code_is_left_alone(show):
    assert checks.maths(show("<pre>$x$</pre><code>$x$</code>")) == []


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('<img src="gone.png" alt="A curve that falls.">', "does not load"),
        ('<img src="pixel.png">', "without alt"),
        ('<img src="pixel.png" alt="">', "without alt"),
        ('<img src="pixel.png" alt="../_images/8a1f.png">', "without alt"),
    ],
)
def test_bad_pictures_are_found(show, body, word):
    assert word in " ".join(checks.pictures(show(body)))


def test_a_second_search_field_is_found(show):
    assert checks.search_fields(show('<input type="search">'))
    assert checks.search_fields(show('<button class="search-button-field">S</button>'))
    none = SOUND.replace('<button class="search-button-field">Search</button>', "")
    assert checks.search_fields(show(html=none))


def test_missing_parts_are_found(show):
    assert checks.structure(show("<h1>Another</h1>"))
    assert checks.structure(show(html=SOUND.replace(' lang="en"', "")))
    assert checks.structure(show(html=SOUND.replace("theme-switch-button", "")))
    assert checks.structure(show("<h2>a</h2><h2>b</h2><h2>c</h2>"))


def test_what_sticks_out_is_found(show):
    found = checks.overflow(show('<table style="width: 700px"><tr><td>wide</table>'))
    assert "px wide on a screen of 390 px" in found[0]
    assert "wide" in " ".join(found[1:])
    inside = '<div style="overflow-x: auto"><p style="width: 700px">wide</p></div>'
    assert checks.overflow(show(inside)) == []


@pytest.mark.parametrize(
    ("start", "slider", "word"),
    [
        ("", "oninput='out.value = value'", "not come to life"),
        ("data-alive='yes'", "", "shows the same"),
        ("data-alive='yes'", "oninput='out.value = 5'", "shows the same"),
    ],
)
def test_a_dead_widget_is_found(show, start, slider, word):
    box = "<div class='d2l-box' {}><input type='range' {}><output id='out'>5</output></div>"
    page = show(box.format("data-alive='yes'", "oninput='out.value = value'"))
    assert checks.widgets(page) == []
    assert word in " ".join(checks.widgets(show(box.format(start, slider))))


def test_what_axe_finds_is_reported(show):
    assert "label" in " ".join(checks.accessibility(show('<input type="range">')))
    pale = '<p style="color: #ccc; background: #fff">hardly there</p>'
    assert "color-contrast" in " ".join(checks.accessibility(show(pale)))


@pytest.mark.parametrize(
    ("check", "inside", "word"),
    [
        ("overflow", '<table style="width: 700px"><tr><td>wide</table>', "390 px"),
        ("accessibility", '<input type="range">', "label"),
        ("widgets", "<div class='d2l-box'></div>", "not come to life"),
    ],
)
def test_what_is_folded_is_looked_at(show, check, inside, word):
    page = show(f"<details><summary>More</summary>{inside}</details>")
    assert word in " ".join(getattr(checks, check)(page))


def test_broken_links_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html">b</a><a href="b.html#here">h</a><a href="b.html#gone">g</a>'
        '<a href="#nowhere">n</a><img src="c.png"><a href="https://example.org/x">x</a>'
    )
    (tmp_path / "b.html").write_text('<p id="here"></p>')
    found = " ".join(checks.broken_links(tmp_path))
    for word in ("b.html#gone names", "#nowhere names", "c.png leads to no file"):
        assert word in found
    assert found.count("a.html:") == 3


def test_other_hosts_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<script src="https://unpkg.com/thebe.js"></script><img src="//cdn.org/x.png">'
        '<link rel="stylesheet" href="https://fonts.org/f.css">'
        '<link rel="canonical" href="https://ours.org"><a href="https://ours.org">o</a>'
    )
    (tmp_path / "s.css").write_text(
        "@import 'https://fonts.org/g.css'; a { url(x.png) }"
    )
    found = " ".join(checks.other_hosts(tmp_path))
    for word in ("unpkg.com", "Thebe", "cdn.org", "fonts.org/f.css", "fonts.org/g.css"):
        assert word in found
    assert "ours.org" not in found


def test_missing_buttons_are_found():
    ours = ("https://github.com/a/b", "main", "chapters/01_x.ipynb")
    colab = "https://colab.research.google.com/github/a/b/blob/main/chapters/01_x.ipynb"
    sound = (
        f'<a href="{colab}">Colab</a><a href="../_sources/chapters/01_x.ipynb">d</a>'
    )
    assert checks.buttons(sound, *ours) == []
    assert len(checks.buttons("<p></p>", *ours)) == 2
    assert checks.buttons(sound.replace("a/b/blob", "c/d/blob"), *ours)
