"""Is what a function draws random, independent and new in every call?

``judge`` seeds the generators, so that the same answer always gets the same verdict; the
limits are six standard deviations wide. Coins are True or False, of any shape.
"""

import torch

from d2lutils.exercises import Wrong
from d2lutils.exercises.undisturbed import undisturbed

SIGMAS = 6


def share(coins, p, what="the share of zeros"):
    """Refuse coins that are not True with probability ``p``."""
    found = coins.double().mean().item()
    if not abs(found - p) <= SIGMAS * (p * (1 - p) / coins.numel()) ** 0.5:
        raise Wrong(f"With p = {p:g}, {what} is {found:.3f}.")


def independent(coins, hint="Every element needs a coin of its own."):
    """Refuse coins that repeat each other at any distance, along any axis.

    One coin for a whole row, a mask used for two halves, or a mask and its opposite all
    show in the correlation of the coins with themselves, moved by some steps.
    """
    signs = coins.double() - coins.double().mean()
    if not signs.any():
        return  # all alike: share() has spoken about those
    power = torch.fft.fftn(signs).abs().square()
    moved = torch.fft.ifftn(power).real.flatten()
    correlations = moved[1:] / moved[0]
    # Each is about normal, with the standard deviation 1 / √n. Moved by half an axis, every
    # pair counts twice, which widens it by √2.
    if correlations.abs().max() > SIGMAS * (2 / coins.numel()) ** 0.5:
        raise Wrong(f"The coins depend on each other. {hint}")


def unrelated(a, b, sentence):
    """Refuse two draws, (n,) each, of which one tells something about the other."""
    a, b = a.double().flatten(), b.double().flatten()
    for x in (a, (a - a.mean()).abs()):
        for y in (b, (b - b.mean()).abs()):
            x_, y_ = x - x.mean(), y - y.mean()
            size = (x_.square().sum() * y_.square().sum()).sqrt()
            related = (x_ * y_).sum().abs() > SIGMAS * len(a) ** -0.5 * size
            if related and size > 1e-9 * len(a):
                raise Wrong(sentence)


def fresh(draw):
    """Refuse a function (no arguments) that returns the same tensor in every call."""
    first, second = draw().clone(), draw()
    if torch.equal(first, second):
        raise Wrong("Two calls gave the same mask; draw a new one in each call.")
    repeated = []
    for _ in range(2):
        with undisturbed(seed=1):
            repeated.append(draw().clone())
    if not torch.equal(*repeated):
        raise Wrong("With the same seed, d2l.seed(1), it draws differently.")
