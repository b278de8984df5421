"""Where the shares of others stand in the user's folders."""

import unicodedata
from collections.abc import Iterable
from itertools import count

from cygnet_share.path_rule import reason_against, twin_key

SHARED = "Shared"
"""The folder of all that others share."""

_MAX_BYTES = 120


def free_place(owner: str, title: str, taken: Iterable[str]) -> str:
    """Give a place for a share.

    Parameters
    ----------
    owner
        The owner's name, of any characters.
    title
        The share's, too.
    taken
        Places that are not free.

    Returns
    -------
    str
        `Shared/OWNER/TITLE`, with a number where that is taken.
    """
    keys = {twin_key(it) for it in taken}
    wanted = f"{SHARED}/{_name(owner)}/{_name(title)}"
    names = (wanted if i == 1 else f"{wanted} ({i})" for i in count(1))
    return next(it for it in names if twin_key(it) not in keys)


def copy_name(title: str, number: int) -> str:
    """Give a name for a copy of a share.

    Parameters
    ----------
    title
        The share's.
    number
        1 for the first name, more where that is taken.
    """
    name = _name(title)
    return name if number == 1 else f"{name} ({number})"


def _name(text: str) -> str:
    """Make a name of a text that another person has written."""
    normal = unicodedata.normalize("NFC", text)
    kept = "".join(
        "_" if it == "/" or reason_against(f"a{it}") else it for it in normal
    )
    name = kept.lstrip(". ").encode()[:_MAX_BYTES].decode(errors="ignore").rstrip()
    normal = unicodedata.normalize("NFC", name)
    return normal if reason_against(normal) is None else "share"
