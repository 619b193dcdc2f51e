"""A module holds one idea: none grows past what can be read in one go."""

import pytest

from tools.notebooks import ROOT

# A formatted call of a plot or a slider takes a line for each option, so a script has more.
MOST = {".py": 250, ".js": 400}
# Long by the number of their exercises, each of which stands alone: d2lutils/exercises.
LEFT_OUT = {"exercises"}


def too_long(root):
    """ "file: lines" of every hand-written module under these folders of ``root``."""
    folders = ("d2lutils", "tools", "benchmarks", "book/_ext", "book/_static")
    found = []
    for folder in folders:
        for file in sorted((root / folder).rglob("*.*")):
            if file.suffix in MOST and not LEFT_OUT & set(file.relative_to(root).parts):
                lines = len(file.read_text("utf-8").splitlines())
                if lines > MOST[file.suffix]:
                    name = file.relative_to(root).as_posix()
                    found.append(f"{name}: {lines} lines, at most {MOST[file.suffix]}")
    return found


def test_no_module_is_too_long():
    assert not too_long(ROOT), "give one of its ideas a module of its own"


@pytest.mark.parametrize(
    ("name", "lines", "found"),
    [
        ("d2lutils/deep/down/a.py", 251, ["d2lutils/deep/down/a.py: 251 lines, at most 250"]),
        ("tools/b.py", 250, []),
        ("d2lutils/widgets/c.js", 401, ["d2lutils/widgets/c.js: 401 lines, at most 400"]),
        ("d2lutils/widgets/c.css", 900, []),
        ("d2lutils/exercises/ch01.py", 900, []),
    ],
)  # fmt: skip
def test_a_long_one_is_found(tmp_path, name, lines, found):
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text("# one\n" * lines, "utf-8")
    assert too_long(tmp_path) == found
