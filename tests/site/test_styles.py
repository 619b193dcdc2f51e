"""Every class that the house's styles name stands in a page, or in a script that puts it there."""

import re

from tests.site.conftest import ROOT


def named(style):
    """The classes in a style sheet's selectors."""
    plain = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", style, flags=re.DOTALL)
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", plain)))


def known(pages, scripts):
    """The classes of all elements in the pages, and every word of the scripts."""
    found = set()
    for page in pages:
        for names in re.findall(r'\bclass="([^"]*)"', page):
            found.update(names.split())
    for script in scripts:
        found.update(re.findall(r"[\w-]+", script))
    return found


def test_every_class_of_the_house_styles_is_used(site):
    style = (ROOT / "book/_static/house.css").read_text("utf-8")
    pages = [path.read_text("utf-8") for path in site.rglob("*.html")]
    # our own scripts, and the one script of others whose elements are styled; not all: some word
    # of a theme's scripts would excuse any name
    sources = [*(ROOT / "book/_static").glob("*.js"), site / "_static/copybutton.js"]
    scripts = [path.read_text("utf-8") for path in sources]
    unused = named(style) - known(pages, scripts)
    assert not unused, "a style that no page needs"


def test_an_unused_class_is_found():
    style = '/* .a */ img[src$=".b"], .c > .d:not(.e) { top: 1.5em } @media print { .f-g {} }'
    assert named(style) == {"c", "d", "e", "f-g"}
    assert known(['<p class="c d">f-g</p>'], ["x.add('e')"]) >= {"c", "d", "e"}
    assert "f-g" not in known(['<p class="c d">f-g</p>'], ["f", "g"])
