"""oxlint over the scripts: those of the widgets joined as a browser gets them.

    python -m tools.lint_scripts

A widget's script uses names of the shared ones without importing them, so each file alone
would look wrong. Joined to the shared scripts and to those that it asks for, a misspelt name is
an undefined one, and what no widget uses is an unused one. Findings are told with the file and
line that they stand in.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from d2lutils.widgets.framework import source
from tools.notebooks import ROOT

WIDGETS = ROOT / "d2lutils" / "widgets"


def joined(own, shared=source.SHARED):
    """(text, places) of one module; ``places[i]`` is (file, line) of the text's line i."""
    # the style sheet, which a page's module has as its first line
    lines = ["const CSS_TEXT = '';"] if shared else []
    places = [(Path(own), 0)] if shared else []
    for file in (*shared, *(source.extras(Path(own)) if shared else ()), own):
        text = Path(file).read_text("utf-8").splitlines()
        lines += text
        places += [(Path(file), number) for number in range(1, len(text) + 1)]
    return "\n".join([*lines, ""]), places


def oxlint(folder):
    """What oxlint says of the scripts in a folder: a list of (name, line, column, text)."""
    command = [Path(sys.executable).parent / "oxlint", "-c", ROOT / ".oxlintrc.json"]
    run = subprocess.run(
        [*command, "--format=json", "."], cwd=folder, capture_output=True, text=True
    )
    try:
        found = json.loads(run.stdout)["diagnostics"]
    except ValueError:
        raise RuntimeError(f"oxlint failed: {run.stdout}{run.stderr}") from None
    return [
        (
            d["filename"],
            span["line"],
            span["column"],
            f"{d['message']} [{d.get('code', 'syntax')}]",
        )
        for d in found
        for span in [d["labels"][0]["span"]]
    ]


def findings(scripts, alone=(), shared=source.SHARED):
    """Sorted "file:line:column: message" of widgets' scripts and of scripts that stand alone."""
    with tempfile.TemporaryDirectory() as folder:
        places = {}
        for i, script in enumerate([*scripts, *alone]):
            name = f"{i}.js"
            text, places[name] = joined(script, () if script in alone else shared)
            Path(folder, name).write_text(text, "utf-8")
        seen = {}
        for name, line, column, message in oxlint(folder):
            file, number = places[Path(name).name][line - 1]
            seen.setdefault((file, number, column, message), set()).add(name)
        holding = Counter(file for found in places.values() for file in dict(found))
    # a shared name is unused only where none of the modules that hold it uses it
    return [
        f"{file.relative_to(ROOT) if file.is_relative_to(ROOT) else file}:"
        f"{number}:{column}: {message}"
        for (file, number, column, message), modules in sorted(seen.items())
        if "no-unused" not in message or len(modules) == holding[file]
    ]


def main():
    front = source.SHARED[0].parent
    extras = {*front.glob("*.js")} - {*source.SHARED, front / "host.js"}
    scripts = sorted([*WIDGETS.glob("*.js"), *front.parent.glob("*.js"), *extras])
    alone = [front / "host.js", *sorted((ROOT / "book" / "_static").glob("*.js"))]
    found = findings(scripts, alone)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
