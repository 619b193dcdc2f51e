"""Which chapters still wait to be rebuilt on two layers, a core and what is deeper.

The rules for limits, *In practice*, ``against`` and honest bands are not yet asked of
them. The list can only shrink: a chapter leaves it when it is rebuilt, none is added.
"""

NOT_YET = tuple(f"{number:02d}" for number in range(6, 18))


def is_rebuilt(chapter):
    """Whether the rules of the two layers hold for a chapter, given as "05"."""
    return chapter not in NOT_YET
