"""What became of each file between two versions of a folder."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cygnet_share.tree import Entry, File, Tree


class Change(StrEnum):
    """What became of a file, or of an empty folder."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    """It has another path, and the same content."""


@dataclass(frozen=True, slots=True)
class PathChange:
    """A path at which something is another."""

    path: str
    """That of the newer version where it has one."""

    kind: Change

    before: Entry | None = None
    after: Entry | None = None

    from_path: str | None = None
    """The older path of what was moved."""


def compare(before: Tree, after: Tree) -> Sequence[PathChange]:
    """Compare two versions of a folder.

    Parameters
    ----------
    before, after
        The older and the newer version.

    Returns
    -------
    sequence of PathChange
        By path; what is the same in both is not in it.
    """
    gone = [it for it in sorted(before) if it not in after]
    new = [it for it in sorted(after) if it not in before]
    sources = dict(_moved(before, after, gone, new))
    taken = set(sources.values())
    made = [
        *(
            PathChange(it, Change.CHANGED, before[it], after[it])
            for it in before.keys() & after.keys()
            if before[it] != after[it]
        ),
        *(PathChange(it, Change.REMOVED, before[it]) for it in gone if it not in taken),
        *(_arrived(before, after, it, sources.get(it)) for it in new),
    ]
    return sorted(made, key=lambda it: it.path)


def _arrived(before: Tree, after: Tree, path: str, source: str | None) -> PathChange:
    """Say whence a path comes that the older version has not."""
    if source is None:
        return PathChange(path, Change.ADDED, None, after[path])
    return PathChange(path, Change.MOVED, before[source], after[path], source)


def _moved(
    before: Tree, after: Tree, gone: Iterable[str], new: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Match new paths and those that are gone by content, each once and in order."""
    left: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path in gone:
        left[_content(before[path])].append(path)
    for places in left.values():
        places.reverse()
    for path in new:
        content = _content(after[path])
        if content and left[content]:
            yield path, left[content].pop()


def _content(entry: Entry) -> tuple[str, ...]:
    """Give what a file is recognised by; nothing where it is empty."""
    return entry.chunks if isinstance(entry, File) else ()
