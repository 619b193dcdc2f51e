"""Write the skeletons of a new chapter: its notebook and its checks, and a widget if asked.

    python -m tools.new_chapter 18 convolutions
    python -m tools.new_chapter 18 convolutions --widget Convolution

What is to be written stands between « and »; each cell, check and test says what belongs
there, and fails until it does. The contract and `unwritten` find what is left. Files that
exist are left alone: a chapter can get its widget later.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path
from string import Template

import jupytext

from tools import contents, generated
from tools.notebooks import ROOT, dumps, replace, short, tidy

SKELETONS = Path(__file__).with_name("skeletons")
MARK = re.compile(r"«[^»]*»?")
SEARCHED = ("d2lutils/**/*.py", "d2lutils/**/*.js", "tests/site/widgets/*.py")


def skeleton(kind, **words):
    """The text of a skeleton with its words put in."""
    text = (SKELETONS / f"{kind}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(words)


def chapter(number, name, widget=None, root=ROOT):
    """{path: text} of the files of a chapter. Raises SystemExit for a name that will not do."""
    planned = {c.number: c for part in contents.plan(root) for c in part.chapters}
    if number not in planned:
        raise SystemExit(f"book/plan.yml has no chapter {number}; add it there first")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise SystemExit(f"{name!r}: a chapter's file is named in snake_case")
    there = planned[number].path
    if there and there.stem != f"{number:02d}_{name}":
        raise SystemExit(f"chapter {number} exists: {short(there, root)}")
    title, two = planned[number].title, f"{number:02d}"
    show = f"d2l.widgets.{widget}()" if widget else 'd2l.explore("«f»", x="«grid»")'
    words = {"number": two, "plain": number, "title": title, "lower": title.lower()}
    path = Path(root, "chapters", f"{two}_{name}.ipynb")
    found = {
        path: notebook(path, skeleton("chapter", show=show, **words), root),
        Path(root, "d2lutils", "exercises", f"ch{two}.py"): skeleton("checks", **words),
    }
    return found | (files_of(widget, root) if widget else {})


def notebook(path, script, root=ROOT):
    """The text of a notebook from a percent script."""
    nb = tidy(jupytext.reads(script, fmt="py:percent"))
    return dumps(tidy(generated.fill(nb, path, root)))


def files_of(widget, root=ROOT):
    """{path: text} of the files of a widget, given as its class's name."""
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", widget):
        raise SystemExit(f"{widget!r}: a widget's class is named like LinearFit")
    border = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
    words = re.sub(border, " ", widget)
    stem, folder = words.lower().replace(" ", "_"), Path(root, "d2lutils", "widgets")
    words = words[0] + words[1:].lower()
    test = Path(root, "tests", "site", "widgets", f"test_{stem}.py")
    return {
        folder / f"{stem}.py": skeleton("widget", widget=widget),
        folder / f"{stem}.js": skeleton("script", words=words),
        test: skeleton("widget_test", widget=widget),
    }


def unwritten(root=ROOT):
    """(path, line, what) of everything that a skeleton still asks for, notebooks left out."""
    return [
        (path, number, match[0].strip("«»"))
        for pattern in SEARCHED
        for path in sorted(Path(root).glob(pattern))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        for match in MARK.finditer(line)
    ]


def main(arguments=None):
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "number", type=int, help="the chapter's number in book/plan.yml"
    )
    parser.add_argument("name", help="its file's name, such as convolutions")
    parser.add_argument("--widget", help="a new widget's class, such as Convolution")
    options = parser.parse_args(arguments)
    for path, text in chapter(options.number, options.name, options.widget).items():
        if path.exists():
            print(f"{short(path)}: exists, left alone")
        else:
            replace(path, text)
            print(f"{short(path)}: written")
    # a process of its own, which finds the new widget
    return subprocess.run([sys.executable, "-m", "tools.refresh"], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
