"""Environment variables: one reader, one meaning of "off", one table."""

import ast
import re

import pytest
from nbformat import reads

from d2lutils import flags
from tools.kernel import environment
from tools.notebooks import ROOT, chapters, pages

NAME = re.compile(r"D2L_[A-Z_]*")
OFF = ["", "0", "false", "no", "off", " False ", "NO", "Off\t", " "]


@pytest.mark.parametrize("variable", [v.name for v in flags.VARIABLES])
@pytest.mark.parametrize("value", OFF)
def test_off_is_off_for_every_variable(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    assert flags.text(variable) == "" and not flags.is_on(variable)


@pytest.mark.parametrize("value", ["1", "true", "yes", "on", "anything", "00", " 1 "])
def test_everything_else_is_on(monkeypatch, value):
    monkeypatch.setenv("D2L_QUICK", value)
    assert flags.is_on("D2L_QUICK") and flags.text("D2L_QUICK") == value.strip()


def test_unset_is_off(monkeypatch):
    monkeypatch.delenv("D2L_DATA", raising=False)
    assert flags.text("D2L_DATA") == "" and flags.whole_number("D2L_SEED") == 0


@pytest.mark.parametrize("value", ["3", " 3", "003"])
def test_whole_numbers(monkeypatch, value):
    monkeypatch.setenv("D2L_SEED", value)
    assert flags.whole_number("D2L_SEED") == 3


@pytest.mark.parametrize("value", ["-1", "1.0", "two", "1e3", "²", "1_000", "+1"])
def test_no_whole_numbers(monkeypatch, value):
    monkeypatch.setenv("D2L_SEED", value)
    with pytest.raises(ValueError, match=r"D2L_SEED is .* no whole number"):
        flags.whole_number("D2L_SEED")


def test_unknown_variables_are_refused():
    with pytest.raises(KeyError, match="D2L_QUIK"):
        flags.is_on("D2L_QUIK")


def test_the_docs_show_the_table():
    page = (ROOT / "book" / "how_to_use.md").read_text(encoding="utf-8")
    assert flags.table() in page, (
        "book/how_to_use.md shows another table of environment variables; replace it "
        "by what `python -m d2lutils.flags` prints"
    )


def sources():
    """(name, code) of all Python of the book, notebooks' code cells included."""
    for folder in ("d2lutils", "tools", "benchmarks", "tests", "book"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.name not in ("flags.py", "test_flags.py"):
                yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
    for path in chapters() + pages():
        for number, cell in enumerate(reads(path.read_text("utf-8"), 4).cells):
            if cell.cell_type == "code":
                code = re.sub(r"^( *)[%!].*", r"\1pass", cell.source, flags=re.M)
                yield f"{path.name}, cell {number}", code


def asks(node, parent, test):
    """Whether a variable's name stands where its value could be asked for.

    It may be given to d2lutils.flags and to monkeypatch, be a key of a dictionary that
    is made, or be set; tests may also list names and look for them in a message.
    """
    if isinstance(parent, ast.Call):
        function = r"flags\.\w+|.*\.(set|del)env"
        return not re.fullmatch(function, ast.unparse(parent.func))
    if isinstance(parent, ast.Subscript):
        return isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Dict):
        return node not in parent.keys
    if isinstance(parent, ast.Compare):
        return not test or "environ" in ast.unparse(parent)
    return not (test and isinstance(parent, ast.Tuple | ast.List))


def strays(code, test=False):
    """Where the code may read one of the book's variables without d2lutils.flags."""
    for parent in ast.walk(ast.parse(code)):
        for node in ast.iter_child_nodes(parent):
            name = node.value if isinstance(node, ast.Constant) else None
            named = isinstance(name, str) and NAME.fullmatch(name)
            if named and asks(node, parent, test):
                yield f"line {node.lineno} names {name}"


@pytest.mark.parametrize(
    "code",
    [
        'os.environ["D2L_SEED"]',
        'environ.get("D2L_SEED", "0")',
        'os.getenv("D2L_SEED")',
        'getenv(f"D2L_{name}")',
        'x = "D2L_SEED" in os.environ',
        'os.environ.setdefault("D2L_DEVICE", "cpu")',
        'os.environ["D2L_" + name]',
        'SEED = "D2L_SEED"\nos.environ[SEED]',
        'for name in ("D2L_SEED",):\n    os.environ[name]',
        'def seed(name="D2L_SEED"):\n    return os.environ[name]',
    ],
)
def test_a_reading_is_found(code):
    assert list(strays(code))


@pytest.mark.parametrize(
    "code",
    [
        'os.environ["D2L_SEED"] = "1"',
        'flags.text("D2L_SEED")',
        'monkeypatch.setenv("D2L_SEED", "1")',
        'env = os.environ | {"D2L_QUICK": "1"}',
        'print("set D2L_DATA")',
    ],
)
def test_what_reads_nothing_is_left_alone(code):
    assert not list(strays(code))


def test_nobody_else_reads_them():
    found = [
        f"{name}: {stray}"
        for name, code in sources()
        for stray in strays(code, test=name.startswith("tests/"))
    ]
    advice = "ask d2lutils.flags: is_on(...), text(...) or whole_number(...)\n"
    assert not found, advice + "\n".join(found)


def test_every_variable_that_is_named_is_in_the_table():
    known = {v.name for v in flags.VARIABLES}
    text = "\n".join(code for name, code in sources())
    for name in (
        "Makefile",
        "README.md",
        "CONTRIBUTING.md",
        ".ci/run",
        "data/README.md",
    ):
        text += (ROOT / name).read_text("utf-8")
    assert set(re.findall(r"\bD2L_[A-Z_]+\b", text)) <= known


@pytest.mark.parametrize("value", ["", "0", "off"])
def test_a_run_for_the_book_is_on_the_cpu_unless_told(monkeypatch, value):
    monkeypatch.setenv("D2L_DEVICE", value)
    assert environment("full")["D2L_DEVICE"] == "cpu"
    monkeypatch.setenv("D2L_DEVICE", "mps")
    assert environment("full")["D2L_DEVICE"] == "mps"
