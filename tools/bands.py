"""Measure the bands that recorded figures must fall into.

    python -m tools.bands 05                   both sizes, five seeds each
    python -m tools.bands 05 --size quick      one size
    python -m tools.bands --all --seeds 8

The chapter runs once per seed (D2L_SEED=0, 1, ...), only the cells that its figures rest on
(tools.needed says which; --every-cell runs all). How a band follows from the values is told in
tools.scales. Afterwards the stored notebook shows the new bands beside its figures; it need not
run again.
"""

import argparse
import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from d2lutils import records
from tools import scales
from tools.generated import fill
from tools.kernel import RunFailed, environment, run, say
from tools.needed import only_needed
from tools.notebooks import (
    ROOT,
    chapters,
    code_cells,
    find,
    read,
    replace,
    short,
    write,
)
from tools.notebooks import records as stored_records


def collect(path, size, seed, root=ROOT, every_cell=False):
    """Run the chapter at one size and seed; returns ({(name, metric): record}, report)."""
    nb = fill(read(path), path, root)
    nb = nb if every_cell else only_needed(nb)
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
        found[key] = entry
    return found, report


def measure(path, size, seeds, root=ROOT, jobs=2, every_cell=False):
    """Measure the chapter's bands at one size; returns {name: {metric: band}}."""
    runs = []
    with ThreadPoolExecutor(jobs) as pool:
        waiting = [
            pool.submit(collect, path, size, n, root, every_cell) for n in range(seeds)
        ]
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
        entries = [found[name, metric] for found in runs]
        if len({"against" in entry for entry in entries}) > 1:
            raise RunFailed(
                f"{short(path)}: {name} {metric!r}: not every seed has an against"
            )
        band = band_of(entries, metric, size)
        band |= {"torch": report["torch"], "date": date.today().isoformat()}
        bands.setdefault(name, {})[metric] = band
    return bands


def band_of(entries, metric, size):
    """The band of one figure, from its records of all seeds."""
    values = [scales.rounded(entry["value"]) for entry in entries]
    scale = scales.scale_of(metric, values)
    low, high = scales.limits(values, metric, size, scale)
    band = {"low": low, "high": high, "scale": scale, "values": values}
    if "against" in entries[0]:
        band["against"] = [scales.rounded(entry["against"]) for entry in entries]
    return band


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


def differences(nb, measured):
    """Where seed 0 of a full measurement is not what the stored run found, as sentences.

    Another processor may move a figure a little; far off, a cell that was left out matters.
    """
    for _, entry in stored_records(nb):
        band = measured.get(entry["name"], {}).get(entry["metric"])
        if band and scales.rounded(entry["value"]) != band["values"][0]:
            yield (
                f"{entry['name']} {entry['metric']!r} is {band['values'][0]:g} for seed 0, "
                f"but {entry['value']:g} in the stored run; if that is no matter of the "
                "processor, measure with --every-cell"
            )


def refresh(nb):
    """Show the present bands beside the figures stored in nb; says whether any changed.

    The figures stay what the stored run found, so nothing has to run again.
    """
    changed = False
    for _, cell in code_cells(nb):
        for output in cell.outputs:
            old = output.get("metadata", {}).get(records.METADATA)
            if not old or old["verdict"] == "stand-in":
                continue
            keys = ("name", "metric", "value", "size", "against", "reported")
            line = records.entry(*(old.get(key) for key in keys))
            changed |= line.data != old
            output.metadata[records.METADATA] = line.data
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
    parser.add_argument("--every-cell", action="store_true", help="leave out none")
    options = parser.parse_args(arguments)
    if not options.chapters and not options.all:
        parser.error("name the chapters, or say --all")
    if options.seeds < 5:
        parser.error("a band needs five seeds at least")
    failed = 0
    for path in find(options.chapters) if options.chapters else chapters():
        for size in options.size or ["quick", "full"]:
            try:
                measured = measure(
                    path,
                    size,
                    options.seeds,
                    jobs=options.jobs,
                    every_cell=options.every_cell,
                )
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
                    if "against" in band and not scales.told_apart(band):
                        print(f"    CONTAINS {band['against']}, what it must exclude")
            for text in differences(read(path), measured) if size == "full" else ():
                say(f"{short(path)}: {text}")
        nb = read(path)
        if refresh(nb):
            write(path, nb)
    return failed


if __name__ == "__main__":
    sys.exit(main())
