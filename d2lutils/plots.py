"""The house style of the figures, and the plots of lines, contours and networks.

Figures have a white background and are shown inverted by the book's dark theme. The
palette is Okabe and Ito's (2008), safe for the colour-blind.
"""

import itertools
import math

COLORS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7",
    "#E69F00", "#56B4E9", "#882255", "#7F7F7F",
)  # fmt: skip

_STYLE = {
    "figure.figsize": (5.6, 3.3),
    "figure.dpi": 120,
    "savefig.dpi": 120,
    "savefig.bbox": "tight",
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.labelsize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "image.cmap": "gray_r",
    "image.interpolation": "nearest",
}


def style():
    """Set the house style for every matplotlib figure that follows."""
    import matplotlib
    from cycler import cycler

    matplotlib.rcParams.update({**_STYLE, "axes.prop_cycle": cycler(color=COLORS)})


def axes(ax=None, figsize=None):
    """Return ``ax``, or the axes of a new figure in the house style."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=figsize)[1]


def to_numpy(values):
    """Return a detached NumPy array of a tensor, sequence or array."""
    import numpy
    import torch

    if torch.is_tensor(values):
        return values.detach().cpu().numpy()
    return numpy.asarray(values)


def plot(
    x, ys, labels=None, *, xlabel, ylabel, title=None, ax=None,
    xscale="linear", yscale="linear", figsize=None,
):  # fmt: skip
    """Draw one or several curves over the same ``x``, each labelled at its end.

    Parameters
    ----------
    x : (n,) tensor or sequence
    ys : one (n,) tensor or sequence, or a list of them
    labels : str or list of str, optional
        One for each curve, written beside its last point.
    xlabel, ylabel : str
        With the unit where there is one.
    ax : matplotlib axes, optional
        Where to draw; a new figure when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        When a curve has another length than ``x``, or the labels do not match.
    """
    x = to_numpy(x)
    curves = [to_numpy(y) for y in (ys if _several(ys) else [ys])]
    labels = [labels] if isinstance(labels, str) else labels
    if any(curve.shape != x.shape for curve in curves):
        shapes = ", ".join(str(curve.shape) for curve in curves)
        raise ValueError(f"x has shape {x.shape}, but the curves have {shapes}.")
    if labels is not None and len(labels) != len(curves):
        raise ValueError(f"{len(curves)} curves but {len(labels)} labels.")
    ax = axes(ax, figsize)
    lines = [ax.plot(x, curve)[0] for curve in curves]
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title, xscale=xscale, yscale=yscale)
    if labels:
        label_ends(ax, lines, labels)
    return ax


def _several(ys):
    return isinstance(ys, (list, tuple)) and len(ys) and hasattr(ys[0], "__len__")


def label_ends(ax, lines, labels):
    """Write each line's label beside its last point, apart from its neighbours."""
    import numpy

    ax.figure.canvas.draw()  # the positions below need the final axis limits
    to_pixels, to_data = ax.transData.transform, ax.transData.inverted().transform
    ends = []
    for line, label in zip(lines, labels, strict=True):
        x, y = (numpy.asarray(v, dtype=float) for v in line.get_data())
        finite = numpy.isfinite(x) & numpy.isfinite(y)
        if finite.any():
            ends.append([*to_pixels((x[finite][-1], y[finite][-1])), line, label])
    gap = 13 * ax.figure.dpi / 100
    low, high = ax.bbox.ymin, ax.bbox.ymax
    ends.sort(key=lambda end: end[1])
    previous = -math.inf
    for end in ends:
        end[1] = previous = max(min(max(end[1], low), high), previous + gap)
    for i in range(len(ends) - 1, -1, -1):  # push back what went over the top
        limit = high if i == len(ends) - 1 else ends[i + 1][1] - gap
        end = ends[i]
        end[1] = min(end[1], limit)
    right = ax.bbox.xmax
    for _, y, line, label in ends:
        ax.annotate(
            label, to_data((right, y)), xytext=(5, 0), textcoords="offset points",
            color=line.get_color(), va="center", fontsize=9, annotation_clip=False,
        )  # fmt: skip


