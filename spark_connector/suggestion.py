"""Suggests the name that a user probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a sentence with near matches of a name and all that are known.

    E.g. `Did you mean 'title'? There are: cluster, title.`
    """
    names = sorted(known)
    near = get_close_matches(name.lower(), names, n=2, cutoff=0.6)
    guess = " or ".join(f"'{match}'" for match in near)
    there = f"There are: {', '.join(names)}." if names else "There are none."
    return f"Did you mean {guess}? {there}" if near else there
