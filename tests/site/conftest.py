"""One browser for all of the site's tests, and every page of the book opened once."""

from pathlib import Path

import pytest

from tests.site import checks
from tools.browser import needed

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
LEFT_OUT = ("_static", "_sources", "_modules")


def built_pages():
    """Every page a reader can come to, relative to the site; none if it is not built."""
    found = sorted(HTML.rglob("*.html"))
    names = [path.relative_to(HTML) for path in found]
    keep = [n for n in names if n.parts[0] not in LEFT_OUT]
    # the first page only forwards to the landing page; test_links.py follows it
    return [n.as_posix() for n in keep if n.as_posix() != "index.html"]


@pytest.fixture(scope="session")
def site():
    """The folder of the built book; its tests fail when it is not there."""
    if not (HTML / "index.html").exists():
        pytest.fail("The book is not built yet. Run: make book")
    return HTML


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium, shared."""
    from playwright.sync_api import sync_playwright

    try:
        path = needed()
    except RuntimeError as error:
        pytest.fail(str(error))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=built_pages() or ["(not built)"])
def opened(request, site, chromium):
    """Each page of the book in turn, opened from its file with the network off."""
    page = checks.Opened(chromium, site / request.param)
    yield page
    page.close()
