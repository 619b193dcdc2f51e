"""A net that learns in the page takes the same steps as torch's."""

import pytest
import torch
import traitlets

from d2lutils.widgets import Playground
from d2lutils.widgets.playground import ACTIVATIONS, DATA, OPTIMIZERS, points


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_fifty_steps_are_torchs(show, optimizer, activation):
    live = show(
        Playground(
            optimizer=optimizer,
            activation=activation,
            step=50,
            decay=0.01,
            hidden=[5, 3],
            batch_size=16,  # 100 points: the last batch of an epoch is smaller
            data="moons",
            look=7,
        )
    )
    found = live.agrees()
    assert found["train_loss"][-1] != found["train_loss"][0]
    assert len(found["train_loss"]) == 51


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("hidden", [[], [1], [8, 8, 8, 8]])
def test_every_task_and_depth(show, data, hidden):
    live = show(Playground(data=data, hidden=hidden, step=7, noise=0.2, n=33, seed=5))
    before = live.agrees()
    live.set(step=0)
    assert live.agrees()["train_loss"] == before["train_loss"][:1]
    live.set(step=12, seed=6, batch_size=300, lr=0.5)
    live.agrees()


def test_the_net_at_hand_is_the_one_in_the_page(show):
    widget = Playground(step=30, hidden=[3])
    found = show(widget).values()
    net = widget.net()
    assert isinstance(net, torch.nn.Sequential) and len(net) == 3
    for parameter, numbers in zip(net.parameters(), found["weights"], strict=True):
        assert parameter.flatten().tolist() == pytest.approx(numbers, abs=1e-6)


def test_a_batch_is_a_part_of_its_epochs_order():
    widget = Playground(n=10, batch_size=4)
    rows = [widget.batch(k).tolist() for k in range(6)]
    assert [len(part) for part in rows] == [4, 4, 2, 4, 4, 2]
    first, second = (
        [i for part in rows[:3] for i in part],
        [i for part in rows[3:] for i in part],
    )
    assert sorted(first) == sorted(second) == list(range(10)) and first != second


@pytest.mark.parametrize("data", DATA)
def test_points_are_of_two_classes_and_learnable(data):
    X, y = points(data, 150, 0.0, 3)
    assert X.shape == (300, 2) and y.mean() == 0.5 and X.abs().max() < 1.3
    near = torch.cdist(X, X).fill_diagonal_(9).argmin(dim=1)
    assert (
        y[near] == y
    ).double().mean() > 0.93  # the nearest point is of the same class


def test_one_hidden_unit_is_not_enough_for_circles_and_three_are():
    losses = {
        units: Playground(hidden=[units], step=600, noise=0.0, lr=0.1).values()
        for units in (1, 3)
    }
    assert losses[1]["test_accuracy"] < 0.8
    assert losses[3]["test_accuracy"] > 0.95


def test_play_step_and_start(show):
    live = show(Playground())
    live.click("Step")
    assert live.state()["step"] == 1
    live.agrees()
    live.click("Play")
    live.page.wait_for_function(
        "document.querySelector('.d2l-widget').d2l.model.get('step') > 5"
    )
    live.click("Pause")
    live.agrees()
    live.click("Back to the start")
    assert live.state()["step"] == 0
    live.agrees()


def test_another_choice_starts_anew(show):
    live = show(Playground(step=40, look=3))
    live.control("activation").select_option(label="ReLU")
    live.flush()
    state = live.state()
    assert (state["step"], state["look"], state["activation"]) == (0, 0, "relu")
    live.agrees()


def test_hidden_units_are_typed(show):
    live = show(Playground())
    field = live.control("hidden units")
    for typed, wanted in (("3", [3]), ("8,1, 2", [8, 1, 2]), ("", [])):
        field.fill(typed)
        live.flush()
        assert live.state()["hidden"] == wanted
        live.agrees()
    for typed, says in (
        ("9", "1 to 8"),
        ("a", "1 to 8"),
        ("1 1 1 1 1", "At most four"),
    ):
        field.fill(typed)
        live.flush()
        assert says in live.root.inner_text() and live.state()["hidden"] == []


def test_a_click_on_a_unit_shows_it_large(show):
    live = show(Playground(hidden=[2], step=20))
    svg = live.root.locator("svg").first
    box = svg.bounding_box()
    seen = set()
    for part in (0.38, 0.62):
        live.page.mouse.click(
            box["x"] + box["width"] / 2, box["y"] + box["height"] * part
        )
        live.flush()
        seen.add(live.state()["look"])
        live.agrees()
    assert seen == {1, 2}


def test_weights_without_bound_are_said(show):
    live = show(Playground(lr=10, optimizer="momentum", activation="identity", step=3000,
                           hidden=[8, 8, 8]))  # fmt: skip
    assert "smaller learning rate" in live.root.inner_text()


@pytest.mark.parametrize(
    "state",
    [{"hidden": [9]}, {"hidden": [1] * 5}, {"n": 2}, {"lr": 0}, {"data": "rings"}, {"look": 7}],
)  # fmt: skip
def test_what_cannot_be_is_refused(state):
    with pytest.raises((traitlets.TraitError, ValueError)):
        Playground(**state)
