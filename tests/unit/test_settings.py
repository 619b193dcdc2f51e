"""Run sizes, devices and seeds."""

import random

import numpy
import pytest
import torch

import d2lutils as d2l
from d2lutils import settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in ("D2L_QUICK", "D2L_DEVICE", "D2L_SEED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(settings, "_chapters_device", None)


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
    monkeypatch.setattr(settings, "where", lambda: torch.device("cuda"))
    assert d2l.size(full=1, quick=0, gpu=2) == 2
    assert d2l.run_size() == "gpu"


def test_size_refuses_tuples_of_different_lengths():
    with pytest.raises(ValueError, match="different lengths"):
        d2l.size(full=(10, 60_000), quick=1)


@pytest.mark.parametrize("name", ["meta", "meta:0", "toaster", "cuda:99"])
def test_devices_that_do_not_compute(monkeypatch, name):
    reason = "no numbers" if name.startswith("meta") else "no such device"
    with pytest.raises(RuntimeError, match=rf"device\('{name}'\).*{reason}.*'cpu'"):
        d2l.device(name)
    monkeypatch.setenv("D2L_DEVICE", name)
    with pytest.raises(RuntimeError, match=rf"D2L_DEVICE={name}.*{reason}.*'cpu'"):
        d2l.device()


@pytest.fixture
def with_gpu(monkeypatch):
    """Pretend that the machine has a CUDA device."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)


def test_a_chapter_says_that_it_computes_on_the_cpu(with_gpu):
    assert d2l.device().type == "cuda" and d2l.run_size() == "gpu"
    assert d2l.device("cpu") == torch.device("cpu")
    assert d2l.run_size() == "full"
    assert d2l.size(full=1, quick=0, gpu=2) == 1
    assert settings.where().type == "cpu"
    assert d2l.device().type == "cuda"  # the machine still has one, to be shown


def test_the_chapters_word_holds_against_the_variable(with_gpu, monkeypatch):
    monkeypatch.setattr(settings, "_usable", lambda name, asked: torch.device(name))
    monkeypatch.setenv("D2L_DEVICE", "cuda:1")
    assert d2l.run_size() == "gpu" and settings.where().index == 1
    d2l.device("cpu")
    assert d2l.run_size() == "full"


def test_a_device_that_is_refused_changes_nothing(with_gpu):
    with pytest.raises(RuntimeError):
        d2l.device("toaster")
    assert d2l.run_size() == "gpu"


def test_a_record_is_compared_with_the_bands_of_the_chapters_device(
    with_gpu, monkeypatch, capsys
):
    monkeypatch.setattr("d2lutils.records.band", lambda name, metric, size: None)
    d2l.device("cpu")
    d2l.record("98.run", "figure", 1)
    assert "no band measured at full size" in capsys.readouterr().out


def draw():
    return torch.rand(1).item(), numpy.random.rand(), random.random()


def test_seed_seeds_all_three_generators(monkeypatch):
    assert d2l.seed(3) == 3
    first = draw()
    d2l.seed(3)
    assert draw() == first
    monkeypatch.setenv("D2L_SEED", "2")
    used = d2l.seed(3)
    others = draw()
    assert all(a != b for a, b in zip(first, others, strict=True))
    d2l.seed(3)
    assert draw() == others
    monkeypatch.delenv("D2L_SEED")
    assert d2l.seed(used) == used and draw() == others


BAD = [-1, "one", "0", 0.5, 3.0, None, True, [1]]
BAD += [torch.tensor(1.0), torch.ones(2), torch.tensor([1, 2]), numpy.array([1, 2])]


@pytest.mark.parametrize("bad", BAD, ids=repr)
@pytest.mark.parametrize("function", [d2l.seed, d2l.generator])
def test_bad_seeds(function, bad):
    with pytest.raises(ValueError, match="whole number from 0 on"):
        function(bad)


@pytest.mark.parametrize("good", [7, numpy.int64(7), numpy.uint8(7), torch.tensor(7)])
def test_whole_numbers_of_any_kind(good):
    assert d2l.seed(good) == 7 and d2l.generator(good).initial_seed() == 7


def test_a_bad_repetition_is_named(monkeypatch):
    monkeypatch.setenv("D2L_SEED", "-1")
    with pytest.raises(ValueError, match="D2L_SEED is '-1'"):
        d2l.seed(0)


def test_generator_leaves_the_others_alone(monkeypatch):
    d2l.seed(0)
    first = draw()
    d2l.seed(0)
    ours = torch.rand(3, generator=d2l.generator(5))
    assert draw() == first
    assert ours.equal(torch.rand(3, generator=torch.Generator().manual_seed(5)))
    monkeypatch.setenv("D2L_SEED", "1")
    assert not ours.equal(torch.rand(3, generator=d2l.generator(5)))


def numbers_of_the_chapters():
    """The numbers that a chapter's runs start from, by the patterns that are used.

    Plain ones; seeds 1 to 5 (chapter 12); learn(..., k) with 100 seed + epoch for the
    batches (chapter 9); ten and a hundred times the start (8); a seed that is used a second time.
    """
    return {
        "plain": lambda: [settings.mixed(n) for n in range(150)],
        "twice": lambda: [settings.mixed(settings.mixed(n)) for n in range(9)],
        "epochs": lambda: [
            settings.mixed(100 * settings.mixed(k) + epoch)
            for k in range(10)
            for epoch in range(20)
        ],
        "hundreds": lambda: [settings.mixed(100 * k) for k in range(60)],
        "tens": lambda: [settings.mixed(10 * k) for k in range(16, 40)],
    }


@pytest.mark.parametrize("pattern", numbers_of_the_chapters())
def test_no_two_repetitions_share_a_run(monkeypatch, pattern):
    """Not even where a generator looks at 32 bits only, as torch's does on the CPU."""
    owner = {}
    for repetition in range(40):
        monkeypatch.setenv("D2L_SEED", str(repetition))
        for used in numbers_of_the_chapters()[pattern]():
            assert owner.setdefault(used % 2**32, repetition) == repetition


def test_numbers_and_repetitions_do_not_change_places(monkeypatch):
    """12 in repetition 3 is neither 3 in repetition 12 nor 1 in repetition 23."""
    used = set()
    for number, repetition in ((12, 3), (3, 12), (1, 23), (123, 1), (2, 13)):
        monkeypatch.setenv("D2L_SEED", str(repetition))
        used.add(settings.mixed(number))
    assert len(used) == 5


def test_neighbouring_repetitions_train_on_other_batches(monkeypatch):
    """fit(seed=0) starts from other weights and takes other batches."""
    seen = []
    X = torch.arange(64.0)
    for repetition in range(5):
        monkeypatch.setenv("D2L_SEED", str(repetition))
        batches = d2l.Batches(X, X, 64, seed=0)
        seen.append(tuple(next(iter(batches))[0].tolist()))
    assert len(set(seen)) == 5


def test_the_data_are_the_same_in_every_repetition(monkeypatch):
    X = torch.arange(64.0)
    splits = []
    for repetition in range(3):
        monkeypatch.setenv("D2L_SEED", str(repetition))
        parts = (
            d2l.train_test_split(X, X, seed=0)[1],
            d2l.linear_data([1], 0, 9),
            d2l.moons(9),
        )
        splits.append([part[0] for part in parts])
    assert all(
        torch.equal(a, b)
        for other in splits[1:]
        for a, b in zip(splits[0], other, strict=True)
    )


def test_unknown_names_are_named():
    with pytest.raises(AttributeError, match="no 'train_ch3'"):
        _ = d2l.train_ch3
