"""What each widget costs: time from an input to the finished drawing, and its weight.

    python -m benchmarks.widgets                 every widget
    python -m benchmarks.widgets OptimizerPaths  these

The time is measured in headless Chromium, on the static page: the state is changed as a
control changes it, the widget draws, and the browser lays the page out. A frame lasts 16 ms.
The weight is what the widget adds to a page: alone, and when another one stands there already.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from d2lutils import widgets
from d2lutils.widgets.framework import source
from tools.browser import needed

FRAME_MS, LIMIT_BYTES = 16, 40_000
# Turns each range slider a little, again and again; draw and layout are timed together.
MEASURE = """(el) => {
  const bars = [...el.querySelectorAll('input[type=range]')].filter((b) => b.offsetParent);
  const times = [];
  for (let round = 0; round < 30; round++) for (const bar of bars) {
    const low = Number(bar.min), high = Number(bar.max);
    bar.value = low + (high - low) * ((round * 7) % 30) / 30;
    const start = performance.now();
    bar.dispatchEvent(new Event('input', { bubbles: true }));
    el.d2l.flush();
    el.getBoundingClientRect();
    times.push(performance.now() - start);
  }
  return times;
}"""
PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><body>{}'


def html(widget):
    bundle = widget._repr_mimebundle_()
    return (bundle[0] if isinstance(bundle, tuple) else bundle)["text/html"]


def weight(widget):
    """Bytes in the page: of the widget alone, and beside another that brought the rest."""
    alone = html(widget)
    other = html(widgets.LinearFit())
    beside = len(source.share(other + alone).encode()) - len(other.encode())
    return len(alone.encode()), beside


def measure(browser, widget, folder):
    """Milliseconds of each draw after an input."""
    file = Path(folder) / "page.html"
    file.write_text(PAGE.format(html(widget)), "utf-8")
    page = browser.new_page(viewport={"width": 820, "height": 900})
    page.goto(file.as_uri())
    page.wait_for_selector(".d2l-widget")
    page.wait_for_timeout(300)
    times = page.locator(".d2l-widget").evaluate(MEASURE)
    page.close()
    return times


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="widgets; all of them by default")
    names = parser.parse_args(arguments).names
    names = names or widgets.NAMES
    slow = []
    print(f"{'widget':<20}{'median ms':>10}{'95 % ms':>9}{'page kB':>9}{'more kB':>9}")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=needed(), args=["--no-sandbox"]
        )
        for name in names:
            widget = getattr(widgets, name)()
            times = measure(browser, widget, folder) or [0.0]
            middle = statistics.median(times)
            late = sorted(times)[int(0.95 * (len(times) - 1))]
            alone, beside = weight(widget)
            print(
                f"{name:<20}{middle:>10.1f}{late:>9.1f}"
                f"{alone / 1000:>9.1f}{beside / 1000:>9.1f}"
            )
            # the weights of a trained net have a budget of their own
            weights = widget.state().get("network", {}).get("weights", {})
            carried = len(weights.get("bytes", ""))
            if middle > FRAME_MS or alone - carried > LIMIT_BYTES:
                slow.append(name)
        browser.close()
    if slow:
        print(f"over {FRAME_MS} ms or {LIMIT_BYTES // 1000} kB: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
