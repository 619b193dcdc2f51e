"""Loaders: where they look, what they return, and what they say when it fails."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import d2lutils as d2l
from d2lutils import data, data_files, data_registry, flags

REAL = Path(flags.text("D2L_DATA") or "/nowhere")
needs_real_data = pytest.mark.skipif(
    not (REAL / "MNIST" / "raw").is_dir(), reason="D2L_DATA holds no MNIST"
)


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
    stored = MNIST(data_files.locate("MNIST"), train=True, transform=ToTensor())
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


def test_half_a_data_set_in_the_given_folder(bare_machine, monkeypatch):
    """Not quietly another copy: the reader meant to give this one."""
    monkeypatch.setenv("D2L_DATA", str(bare_machine))
    first, second = data_registry.SETS["names"].files
    (bare_machine / second.name).write_bytes(b"")
    with pytest.raises(FileNotFoundError, match=rf"{first.name} is missing"):
        d2l.data_path("names")


def test_a_loader_prints_on_any_console(tmp_path):
    """Windows consoles and C locales have no ×."""
    environment = {**os.environ, "D2L_OFFLINE": "1", "XDG_CACHE_HOME": str(tmp_path)}
    environment |= {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "D2L_DATA": ""}
    code = "import d2lutils as d2l; d2l.mnist(10)"
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True
    )
    assert run.returncode == 0 and b"scaled to 28?28" in run.stdout, run.stderr


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
