"""Grids of images, and what a classifier takes them for."""

import math

from d2lutils.plots import COLORS, to_numpy


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
    images_shape = images.shape
    if images.ndim == 4 and images.shape[1] in (1, 3):
        images = images.transpose(0, 2, 3, 1)
        images = images[..., 0] if images.shape[-1] == 1 else images
    if not len(images) or images.ndim not in (3, 4):
        raise ValueError(
            "show_images() takes (n, 1 or 3, height, width) or (n, height, width), got "
            f"{images_shape}. One image alone needs a batch dimension: X[None]."
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

    Raises
    ------
    ValueError
        When ``X``, ``y`` and ``y_hat`` have not the same length.
    """
    if not len(X) == len(y) == len(y_hat):
        raise ValueError(
            f"{len(X)} images, {len(y)} labels and {len(y_hat)} predictions: there must "
            "be one of each."
        )
    names = classes or [str(i) for i in range(int(max(y.max(), y_hat.max())) + 1)]
    pairs = list(zip(y_hat.tolist(), y.tolist(), strict=True))
    titles = [names[p] if p == t else f"{names[p]} (is {names[t]})" for p, t in pairs]
    colors = [COLORS[2] if p == t else COLORS[1] for p, t in pairs]
    return show_images(X, titles, cols, title_colors=colors)
