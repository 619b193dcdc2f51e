"""Data drawn from a known law, to see whether a method finds it again."""

import torch


def linear_data(w, b, n, noise=0.01, seed=0):
    """Draw examples of ``y = X w + b + noise``, features and noise normal.

    Parameters
    ----------
    w : sequence of d floats, or a tensor
    b : float
    n : int
    noise : float
        Standard deviation of the noise.

    Returns
    -------
    X : torch.Tensor
        (n, d) float32, standard normal, on the device of ``w``.
    y : torch.Tensor
        (n, 1) float32, there too.

    Raises
    ------
    ValueError
        When ``n`` or ``noise`` is too small.
    """
    if not (n >= 1 and noise >= 0):
        raise ValueError(f"linear_data() needs n >= 1 and noise >= 0: {n}, {noise}.")
    generator = torch.Generator().manual_seed(seed)
    w = torch.as_tensor(w, dtype=torch.float32).reshape(-1, 1)
    # drawn on the CPU: every device then gets the same numbers
    X = torch.randn(n, len(w), generator=generator).to(w.device)
    errors = torch.randn(n, 1, generator=generator).to(w.device)
    return X, X @ w + b + noise * errors


def moons(n, noise=0.1, seed=0):
    """Draw scikit-learn's two interleaved half-moons: X (n, 2) float32, y (n,) int64.

    Raises
    ------
    ValueError
        When ``n`` or ``noise`` is too small.
    """
    if not (n >= 2 and noise >= 0):
        raise ValueError(f"moons() needs n >= 2 and noise >= 0: {n}, {noise}.")
    from sklearn.datasets import make_moons

    X, y = make_moons(n, noise=noise, random_state=seed)
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.int64)
