"""Every page of the built book, in a real browser, from its file, with the network off."""

import pytest

from tests.site import checks

NO_TEXT = ("genindex.html", "search.html")


def said(opened, complaints):
    """Fail with the page's name and all complaints about it."""
    if complaints:
        pytest.fail(f"{opened.path.name}:\n  " + "\n  ".join(complaints), pytrace=False)


def test_it_loads_without_errors_and_asks_nobody(opened):
    said(opened, checks.behaviour(opened))


def test_maths_is_rendered(opened):
    said(opened, checks.maths(opened))


def test_pictures_load_and_are_described(opened):
    said(opened, checks.pictures(opened))


def test_one_search_field(opened):
    said(opened, checks.search_fields(opened))


def test_every_page_has_its_parts(opened):
    if opened.path.name in NO_TEXT:
        return
    said(opened, checks.structure(opened))


def test_nothing_sticks_out_on_a_phone(opened):
    said(opened, checks.overflow(opened))


def test_every_widget_answers(opened):
    said(opened, checks.widgets(opened))


def test_no_errors_came_up_while_it_was_used(opened):
    said(opened, checks.behaviour(opened))


def test_axe_finds_nothing_serious(opened):
    opened.theme("light")
    said(opened, checks.accessibility(opened))


def test_axe_finds_enough_contrast_in_the_dark(opened):
    opened.theme("dark")
    rules = ["color-contrast", "link-in-text-block"]
    said(opened, checks.accessibility(opened, rules))
