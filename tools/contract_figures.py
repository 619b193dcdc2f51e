"""The contract's rules about recorded figures: their bands, what these exclude, the device."""

import re

from tools import scales
from tools.contract_code import chapter_code
from tools.notebooks import records
from tools.rebuilt import is_rebuilt

SEEDS = 5
SETTINGS = re.compile(r"d2l\.(size|run_size|record)\(")
PLACE = re.compile(r"d2l\.device\((?P<named>[^)])?")


def bands(nb, book):
    """Every recorded figure lies inside a band measured at both sizes."""
    for number, entry in records(nb):
        name, metric, value = entry["name"], entry["metric"], entry["value"]
        what = f"cell {number}: {name} {metric!r}"
        measure = f"run `make bands CH={book.chapter}`"
        if not name.startswith(f"{book.chapter}."):
            yield f"{what} must start with the chapter's number, {book.chapter}."
            continue
        if entry["verdict"] == "stand-in":
            yield f"{what} was measured on stand-in data; execute it with the real data"
            continue
        found = book.bands.get(name, {}).get(metric, {})
        for size in ("full", "quick"):
            seeds = len(found.get(size, {}).get("values", []))
            if seeds < SEEDS:
                yield f"{what} has a {size} band of {seeds} seeds; {measure}"
        full = found.get("full")
        if not full:
            continue
        if not full["low"] <= value <= full["high"]:
            yield (
                f"{what} is {value:g}, outside its band {full['low']:g} to "
                f"{full['high']:g}; find out why, or {measure}"
            )
        elif entry.get("band") != [full["low"], full["high"]]:
            yield (f"{what} is shown beside an older band; run `make refresh`")


def unused_bands(nb, book):
    """No band belongs to a figure that the chapter records no more."""
    stored = {(e["name"], e["metric"]) for _, e in records(nb)}
    for name, metrics in book.bands.items():
        for metric in metrics if name.startswith(f"{book.chapter}.") else ():
            if (name, metric) not in stored:
                yield (
                    f"d2lutils/bands.json has a band for {name} {metric!r}, which the "
                    f"chapter does not record; run `make bands CH={book.chapter}`"
                )


def against(nb, book):
    """Every figure says what it must be told apart from, and its bands exclude that."""
    for number, entry in records(nb):
        name, metric = entry["name"], entry["metric"]
        what = f"cell {number}: {name} {metric!r}"
        if "against" not in entry:
            if is_rebuilt(book.chapter):
                yield (
                    f"{what} does not say what it must be told apart from; say "
                    "d2l.record(..., against=...): chance, the majority class, the broken "
                    "version, the rival"
                )
            continue
        for size, band in book.bands.get(name, {}).get(metric, {}).items():
            if "against" not in band:
                yield (
                    f"{what} has a {size} band measured without what it must exclude; "
                    f"run `make bands CH={book.chapter}`"
                )
            elif not scales.told_apart(band):
                others = sorted(set(band["against"]))
                yield (
                    f"{what} has the {size} band {band['low']:g} to {band['high']:g}, "
                    f"which does not exclude {', '.join(f'{v:g}' for v in others)}; take "
                    "more seeds, a steadier run or the difference paired by seed, or "
                    "don't record it"
                )
        if entry["verdict"] == "wrong side":
            yield (
                f"{what} is inside its band, but on the wrong side of {entry['against']:g}"
            )


def place(nb, book):
    """A chapter that records figures says first where it computes."""
    code = "\n".join(cell.source for _, cell in chapter_code(nb))
    found = PLACE.search(code)
    if "d2l.record(" in code and not found:
        yield (
            "records figures but does not say where it computes; say device = "
            'd2l.device(), or d2l.device("cpu") where everything stays on the CPU'
        )
    setting = SETTINGS.search(code)
    if found and found["named"] and setting and setting.start() < found.start():
        yield (
            f"says {setting[0]}...) before d2l.device(...) has said where the chapter "
            "computes; put the device first"
        )


RULES = {
    "bands": bands,
    "unused bands": unused_bands,
    "against": against,
    "place": place,
}
