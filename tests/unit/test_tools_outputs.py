"""What is stored of a cell's outputs, and what is refused."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools import outputs
from tools.notebooks import WIDGET_VIEW

BAR = "\r  0%|          | 0/3 [00:00<?, ?it/s]\r100%|####| 3/3 [00:00<00:00, 9.1it/s]\n"
WARNING = "/tmp/ipykernel_1/2.py:4: UserWarning: too big\n  net(X)\n"


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def display(**data):
    return new_output("display_data", data=data)


def test_bars_go_and_streams_join():
    shown = [stream("a\n"), stream(BAR, "stderr"), stream("b\n")]
    (kept,) = outputs.clean_outputs(shown)
    assert (kept.name, kept.text) == ("stdout", "a\nb\n")


def test_bars_on_standard_output_go():
    assert outputs.clean_outputs([stream("a\n" + BAR)])[0].text == "a\n"


def test_a_table_with_percent_stays():
    text = "train 98% | test 97%\n"
    assert outputs.clean_outputs([stream(text)])[0].text == text


def test_warning_among_bars_stays():
    (kept,) = outputs.clean_outputs([stream(BAR + WARNING, "stderr")])
    assert kept.text == WARNING


def test_live_view_goes_and_html_stays():
    live = {WIDGET_VIEW: {"model_id": "x"}, "text/html": "<b>1</b>", "text/plain": "w"}
    (kept,) = outputs.clean_outputs([display(**live)])
    assert set(kept.data) == {"text/html", "text/plain"}


def test_widget_bar_goes():
    bar = {WIDGET_VIEW: {"model_id": "x"}, "text/plain": " 0%|  | 0/3"}
    assert outputs.clean_outputs([display(**bar)]) == []


def test_figure_stays():
    assert len(outputs.clean_outputs([display(**{"image/png": "aGk="})])) == 1


def test_results_carry_their_cell_count():
    result = new_output("execute_result", data={"text/plain": "1"}, execution_count=9)
    nb = new_notebook(cells=[new_code_cell("1", outputs=[result], execution_count=3)])
    assert outputs.clean(nb).cells[0].outputs[0].execution_count == 3


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (stream(WARNING, "stderr"), "a warning (line 4: UserWarning: too big)"),
        (stream("FutureWarning: old\n", "stderr"), "FutureWarning: old"),
        (stream("loading weights\n", "stderr"), "writes to standard error"),
        (
            new_output("error", ename="ValueError", evalue="no", traceback=["t"]),
            "an error (ValueError: no)",
        ),
    ],
)
def test_refused(output, words):
    nb = new_notebook(cells=[new_code_cell("x", outputs=[output])])
    ((number, reason),) = outputs.refusals(nb)
    assert number == 1 and words in reason


@pytest.mark.parametrize(
    "output",
    [stream("UserWarning: shown on purpose"), display(**{"text/plain": "1"})],
)
def test_not_refused(output):
    assert outputs.refusal(output) is None


def test_a_line_end_that_comes_on_its_own_stays():
    (kept,) = outputs.clean_outputs([stream("a"), stream("\n"), stream("b\n")])
    assert kept.text == "a\nb\n"
