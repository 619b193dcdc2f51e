"""Run a notebook in a fresh kernel and ask that kernel what the run cost."""

import json
import os
import re
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from d2lutils import flags
from tools.notebooks import ROOT, as_text, code_cells, plain, short
from tools.outputs import WARNING

# Before the first cell: remember which helper files the run reads (modules are found at the end).
WATCH = """
import sys as _sys
def _d2l_watch():
    seen = _sys._d2l_files = set()
    def hook(event, args):
        if event == "open" and isinstance(args[0], str) and "d2lutils" in args[0]:
            if "r" in (args[1] or "r") and args[0].endswith(".json"):
                seen.add(args[0])
    _sys.addaudithook(hook)
_d2l_watch()
"""

# After the last cell: what was used, and how much memory it took.
ASK = """
def _d2l_report():
    import json, os, platform, sys
    from importlib.metadata import version
    mine = {n: m for n, m in sys.modules.items() if n == "d2lutils" or n.startswith("d2lutils.")}
    files = [m.__file__ for m in mine.values() if getattr(m, "__file__", None)]
    report = {"files": sorted(set(files) | sys._d2l_files), "python": platform.python_version()}
    try:
        with open("/proc/self/status") as status:
            peak = next(line for line in status if line.startswith("VmHWM"))
        report["memory_mb"] = round(int(peak.split()[1]) / 1024)
    except (OSError, StopIteration):
        import resource
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        report["memory_mb"] = round(peak / (2**20 if sys.platform == "darwin" else 2**10))
    try:
        report["cores"] = len(os.sched_getaffinity(0))
    except AttributeError:
        report["cores"] = os.cpu_count()
    torch = sys.modules.get("torch")
    report["torch"] = version("torch").split("+")[0]
    data = mine.get("d2lutils.data")
    report["data"] = data.used() if data else {}
    report["stand_ins"] = sorted(map(str, data.stand_ins_used())) if data else []
    report["device"] = "cpu"
    if torch and "d2lutils.settings" in mine:  # asking them would load torch
        settings = mine["d2lutils.settings"]
        report["size"], report["device"] = settings.run_size(), str(settings.where())
        if report["device"].startswith("cuda"):
            report["device"] = torch.cuda.get_device_name()
    return json.dumps(report)
print(_d2l_report())
"""


class RunFailed(Exception):
    """A notebook did not run to its end; the message says which cell, which line and why."""


def environment(size="full", strict=True, **extra):
    """The environment of a run: this one, with the run's size and strictness set and no seed."""
    env = os.environ | {
        "D2L_QUICK": "1" if size == "quick" else "",
        "D2L_STRICT": "1" if strict else "",
        "D2L_SEED": "",
        "D2L_RECORD_FILE": "",
    }
    if size != "gpu":
        env["D2L_DEVICE"] = flags.text("D2L_DEVICE") or "cpu"
    env["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(ROOT), env.get("PYTHONPATH")])
    )
    return env | {k: str(v) for k, v in extra.items()}


def run(nb, path, env, timeout=1800, progress=None):
    """Execute nb in place in a fresh kernel whose folder is that of path; returns the report.

    The report is a dict: files, python, memory_mb, cores, torch, data, stand_ins, size, device,
    seconds. Raises RunFailed at the first cell that fails. progress is called with each cell's
    number before it runs.
    """
    for _, cell in code_cells(nb):
        cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        nb,
        timeout=timeout,
        kernel_name="python3",
        store_widget_state=False,
        record_timing=False,
        allow_errors=False,
        extra_arguments=["--log-level=40"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    with client.setup_kernel(env=env):
        ask(client, WATCH)
        begin = time.perf_counter()
        for count, (number, cell) in enumerate(code_cells(nb), start=1):
            if progress:
                progress(number)
            try:
                client.execute_cell(cell, number - 1, execution_count=count)
            except CellExecutionError as error:
                raise RunFailed(explain(path, number, cell, error)) from None
            except CellTimeoutError:
                text = f"{short(path)}: cell {number} ran longer than {timeout} s"
                raise RunFailed(text) from None
            except DeadKernelError:
                raise RunFailed(
                    f"{short(path)}: the kernel died in cell {number}"
                ) from None
        seconds = time.perf_counter() - begin
        report = json.loads(ask(client, ASK))
    return report | {"seconds": round(seconds, 1)}


def ask(client, code):
    """Run code in the kernel without counting it as a cell; returns what it printed."""
    cell = nbformat.v4.new_code_cell(code)
    client.nb.cells.append(cell)
    try:
        client.execute_cell(cell, len(client.nb.cells) - 1, store_history=False)
    finally:
        client.nb.cells.remove(cell)
    return "".join(as_text(o.text) for o in cell.outputs if o.get("name") == "stdout")


def explain(path, number, cell, error):
    """A readable report of a cell's error: cell, line, the line's text, the traceback."""
    trace = plain(getattr(error, "traceback", "") or str(error))
    trace = trace.rsplit("------------------\n\n", 1)[-1]
    lines = re.findall(r"(?:Cell In\[\d+\], line |^-+> ?)(\d+)", trace, re.M)
    source = cell.source.splitlines()
    line = next((int(n) for n in lines if int(n) <= len(source)), None)
    where = f", line {line}: {source[line - 1].strip()}" if line else ""
    head = f"{short(path)}: cell {number} failed{where}"
    warned = [
        m.group(0)
        for o in cell.outputs
        if o.get("name") == "stderr"
        for m in WARNING.finditer(as_text(o.text))
    ]
    printed = "".join(
        as_text(o.text) for o in cell.outputs if o.get("name") == "stdout"
    )
    parts = [head, "", trace.strip()]
    if printed.strip():
        parts += ["", "It had printed:", printed.strip()[-1500:]]
    if warned:
        parts += ["", "It had warned:", *warned]
    return "\n".join(parts)


def say(text, end="\n"):
    """Print to standard error at once (standard output is for results)."""
    print(text, end=end, file=sys.stderr, flush=True)
