"""The lint of the widgets' scripts finds what is wrong, in the file and line it stands in."""

import pytest

from tools import lint_scripts

SHARED = "// helpers\nconst twice = (v) => 2 * v;\nconst thrice = (v) => 3 * v;\n"
GOOD = "const render = () => [CSS_TEXT, twice(1), thrice(1)];\nexport default { render };\n"


@pytest.fixture
def lint(tmp_path):
    """lint(shared, *widgets) -> findings, without the folder's name."""

    def run(shared, *widgets):
        files = []
        for i, text in enumerate([shared, *widgets]):
            files.append(tmp_path / f"{'shared' if i == 0 else f'widget{i}'}.js")
            files[-1].write_text(text, "utf-8")
        found = lint_scripts.findings(files[1:], shared=tuple(files[:1]))
        return [line.removeprefix(f"{tmp_path}/") for line in found]

    return run


def test_a_widget_may_use_the_shared_names_and_the_browsers(lint):
    assert lint(SHARED, GOOD + "document.title = window.name;\n") == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("twise(1);", "widget1.js:3:1: 'twise' is not defined"),
        ("let a = 1; twice(a);", "widget1.js:3:5: `a` is never reassigned"),
        ("const b = 1;", "widget1.js:3:7: Variable 'b' is declared but never used"),
        ("if (twice(1) == '2') twice(1);", "widget1.js:3:14: Expected === and instead saw"),
    ],
)  # fmt: skip
def test_mistakes_in_a_widget_are_told_with_their_line(lint, line, message):
    (found,) = lint(SHARED, GOOD + line)
    assert found.startswith(message)


def test_a_shared_name_is_unused_where_no_widget_uses_it(lint):
    one = GOOD.replace(", thrice(1)", "")
    assert lint(SHARED, GOOD, one) == []
    (found,) = lint(SHARED, one, one)
    assert found.startswith("shared.js:3:7: Variable 'thrice' is declared but never")


def test_a_mistake_in_a_shared_script_is_told_once(lint):
    (found,) = lint(SHARED + "twice(thrise);\n", GOOD, GOOD)
    assert found.startswith("shared.js:4:7: 'thrise' is not defined")


def test_what_cannot_be_parsed_is_told_too(lint):
    (found,) = lint(SHARED, GOOD + "const = 3;")
    assert found.startswith("widget1.js:3:7:")


def test_scripts_that_are_asked_for_lend_their_names(tmp_path):
    own = {
        "one": "export default { render: () => nn.relu };\n",
        "two": "// uses: recurrent\nexport default { render: () => nn.relu };\n",
    }
    for name, text in own.items():
        (tmp_path / f"{name}.js").write_text(text, "utf-8")
    found = lint_scripts.findings(tmp_path.glob("*.js"))
    (line,) = [line for line in found if "'nn'" in line]
    assert line.startswith(f"{tmp_path}/one.js:1:32: 'nn' is not defined")


def test_a_name_of_an_extra_script_is_used_by_another_one():
    front = lint_scripts.source.SHARED[0].parent
    alone = lint_scripts.findings([front / "tensors.js"])
    assert any(
        "tensors.js" in line and "'nn' is declared but never" in line for line in alone
    )
    both = lint_scripts.findings([front / "tensors.js", front / "recurrent.js"])
    assert not [line for line in both if "tensors.js" in line]
