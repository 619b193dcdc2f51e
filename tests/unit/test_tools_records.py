"""d2l.record: figures beside their bands."""

import json

import pytest

torch = pytest.importorskip("torch")

from d2lutils import data, records  # noqa: E402

BAND = {"low": 0.918, "high": 0.929, "values": [0.92] * 5, "torch": "2", "date": "x"}


@pytest.fixture
def bands(tmp_path, monkeypatch):
    """One band at full size, no stand-ins, a strict run."""
    path = tmp_path / "bands.json"
    path.write_text(json.dumps({"05.softmax": {"test accuracy": {"full": BAND}}}))
    monkeypatch.setattr(records, "BANDS", path)
    monkeypatch.setattr(data, "_used", {})
    monkeypatch.setenv("D2L_STRICT", "1")
    monkeypatch.setenv("D2L_DEVICE", "cpu")
    for name in ("D2L_QUICK", "D2L_RECORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    return path


def test_inside_is_one_line_with_the_band(bands, capsys):
    assert records.record("05.softmax", "test accuracy", 0.9246) == 0.9246
    line = "test accuracy 0.9246, inside its band 0.9180–0.9290 (5 seeds)\n"
    assert capsys.readouterr().out == line


@pytest.mark.parametrize("value", [0.918, 0.929])
def test_the_limits_are_inside(bands, value):
    records.record("05.softmax", "test accuracy", value)


@pytest.mark.parametrize("value", [0.9179, 0.9291, 0.1])
def test_outside_fails_a_strict_run(bands, value):
    with pytest.raises(
        AssertionError, match=r"05\.softmax at full size.*OUTSIDE.*make"
    ):
        records.record("05.softmax", "test accuracy", value)


def test_outside_warns_a_reader(bands, monkeypatch, capsys):
    monkeypatch.setenv("D2L_STRICT", "0")
    assert records.record("05.softmax", "test accuracy", 0.5) == 0.5
    assert "Warning: test accuracy 0.5000, OUTSIDE" in capsys.readouterr().out


def test_no_band_says_so(bands, monkeypatch, capsys):
    monkeypatch.setenv("D2L_QUICK", "1")
    records.record("05.softmax", "test accuracy", 0.1)
    assert "no band measured at quick size yet" in capsys.readouterr().out


def test_stand_in_is_not_compared(bands, monkeypatch, capsys):
    monkeypatch.setattr(data, "_used", {"MNIST": (0.0, True)})
    records.record("05.softmax", "test accuracy", 0.1)
    assert "stand-in for MNIST: not compared" in capsys.readouterr().out


def test_file_collects_the_records(bands, monkeypatch, tmp_path):
    target = tmp_path / "records.jsonl"
    monkeypatch.setenv("D2L_RECORD_FILE", str(target))
    records.record(
        "05.softmax", "test accuracy", torch.tensor(0.92), 0.1, reported=0.91
    )
    records.record("05.softmax", "steps", 12)
    first, second = map(json.loads, target.read_text().splitlines())
    assert first["band"] == [0.918, 0.929]
    assert first["reported"] == 0.91 and first["against"] == 0.1
    assert second == {"name": "05.softmax", "metric": "steps", "value": 12.0,
                      "size": "full", "verdict": "no band"}  # fmt: skip


def test_what_others_report_is_shown(bands, capsys):
    records.record("05.softmax", "test accuracy", 0.92, reported=0.9134)
    assert "a well-known course reports 0.9134" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stored", "against", "side"),
    [
        (None, 0.1, "above"),
        (None, 0.95, "below"),
        ([0.1] * 5, 0.9199, "above"),
        ([0.95] * 5, 0.9201, "below"),
    ],
)
def test_the_right_side_is_told(bands, capsys, stored, against, side):
    band = BAND | ({"against": stored} if stored else {})
    bands.write_text(json.dumps({"05.softmax": {"test accuracy": {"full": band}}}))
    records.record("05.softmax", "test accuracy", 0.92, against=against)
    line = f"0.9180–0.9290 (5 seeds) and {side} {against:.4f}\n"
    assert capsys.readouterr().out.endswith(line)


@pytest.mark.parametrize(
    ("stored", "against"),
    [
        ([0.1] * 5, 0.925),  # the rival does better in this run
        ([0.1] * 5, 0.95),
        ([0.1] * 5, 0.92),  # as good is not better
        ([0.95] * 5, 0.1),
        (None, 0.921),
    ],
)
def test_the_wrong_side_fails_a_strict_run(bands, monkeypatch, capsys, stored, against):
    band = BAND | ({"against": stored} if stored else {})
    bands.write_text(json.dumps({"05.softmax": {"test accuracy": {"full": band}}}))
    with pytest.raises(AssertionError, match=r"inside its band.*but NOT (above|below)"):
        records.record("05.softmax", "test accuracy", 0.92, against=against)
    monkeypatch.setenv("D2L_STRICT", "no")
    records.record("05.softmax", "test accuracy", 0.92, against=against)
    assert "Warning: test accuracy 0.92" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["against", "reported"])
@pytest.mark.parametrize("bad", [float("nan"), "0.1", True, torch.ones(2)])
def test_bad_companions(bands, what, bad):
    with pytest.raises((TypeError, ValueError), match=what):
        records.record("05.softmax", "test accuracy", 0.92, **{what: bad})


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (float("nan"), ValueError, "diverged"),
        (float("inf"), ValueError, "diverged"),
        ("0.9", TypeError, "must be a number"),
        (None, TypeError, "must be a number"),
        (True, TypeError, "must be a number"),
        (torch.ones(2), TypeError, "many elements"),
    ],
)
def test_bad_values(bands, value, error, words):
    with pytest.raises(error, match=words):
        records.record("05.softmax", "test accuracy", value)


@pytest.mark.parametrize("name", ["softmax", "5.softmax", "05.Soft Max", "05.", None])
def test_bad_names(bands, name):
    with pytest.raises(ValueError, match="chapter's number"):
        records.record(name, "test accuracy", 0.9)


@pytest.mark.parametrize("metric", ["", " ", None])
def test_bad_metrics(bands, metric):
    with pytest.raises(ValueError, match="say what the figure is"):
        records.record("05.softmax", metric, 0.9)


def test_without_bands_file(bands):
    bands.unlink()
    assert records.band("05.softmax", "test accuracy") is None


def test_bands_are_read_again_after_a_change(bands):
    assert records.band("05.softmax", "test accuracy")["low"] == 0.918
    bands.write_text("{}   ")
    assert records.band("05.softmax", "test accuracy") is None


@pytest.mark.parametrize(
    ("values", "places"),
    [((0.9246,), 4), ((1.0, 0.5), 4), ((12.34,), 2), ((0.00123,), 6), ((5000,), 0)],
)
def test_digits(values, places):
    assert records.digits(*values) == places


def test_the_line_carries_its_data():
    line = records._Line("text", {"name": "x"})
    data, metadata = line._repr_mimebundle_()
    assert data == {"text/plain": "text"}
    assert metadata == {records.METADATA: {"name": "x"}}
    assert repr(line) == "text"


def test_the_value_is_a_number_that_shows_nothing_twice(bands, capsys):
    value = records.record("05.softmax", "test accuracy", 0.92)
    assert isinstance(value, float) and value + 1 == 1.92
    assert value._ipython_display_() is None
