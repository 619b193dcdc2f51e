"""The house style of the figures, and curves.

Figures have a white background and are shown inverted by the book's dark theme. The
palette is Okabe and Ito's (2008), safe for the colour-blind.
"""

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
    """Return a NumPy array of a tensor on any device, a sequence of them, or an array."""
    import numpy
    import torch

    if isinstance(values, (list, tuple)) and any(map(torch.is_tensor, values)):
        return numpy.stack([to_numpy(value) for value in values])
    if torch.is_tensor(values):
        values = values.detach().cpu()
        # NumPy has no bfloat16
        return (values.float() if values.dtype == torch.bfloat16 else values).numpy()
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
