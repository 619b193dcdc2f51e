"""Data drawn from a known law, to see whether a method finds it again."""

import torch


def linear_data(w, b, n, noise=0.01, seed=0):
    """Draw examples of ``y = X w + b + noise``, features and noise normal.

    Parameters
    ----------
    w : sequence of d floats
    b : float
    n : int
    noise : float
        Standard deviation of the noise.

    Returns
    -------
    X : torch.Tensor
        (n, d) float32, standard normal.
    y : torch.Tensor
        (n, 1) float32.
    """
    if n < 1 or noise < 0:
        raise ValueError(f"linear_data() needs n >= 1 and noise >= 0: {n}, {noise}.")
    generator = torch.Generator().manual_seed(seed)
    w = torch.as_tensor(w, dtype=torch.float32).reshape(-1, 1)
    X = torch.randn(n, len(w), generator=generator)
    return X, X @ w + b + noise * torch.randn(n, 1, generator=generator)


def moons(n, noise=0.1, seed=0):
    """Draw scikit-learn's two interleaved half-moons: X (n, 2) float32, y (n,) int64."""
    from sklearn.datasets import make_moons

    X, y = make_moons(n, noise=noise, random_state=seed)
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.int64)
