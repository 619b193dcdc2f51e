"""What the book's site needs beyond Jupyter Book's own settings.

* No page loads sphinx-thebe: its script tag stands in the page twice (a console error) and
  points at another host, and no page offers Thebe.
* A book without an address (``repository`` in ``_config.yml``) has no buttons that lead to one.
* Deeper sections and code that only draws or records are folded (``folded.py``).
* The bibliography claims no list role that its entries don't live up to (axe: serious).
* What widgets of a page have in common stands in it once.
* ``<a id="term-adam"></a>`` in one page can be linked as ``glossary.md#term-adam`` from
  another: plain HTML, so that the same link works on GitHub and in JupyterLab too.
"""

from __future__ import annotations

import re

import folded
from docutils import nodes
from sphinx.transforms import SphinxTransform

from d2lutils.widgets.framework import source


def drop_thebe(app, pagename, templatename, context, doctree):
    """Take sphinx-thebe's scripts and styles out of a page."""

    def is_thebe(asset):
        name = str(getattr(asset, "filename", asset) or "")
        body = (getattr(asset, "attributes", None) or {}).get("body") or ""
        return "thebe" in name.lower() or "THEBE_JS_URL" in body

    for kind in ("script_files", "css_files"):
        if kind in context:
            context[kind] = [asset for asset in context[kind] if not is_thebe(asset)]


def mend_roles(app, pagename, templatename, context, doctree):
    """Docutils calls the bibliography a list, of entries that are no list items."""
    if "citation-list" in context.get("body", ""):
        context["body"] = context["body"].replace(
            '<div role="list" class="citation-list">', '<div class="citation-list">'
        )


def share_sources(app, pagename, templatename, context, doctree):
    """Send the source that several widgets of a page need once, with the first of them."""
    if "d2l-box" in context.get("body", ""):
        context["body"] = source.share(context["body"])


def drop_thebe_config(app, doctree, docname):
    """Take the Thebe configuration block out of a page's text."""
    for node in list(doctree.findall(nodes.raw)):
        if "text/x-thebe-config" in node.astext():
            node.parent.remove(node)


class HtmlAnchors(SphinxTransform):
    """Tell MyST of the ids in a page's raw HTML, so that links to them resolve."""

    default_priority = 800  # before MyST looks up the page's own anchors

    def apply(self):
        slugs = dict(getattr(self.document, "myst_slugs", {}))
        for node in self.document.findall(nodes.raw):
            for name in re.findall(r'<a\s+id="([\w-]+)"', node.astext()):
                slugs[name] = (node.line or 0, name, name)
        self.document.myst_slugs = slugs
        self.env.metadata[self.env.docname]["myst_slugs"] = slugs


def choose_buttons(app, config):
    """A button to the repository, where it has an address; else none to it or to Colab."""
    options = config.html_theme_options
    has_address = bool(options.get("repository_url"))
    options["use_repository_button"] = has_address
    if not has_address:
        for name in ("repository_url", "launch_buttons"):
            options.pop(name, None)


def setup(app):
    app.connect("config-inited", choose_buttons)
    app.add_transform(HtmlAnchors)
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("html-page-context", mend_roles, priority=900)
    app.connect("html-page-context", share_sources, priority=900)
    app.connect("doctree-resolved", drop_thebe_config, priority=900)
    folded.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
