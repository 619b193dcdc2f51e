"""What helpers and chapters import is what pyproject.toml asks for, and the other way round."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

import tomllib
from packaging.requirements import Requirement

from tools import install, notebooks

MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)


def plain(name):
    """A distribution's name as pip compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(text):
    """Return the top-level packages that a module imports, lazily or not."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {"d2lutils"}


def readers_imports():
    """Return the distributions that a module of d2lutils or a chapter's cell imports."""
    names = set()
    for path in (install.ROOT / "d2lutils").rglob("*.py"):
        names |= imported(path.read_text("utf-8"))
    for path in notebooks.chapters():
        for _, cell in notebooks.code_cells(notebooks.read(path)):
            names |= imported(re.sub(MAGIC, r"\1pass", cell.source))
    of = packages_distributions()
    return {plain(of[name][0]) if name in of else name for name in names}


def declared():
    """Return what pyproject.toml declares: distribution -> requirement."""
    text = (install.ROOT / "pyproject.toml").read_text("utf-8")
    lines = tomllib.loads(text)["project"]["dependencies"]
    return {plain(Requirement(line).name): Requirement(line) for line in lines}


def test_every_import_is_declared_and_nothing_else():
    used, asked = readers_imports(), set(declared())
    assert used <= asked, f"declare in pyproject.toml: {sorted(used - asked)}"
    assert asked <= used, f"nothing imports: {sorted(asked - used)}"


def test_bounds_are_lower_bounds_which_the_pins_meet():
    pins = dict(line.split("==") for line in install.wanted("all"))
    pins = {plain(name): version for name, version in pins.items()}
    for name, requirement in declared().items():
        assert [s.operator for s in requirement.specifier] == [">="], name
        if name in pins:
            assert requirement.specifier.contains(pins[name]), name


def test_the_reader_of_imports_sees_lazy_ones():
    text = "import a.b, json\ndef f():\n    from c.d import e\n    from . import g\n"
    assert imported(text) == {"a", "c"}
