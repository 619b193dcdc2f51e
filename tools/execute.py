"""Execute notebooks and store their outputs.

    python -m tools.execute                 the chapters whose stored outputs are stale, full size
    python -m tools.execute 05 07           these chapters
    python -m tools.execute --all           every chapter
    python -m tools.execute 05 --quick      try at quick size; nothing is stored
    python -m tools.execute 05 --gpu        time it on this machine's GPU for the cost card
    python -m tools.execute 05 --seed 3     look at it with other random numbers; nothing is stored

A notebook runs in a fresh kernel; a figure outside its band stops it. The file is replaced only
when the run reached its end and left neither an error nor a warning. With --seed, the run is
written to _build/seed_3/ (or where --output says), and a figure outside its band only warns.
"""

import argparse
import copy
import os
import sys
import time
from pathlib import Path

from d2lutils.records import METADATA
from tools import generated, outputs
from tools.freshness import execution_problems
from tools.hashes import code_hash, helper_hashes
from tools.kernel import RunFailed, environment, run, say
from tools.notebooks import (
    ROOT,
    code_cells,
    dumps,
    find,
    read,
    replace,
    short,
    text_of,
    tidy,
    write,
)

STORED = ("size", "device", "cores", "torch", "python", "seconds", "memory_mb", "data")


def execute(path, size="full", timeout=1800, root=ROOT, progress=None, seed=None):
    """Run the notebook at path; returns (notebook as it would be stored, report of the run).

    With a seed, D2L_SEED is set to it, and the notebook is one to look at: it does not say which
    code made its outputs. Raises RunFailed when a cell fails, or when what it shows must not be
    stored.
    """
    nb = read(path)
    old = nb.metadata.get("d2l", {})
    nb.metadata["d2l"] = {}
    generated.fill(nb, path, root)
    tidy(nb)
    env = environment(size, strict=seed is None, D2L_SEED=seed or "")
    report = run(nb, path, env, timeout, progress)
    outputs.clean(nb)
    if seed is not None:
        return tidy(nb), report
    reasons = [
        f"{short(path)}: cell {n} {reason}" for n, reason in outputs.refusals(nb)
    ]
    if size == "full" and report["stand_ins"]:
        reasons.append(
            f"{short(path)}: the full run used stand-in data "
            f"({', '.join(report['stand_ins'])}); set D2L_DATA or run `make data`"
        )
    if size == "gpu" and report.get("size") != "gpu":
        reasons.append(
            f"{short(path)}: computed on the CPU; there is no GPU time to store"
        )
    if size == "full" and report.get("size", "full") != "full":
        reasons.append(f"{short(path)}: ran at {report['size']} size instead of full")
    if reasons:
        raise RunFailed("\n".join(reasons))
    info = {key: report.get(key) for key in STORED}
    info["size"] = info["size"] or size
    info["code"] = code_hash(nb)
    info["helpers"] = helper_hashes(report["files"], root)
    if "gpu" in old and old.get("code") == info["code"]:
        info["gpu"] = old["gpu"]
    nb.metadata["d2l"] = info
    generated.fill(nb, path, root)
    return tidy(nb), report


def store_gpu_time(path, nb, report):
    """Add a GPU run's time to the notebook at path, outputs unchanged."""
    stored = read(path)
    info = stored.metadata.get("d2l")
    if not info or info.get("code") != nb.metadata["d2l"]["code"]:
        raise RunFailed(
            f"{short(path)}: store a full run of this code first, then time the GPU"
        )
    info["gpu"] = {key: report[key] for key in ("seconds", "device", "torch")}
    write(path, generated.fill(stored, path))


def seed_folder(seed):
    """Where runs with another seed are written."""
    return ROOT / "_build" / f"seed_{seed}"


def look_at(nb, target):
    """Write a run that is not stored, and print its figures and where it lies."""
    for _, cell in code_cells(nb):
        for output in cell.outputs:
            if METADATA in output.get("metadata", {}):
                print(f"{output.metadata[METADATA]['name']}: {text_of(output)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    replace(target, dumps(nb))
    print(f"written to {short(target)}; nothing was stored")


def busy():
    """Whether other programs use more than a quarter of the machine."""
    cores = os.cpu_count() or 1
    return hasattr(os, "getloadavg") and os.getloadavg()[0] > cores / 4


def one(path, options):
    """Execute one notebook as the command line asks."""
    before = path.read_bytes()
    size = "quick" if options.quick else "gpu" if options.gpu else "full"
    begin = time.monotonic()

    def progress(number):
        if sys.stderr.isatty():
            say(
                f"\r{short(path)}: cell {number} ({time.monotonic() - begin:.0f} s)",
                end="",
            )

    nb, report = execute(
        path, size, options.timeout, progress=progress, seed=options.seed
    )
    text = dumps(nb)
    say(
        f"\r{short(path)}: {report['seconds']:.0f} s, {report['memory_mb']} MB of memory, "
        f"{len(text) / 1e6:.2f} MB file, {report.get('size', size)} size"
    )
    if options.seed is not None:
        look_at(nb, options.output or seed_folder(options.seed) / path.name)
    elif options.output:
        replace(options.output, text)
    elif size != "quick":
        if path.read_bytes() != before:
            raise RunFailed(
                f"{short(path)} was changed while it ran; nothing stored, run it again"
            )
        store_gpu_time(path, nb, report) if size == "gpu" else replace(path, text)


def main(arguments=None):
    """The command; returns the number of notebooks that failed."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m tools.execute",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "notebooks", nargs="*", metavar="CH", help="a number, a name or a path"
    )
    parser.add_argument("--all", action="store_true", help="fresh ones, too")
    parser.add_argument(
        "--quick", action="store_true", help="quick size, nothing is stored"
    )
    parser.add_argument(
        "--gpu", action="store_true", help="time it on the GPU, for the cost card"
    )
    parser.add_argument(
        "--seed", type=int, help="run it with D2L_SEED set to this, nothing is stored"
    )
    parser.add_argument(
        "--output", type=Path, help="write the executed notebook there instead"
    )
    parser.add_argument(
        "--timeout", type=int, default=1800, help="seconds for one cell"
    )
    options = parser.parse_args(arguments)
    paths = find(options.notebooks)
    if options.seed is not None and not options.notebooks:
        parser.error("--seed needs the chapters to look at")
    if options.seed is not None and options.seed < 0:
        parser.error("--seed takes a whole number from 0 on")
    if options.output and len(paths) != 1:
        parser.error("--output needs exactly one notebook")
    if not options.notebooks and not options.all:
        paths = [
            path
            for path in paths
            if execution_problems(copy.deepcopy(read(path)), path)
        ]
    if paths and not options.quick and options.seed is None and busy():
        say(
            "This machine is busy: the cards will show longer times than a reader sees."
        )
    failed = 0
    for path in paths:
        try:
            one(path, options)
        except RunFailed as error:
            failed += 1
            say(f"\n{error}\n\n{short(path)}: nothing was stored\n")
    return failed


if __name__ == "__main__":
    sys.exit(main())
