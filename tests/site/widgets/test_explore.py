"""Results over a grid, picked in the browser."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import d2lutils as d2l


@pytest.fixture(autouse=True)
def full_size(monkeypatch):
    monkeypatch.setenv("D2L_QUICK", "0")


def descend(lr, start):
    x, path = torch.tensor(float(start)), []
    for _ in range(20):
        path.append(x.item() ** 2)
        x = x - lr * 2 * x
    return {"loss": path, "end": x}


def test_sliders_pick_the_run_that_torch_made(show):
    grid = {"lr": [0.01, 0.1, 0.4, 1.1], "start": [-3, 5]}
    live = show(d2l.explore(descend, title="Descent", xlabel="step", **grid))
    for i, lr in enumerate(grid["lr"]):
        for j, start in enumerate(grid["start"]):
            live.set(index=[i, j])
            live.agrees()
            truth = descend(lr, start)
            shown = live.values()
            assert shown["series"]["loss"]["y"] == pytest.approx(
                truth["loss"], rel=1e-5
            )
            assert shown["numbers"]["end"] == pytest.approx(float(truth["end"]), 1e-5)


def test_keyboard_mouse_and_touch_choose(show):
    live = show(d2l.explore(descend, lr=[0.01, 0.1, 0.4], start=[-3, 5]))
    assert live.state()["index"] == [1, 1]
    live.press("lr", "ArrowRight")
    assert live.state()["index"] == [2, 1]
    box = live.knob("start").bounding_box()
    live.page.mouse.click(box["x"] + 3, box["y"] + box["height"] / 2)
    live.flush()
    assert live.state()["index"] == [2, 0]
    box = live.knob("lr").bounding_box()
    live.page.touchscreen.tap(box["x"] + 3, box["y"] + box["height"] / 2)
    live.flush()
    assert live.state()["index"] == [0, 0]
    assert "0.01" in live.root.inner_text()
    live.agrees()


def test_words_become_a_list_and_divergence_is_said(show):
    def run(kind):
        return {
            "loss": [1.0, float("inf"), float("nan")] if kind == "bad" else [1, 0.5]
        }

    live = show(d2l.explore(run, kind=["good", "bad"]))
    live.control("kind").select_option(label="bad")
    assert live.agrees()["series"]["loss"]["y"][1] == float("inf")
    assert "diverged" in live.root.inner_text()


def test_figures_become_small_pictures(show):
    def draw(power):
        figure, axes = plt.subplots(figsize=(4, 2.5))
        axes.plot(np.linspace(0, 1, 50) ** power)
        return figure

    widget = d2l.explore(draw, power=[1, 2, 3], alt="A power of x")
    assert not plt.get_fignums()
    assert all(len(r["frame"]) < 15_000 for r in widget.results)
    live = show(widget)
    live.press("power", "ArrowLeft")
    picture = live.root.get_by_role("img")
    assert picture.get_attribute("alt") == "A power of x, for power = 1"
    assert picture.evaluate("i => i.decode().then(() => i.naturalWidth)") > 300
