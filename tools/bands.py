"""Measure the bands that recorded figures must fall into.

    python -m tools.bands 05                   both sizes, five seeds each
    python -m tools.bands 05 --size quick      one size
    python -m tools.bands --all --seeds 8
    python -m tools.bands 05 --refresh         only show the bands in the stored outputs

Afterwards the stored notebook shows the new bands beside its figures; it need not run again.

The chapter runs once per seed (D2L_SEED=0, 1, ...). With mean m and standard deviation s
of n seeds, the band is m - w to m + w with w = max(3 s c, floor). The factor c makes of the
three standard deviations what they would mean if s were known exactly, a prediction
interval that one further run in 370 leaves: c = t sqrt(1 + 1/n) / 3 with Student's t for
n - 1 degrees of freedom (2.4 for five seeds, 1.4 for ten; more seeds, narrower bands).
The floor keeps a band from being narrower than what another processor may change: for a
metric that counts in shares (its name holds accuracy, error rate, precision, recall,
share, F1 or AUC) 0.002, and 0.01 at quick size, where few examples are counted; for others
1 % of |m| (quick: 3 %), and never less than 1e-6. Shares are clipped to 0 and 1; a figure
that is never negative does not get a negative lower limit.
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from scipy import stats

from d2lutils import records
from tools.generated import fill
from tools.kernel import RunFailed, environment, run, say
from tools.notebooks import (
    RECORD,
    ROOT,
    chapters,
    code_cells,
    find,
    read,
    replace,
    short,
    write,
)

SHARES = ("accuracy", "error rate", "precision", "recall", "share", "f1", "auc")


def is_share(metric):
    """Whether a metric counts in shares from 0 to 1."""
    return any(word in metric.lower() for word in SHARES)


def limits(values, metric, size):
    """(low, high) of the band of a metric with these values, one per seed."""
    n = len(values)
    if n < 2:
        raise ValueError(f"a band needs two seeds at least, five to count; got {n}")
    mean, spread = statistics.fmean(values), statistics.stdev(values)
    quick = size == "quick"
    if is_share(metric):
        floor = 0.01 if quick else 0.002
    else:
        floor = abs(mean) * (0.03 if quick else 0.01)
    width = max(3 * spread * small_sample(n), floor, 1e-6)
    low, high = mean - width, mean + width
    if min(values) >= 0:
        low = max(low, 0.0)
    if is_share(metric) and max(values) <= 1:
        high = min(high, 1.0)
    return rounded(low), rounded(high)


def small_sample(n):
    """By how much n seeds must widen three standard deviations."""
    t = stats.t.ppf(stats.norm.cdf(3), n - 1)
    return float(t) * math.sqrt(1 + 1 / n) / 3


def rounded(value):
    """The value with six significant digits, as bands.json holds it."""
    return float(f"{value:.6g}")


def collect(path, size, seed, root=ROOT):
    """Run the chapter at one size and seed; returns ({(name, metric): value}, report)."""
    nb = fill(read(path), path, root)
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder, "records.jsonl")
        # one thread each: the seeds run side by side
        extra = {"D2L_SEED": seed, "D2L_RECORD_FILE": lines, "OMP_NUM_THREADS": 1}
        report = run(nb, path, environment(size, strict=False, **extra))
        text = lines.read_text(encoding="utf-8") if lines.exists() else ""
    if report["stand_ins"]:
        raise RunFailed(
            f"{short(path)}: bands are measured on the real data, not on stand-ins for "
            f"{', '.join(report['stand_ins'])}; set D2L_DATA or run `make data`"
        )
    found = {}
    for entry in map(json.loads, text.splitlines()):
        key = entry["name"], entry["metric"]
        if key in found:
            raise RunFailed(
                f"{short(path)}: {key[0]} {key[1]!r} is recorded twice; give the second "
                "figure another name"
            )
        if entry["size"] != size:
            raise RunFailed(f"{short(path)}: ran at {entry['size']} size, not {size}")
        found[key] = entry["value"]
    return found, report


def measure(path, size, seeds, root=ROOT, jobs=2):
    """Measure the chapter's bands at one size; returns {name: {metric: band}}."""
    runs = []
    with ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(collect, path, size, n, root) for n in range(seeds)]
        try:
            results = [one.result() for one in waiting]
        except RunFailed:
            pool.shutdown(cancel_futures=True)
            raise
    for seed, (found, report) in enumerate(results):
        say(f"{short(path)}: {size} size, seed {seed}: {report['seconds']:.0f} s")
        runs.append(found)
        if set(found) != set(runs[0]):
            odd = sorted(set(found) ^ set(runs[0]))
            raise RunFailed(f"{short(path)}: not every seed records {odd}")
    bands = {}
    for name, metric in runs[0]:
        values = [rounded(found[name, metric]) for found in runs]
        low, high = limits(values, metric, size)
        band = {"low": low, "high": high, "values": values, "torch": report["torch"]}
        band["date"] = date.today().isoformat()
        bands.setdefault(name, {})[metric] = band
    return bands


