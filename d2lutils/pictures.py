"""Pictures of data and of what a classifier makes of them."""

import math

from d2lutils.plots import COLORS, axes, to_numpy


def show_images(X, titles=None, cols=8, scale=0.85, title_colors=None):
    """Show grey or colour images in a grid.

    Parameters
    ----------
    X : (n, 1 or 3, height, width) or (n, height, width) tensor
        Values from 0 to 1; grey images are drawn as dark ink on white paper.
    titles : sequence of n, optional
        Written above each image.
    cols : int
    scale : float
        Width of one image in inches.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        When ``X`` has another shape, or the titles do not match.
    """
    import matplotlib.pyplot as plt

    images = to_numpy(X)
    if images.ndim == 4 and images.shape[1] in (1, 3):
        images = images.transpose(0, 2, 3, 1)
        images = images[..., 0] if images.shape[-1] == 1 else images
    if not len(images) or images.ndim not in (3, 4):
        raise ValueError(
            "show_images() takes (n, 1 or 3, height, width) or (n, height, width), got "
            f"{tuple(X.shape)}. One image alone needs a batch dimension: X[None]."
        )
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"{len(images)} images but {len(titles)} titles.")
    cols = min(cols, len(images))
    rows = math.ceil(len(images) / cols)
    high = scale * (1.28 if titles is not None else 1.05)
    fig, grid = plt.subplots(rows, cols, figsize=(cols * scale, rows * high))
    for i, ax in enumerate(getattr(grid, "flat", [grid])):
        ax.axis("off")
        if i < len(images):
            ax.imshow(images[i], vmin=0, vmax=1)
        if i < len(images) and titles is not None:
            color = "black" if title_colors is None else title_colors[i]
            ax.set_title(titles[i], fontsize=8.5, color=color, pad=2)
    return fig


def show_predictions(X, y, y_hat, classes=None, cols=8):
    """Show images with the predicted label, and the true one where they differ.

    Parameters
    ----------
    X : (n, channels, height, width) tensor
    y, y_hat : (n,) int64 tensors
        True and predicted class numbers.
    classes : list of str, optional
        Their names; the numbers themselves when left out.
    """
    names = classes or [str(i) for i in range(int(max(y.max(), y_hat.max())) + 1)]
    pairs = list(zip(y_hat.tolist(), y.tolist(), strict=True))
    titles = [names[p] if p == t else f"{names[p]} (is {names[t]})" for p, t in pairs]
    colors = [COLORS[2] if p == t else COLORS[1] for p, t in pairs]
    return show_images(X, titles, cols, title_colors=colors)


def plot_decision_regions(f, X, y, ax=None, xlabel="$x_1$", ylabel="$x_2$"):
    """Colour the plane by what a classifier says, with the examples on top.

    Parameters
    ----------
    f : callable
        Maps (m, 2) float32 points to (m,) class numbers, or to probabilities of class
        1, which are drawn as shades with the 0.5 line.
    X : (n, 2) tensor
    y : (n,) or (n, 1) tensor of class numbers
    """
    import torch
    from matplotlib.colors import ListedColormap

    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"Decision regions need two features, got {tuple(X.shape)}.")
    (low, high), margin = X.aminmax(dim=0), 0.15
    pad = margin * (high - low)
    x1 = torch.linspace((low - pad)[0].item(), (high + pad)[0].item(), 150)
    x2 = torch.linspace((low - pad)[1].item(), (high + pad)[1].item(), 150)
    points = torch.cartesian_prod(x1, x2)
    with torch.no_grad():
        values = f(points.to(X.dtype)).reshape(150, 150).T
    x1, x2 = to_numpy(x1), to_numpy(x2)
    ax = axes(ax, (4.6, 3.6))
    ax.grid(False)
    if values.is_floating_point():
        values = to_numpy(values)
        ax.contourf(
            x1, x2, values, levels=20, cmap="PuOr_r", alpha=0.55, vmin=0, vmax=1
        )
        ax.contour(x1, x2, values, levels=[0.5], colors="black", linewidths=1.2)
    else:
        shades = ListedColormap(COLORS[: int(y.max()) + 1])
        ax.pcolormesh(x1, x2, to_numpy(values), cmap=shades, alpha=0.25, vmin=0,
                      vmax=int(y.max()), shading="nearest")  # fmt: skip
    y = y.reshape(-1)
    for label in y.unique():
        points = to_numpy(X[y == label])
        ax.plot(*points.T, "os^Dv"[int(label) % 5], color=COLORS[int(label)], ms=4,
                mec="white", mew=0.4, ls="none", label=f"class {int(label)}")  # fmt: skip
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(loc="best", handletextpad=0.1)
    return ax


def plot_confusion(y, y_hat, classes=None, ax=None):
    """Draw how often each true class (rows) was given each label (columns).

    Parameters
    ----------
    y, y_hat : (n,) int64 tensors
    classes : list of str, optional
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
