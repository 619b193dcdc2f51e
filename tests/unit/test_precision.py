"""bfloat16 is chosen where the hardware is fast in it, and nowhere else."""

import pytest
import torch
from torch import nn

import d2lutils as d2l


def product_dtype(device="cpu"):
    with d2l.mixed_precision(device):
        return nn.Linear(2, 2)(torch.ones(1, 2)).dtype


@pytest.mark.parametrize(
    "has_amx, dtype", [(True, torch.bfloat16), (False, torch.float32)]
)
def test_a_cpu_is_asked_for_amx(monkeypatch, has_amx, dtype):
    ask = lambda: has_amx  # noqa: E731
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", ask, raising=False)
    assert product_dtype() == dtype


def test_a_torch_that_cannot_tell_stays_in_float32(monkeypatch):
    monkeypatch.delattr(torch.cpu, "_is_amx_tile_supported", raising=False)
    assert product_dtype() == torch.float32


@pytest.mark.parametrize("capability, on", [((7, 5), False), ((8, 0), True)])
def test_a_gpu_is_asked_for_its_generation(monkeypatch, capability, on):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    asked_for = []
    monkeypatch.setattr(torch, "autocast", lambda *args: asked_for.append(args))
    d2l.mixed_precision("cuda:1")
    assert asked_for == [("cuda", torch.bfloat16)] * on


def test_other_devices_are_left_alone():
    assert product_dtype("mps") == torch.float32
    assert product_dtype(torch.device("meta")) == torch.float32
