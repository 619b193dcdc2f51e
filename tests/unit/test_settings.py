"""Run sizes, devices and seeds."""

import random

import numpy
import pytest
import torch

import d2lutils as d2l


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in ("D2L_QUICK", "D2L_DEVICE", "D2L_SEED"):
        monkeypatch.delenv(name, raising=False)


def test_size_follows_the_environment(monkeypatch):
    assert d2l.size(full=(10, 60_000), quick=(1, 2_000)) == (10, 60_000)
    monkeypatch.setenv("D2L_QUICK", "1")
    assert d2l.size(full=(10, 60_000), quick=(1, 2_000)) == (1, 2_000)
    assert d2l.run_size() == "quick"
    monkeypatch.setenv("D2L_QUICK", "0")
    assert d2l.size(full=3, quick=1) == 3


def test_size_uses_the_gpu_choice_only_on_a_gpu(monkeypatch):
    monkeypatch.setenv("D2L_DEVICE", "cpu")
    assert d2l.size(full=1, quick=0, gpu=2) == 1
    monkeypatch.setattr("d2lutils.settings.device", lambda: torch.device("cuda"))
    assert d2l.size(full=1, quick=0, gpu=2) == 2
    assert d2l.run_size() == "gpu"


def test_size_refuses_tuples_of_different_lengths():
    with pytest.raises(ValueError, match="different lengths"):
        d2l.size(full=(10, 60_000), quick=1)


def test_device_that_is_not_there(monkeypatch):
    monkeypatch.setenv("D2L_DEVICE", "cuda:7")
    with pytest.raises(RuntimeError, match="no such device"):
        d2l.device()
    monkeypatch.setenv("D2L_DEVICE", "toaster")
    with pytest.raises(RuntimeError, match="D2L_DEVICE is 'toaster'"):
        d2l.device()


def test_seed_seeds_all_three_generators(monkeypatch):
    def draw():
        return torch.rand(1).item(), numpy.random.rand(), random.random()

    d2l.seed(3)
    first = draw()
    d2l.seed(3)
    assert draw() == first
    monkeypatch.setenv("D2L_SEED", "2")
    assert d2l.seed(1) == 3
    assert draw() == first


@pytest.mark.parametrize("bad", [-1, "one", 0.5, None])
def test_bad_seeds(bad):
    with pytest.raises(ValueError, match="whole number"):
        d2l.seed(bad)


def test_unknown_names_are_named():
    with pytest.raises(AttributeError, match="no 'train_ch3'"):
        _ = d2l.train_ch3
