"""What a function or a classifier says of every point of a plane."""

from d2lutils.plots import COLORS, axes, to_numpy


def plot_contours(
    f, xlim, ylim, path=None, *, ax=None, levels=20, xlabel="$x_1$", ylabel="$x_2$",
    device=None,
):  # fmt: skip
    """Draw the level lines of ``f`` over a rectangle, and a path on them.

    Parameters
    ----------
    f : callable ``(x1, x2) -> values``
        Takes two (n, n) tensors of 32-bit floats.
    xlim, ylim : (float, float)
    path : (m, 2) tensor or sequence of points, optional
        Drawn with a marker at each step and a ring at the start.
    levels : int or sequence of floats
    device : torch.device or str, optional
        Where ``f`` computes: its two tensors are made there. The device of ``path``
        when left out, or the CPU.

    Returns
    -------
    matplotlib.axes.Axes
    """
    import torch

    device = getattr(path, "device", "cpu") if device is None else device
    x1, x2 = torch.meshgrid(
        torch.linspace(*xlim, 101, device=device),
        torch.linspace(*ylim, 101, device=device),
        indexing="xy",
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


def plot_decision_regions(f, X, y, ax=None, xlabel="$x_1$", ylabel="$x_2$"):
    """Colour the plane by what a classifier says, with the examples on top.

    Parameters
    ----------
    f : callable
        Maps (m, 2) points, of the dtype and on the device of ``X``, to (m,) class
        numbers, or to probabilities of class 1, which are drawn as shades with the 0.5
        line.
    X : (n, 2) tensor
    y : (n,) or (n, 1) tensor of class numbers

    Raises
    ------
    ValueError
        When ``X`` has not two features, or ``f`` gives not one value for each point.
    """
    import torch
    from matplotlib.colors import ListedColormap

    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"Decision regions need two features, got {tuple(X.shape)}.")
    low, high = (corner.tolist() for corner in X.detach().aminmax(dim=0))
    margins = [0.15 * (b - a) for a, b in zip(low, high, strict=True)]
    x1, x2 = (
        torch.linspace(a - m, b + m, 150, dtype=X.dtype, device=X.device)
        for a, b, m in zip(low, high, margins, strict=True)
    )
    with torch.no_grad():
        values = f(torch.cartesian_prod(x1, x2))
    if values.numel() != 150 * 150:
        raise ValueError(
            "f must give one value for each of the 22500 points, a class number or a "
            f"probability, but its result has shape {tuple(values.shape)}."
        )
    values = values.reshape(150, 150).T
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
    X, y = to_numpy(X), to_numpy(y).reshape(-1)  # which may lie on two devices
    for label in sorted(set(y.tolist())):
        points = X[y == label]
        ax.plot(*points.T, "os^Dv"[int(label) % 5], color=COLORS[int(label)], ms=4,
                mec="white", mew=0.4, ls="none", label=f"class {int(label)}")  # fmt: skip
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(loc="best", handletextpad=0.1)
    return ax
