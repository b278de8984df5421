"""Which paths a snapshot may hold.

The same rules are asked where a snapshot is made and where one is written to a disk,
so that neither trusts the other.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from cygnet_share.direction import DIRECTIONS

MAX_BYTES = 512
"""The longest path, in bytes of UTF-8."""

MAX_DEPTH = 20
"""The most names in a path."""

MAX_NAME_BYTES = 255
"""The longest name that Linux's file systems take."""

NEVER = frozenset({"__pycache__"})
"""Folders without a dot that belong to one working copy and are never shared."""

_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


def reason_against(path: str) -> str | None:
    """Say why a path cannot be shared, as the end of a sentence.

    Parameters
    ----------
    path
        Relative to the shared folder, with `/` between names.

    Returns
    -------
    str or None
        For example "has “..” in it"; None for a path that can be shared.
    """
    # First of all, as the names of what is not refused here are kept for a while.
    if len(path) > MAX_BYTES or len(path.encode(errors="replace")) > MAX_BYTES:
        return f"is longer than {MAX_BYTES} bytes"
    names = path.split("/")
    if len(names) > MAX_DEPTH:
        return f"has more than {MAX_DEPTH} folders"
    return next(filter(None, map(_reason_against_name, names)), None)


@lru_cache(maxsize=20_000)
def _reason_against_name(name: str) -> str | None:
    """Say why a name in a path cannot be shared."""
    kinds = set(map(unicodedata.category, name))
    against = {
        "has an empty name in it": not name,
        f"has “{name}” in it": name in {".", ".."},
        "has a control character in it": not _UNPRINTABLE.isdisjoint(kinds),
        "has a character that reverses the direction of reading": (
            not DIRECTIONS.isdisjoint(name)
        ),
        "has a backslash in it": "\\" in name,
        "is not in Unicode's normal form NFC": (
            unicodedata.normalize("NFC", name) != name
        ),
        "is hidden: names that begin with a dot are not shared": name.startswith("."),
        f"has “{name}” in it, which programs make for themselves": name in NEVER,
    }
    found = next((reason for reason, holds in against.items() if holds), None)
    if found is None and len(name.encode()) > MAX_NAME_BYTES:
        return f"has a name of more than {MAX_NAME_BYTES} bytes"
    return found


def twin_key(path: str) -> str:
    """Give what two paths have in common that some file system takes for one."""
    folded = unicodedata.normalize("NFC", path).casefold()
    return unicodedata.normalize("NFC", folded)


def clashes(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Find paths that cannot stand in one folder.

    They are twins (`A.txt` and `a.txt`, or parents `A/` and `a/`), or one is a file
    and the other needs a folder of that name.

    Parameters
    ----------
    paths
        The paths of files, and of empty folders.

    Yields
    ------
    tuple of str and str
        Two different paths, in the order of the paths; each clash once.
    """
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    leaves = sorted(set(paths))
    for path in leaves:
        for part in (*parents(path), path):
            spellings[twin_key(part)].add(part)
    for found in spellings.values():
        first, *others = sorted(found)
        yield from ((first, other) for other in others)
    files = set(leaves)
    for path in leaves:
        yield from ((it, path) for it in parents(path) if it in files)


def parents(path: str) -> Iterator[str]:
    """Give the folders that a path stands in, the outermost first."""
    names = path.split("/")
    for count in range(1, len(names)):
        yield "/".join(names[:count])
