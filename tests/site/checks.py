"""What must be true of the built book, as functions from a page to a list of complaints.

Each returns one sentence for each thing that is wrong, and says what to do where that is not
plain; an empty list means that all is well. ``test_checkers.py`` shows that each can fail.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from playwright.sync_api import TimeoutError

HTTP = ("http", "https")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
PICTURE_NAME = re.compile(r"^\S*\.(png|jpe?g|svg|webp|gif)$", re.IGNORECASE)


# ------------------------------------------------------------------ the browser


class Opened:
    """A page opened from its file with the network off, and everything it did.

    Attributes: ``page`` (Playwright's), ``errors`` (console errors and uncaught
    exceptions), ``requests`` (addresses on other hosts), ``missing`` (files not there).
    """

    def __init__(self, browser, path):
        self.path = Path(path)
        self.errors, self.requests, self.missing = [], [], []
        self.context = browser.new_context(viewport=DESK, reduced_motion="reduce")
        self.context.route(re.compile(r"^(https?|wss?):"), lambda route: route.abort())
        self.page = page = self.context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.goto(self.path.resolve().as_uri(), wait_until="load")
        page.evaluate("() => window.MathJax?.startup?.promise")
        page.wait_for_timeout(100)

    def _console(self, message):
        if message.type == "error":
            self.errors.append(f"console: {message.text}")

    def _request(self, request):
        if urlsplit(request.url).scheme in (*HTTP, "ws", "wss"):
            self.requests.append(request.url)

    def _failed(self, request):
        if urlsplit(request.url).scheme == "file":
            self.missing.append(request.url)

    def theme(self, name):
        """Switch to "light" or "dark" (what the theme's button does)."""
        self.page.evaluate("t => { document.documentElement.dataset.theme = t; }", name)
        self.page.wait_for_timeout(50)

    def close(self):
        """Close the page."""
        self.context.close()


def behaviour(opened):
    """Console errors, requests to other hosts and missing files of a page."""
    return [
        *opened.errors,
        *(f"asks another host: {url}" for url in opened.requests),
        *(f"missing file: {url}" for url in opened.missing),
    ]


def maths(opened):
    """Formulas that MathJax left as they are or could not read."""
    return opened.page.evaluate(
        r"""() => {
          const bad = [];
          for (const e of document.querySelectorAll('.bd-article .math, .math')) {
            if (!e.querySelector('mjx-container'))
              bad.push('formula not rendered: ' + e.textContent.trim().slice(0, 60));
          }
          for (const e of document.querySelectorAll('mjx-merror, [data-mjx-error]'))
            bad.push('formula with an error: '
              + (e.getAttribute('data-mjx-error') || e.textContent).slice(0, 80));
          const root = document.querySelector('article') || document.body;
          const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const node = walk.currentNode;
            const skip = 'pre, code, script, style, mjx-container, textarea, .math, .d2l-widget';
            if (node.parentElement.closest(skip)) continue;
            const m = node.data.match(/\$[^$\n]{1,80}\$|\\\(|\\\[|\\begin\{/)
              || node.data.match(/\\(d?frac|mathbf|partial|operatorname|left|sum|hat)\b/);
            if (m) bad.push('raw mathematics in the text: ' + m[0]);
          }
          return bad;
        }"""
    )


def pictures(opened):
    """Images that did not load, or say nothing to somebody who cannot see them."""
    found = opened.page.evaluate(
        """async () => {
          const all = [...document.querySelectorAll('img')];
          for (const i of all) i.loading = 'eager';
          await Promise.all(all.map(i => i.decode().catch(() => 0)));
          return all.map(i => ({
            src: (i.getAttribute('src') || '').slice(0, 90), alt: i.getAttribute('alt'),
            ok: i.complete && i.naturalWidth > 0, decor: i.getAttribute('role') }));
        }"""
    )
    bad = [f"image does not load: {i['src']}" for i in found if not i["ok"]]
    for i in found:
        alt = (i["alt"] or "").strip()
        if i["decor"] != "presentation" and (not alt or PICTURE_NAME.match(alt)):
            bad.append(
                f"image without alt text: {i['src']} (in a notebook, add to the cell's "
                'metadata: "mystnb": {"image": {"alt": "what the figure shows"}})'
            )
    return bad


def search_fields(opened):
    """More or fewer than one way to search, as the reader sees the page."""
    seen = opened.page.evaluate(
        """() => {
          const visible = e => e.checkVisibility({visibilityProperty: true});
          const inputs = [...document.querySelectorAll('input[type=search]')];
          const fields = document.querySelectorAll('.search-button-field');
          return { inputs: inputs.length,
                   fields: [...fields].filter(visible).length,
                   open: inputs.filter(visible).length };
        }"""
    )
    own_page = opened.path.name == "search.html"
    fields = seen["fields"] + seen["open"]
    if own_page:
        return [] if seen["open"] == 1 else [f"{seen['open']} search fields are open"]
    if fields != 1 or seen["inputs"] != 1:
        return [
            f"{fields} search fields are shown ({seen['inputs']} in the page), not 1"
        ]
    return []


def unfold(opened):
    """Open whatever the page folds (deeper sections, solutions, hidden code)."""
    opened.page.evaluate(
        "() => { for (const d of document.querySelectorAll('details')) d.open = true; }"
    )


def overflow(opened, viewport=PHONE):
    """What sticks out of the page on a phone, with everything unfolded."""
    unfold(opened)
    opened.page.set_viewport_size(viewport)
    opened.page.wait_for_timeout(120)
    wide = opened.page.evaluate(
        """width => {
          const page = document.documentElement.scrollWidth;
          const scrolls = e => { for (let p = e.parentElement; p; p = p.parentElement)
            if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(p).overflowX)
                && p !== document.body && p !== document.documentElement) return true;
            return false; };
          if (page <= width) return [];
          const out = [];
          for (const e of document.querySelectorAll('main *')) {
            const r = e.getBoundingClientRect();
            if (r.width && r.right > width + 1 && !scrolls(e))
              out.push(`${e.tagName.toLowerCase()}.${e.className} reaches `
                + `${Math.round(r.right)} px: ` + (e.textContent || '').trim().slice(0, 40));
          }
          return [`the page is ${page} px wide on a screen of ${width} px`, ...out.slice(0, 5)];
        }""",
        viewport["width"],
    )
    opened.page.set_viewport_size(DESK)
    return wide


# axe looks at every element: take out what repeats. Formulas are MathJax's own business; of
# code, one word of each colour in each kind of cell is enough.
LIGHTEN = """() => {
  for (const e of document.querySelectorAll('mjx-container')) e.replaceWith('x');
  const seen = new Set();
  for (const e of document.querySelectorAll('.highlight pre span')) {
    const kind = e.className + ' in ' + e.closest('.highlight').parentElement.className;
    if (seen.has(kind)) e.replaceWith(...e.childNodes); else seen.add(kind);
  }
  document.body.normalize();
}"""


def accessibility(opened, rules=None):
    """What axe-core finds serious or critical; ``rules`` names some of its rules only.

    Takes formulas and repeated code out of the page, so it comes after the other checks;
    what is folded is looked at, too.
    """
    from axe_playwright_python.sync_playwright import Axe

    options = {"resultTypes": ["violations"], "iframes": False, "preload": False}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    unfold(opened)
    opened.page.evaluate(LIGHTEN)
    result = Axe().run(opened.page, options=options).response
    bad = []
    for violation in result["violations"]:
        if violation["impact"] in ("serious", "critical"):
            nodes = violation["nodes"]
            where = "; ".join(n["html"][:120].replace("\n", " ") for n in nodes[:3])
            bad.append(
                f"{violation['id']} ({violation['help']}), {len(nodes)} times: {where}"
            )
    return bad


TURN = """(box) => {
  // Move each control until what the widget shows (not the control itself) is another.
  const shown = () => box.innerHTML;
  const before = shown();
  const soon = () => new Promise(done => setTimeout(done, 120));
  const tell = e => ['input', 'change'].forEach(
    kind => e.dispatchEvent(new Event(kind, {bubbles: true})));
  const places = e => e.tagName === 'SELECT' ? [...e.options].map(option => option.value)
    : e.type === 'text' ? [e.value.slice(0, -1)].filter(Boolean) : [e.min, e.max];
  const move = async e => {
    const own = e.value;
    for (const value of places(e)) {
      if (value === own) continue;
      e.value = value; tell(e); await soon();
      if (shown() !== before) { e.value = own; tell(e); await soon(); return true; }
    }
    return false;
  };
  return (async () => {
    const kinds = ['input[type=range]', 'select', 'input[type=text]'];
    for (const e of kinds.flatMap(kind => [...box.querySelectorAll(kind + ':enabled')]))
      if (await move(e)) return true;
    return false;
  })();
}"""


def widgets(opened):
    """Every widget of the page has come to life and shows something else when it is moved."""
    unfold(opened)
    bad = []
    for number, box in enumerate(opened.page.query_selector_all(".d2l-box"), start=1):
        box.scroll_into_view_if_needed()
        try:
            opened.page.wait_for_function(
                "box => 'alive' in box.dataset", arg=box, timeout=5000
            )
        except TimeoutError:
            bad.append(f"widget {number} has not come to life")
            continue
        if not box.evaluate(TURN):
            bad.append(f"widget {number} shows the same wherever its controls stand")
    return bad


def structure(opened):
    """What every page offers: one heading, a title, a menu, a table of contents, a theme switch."""
    return opened.page.evaluate(
        """() => {
          const bad = [], all = s => document.querySelectorAll(s);
          const h1 = [...all('article h1')].filter(e => !e.closest('#jb-print-docs-body'));
          if (h1.length !== 1) bad.push(`${h1.length} headings of the first level, not 1`);
          if (!document.title.trim()) bad.push('no title');
          if (document.documentElement.lang !== 'en') bad.push('no language');
          if (!all('.bd-sidebar-primary a').length) bad.push('no menu of chapters');
          if (!all('.theme-switch-button').length) bad.push('no switch for light and dark');
          if (all('article h2').length > 2 && !all('.bd-sidebar-secondary a').length)
            bad.push('no table of contents');
          return bad;
        }"""
    )


# ------------------------------------------------------------------ the files


def _parsed(root):
    files = sorted(Path(root).rglob("*.html"))
    return {
        path.resolve(): BeautifulSoup(path.read_text(encoding="utf8"), "html.parser")
        for path in files
        if "_static" not in path.relative_to(root).parts
    }


def _targets(soup):
    ids = {tag["id"] for tag in soup.find_all(id=True)}
    return ids | {tag["name"] for tag in soup.find_all("a", attrs={"name": True})}


def broken_links(root):
    """Links between pages, to files and to places in pages that lead nowhere."""
    pages = _parsed(root)
    ids = {path: _targets(soup) for path, soup in pages.items()}
    bad = []
    for path, soup in pages.items():
        here = path.relative_to(Path(root).resolve())
        for tag in soup.find_all(href=True) + soup.find_all(src=True):
            url = tag.get("href") or tag.get("src") or ""
            parts = urlsplit(url)
            if parts.scheme or parts.netloc or not url.strip():
                continue
            target = path
            if parts.path:
                target = (path.parent / unquote(parts.path)).resolve()
            if not target.exists():
                bad.append(f"{here}: {url} leads to no file")
            elif parts.fragment and target in ids:
                place = unquote(parts.fragment)
                if place not in ids[target] and place not in ("top", ""):
                    bad.append(f"{here}: {url} names a place that is not there")
    return sorted(set(bad))


def other_hosts(root):
    """Scripts, styles, fonts, images and frames that a page would fetch from elsewhere."""
    bad = []
    for path, soup in _parsed(root).items():
        here = path.relative_to(Path(root).resolve())
        for tag in soup.find_all(
            ["script", "img", "iframe", "source", "video", "audio"]
        ):
            if re.match(r"(https?:)?//", tag.get("src") or ""):
                bad.append(f"{here}: {tag.name} from {tag['src']}")
        for tag in soup.find_all("link", href=True):
            fetched = {"stylesheet", "preload", "icon", "modulepreload", "preconnect"}
            if fetched & set(tag.get("rel", [])) and re.match(
                r"(https?:)?//", tag["href"]
            ):
                bad.append(f"{here}: {tag['rel'][0]} from {tag['href']}")
        if "THEBE_JS_URL" in str(soup) or soup.find("script", src=re.compile("thebe")):
            bad.append(f"{here}: loads Thebe")
    for path in Path(root).rglob("*.css"):
        for url in re.findall(
            r"(?:url\(\s*|@import\s+)[\"']?((?:https?:)?//[^\"')\s]+)",
            path.read_text(encoding="utf8", errors="replace"),
        ):
            bad.append(f"{path.relative_to(root)}: fetches {url}")
    return sorted(set(bad))


def buttons(html, repository, branch, source):
    """What is wrong with a notebook's buttons: one to Colab, where the book has an address
    (``repository``), none where it has not; and one that downloads it."""
    soup = BeautifulSoup(html, "html.parser")
    links = {a["href"] for a in soup.find_all("a", href=True)}
    bad = []
    if repository:
        owner = "/".join(repository.rstrip("/").split("/")[-2:])
        start = f"https://colab.research.google.com/github/{owner}"
        if f"{start}/blob/{branch}/{source}" not in links:
            bad.append(f"no Colab button to {start}/blob/{branch}/{source}")
    elif found := [u for u in links if "colab.research" in u or "github.com//" in u]:
        bad.append(f"links to an address that the book hasn't got: {found}")
    if not any(
        urlsplit(u).path.endswith(".ipynb") and not urlsplit(u).netloc for u in links
    ):
        bad.append("no button that downloads the notebook")
    return bad
