"""Loaders: where they look, what they return, and what they say when it fails."""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import d2lutils as d2l
from d2lutils import data, data_files, flags

REAL = Path(flags.text("D2L_DATA") or "/nowhere")
needs_real_data = pytest.mark.skipif(
    not (REAL / "MNIST" / "raw").is_dir(), reason="D2L_DATA holds no MNIST"
)


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """No data folder, an empty cache, and no network."""
    monkeypatch.delenv("D2L_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("D2L_OFFLINE", "1")
    monkeypatch.setattr(data_files, "_failed", {})
    monkeypatch.setattr(data, "_used", {})
    return tmp_path


@needs_real_data
def test_real_mnist():
    split = d2l.mnist(n_train=100, n_test=50)
    X, y = split.train
    assert X.shape == (100, 1, 28, 28) and X.dtype == torch.float32
    assert y.dtype == torch.int64 and y[:5].tolist() == [5, 0, 4, 1, 9]
    assert X.min() >= 0 and X.max() == 1 and not split.stand_in
    assert len(split.test[0]) == 50 and "MNIST" in data.used()


@needs_real_data
def test_real_mnist_equals_torchvisions_totensor():
    from torchvision.datasets import MNIST
    from torchvision.transforms import ToTensor

    X, _ = d2l.mnist(n_train=20).train
    stored = MNIST(data_files.mnist_root(), train=True, transform=ToTensor())
    assert torch.equal(X, torch.stack([stored[i][0] for i in range(20)]))


@needs_real_data
def test_real_diabetes():
    table = d2l.diabetes()
    assert table.X.shape == (759, 8) and table.y.shape == (759, 1)
    assert table.X.abs().max() <= 1 and set(table.y.unique().tolist()) == {0.0, 1.0}
    assert len(table.feature_names) == 8 and not table.stand_in


def test_stand_ins_are_real_and_announced(bare_machine, capsys):
    split = d2l.mnist(n_train=60_000)
    assert split.stand_in and split.train[0].shape == (1437, 1, 28, 28)
    assert split.test[0].shape == (360, 1, 28, 28)
    table = d2l.diabetes()
    assert table.stand_in and table.X.shape == (569, 8) and table.X.abs().max() <= 1
    said = capsys.readouterr().out
    assert said.count("\n") == 2 and "digits" in said and "D2L_DATA" in said
    assert data.stand_ins_used() == ["MNIST", "diabetes"]
    assert d2l.data_path("MNIST") is None


def test_missing_folder_is_named(bare_machine, monkeypatch):
    monkeypatch.setenv("D2L_DATA", str(bare_machine / "nowhere"))
    with pytest.raises(FileNotFoundError, match="not a folder"):
        d2l.mnist()


def test_damaged_file_in_the_given_folder(bare_machine, monkeypatch):
    monkeypatch.setenv("D2L_DATA", str(bare_machine))
    (bare_machine / "diabetes.csv.gz").write_bytes(gzip.compress(b"1,2,3\n"))
    with pytest.raises(ValueError, match="damaged"):
        d2l.diabetes()
    raw = bare_machine / "MNIST" / "raw"
    raw.mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match="is missing"):
        d2l.mnist()


@needs_real_data
def test_damaged_copy_in_the_cache_is_replaced(bare_machine, monkeypatch):
    monkeypatch.delenv("D2L_OFFLINE")
    good = REAL / "diabetes.csv.gz"
    _, sha256, size = data_files.FILES["diabetes.csv.gz"]
    address = (good.resolve()).as_uri()
    monkeypatch.setitem(data_files.FILES, "diabetes.csv.gz", (address, sha256, size))

    def fetch(name, address, sha256):
        shutil.copy(good, data_files.cache_folder() / name)
        return data_files.cache_folder() / name

    monkeypatch.setattr(data_files, "_fetch", fetch)
    data_files.cache_folder().mkdir(parents=True)
    (data_files.cache_folder() / "diabetes.csv.gz").write_bytes(b"half of it")
    assert data_files.sha256_of(data_files.locate("diabetes.csv.gz")) == sha256


def test_unwritable_cache(bare_machine, monkeypatch):
    (bare_machine / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(bare_machine / "file"))
    with pytest.raises(data_files.DataUnavailable, match="cannot be written"):
        data_files.locate("diabetes.csv.gz")


def test_a_failed_download_is_not_tried_again(bare_machine, monkeypatch):
    monkeypatch.delenv("D2L_OFFLINE")
    calls = []

    def fail(*args):
        calls.append(args)
        raise ConnectionError("no route to host")

    monkeypatch.setattr(data_files, "_fetch", fail)
    for _ in range(2):
        with pytest.raises(data_files.DataUnavailable, match="no route to host"):
            data_files.locate("diabetes.csv.gz")
    assert len(calls) == 1


def test_two_processes_download_once(bare_machine, monkeypatch):
    """Both see the file; the second waits for the lock and does not fetch again."""
    source = bare_machine / "source"
    source.write_bytes(b"x" * 1000)
    sha256 = hashlib.sha256(b"x" * 1000).hexdigest()
    program = f"""
import shutil, time
from d2lutils import data_files
data_files.FILES["f"] = ("", "{sha256}", 0.1)
def fetch(name, address, sha256):
    print("fetched", flush=True)
    time.sleep(1)
    return shutil.copy("{source}", data_files.cache_folder() / name)
data_files._fetch = fetch
data_files.locate("f")
"""
    environment = {**os.environ}
    del environment["D2L_OFFLINE"]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment
        )
        for _ in range(2)
    ]
    assert sum(run.communicate()[0].count(b"fetched") for run in runs) == 1
    assert all(run.returncode == 0 for run in runs)


@pytest.mark.parametrize("bad", [0, -5])
def test_bad_counts(bad):
    with pytest.raises(ValueError, match="n_train"):
        d2l.mnist(n_train=bad)


def test_sklearn_tables():
    for name, shape in {"iris": (150, 4), "wine": (178, 13)}.items():
        table = d2l.sklearn_table(name)
        assert table.X.shape == shape and table.y.dtype == torch.int64
        assert len(table.classes) == 3 and len(table.feature_names) == shape[1]
    assert d2l.sklearn_table("diabetes_progression").y.shape == (442, 1)
    with pytest.raises(ValueError, match="choose one of"):
        d2l.sklearn_table("boston")


def test_hashes_agree_with_the_published_list():
    lines = Path(__file__, "../../../data/SHA256SUMS").resolve().read_text().split()
    published = dict(zip(lines[1::2], lines[::2], strict=True))
    known = {name: entry[1] for name, entry in data_files.FILES.items()}
    known |= {f"MNIST/raw/{name}": h for name, h in data_files.MNIST_FILES.items()}
    assert published == known
