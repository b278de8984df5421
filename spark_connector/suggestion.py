"""What somebody probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a sentence that offers near matches and all that is known.

    Parameters
    ----------
    name
        What was written.
    known
        What could have been written.

    Returns
    -------
    str
        Such as `Did you mean 'title'? There are: cluster, title.`
    """
    names = sorted(known)
    near = get_close_matches(name.lower(), names, n=2, cutoff=0.6)
    guess = " or ".join(f"'{match}'" for match in near)
    there = f"There are: {', '.join(names)}." if names else "There are none."
    return f"Did you mean {guess}? {there}" if near else there
