"""What is stored of a cell's outputs, and what is refused."""

import re

from tools.notebooks import WIDGET_VIEW, as_text, code_cells, plain, text_of

BAR = re.compile(r"\d+%\|.*\||\d+(\.\d+)?(it|s|B|kB|MB)/(s|it)\b|\dit \[")
WARNING = re.compile(
    r"^(?:.*?:(?P<line>\d+): )?(?P<kind>\w*Warning)\b:? ?(?P<text>.*)", re.M
)


def without_bars(text):
    """Text as a terminal would leave it, with lines that are progress bars removed."""
    lines = plain(text).split("\n")
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1] for line in lines]
    return "\n".join(line for line in lines if not BAR.search(line))


def clean_outputs(outputs):
    """The outputs as they are stored.

    Progress bars go, from standard error and from widgets; the live widget's own type goes (its
    HTML stays); neighbouring pieces of one stream become one; volatile metadata goes.
    """
    kept = []
    for output in outputs:
        if output.output_type == "stream":
            output.text = without_bars(as_text(output.text))
            last = kept[-1] if kept else None
            if last and last.output_type == "stream" and last.name == output.name:
                last.text += output.text  # may be a line's end that came on its own
                continue
            if not output.text.strip():
                continue
        elif output.output_type != "error":
            live = output.data.pop(WIDGET_VIEW, None) is not None
            if not output.data or (live and set(output.data) <= {"text/plain"}):
                continue  # a progress bar, or a widget without an HTML life
        if "execution_count" in output:
            output.execution_count = None
        kept.append(output)
    return kept


def clean(nb):
    """Clean the outputs of every code cell in place; returns nb."""
    for _, cell in code_cells(nb):
        cell.outputs = clean_outputs(cell.outputs)
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
    return nb


def refusal(output):
    """Why an output must not be stored, in a sentence for its author; None if it may be."""
    if output.output_type == "error":
        return f"shows an error ({output.ename}: {output.evalue}); show it with d2l.raises(...)"
    text = plain(text_of(output))
    if output.output_type != "stream" or output.name != "stderr":
        return None
    warning = WARNING.search(text)
    if warning:
        where = f"line {warning['line']}: " if warning["line"] else ""
        return (
            f"shows a warning ({where}{warning['kind']}: {warning['text'].strip()}); mend its "
            "cause, or show it with d2l.warns(...)"
        )
    return f"writes to standard error ({text.strip()[:200]!r}); print it or silence it"


def refusals(nb):
    """(cell number, sentence) for each output that must not be stored."""
    return [
        (number, reason)
        for number, cell in code_cells(nb)
        for reason in map(refusal, cell.outputs)
        if reason
    ]
