"""The other life: a real JupyterLab, a kernel, and Python that sees what the page did."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

from d2lutils.widgets import LinearFit

CHAPTER = Path(__file__).parents[3] / "chapters" / "01_linear_regression.ipynb"
FIND = """import gc
shown = [o for o in gc.get_objects() if isinstance(o, d2l.widgets.LinearFit)]
f"{len(shown)} widget in Python, w = {shown[0].w}\""""

CODE = "import d2lutils as d2l\nwidget = d2l.widgets.LinearFit()\nwidget"
HEARD = (
    "heard = []\nwidget.observe(lambda change: heard.append(change.new), 'w')\n'ready'"
)
ASK = "f'w is {widget.w}, heard {heard[-1]}, mse {widget.values()[\"mse\"]:.3f}'"
PUSH = "widget.b = 2.5\n'pushed'"


@pytest.fixture
def notebook(tmp_path):
    """A notebook as the book stores them: executed, the widget's live view stripped."""
    bundle = LinearFit()._repr_mimebundle_()
    data = dict(bundle[0] if isinstance(bundle, tuple) else bundle)
    del data["application/vnd.jupyter.widget-view+json"]
    cells = [nbformat.v4.new_code_cell(code) for code in (CODE, HEARD, ASK, PUSH)]
    cells[0].execution_count = 7
    cells[0].outputs = [
        nbformat.v4.new_output("execute_result", data=data, execution_count=7)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(book, tmp_path / "book.ipynb")
    return tmp_path / "book.ipynb"


@pytest.fixture
def chapter(tmp_path):
    """Chapter 1 with one more cell, which asks Python for the widget's slope."""
    book = nbformat.read(CHAPTER, as_version=4)
    book.cells.append(nbformat.v4.new_code_cell(FIND))
    nbformat.write(book, tmp_path / "chapter.ipynb")
    return tmp_path / "chapter.ipynb"


@contextmanager
def lab(notebook, tmp_path):
    """The address of a JupyterLab of this test's own, with its own settings."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path / "home"
    # all cells are in the page, not only those in view
    settings = (
        home / "jupyter_config_dir/lab/user-settings/@jupyterlab/notebook-extension"
    )
    settings.mkdir(parents=True)
    tracker = settings / "tracker.jupyterlab-settings"
    tracker.write_text('{"windowingMode": "none"}')
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    own = {name: str(home / name.lower()) for name in (*names, "IPYTHONDIR")}
    options = ("no-browser", "allow-root", "ip=127.0.0.1", f"port={port}")
    settings = (
        "IdentityProvider.token=",
        "ServerApp.port_retries=0",
        "LabApp.news_url=None",
        f"ServerApp.root_dir={notebook.parent}",
    )
    command = [sys.executable, "-m", "jupyterlab"]
    command += [f"--{option}" for option in (*options, *settings)]
    log = (tmp_path / "lab.log").open("w")
    server = subprocess.Popen(
        command,
        env=os.environ | own | {"HOME": str(home), "D2L_QUICK": "1"},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=2).close()
                break
            except OSError:
                assert server.poll() is None, (tmp_path / "lab.log").read_text()
                time.sleep(0.5)
        yield f"{address}/lab/tree/{notebook.name}"
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()


def run_cell(page, number):
    """Run one cell and return the text of what it shows."""
    cell = page.locator(".jp-CodeCell").nth(number)
    before = cell.locator(".jp-InputPrompt").inner_text()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    prompt = cell.locator(".jp-InputPrompt")
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        now = prompt.inner_text()
        if now != before and re.search(r"\d", now):
            return cell.locator(".jp-OutputArea").inner_text()
        page.wait_for_timeout(200)
    raise AssertionError(f"cell {number} did not finish")


@contextmanager
def opened(chromium, notebook, tmp_path):
    """A page of Chromium that shows the notebook in JupyterLab, its kernel ready."""
    context = chromium.new_context(viewport={"width": 1200, "height": 1300})
    page = context.new_page()
    try:
        with lab(notebook, tmp_path) as address:
            page.goto(address)
            yield page
    finally:
        context.close()


def test_the_page_and_the_kernel_share_one_state(notebook, tmp_path, chromium):
    with opened(chromium, notebook, tmp_path) as page:
        # before it is run: the stored life where it is trusted, else picture and sentence
        first = page.locator(".jp-CodeCell").first
        first.locator(".d2l-widget, .d2l-box, img").first.wait_for(timeout=90_000)
        assert "mean of the squared errors" in first.text_content()

        # a cell that is run before its kernel is there is lost
        page.get_by_text("| Idle").wait_for(timeout=90_000)
        run_cell(page, 0)
        widget = first.locator(".d2l-widget")
        widget.wait_for(timeout=60_000)
        assert first.locator(".d2l-box").count() == 0, "not the live view"
        assert "ready" in run_cell(page, 1)
        field = widget.get_by_label("weight w, typed")
        field.fill("1.75")
        field.press("Enter")
        page.wait_for_timeout(500)
        assert "w is 1.75, heard 1.75, mse 0.292" in run_cell(page, 2)

        run_cell(page, 3)
        page.wait_for_timeout(500)
        assert widget.get_by_label("intercept b, typed").input_value() == "2.5"
        seen = widget.evaluate("el => { el.d2l.flush(); return el.d2l.values.mse }")
        assert seen == pytest.approx(LinearFit(w=1.75, b=2.5).values()["mse"])


def test_a_whole_chapter_runs_and_python_follows_its_widget(
    chapter, tmp_path, chromium
):
    with opened(chromium, chapter, tmp_path) as page:
        page.get_by_text("| Idle").wait_for(timeout=90_000)
        cells = page.locator(".jp-Notebook .jp-CodeCell")
        last = cells.count() - 1
        assert last > 50, "not the whole chapter"
        page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        page.get_by_text("Run All Cells", exact=True).click()
        outcome = cells.nth(last).get_by_text("1 widget in Python, w = 1.0")
        outcome.wait_for(timeout=180_000)

        widget = page.locator(".d2l-widget[aria-label='Linear fit']").first
        field = widget.get_by_label("weight w, typed")
        field.fill("1.75")
        field.press("Enter")
        page.wait_for_timeout(500)
        assert "1 widget in Python, w = 1.75" in run_cell(page, last)
