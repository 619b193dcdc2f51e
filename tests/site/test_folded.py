"""What a page folds, on a small book built for it: deeper sections, drawing code, setup."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.site import checks
from tools import notebooks

ROOT = notebooks.ROOT
STATE = "() => [...document.querySelectorAll('details.deeper')].map(d => d.open)"


def md(source, *tags):
    return new_markdown_cell(source, metadata={"tags": list(tags)} if tags else {})


def code(source, *tags):
    shown = [new_output("stream", text=f"shown by {tags[0] if tags else 'all'}\n")]
    return new_code_cell(source, metadata={"tags": list(tags)}, outputs=shown)


CELLS = [
    md("# A chapter\n\nSee [the aside](#an-aside), [further down](#far-down)."),
    new_code_cell("import d2lutils as d2l", metadata={"tags": ["setup"]}),
    md("## First\n\nPlain."),
    code("draw()", "figure"),
    code("keep()", "record"),
    code("see()"),
    md("## The second\n\nA zebra in the second. $x^2$" + " word" * 900, "deeper"),
    md("### Far down\n\nText."),
    md("## Third\n\nText."),
    md("### An aside\n\nA quagga in the aside.", "deeper"),
    md("## Last\n\nThe end."),
]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The page of a small book, built with the book's own settings."""
    folder = tmp_path_factory.mktemp("small")
    for part in ("book/_ext", "book/_static"):
        shutil.copytree(ROOT / part, folder / part)
    for part in ("tools", "d2lutils"):
        (folder / part).symlink_to(ROOT / part)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf8"))
    config["bibtex_bibfiles"] = ["none.bib"]
    (folder / "none.bib").write_text("")
    (folder / "_config.yml").write_text(yaml.safe_dump(config))
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: book/start\nchapters:\n- file: book/small\n"
    )
    (folder / "book" / "start.md").write_text("# Start\n\nText.\n")
    cells = [cell.copy() for cell in CELLS]
    notebooks.write(folder / "book" / "small.ipynb", new_notebook(cells=cells))
    command = [str(Path(sys.executable).parent / "jupyter-book"), "build", str(folder)]
    done = subprocess.run(
        [*command, "-W", "-n", "--quiet"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "_build" / "html" / "book" / "small.html"


@pytest.fixture
def opened(book, chromium):
    page = checks.Opened(chromium, book)
    yield page
    page.close()


def goto(opened, end):
    """Open the page anew under another address."""
    opened.page.goto("about:blank")
    opened.page.goto(opened.path.resolve().as_uri() + end)
    opened.page.wait_for_timeout(600)
    return opened.page.evaluate(STATE)


def test_closed_at_first_with_heading_and_minutes(opened):
    assert opened.page.evaluate(STATE) == [False, False]
    summaries = opened.page.locator("details.deeper > summary").all_inner_texts()
    assert [" ".join(s.replace("#", "").split()) for s in summaries] == [
        "The second deeper · 10 min",
        "An aside deeper · 5 min",
    ]
    assert not opened.page.get_by_text("A zebra").is_visible()
    for text in ("Plain.", "The end."):
        assert opened.page.get_by_text(text).is_visible()
    assert not opened.page.get_by_role("heading", name="Far down").is_visible()
    assert opened.page.get_by_role("heading", name="Third").is_visible()


def test_opened_by_keyboard(opened):
    opened.page.locator("details.deeper > summary").first.focus()
    opened.page.keyboard.press("Enter")
    assert opened.page.evaluate(STATE) == [True, False]
    assert opened.page.get_by_text("A zebra").is_visible()


@pytest.mark.parametrize(
    ("end", "state"),
    [
        ("#an-aside", [False, True]),
        ("#the-second", [True, False]),
        ("#far-down", [True, False]),
        ("#third", [False, False]),
        ("?highlight=quagga", [False, True]),
        ("?highlight=plain", [False, False]),
    ],
)
def test_opened_by_its_address(opened, end, state):
    assert goto(opened, end) == state


@pytest.mark.parametrize(
    ("name", "state"), [("further down", [True, False]), ("the aside", [False, True])]
)
def test_a_link_into_it_opens_it_every_time(opened, name, state):
    link = opened.page.get_by_role("link", name=name)
    for _ in range(2):
        link.click()
        opened.page.wait_for_timeout(200)
        assert opened.page.evaluate(STATE) == state
        opened.page.evaluate(
            "() => document.querySelectorAll('details').forEach(d => { d.open = false; })"
        )


def test_on_paper_everything_is_open_and_then_as_before(opened):
    opened.page.evaluate(
        "() => addEventListener('beforeprint', () => { window.printed = ("
        + STATE
        + ")(); })"
    )
    opened.page.pdf()
    assert opened.page.evaluate("window.printed") == [True, True]
    assert opened.page.evaluate(STATE) == [False, False]


def test_without_scripts_it_opens_by_hand_and_on_paper(book, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(book.as_uri())
    zebra, summary = (
        page.get_by_text("A zebra"),
        page.locator("details.deeper > summary"),
    )
    assert not zebra.is_visible()
    page.emulate_media(media="print")
    assert zebra.bounding_box()["height"] > 10
    page.emulate_media(media="screen")
    summary.first.click()
    assert zebra.is_visible()
    context.close()


def test_the_table_of_contents_sets_them_apart(opened):
    entries = opened.page.locator(".bd-sidebar-secondary li.deeper > a")
    texts = [" ".join(t.split()) for t in entries.all_text_contents()]
    assert texts == ["The second (deeper)", "An aside (deeper)"]
    assert opened.page.locator(".bd-sidebar-secondary li:not(.deeper) > a").count() >= 3


def test_machinery_is_folded_and_says_what_it_hides(opened):
    for source, prompt in (
        ("draw()", "Show the code that draws this"),
        ("keep()", "Show the code that records this"),
        ("import d2lutils", "Setup: show the code"),
    ):
        line = opened.page.get_by_text(source)
        assert not line.is_visible()
        opened.page.locator("summary", has_text=prompt).click()
        assert line.is_visible()
    assert opened.page.get_by_text("see()").is_visible()
    for name in ("figure", "record", "all"):
        assert opened.page.get_by_text(f"shown by {name}").is_visible()


def test_the_page_is_sound(opened):
    assert checks.behaviour(opened) == []
    assert checks.maths(opened) == []
    assert checks.structure(opened) == []
    assert checks.overflow(opened) == []
    assert checks.accessibility(opened) == []
