"""Seeded random numbers that Python and the front end share (``front/random.js``).

``torch.manual_seed`` cannot be repeated in a browser. mulberry32, a 32-bit generator of a
few lines, can: output number i depends on the seed and on i alone.
"""

import math

import numpy as np
import torch


def uniforms(seed, n, start=0):
    """``n`` float64 numbers in [0, 1): outputs ``start``, ``start + 1``, ... of mulberry32.

    >>> [round(u, 4) for u in uniforms(1, 3).tolist()]
    [0.6271, 0.0027, 0.5274]
    """
    word = np.uint32
    index = np.arange(start + 1, start + n + 1, dtype=np.uint64)
    state = (np.uint64(seed) + index * np.uint64(0x6D2B79F5)).astype(word)
    t = (state ^ (state >> word(15))) * (word(1) | state)
    t = (t + (t ^ (t >> word(7))) * (word(61) | t)) ^ t
    return torch.from_numpy((t ^ (t >> word(14))) / 2.0**32)


def normals(seed, n):
    """``n`` float64 numbers of the standard normal distribution, by Box and Muller."""
    u = uniforms(seed, n + n % 2).view(-1, 2)
    radius, angle = torch.sqrt(-2 * torch.log(1 - u[:, 0])), 2 * math.pi * u[:, 1]
    pairs = torch.stack([radius * torch.cos(angle), radius * torch.sin(angle)], dim=1)
    return pairs.flatten()[:n]
