"""The clock's weights, and the readers whose times they come from.

Nine chapters were read from top to bottom, exercises left out, by first-time readers with a
watch. ``READERS`` keeps what those chapters held at that time (counted by ``tools.minutes`` at
commit 852aabb) and how many minutes they took. Chapters change; these counts stay, so that
the weights can be computed again.

The weights are minutes for each unit. They minimise the squares of the relative errors, with
two further wishes, because nine chapters of one kind cannot tell words from code: a chapter of
2,800 words and 180 lines is an hour's reading, and no weight goes far from what is usual.
"""

KINDS = ("words", "lines", "formulas", "figures", "widgets")

# chapter: (counts in the order of KINDS, minutes taken)
READERS = {
    "01": ((5860, 552, 15, 9, 2), 120),
    "05": ((4723, 488, 9, 12, 1), 100),
    "06": ((4443, 534, 9, 16, 1), 105),
    "08": ((4031, 571, 12, 9, 2), 120),
    "09": ((4112, 460, 5, 7, 1), 105),
    "10": ((4609, 506, 13, 2, 1), 125),
    "12": ((5017, 674, 17, 10, 2), 155),
    "14": ((2907, 455, 1, 3, 1), 110),
    "16": ((3398, 415, 1, 1, 2), 95),
}

# The hour: a core at its limit, of the usual make-up.
HOUR = ((2800, 180, 8, 7, 1), 60)
# 130 words a minute, 7 seconds a line, half a minute a formula or figure, two a widget.
USUAL = (0.0075, 0.12, 0.5, 0.5, 2)

# What calibrated() finds, rounded.
WEIGHTS = {
    "words": 0.0098,
    "lines": 0.124,
    "formulas": 0.43,
    "figures": 0.12,
    "widgets": 2.7,
}


def calibrated(readers=READERS, hour_weight=2.0, pull=0.1):
    """The weights by least squares, none below 0: {kind: minutes for each}."""
    import numpy as np  # here, since whoever only reads the clock needs neither
    from scipy.optimize import nnls

    rows = [np.divide(counts, minutes) for counts, minutes in readers.values()]
    rows.append(hour_weight * np.divide(*HOUR))
    rows += list(pull * np.diag(1 / np.array(USUAL)))
    wanted = [1.0] * len(readers) + [hour_weight] + [pull] * len(USUAL)
    found, _ = nnls(np.array(rows), np.array(wanted))
    return dict(zip(KINDS, found.tolist(), strict=True))