def plot_history(history, title=None):
    """Draw a :class:`d2lutils.history.History`; return the figure."""
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    has_metric = "train_metric" in history.last
    fig, panels = plt.subplots(
        1, 1 + has_metric, figsize=(6.4 if has_metric else 4.6, 2.7), squeeze=False
    )
    epochs = range(1, len(history) + 1)
    names = [("loss", "loss")]
    if has_metric:
        names.append(("metric", (history.metric_name or "metric").replace("_", " ")))
    for ax, (key, ylabel) in zip(panels[0], names, strict=True):
        parts = [part for part in ("train", "test") if f"{part}_{key}" in history.last]
        lines = [
            ax.plot(epochs, history[f"{part}_{key}"], marker="o", ms=3)[0]
            for part in parts
        ]
        ax.set(xlabel="epoch", ylabel=ylabel)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        label_ends(ax, lines, ["training" if p == "train" else "test" for p in parts])
    fig.suptitle(title, fontsize=10)
    return fig


def plot_contours(
    f, xlim, ylim, path=None, *, ax=None, levels=20, xlabel="$x_1$", ylabel="$x_2$"
):
    """Draw the level lines of ``f`` over a rectangle, and a path on them.

    Parameters
    ----------
    f : callable ``(x1, x2) -> values``
        Takes two (n, n) tensors.
    xlim, ylim : (float, float)
    path : (m, 2) tensor or sequence of points, optional
        Drawn with a marker at each step and a ring at the start.
    levels : int or sequence of floats

    Returns
    -------
    matplotlib.axes.Axes
    """
    import torch

    x1, x2 = torch.meshgrid(
        torch.linspace(*xlim, 101), torch.linspace(*ylim, 101), indexing="xy"
    )
    ax = axes(ax, (4.6, 3.6))
    ax.grid(False)
    values = to_numpy(f(x1, x2))
    ax.contour(
        to_numpy(x1),
        to_numpy(x2),
        values,
        levels=levels,
        cmap="viridis",
        linewidths=0.9,
    )
    if path is not None:
        points = to_numpy(path)
        ax.plot(*points.T, "o-", color=COLORS[1], ms=3, lw=1.2)
        ax.plot(*points[0], "o", ms=8, mfc="none", mec=COLORS[1])
    ax.set(xlim=xlim, ylim=ylim, xlabel=xlabel, ylabel=ylabel)
    return ax


def plot_network(sizes, labels=None, ax=None, most=8):
    """Draw a fully connected network as circles and lines, input on the left.

    Parameters
    ----------
    sizes : sequence of int
        Units of each layer, the input first.
    labels : list of str, optional
        One line of text under each layer.
    most : int
        Layers with more units are shortened, with dots in the middle.
    """
    if not sizes or min(sizes) < 1:
        raise ValueError(f"plot_network() needs layers of at least one unit: {sizes}.")
    if labels is not None and len(labels) != len(sizes):
        raise ValueError(f"{len(sizes)} layers but {len(labels)} labels.")
    ax = axes(ax, (1.3 + 1.3 * len(sizes), 0.9 + 0.36 * min(max(sizes), most + 1)))
    ax.axis("off")
    ax.figure.set_layout_engine("none")  # there is nothing to lay out
    columns = []
    for depth, size in enumerate(sizes):
        shown = min(size, most)
        heights = [0.5 * (shown - 1) - i for i in range(shown)]
        if size > most:
            del heights[shown // 2]
            ax.text(1.8 * depth, 0.5 * (shown - 1) - shown // 2, "⋮", ha="center",
                    va="center", fontsize=12)  # fmt: skip
        columns.append([(1.8 * depth, height) for height in heights])
    for left, right in itertools.pairwise(columns):
        for start in left:
            for end in right:
                xs, ys = zip(start, end, strict=True)
                ax.plot(xs, ys, color="#9A9A9A", lw=0.6, zorder=1)
    bottom = min(y for column in columns for _, y in column) - 0.75
    for depth, column in enumerate(columns):
        for x, y in column:
            ax.plot(x, y, "o", ms=15, mfc="white", mec=COLORS[0], mew=1.3, zorder=2)
        if labels is not None:
            ax.text(1.8 * depth, bottom, labels[depth], ha="center", va="top")
    ax.margins(0.12, 0.1)
    return ax
