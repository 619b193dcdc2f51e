"""The Python side of the widgets: state, errors, source. tests/site/widgets has the rest."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import traitlets

from d2lutils import widgets
from d2lutils.widgets import LinearFit
from d2lutils.widgets.framework import source
from d2lutils.widgets.framework.base import Finite, Widget
from d2lutils.widgets.framework.svg import SvgPlot


def test_a_finite_trait_refuses_nan():
    class One(traitlets.HasTraits):
        a = Finite(1.0, min=0)

    one = One()
    one.a = 2
    for bad in (float("nan"), float("inf"), -1, "text"):
        with pytest.raises(traitlets.TraitError):
            one.a = bad


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(
        TypeError, match="LinearFit has no slope; its state is b, w, x, y"
    ):
        LinearFit(slope=1)
    with pytest.raises(AttributeError, match="It offers: Activations"):
        _ = widgets.LinearFitt


def test_state_is_plain_json_without_the_front_end():
    state = LinearFit().state()
    assert json.loads(json.dumps(state)) == state
    assert sorted(state) == ["b", "w", "x", "y"]
    assert issubclass(LinearFit, Widget)


def test_every_file_holds_the_widget_of_its_name_and_has_a_front_end():
    folder = Path(widgets.__file__).parent
    stems = {f.stem for f in folder.glob("*.py")} - {"__init__"}
    plain = {stem.replace("_", "") for stem in stems}
    assert {name.lower() for name in widgets.NAMES} == plain, (
        "a file of d2lutils/widgets/ must hold the class that is called like it: "
        "UnrolledRNN in unrolled_rnn.py"
    )
    assert {f.stem for f in folder.glob("*.js")} == stems
    assert {"GradientDescent1D", "UnrolledRNN"} <= set(widgets.NAMES)


def test_the_names_are_known_where_only_python_is_installed():
    code = (
        "import d2lutils as d2l; from d2lutils.widgets.framework import source; "
        "assert 'Softmax' in d2l.widgets.NAMES and source.shared()"
    )
    root = Path(widgets.__file__).parents[2]
    # -S: nothing that pip has installed can be found
    bare = [sys.executable, "-S", "-E", "-c", code]
    subprocess.run(bare, check=True, cwd=root)


def test_squeezing_keeps_the_code_and_drops_comments():
    assert source.squeeze("// a\n  let x = 1; // b\n\n  x += 2;") == (
        "let x = 1; // b\nx += 2;"
    )


def test_source_that_would_end_its_own_element_is_refused(tmp_path):
    file = tmp_path / "bad.js"
    file.write_text("const end = '</script>';")
    with pytest.raises(ValueError, match=r"bad\.js would end"):
        source.own(file)


def test_a_script_brings_what_it_asks_for_and_what_that_asks_for(tmp_path):
    file = tmp_path / "mine.js"
    file.write_text("// About it.\n// uses: recurrent, tensors\nlet x;\n")
    assert [path.stem for path in source.extras(file)] == ["tensors", "recurrent"]
    keys = [key.rpartition("-")[0] for key, _ in source.pieces(file)]
    assert keys == ["front", "tensors", "recurrent", "mine"]
    module = source.module(file)
    places = [module.index(part) for part in ("const nn", "Object.assign(nn", "let x")]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["tensor", "base"])
def test_asking_for_what_is_not_there_is_answered(tmp_path, name):
    file = tmp_path / "mine.js"
    file.write_text(f"// uses: {name}\n")
    with pytest.raises(LookupError, match=rf"mine\.js uses {name}"):
        source.extras(file)


def test_a_picture_leaves_out_what_is_not_finite_or_not_inside():
    svg = SvgPlot((0, 1), (0, 1), "x").curve([0, 0.5, 1], [0.5, float("nan"), 9]).svg()
    assert "nan" not in svg and svg.count("M46,") == 2
    assert "&lt;b&gt;" in SvgPlot((0, 1), (0, 1)).text(0, 0, "<b>").svg()


def unused_classes(style, code):
    """Classes that a style sheet names and that stand nowhere in the code."""
    selectors = re.sub(r"\{[^{}]*\}", "{}", style)
    names = set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors))
    return {n for n in names if not re.search(rf"(?<![\w-]){n}(?![\w-])", code)}


def test_every_class_of_the_style_sheet_is_used():
    folder = Path(widgets.__file__).parent
    style = (folder / "framework/front/style.css").read_text("utf-8")
    files = [*folder.rglob("*.js"), *folder.rglob("*.py")]
    code = "\n".join(file.read_text("utf-8") for file in files)
    hosts = {"text_html", "vscode-dark", "vscode-light"}  # Jupyter Book and VS Code
    assert unused_classes(style, code) == hosts


def test_an_unused_class_is_found():
    style = "@media print { .d2l-a:hover > .d2l-b { top: 1.5em } .d2l-a-c { left: 0 } }"
    assert unused_classes(style, "class: `d2l-a d2l-b`") == {"d2l-a-c"}
    assert unused_classes(style, "d2l-a-c d2l-a") == {"d2l-b"}
