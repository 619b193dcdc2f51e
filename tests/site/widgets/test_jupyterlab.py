"""The other life: a real JupyterLab, a kernel, and Python that sees what the page did."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest

from d2lutils.widgets import LinearFit

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
def lab(notebook, tmp_path):
    """The address of a JupyterLab of this test's own, with its own settings."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path / "home"
    home.mkdir()
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
        env=os.environ | own | {"HOME": str(home)},
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


def test_the_page_and_the_kernel_share_one_state(lab, chromium):
    context = chromium.new_context(viewport={"width": 1200, "height": 1300})
    page = context.new_page()
    try:
        page.goto(lab)
        # before it is run: the stored life where it is trusted, else picture and sentence
        first = page.locator(".jp-CodeCell").first
        first.locator(".d2l-widget, .d2l-box, img").first.wait_for(timeout=90_000)
        assert "mean of the squared residuals" in first.text_content()

        # a cell that is run before its kernel is there is lost
        page.get_by_text("| Idle").wait_for(timeout=90_000)
        run_cell(page, 0)
        widget = first.locator(".d2l-widget")
        widget.wait_for(timeout=60_000)
        assert first.locator(".d2l-box").count() == 0, "not the live view"
        assert "ready" in run_cell(page, 1)
        field = widget.get_by_label("slope w, typed")
        field.fill("1.75")
        field.press("Enter")
        page.wait_for_timeout(500)
        assert "w is 1.75, heard 1.75, mse 0.292" in run_cell(page, 2)

        run_cell(page, 3)
        page.wait_for_timeout(500)
        assert widget.get_by_label("intercept b, typed").input_value() == "2.5"
        seen = widget.evaluate("el => { el.d2l.flush(); return el.d2l.values.mse }")
        assert seen == pytest.approx(LinearFit(w=1.75, b=2.5).values()["mse"])
    finally:
        context.close()
