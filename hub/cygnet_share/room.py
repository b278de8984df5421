"""A folder that is being filled with what may clash by name."""

from collections.abc import Iterator
from itertools import chain, count
from pathlib import PurePosixPath

from cygnet_share.path_rule import MAX_NAME_BYTES, parents, twin_key
from cygnet_share.tree import Entry, File, Tree


class Room:
    """The entries of a folder, no two of which clash by name.

    Parameters
    ----------
    tree
        What is in it at first.
    mark
        What a name that is taken is marked with.
    """

    def __init__(self, tree: Tree, mark: str = "new version") -> None:
        self.entries = dict(tree)
        self._mark = mark
        self._spelled: dict[str, str] = {}
        for path in tree:
            self._take(path)

    def add(self, path: str, entry: Entry) -> str:
        """Add an entry under its name, or under another where that is taken.

        Returns
        -------
        str
            Its path. An entry that is there already is not added again.
        """
        folder = ""
        for parent in PurePosixPath(path).parts[:-1]:
            folder = self._folder(f"{folder}{parent}")
        wanted = f"{folder}{PurePosixPath(path).name}"
        free = next(it for it in self._candidates(wanted) if self._is_free(it, entry))
        place = self._spelled.get(twin_key(free), free)
        if place not in self.entries and place == free:
            self.entries[place] = entry
            self._take(place)
        return place

    def _is_free(self, path: str, entry: Entry) -> bool:
        """Say whether an entry may stand at a path, or stands there."""
        found = self._spelled.get(twin_key(path))
        if found is None:
            return True
        there = self.entries.get(found)
        if isinstance(entry, File):
            return there == entry
        return not isinstance(there, File)

    def _folder(self, wanted: str) -> str:
        """Give a folder's path with a slash, where no file has its name."""
        spelled = (
            self._spelled.get(twin_key(it), it) for it in self._candidates(wanted)
        )
        found = next(it for it in spelled if not isinstance(self.entries.get(it), File))
        return f"{found}/"

    def _take(self, path: str) -> None:
        """Note how a path and its folders are spelled."""
        for part in (*parents(path), path):
            self._spelled.setdefault(twin_key(part), part)

    def _candidates(self, path: str) -> Iterator[str]:
        """Give names for a path, without end."""
        mark = self._mark
        marks = chain((f" ({mark})",), (f" ({mark} {i})" for i in count(2)))
        yield path
        yield from (_marked(PurePosixPath(path), it) for it in marks)


def _marked(path: PurePosixPath, mark: str) -> str:
    """Put a mark in front of a name's ending, and shorten what would be too long."""
    room = MAX_NAME_BYTES - len(f"{mark}{path.suffix}".encode())
    stem = path.stem.encode()[:room].decode(errors="ignore")
    return str(path.with_name(f"{stem}{mark}{path.suffix}"))
