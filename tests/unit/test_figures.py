"""Plots draw what they are given and refuse what does not fit."""

import itertools

import matplotlib
import pytest
import torch
from torch.overrides import TorchFunctionMode

import d2lutils as d2l
from d2lutils.plots import to_numpy

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


class Elsewhere(TorchFunctionMode):
    """Pretend that every tensor is on a GPU, and note where new points are made."""

    def __init__(self):
        super().__init__()
        self.made = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if function == torch.Tensor.device.__get__:
            return torch.device("cuda")
        if function is torch.linspace:
            self.made.append(kwargs.pop("device", "nowhere"))
        return function(*args, **kwargs)


@pytest.mark.parametrize(
    ("draw", "place"),
    [
        (lambda f, X, y: d2l.plot_contours(f, (0, 1), (0, 1), X[:3]), "cuda"),
        (lambda f, X, y: d2l.plot_contours(f, (0, 1), (0, 1), device="mps"), "mps"),
        (lambda f, X, y: d2l.plot_contours(f, (0, 1), (0, 1), [(0, 0)]), "cpu"),
        (lambda f, X, y: d2l.plot_decision_regions(f, X, y), "cuda"),
    ],
)
def test_points_are_made_where_the_data_are(draw, place):
    X, y = d2l.moons(30)
    with Elsewhere() as mode:
        draw(lambda x1, x2=None: x1 if x2 is not None else x1[:, 0] > 0, X, y)
    assert list(map(str, mode.made)) == [place, place]


def test_points_have_the_dtype_of_the_data():
    X, y, seen = *d2l.moons(30), []

    def rule(points):
        seen.append(points.dtype)
        return points[:, 0] > 0

    d2l.plot_decision_regions(rule, X.double(), y)
    assert seen == [torch.float64]


def test_one_value_for_each_point():
    X, y = d2l.moons(30)
    with pytest.raises(ValueError, match=r"one value .* \(22500, 2\)"):
        d2l.plot_decision_regions(lambda points: points, X, y)


def test_predictions_and_images_belong_together():
    y = torch.tensor([1, 2])
    with pytest.raises(ValueError, match="3 images, 2 labels"):
        d2l.show_predictions(torch.rand(3, 1, 4, 4), y, y)


def test_tensors_of_every_kind_become_arrays():
    half = torch.ones(2, dtype=torch.bfloat16, requires_grad=True)
    assert to_numpy(half).tolist() == [1, 1]
    assert to_numpy([torch.ones(2, requires_grad=True), torch.zeros(2)]).shape == (2, 2)
    ax = d2l.plot([0, 1], [torch.ones(2), half], xlabel="", ylabel="")
    assert len(ax.lines) == 2
