"""In which order the cells of two changed notebooks stand in the merged one."""

from collections.abc import Collection, Sequence


def merged_order(
    base: Collection[str], mine: Sequence[str], theirs: Sequence[str]
) -> list[str]:
    """Merge the order of keys.

    The order is that of *mine* where *mine* was reordered, else that of *theirs*.
    What the other one has more stands behind what it stood behind there; where both
    have something new at one place, that of *mine* comes first.

    Parameters
    ----------
    base
        The keys of the base, in order.
    mine, theirs
        The keys of each side, in order.
    """
    common = set(base) & set(mine) & set(theirs)
    kept = [it for it in base if it in common]
    if [it for it in mine if it in common] == kept:
        return _inserted(theirs, mine, passed=frozenset())
    added = frozenset(mine) - frozenset(theirs) - frozenset(base)
    return _inserted(mine, theirs, passed=added)


def _inserted(
    order: Sequence[str], others: Sequence[str], passed: Collection[str]
) -> list[str]:
    """Insert what only `others` has, each behind the one that it stood behind."""
    made = list(order)
    known = set(order)
    previous = None
    for key in others:
        if key not in known:
            place = 0 if previous is None else made.index(previous) + 1
            while place < len(made) and made[place] in passed:
                place += 1
            made.insert(place, key)
        previous = key
    return made
