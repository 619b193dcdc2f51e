"""Every optimizer on every surface, 50 steps, against torch.optim."""

import math

import pytest
import traitlets

from d2lutils.widgets import OptimizerPaths
from d2lutils.widgets.optimizer_paths import DEFAULTS, SURFACES

RATES = {
    "small": 1e-3,
    "large": 0.3,
    "diverging": 30.0,
}


@pytest.fixture(scope="module")
def starts():
    return {
        "bowl": [-4.0, 2.5],
        "ravine": [-4.0, 1.5],
        "saddle": [-2.5, 0.01],
        "rosenbrock": [-1.2, 1.0],
        "beale": [1.0, 1.5],
        "himmelblau": [0.5, -0.25],
    }


@pytest.mark.parametrize("surface", SURFACES)
def test_fifty_steps_agree_with_torch(show, starts, surface):
    widget = OptimizerPaths(surface=surface, start=starts[surface], steps=50)
    live = show(OptimizerPaths())
    for lr in RATES.values():
        settings = {name: values | {"lr": lr} for name, values in DEFAULTS.items()}
        live.set(**widget.state() | {"racing": list(DEFAULTS), "settings": settings})
        live.agrees()


@pytest.mark.parametrize("surface", SURFACES)
def test_other_hyperparameters_agree_with_torch(show, starts, surface):
    live = show(OptimizerPaths(surface=surface, start=starts[surface], steps=50))
    odd = {
        "sgd": {"lr": 0.0},
        "momentum": {"lr": 1e-4, "momentum": 0.0},
        "nesterov": {"lr": 1e-4, "momentum": 0.0},
        "adagrad": {"lr": 2.0, "eps": 1.0},
        "rmsprop": {"lr": 0.02, "alpha": 0.5, "eps": 0.1},
        "adadelta": {"lr": 3.0, "rho": 0.99, "eps": 1e-6},
        "adam": {"lr": 0.5, "beta1": 0.0, "beta2": 0.9, "eps": 1e-3},
        "adamw": {"lr": 0.5, "beta1": 0.5, "beta2": 0.99, "weight_decay": 0.9},
    }
    state = OptimizerPaths(settings=odd).state()
    live.set(racing=list(DEFAULTS), settings=state["settings"])
    live.agrees()


def test_a_race_that_diverges_ends_in_the_same_inf_and_nan(show, starts):
    settings = {"sgd": {"lr": 1.0}, "momentum": {"lr": 1.0}}
    live = show(
        OptimizerPaths(
            surface="rosenbrock",
            start=starts["rosenbrock"],
            racing=["sgd", "momentum"],
            settings=settings,
            steps=50,
        )
    )
    losses = live.agrees()["losses"]
    assert not any(math.isfinite(values[-1]) for values in losses.values())
    assert "SGD and Momentum: diverges" in live.root.inner_text()


def test_mouse_touch_and_keyboard_move_the_start(show):
    live = show(OptimizerPaths())
    live.drag("Start", 60, 30)
    x, y = live.state()["start"]
    assert x > -4 and y < 1.5
    live.agrees()
    live.touch("Start", 0, -60)
    assert live.state()["start"][1] > y
    live.agrees()
    before = live.state()["start"]
    live.press("Start", "ArrowLeft", times=2)
    assert live.state()["start"][0] == pytest.approx(before[0] - 0.2)
    live.agrees()


def test_hyperparameters_surface_and_race_are_controls(show):
    live = show(OptimizerPaths())
    assert live.typed("momentum", "0.5") == ""
    assert live.state()["settings"]["momentum"]["momentum"] == 0.5
    live.control("Settings of").select_option(label="AdamW")
    live.flush()
    assert live.typed("weight decay", "0.3") == ""
    assert live.typed("β₂", "0.9") == ""
    live.control("AdamW").check()
    live.control("Adadelta").check()
    live.agrees()
    for surface in ("Beale", "Himmelblau", "Saddle", "Rosenbrock", "Bowl", "Ravine"):
        live.control("Surface").select_option(label=surface)
        live.flush()
        live.agrees()


def test_bad_input_is_named_and_changes_nothing(show):
    live = show(OptimizerPaths())
    before = live.state()
    assert "“fast” is not a number" in live.typed("learning rate", "fast")
    assert "Type a number" in live.typed("learning rate", " ")
    assert "finite" in live.typed("learning rate", "Infinity")
    assert "is not a number" in live.typed("learning rate", "NaN")
    assert "At least 0" in live.typed("learning rate", "-1")
    assert "At most 100" in live.typed("learning rate", "1e9")
    assert "whole number" in live.typed("Steps", "12.5")
    assert live.state() == before
    assert live.typed("learning rate", "0.5") == ""
    live.agrees()


def test_step_and_play(show):
    live = show(OptimizerPaths(step=0, steps=20))
    live.click("Step")
    live.click("Step")
    live.click("Back")
    assert live.state()["step"] == 1
    live.click("Play")
    live.page.wait_for_timeout(400)
    assert live.state()["step"] > 1
    live.click("Pause")
    stopped = live.state()["step"]
    live.page.wait_for_timeout(200)
    assert live.state()["step"] == stopped
    live.click("Reset")
    assert live.state()["step"] == 0


def test_it_plays_by_itself_where_asked_but_not_with_reduced_motion(show):
    live = show(OptimizerPaths(playing=True, step=0))
    live.page.wait_for_function(
        "() => document.querySelector('.d2l-widget').d2l.model.get('step') > 2"
    )
    calm = show(OptimizerPaths(playing=True, step=0), reduced_motion="reduce")
    calm.page.wait_for_timeout(500)
    assert calm.state()["step"] == 0
    calm.click("Play")
    assert calm.state()["step"] == 60


@pytest.mark.parametrize(
    "bad",
    [
        {"settings": {"adam": {"lr": -1}}},
        {"settings": {"adam": {"rate": 1}}},
        {"settings": {"lion": {}}},
        {"settings": {"adam": {"lr": float("nan")}}},
        {"surface": "hill"},
        {"start": [1.0]},
        {"racing": ["lion"]},
        {"steps": 0},
    ],
)
def test_python_refuses_bad_state(bad):
    with pytest.raises(traitlets.TraitError):
        OptimizerPaths(**bad)
