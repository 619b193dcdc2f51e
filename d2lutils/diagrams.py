"""Drawings that are not curves: networks, and tables of confusions."""

import itertools

from d2lutils.plots import COLORS, axes, to_numpy


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

    Raises
    ------
    ValueError
        When a layer has no units, or the labels do not match.
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


def plot_confusion(y, y_hat, classes=None, ax=None):
    """Draw how often each true class (rows) was given each label (columns).

    Parameters
    ----------
    y, y_hat : (n,) int64 tensors
    classes : list of str, optional

    Raises
    ------
    ValueError
        When the two have not the same length.
    """
    from sklearn.metrics import confusion_matrix

    y, y_hat = to_numpy(y).reshape(-1), to_numpy(y_hat).reshape(-1)
    labels = range(len(classes)) if classes else sorted({*y.tolist(), *y_hat.tolist()})
    table = confusion_matrix(y, y_hat, labels=list(labels))
    names = classes or [str(label) for label in labels]
    side = 1.2 + 0.36 * len(names)
    ax = axes(ax, (max(side, 2.4), max(side, 2.2)))
    ax.grid(False)
    shade = table / table.sum(axis=1, keepdims=True).clip(min=1)
    ax.imshow(shade, cmap="Blues", vmin=0, vmax=1)
    for row in range(len(names)):
        for col in range(len(names)):
            if table[row, col]:
                color = "white" if shade[row, col] > 0.5 else "black"
                ax.text(col, row, table[row, col], ha="center", va="center",
                        fontsize=7.5, color=color)  # fmt: skip
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="predicted", ylabel="true")
    return ax
