"""Bands, the results page, the cost card."""

import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from d2lutils import records
from d2lutils.records import METADATA
from tools import bands, generated, results_page, scales
from tools.notebooks import ROOT


def test_merge_replaces_one_chapter_at_one_size():
    stored = {
        "05.a": {"acc": {"full": 1, "quick": 2}, "gone": {"quick": 3}},
        "06.a": {"acc": {"quick": 4}},
    }
    merged = bands.merge(stored, "05", "quick", {"05.a": {"acc": 5}, "05.b": {"f": 6}})
    assert merged == {
        "05.a": {"acc": {"full": 1, "quick": 5}},
        "05.b": {"f": {"quick": 6}},
        "06.a": {"acc": {"quick": 4}},
    }


def test_dumps_is_json_with_short_lists():
    data = {"05.a": {"acc": {"full": {"low": 0.1, "values": [1.0, 2.0]}}}}
    text = bands.dumps(data)
    assert json.loads(text) == data and '"values": [1.0, 2.0]' in text


def test_stored_file_is_in_form():
    text = (ROOT / "d2lutils" / "bands.json").read_text(encoding="utf-8")
    assert text == bands.dumps(json.loads(text))


def test_stored_bands_follow_from_their_values():
    """No band was written, or widened, by hand."""
    stored = json.loads((ROOT / "d2lutils" / "bands.json").read_text(encoding="utf-8"))
    for name, metrics in stored.items():
        for metric, sizes in metrics.items():
            for size, band in sizes.items():
                scale = band.get("scale", "clipped")
                wanted = scales.limits(band["values"], metric, size, scale)
                assert [band["low"], band["high"]] == pytest.approx(wanted), (
                    name,
                    size,
                )


def test_a_band_keeps_its_scale_and_what_it_must_exclude():
    entries = [{"value": 0.9 + k / 100, "against": 0.1 * k} for k in range(1, 6)]
    band = bands.band_of(entries, "test accuracy", "full")
    assert band["scale"] == "logit" and band["low"] < 0.91 < 0.95 < band["high"] < 1
    assert band["against"] == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert "against" not in bands.band_of([{"value": 1}, {"value": 2}], "loss", "full")


def test_differences_from_the_stored_run_are_told():
    nb = chapter({"name": "98.run", "metric": "loss", "value": 0.51234567})
    same = {"98.run": {"loss": {"values": [0.512346, 0.4]}}}
    assert not list(bands.differences(nb, same))
    other = {"98.run": {"loss": {"values": [0.5, 0.512346]}}}
    (text,) = bands.differences(nb, other)
    assert "0.5 for seed 0, but 0.512346 in the stored run" in text


@pytest.mark.parametrize("arguments", [[], ["05", "--seeds", "3"]])
def test_bad_arguments(arguments, capsys):
    with pytest.raises(SystemExit):
        bands.main(arguments)
    assert "error" in capsys.readouterr().err


INFO = {"seconds": 61.2, "cores": 2, "memory_mb": 960, "torch": "2.15.0"}
INFO |= {"data": {"MNIST": 11.1}}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3, "under 10 s"),
        (61.2, "60 s"),
        (97, "95 s"),
        (120, "2.0 min"),
        (700, "12 min"),
    ],
)
def test_duration(seconds, text):
    assert generated.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.94, "0.9"), (9.96, "10"), (62, "62"), (124, "120")]
)
def test_amount(value, text):
    assert generated.amount(value) == text


def test_card(tmp_path):
    def card_of(info, name="05_x.ipynb"):
        nb = new_notebook(metadata={"d2l": info})
        return generated.card_source(nb, tmp_path / name)

    card = card_of(INFO)
    assert "60 s on 2 CPU cores · 0.9 GB of memory · data: MNIST (11 MB)" in card
    assert "PyTorch 2.15.0" in card
    gpu = INFO | {"gpu": {"seconds": 12, "device": "NVIDIA T4"}}
    assert "(10 s on one NVIDIA T4)" in card_of(gpu)
    assert "costs" not in card_of({})


def test_data_text():
    assert generated.data_text({}) == "nothing to download"
    used = {"iris": 0.0, "diabetes": 0.02}
    assert generated.data_text(used) == "diabetes (0.1 MB); iris (no download)"


def chapter(record):
    """A stored chapter with one recorded figure."""
    output = new_output("display_data", data={"text/plain": "x"})
    output.metadata = {METADATA: record}
    cells = [new_markdown_cell("# Softmax\n"), new_code_cell("x", outputs=[output])]
    return new_notebook(cells=cells, metadata={"d2l": INFO})


def test_refresh_shows_the_present_band(tmp_path, monkeypatch):
    record = {"name": "98.run", "metric": "accuracy", "value": 0.92, "size": "full"}
    nb = chapter(record | {"verdict": "no band", "reported": 0.91, "against": 0.1})
    file = tmp_path / "bands.json"
    band = {"low": 0.9, "high": 0.93, "values": [0.92] * 5}
    file.write_text(json.dumps({"98.run": {"accuracy": {"full": band}}}))
    monkeypatch.setattr(records, "BANDS", file)
    assert bands.refresh(nb) and not bands.refresh(nb)
    (output,) = nb.cells[1].outputs
    assert output.metadata[METADATA]["band"] == [0.9, 0.93]
    assert output.metadata[METADATA]["verdict"] == "inside"
    assert output.data["text/plain"] == (
        "accuracy 0.9200, inside its band 0.9000–0.9300 (5 seeds) and above 0.1000; "
        "a well-known course reports 0.91"
    )


def test_refresh_tells_when_the_figure_is_outside(tmp_path, monkeypatch):
    record = {"name": "98.run", "metric": "accuracy", "value": 0.5, "size": "full"}
    nb = chapter(record | {"verdict": "inside", "band": [0.4, 0.6]})
    file = tmp_path / "bands.json"
    band = {"low": 0.9, "high": 0.93, "values": [0.92] * 5}
    file.write_text(json.dumps({"98.run": {"accuracy": {"full": band}}}))
    monkeypatch.setattr(records, "BANDS", file)
    assert bands.refresh(nb)
    assert nb.cells[1].outputs[0].metadata[METADATA]["verdict"] == "outside"


def test_results_page(tmp_path):
    record = {"name": "05.two_layers", "metric": "test accuracy", "value": 0.92461}
    record |= {"band": [0.918, 0.929], "reported": 0.91, "size": "full", "against": 0.1}
    page = results_page.page([(tmp_path / "05_softmax.ipynb", chapter(record))])
    link = "[05](../chapters/05_softmax.ipynb)"
    row = f"| {link} | two layers | test accuracy | 0.9246 | 0.9180 to 0.9290 | 0.1000 | 0.9100 |"
    assert row in page
    assert (
        "| [05 Softmax](../chapters/05_softmax.ipynb) | 60 s |  | 0.9 GB | 11 MB |"
        in page
    )


def test_results_page_without_anything():
    page = results_page.page([])
    assert "Nothing is recorded yet" in page and "Nothing has run yet" in page


def test_results_page_without_a_band(tmp_path):
    record = {"name": "05.a", "metric": "loss", "value": 2, "size": "full"}
    assert "none yet" in results_page.page([(tmp_path / "05_x.ipynb", chapter(record))])