def merge(stored, chapter, size, measured):
    """Put the bands of one chapter and size into the stored ones; returns a new dict.

    What the chapter records no more at this size is dropped.
    """
    merged = {}
    for name, metrics in stored.items():
        for metric, sizes in metrics.items():
            mine = name.startswith(f"{chapter}.")
            kept = {k: v for k, v in sizes.items() if not (mine and k == size)}
            if kept:
                merged.setdefault(name, {})[metric] = kept
    for name, metrics in measured.items():
        for metric, band in metrics.items():
            merged.setdefault(name, {}).setdefault(metric, {})[size] = band
    return merged


def dumps(bands):
    """The text of bands.json: sorted, one line per list of values."""
    text = json.dumps(bands, indent=1, sort_keys=True, ensure_ascii=False)
    lines, inside = [], False
    for line in text.split("\n"):
        if inside:
            lines[-1] += line.strip() + (" " if line.endswith(",") else "")
        else:
            lines.append(line)
        inside = line.endswith("[") or (inside and "]" not in line)
    return "\n".join(lines) + "\n"


def store(path, size, measured, file):
    """Merge measured bands into the file, which others may have changed meanwhile."""
    stored = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    replace(file, dumps(merge(stored, path.name[:2], size, measured)))


def refresh(nb):
    """Show the present bands beside the figures stored in nb; says whether any changed.

    The figures stay what the stored run found, so nothing has to run again.
    """
    changed = False
    for _, cell in code_cells(nb):
        for output in cell.outputs:
            old = output.get("metadata", {}).get(RECORD)
            if not old or old["verdict"] == "stand-in":
                continue
            keys = ("name", "metric", "value", "size", "notes")
            line = records.entry(*(old.get(key) for key in keys))
            changed |= line.data != old
            output.metadata[RECORD] = line.data
            output.data["text/plain"] = line.text
    return changed


def main(arguments=None):
    """The command; returns the number of chapters that failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("chapters", nargs="*", metavar="CH")
    parser.add_argument("--all", action="store_true", help="every chapter")
    parser.add_argument("--size", choices=["quick", "full", "gpu"], action="append")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2, help="seeds side by side")
    parser.add_argument("--refresh", action="store_true", help="measure nothing")
    options = parser.parse_args(arguments)
    if not options.chapters and not options.all:
        parser.error("name the chapters, or say --all")
    if options.seeds < 5:
        parser.error("a band needs five seeds at least")
    failed = 0
    for path in find(options.chapters) if options.chapters else chapters():
        sizes = [] if options.refresh else options.size or ["quick", "full"]
        for size in sizes:
            try:
                measured = measure(path, size, options.seeds, jobs=options.jobs)
            except RunFailed as error:
                failed += 1
                say(f"\n{error}\n\n{short(path)}: no {size} band was stored\n")
                continue
            if not measured:
                say(f"{short(path)}: records no figure at {size} size")
            store(path, size, measured, records.BANDS)
            for name, metrics in measured.items():
                for metric, band in metrics.items():
                    print(
                        f"{name} {metric}: {band['low']:g} to {band['high']:g} ({size})"
                    )
        nb = read(path)
        if refresh(nb):
            write(path, nb)
    return failed


if __name__ == "__main__":
    sys.exit(main())
