"""Plots draw what they are given and refuse what does not fit."""

import itertools

import matplotlib
import pytest
import torch

import d2lutils as d2l

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def house_style():
    import matplotlib.pyplot as plt

    d2l.style()
    yield
    plt.close("all")


def test_curves_are_labelled_at_their_ends_without_overlap():
    x = torch.linspace(0, 1, 20)
    ax = d2l.plot(
        x, [x, x + 0.001, x**2], ["a", "b", "c"], xlabel="time (s)", ylabel="y"
    )
    assert len(ax.lines) == 3 and ax.get_xlabel() == "time (s)"
    heights = sorted(ax.transData.transform(text.xy)[1] for text in ax.texts)
    gaps = [b - a for a, b in itertools.pairwise(heights)]
    assert min(gaps) > 12


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: d2l.plot([1, 2], [1, 2, 3], xlabel="", ylabel=""), "shape"),
        (
            lambda: d2l.plot([1, 2], [1, 2], ["a", "b"], xlabel="", ylabel=""),
            "1 curves",
        ),
        (lambda: d2l.show_images(torch.rand(28, 28)), "batch dimension"),
        (lambda: d2l.show_images(torch.rand(2, 28, 28), ["one"]), "2 images but 1"),
        (lambda: d2l.plot_network([2, 0]), "at least one unit"),
        (lambda: d2l.plot_network([2, 1], ["x"]), "2 layers but 1"),
        (
            lambda: d2l.plot_decision_regions(len, torch.rand(3, 4), torch.zeros(3)),
            "two features",
        ),
    ],
)
def test_bad_input(call, text):
    with pytest.raises(ValueError, match=text):
        call()


@pytest.mark.parametrize("shape", [(1, 1, 5, 5), (9, 1, 5, 5), (3, 5, 5), (2, 3, 5, 5)])
def test_images_of_every_shape(shape):
    fig = d2l.show_images(torch.rand(shape), cols=4)
    assert sum(bool(ax.images) for ax in fig.axes) == shape[0]


def test_predictions_name_the_truth_only_where_it_differs():
    y, y_hat = torch.tensor([1, 2]), torch.tensor([1, 0])
    fig = d2l.show_predictions(torch.rand(2, 1, 4, 4), y, y_hat)
    assert [ax.get_title() for ax in fig.axes] == ["1", "0 (is 2)"]


def test_confusion_counts():
    ax = d2l.plot_confusion(
        torch.tensor([0, 0, 1]), torch.tensor([0, 1, 1]), ["n", "y"]
    )
    assert sorted(text.get_text() for text in ax.texts) == ["1", "1", "1"]


def test_regions_contours_and_networks_draw():
    X, y = d2l.moons(30)
    assert d2l.plot_decision_regions(lambda p: torch.sigmoid(p[:, 0]), X, y)
    assert d2l.plot_decision_regions(lambda p: (p[:, 0] > 0).long(), X, y)
    ax = d2l.plot_contours(lambda a, b: a**2 + b**2, (-1, 1), (-1, 1), [(1, 1), (0, 0)])
    assert len(ax.lines) == 2
    assert d2l.plot_network([3, 20, 1], ["in", "hidden", "out"])
