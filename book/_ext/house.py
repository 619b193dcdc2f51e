"""What the book's site needs beyond Jupyter Book's own settings.

* No page loads sphinx-thebe: its script tag stands in the page twice (a console error) and
  points at another host, and no page offers Thebe.
* A folded solution says what it hides.
"""

from __future__ import annotations

from docutils import nodes

SOLUTION_PROMPT = "Show the solution"


def drop_thebe(app, pagename, templatename, context, doctree):
    """Take sphinx-thebe's scripts and styles out of a page."""

    def is_thebe(asset):
        name = str(getattr(asset, "filename", asset) or "")
        body = (getattr(asset, "attributes", None) or {}).get("body") or ""
        return "thebe" in name.lower() or "THEBE_JS_URL" in body

    for kind in ("script_files", "css_files"):
        if kind in context:
            context[kind] = [asset for asset in context[kind] if not is_thebe(asset)]


def drop_thebe_config(app, doctree, docname):
    """Take the Thebe configuration block out of a page's text."""
    for node in list(doctree.findall(nodes.raw)):
        if "text/x-thebe-config" in node.astext():
            node.parent.remove(node)


def name_solutions(app, doctree):
    """Label every folded cell tagged ``solution`` as one."""
    for node in doctree.findall(nodes.container):
        if "prompt_show" in node and "tag_solution" in node.get("classes", []):
            node["prompt_show"] = SOLUTION_PROMPT


def setup(app):
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("doctree-resolved", drop_thebe_config, priority=900)
    app.connect("doctree-read", name_solutions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
