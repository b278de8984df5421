"""Merges two folders that were changed since a third, file by file.

Where both changed one file, *mine* stays and *theirs* stands next to it under a name
that says so; notebooks are left to `notebook_merge`. No lines are merged: half a
program is worse than two. Merging again, with the base of then or with *theirs* as
the base, changes nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from cygnet_share.path_rule import clashes
from cygnet_share.room import Room
from cygnet_share.tree import EMPTY, Entry, File, Tree, patched

NOTEBOOK = ".ipynb"


class Kind(StrEnum):
    """How two changes of a folder meet."""

    BOTH_CHANGED = "both changed"
    """*Mine* stays, *theirs* stands next to it."""

    DELETED_HERE = "deleted here, changed there"
    """The file of *theirs* is there again."""

    DELETED_THERE = "changed here, deleted there"
    """The file of *mine* stays."""

    NAME_TAKEN = "name taken"
    """Both have a file or folder of a name; *theirs* has got another one."""


@dataclass(frozen=True, slots=True)
class FileConflict:
    """A file that both changed."""

    kind: Kind

    path: str
    """Its path before the merge."""

    other: str | None = None
    """The path of what *theirs* holds, where that differs."""


@dataclass(frozen=True, slots=True)
class Versions:
    """A notebook that both changed, to be merged by cell."""

    path: str

    base: File | None
    """None where it is new on both sides."""

    mine: File
    theirs: File


@dataclass(frozen=True, slots=True)
class MergedTree:
    """A merged folder."""

    tree: Tree
    """A notebook of `notebooks` is that of *mine* in it."""

    conflicts: Sequence[FileConflict]
    """In the order of the paths."""

    notebooks: Sequence[Versions]
    """In the order of the paths."""


def merge(base: Tree, mine: Tree, theirs: Tree) -> MergedTree:
    """Merge two folders by file.

    Parameters
    ----------
    base
        What both were made of.
    mine
        The folder whose files stay where both changed one.
    theirs
        The other one.
    """
    base, theirs = _followed(base, mine, theirs)
    base, mine = _followed(base, theirs, mine)
    return _Merge(base, mine, theirs).merged()


def with_copy(merged: MergedTree, versions: Versions) -> MergedTree:
    """Give up merging a notebook by cell: *theirs* stands next to *mine*."""
    room = Room(merged.tree)
    other = room.add(versions.path, versions.theirs)
    conflict = FileConflict(Kind.BOTH_CHANGED, versions.path, other)
    return MergedTree(
        patched(EMPTY, room.entries),
        sorted((*merged.conflicts, conflict), key=lambda it: it.path),
        [it for it in merged.notebooks if it is not versions],
    )


def _followed(base: Tree, mover: Tree, editor: Tree) -> tuple[Tree, Tree]:
    """Move what one side edits to where the other has moved it.

    A move is known by its content: one file of it is gone and one has come. None is
    followed where names would clash.
    """
    gone = _by_content(base, mover)
    come = _by_content(mover, base)
    moves = {
        gone[content]: come[content]
        for content in gone.keys() & come.keys()
        if editor.get(gone[content]) not in {None, base[gone[content]]}
        and come[content] not in editor
    }
    edited = _moved(editor, moves)
    if any(clashes(edited)):
        return base, editor
    return _moved(base, moves), edited


def _by_content(tree: Tree, other: Tree) -> dict[tuple[str, ...], str]:
    """Find the files that only one tree has, by content, where it has one such."""
    found = [
        (entry.chunks, path)
        for path, entry in tree.items()
        if path not in other and isinstance(entry, File) and entry.size
    ]
    count = Counter(chunks for chunks, _ in found)
    return {chunks: path for chunks, path in found if count[chunks] == 1}


def _moved(tree: Tree, moves: Mapping[str, str]) -> Tree:
    """Give a tree with some paths replaced."""
    return {moves.get(path, path): entry for path, entry in tree.items()}


class _Merge:
    """One merge of two folders.

    Parameters
    ----------
    base, mine, theirs
        As for `merge`, with what was moved at its new place.
    """

    def __init__(self, base: Tree, mine: Tree, theirs: Tree) -> None:
        self._base, self._mine, self._theirs = base, mine, theirs
        self._conflicts: list[FileConflict] = []
        self._notebooks: list[Versions] = []

    def merged(self) -> MergedTree:
        """Merge."""
        mine = {path: self._kept(path, own) for path, own in self._mine.items()}
        room = Room({path: entry for path, entry in mine.items() if entry})
        for path in sorted(self._theirs):
            self._add(room, path, self._theirs[path])
        return MergedTree(
            patched(EMPTY, room.entries),
            sorted(self._conflicts, key=lambda it: it.path),
            self._notebooks,
        )

    def _kept(self, path: str, own: Entry) -> Entry | None:
        """Give what stands where *mine* has something."""
        old, new = self._base.get(path), self._theirs.get(path)
        if new is None and old is not None:
            if own == old:
                return None
            self._conflicts.append(FileConflict(Kind.DELETED_THERE, path))
        if isinstance(own, File) and isinstance(new, File):
            return _merged_file(old, own, new)
        return new if new is not None and own == old else own

    def _add(self, room: Room, path: str, new: Entry) -> None:
        """Add what *theirs* has and the merged folder has not."""
        old, own = self._base.get(path), self._mine.get(path)
        if own is None and new == old:
            return
        if own is not None and not _is_conflict(old, own, new):
            return
        if _is_notebook(path) and isinstance(own, File) and isinstance(new, File):
            before = old if isinstance(old, File) else None
            self._notebooks.append(Versions(path, before, own, new))
            return
        place = room.add(path, new)
        kind = _kind(old, own, is_moved=place != path)
        if kind is not None:
            other = place if place != path else None
            self._conflicts.append(FileConflict(kind, path, other))


def _kind(old: Entry | None, own: Entry | None, *, is_moved: bool) -> Kind | None:
    """Say how an entry of *theirs* meets *mine*, when it has been added."""
    if own is not None:
        return Kind.BOTH_CHANGED if is_moved else None
    if old is not None:
        return Kind.DELETED_HERE
    return Kind.NAME_TAKEN if is_moved else None


def _is_notebook(path: str) -> bool:
    """Say whether a file is named as a notebook."""
    return path.endswith(NOTEBOOK)


def _is_conflict(old: Entry | None, own: Entry, new: Entry) -> bool:
    """Say whether two entries at one path hold two changes."""
    before, mine, theirs = (
        it.chunks if isinstance(it, File) else it for it in (old, own, new)
    )
    return mine != theirs and before not in (mine, theirs)


def _merged_file(old: Entry | None, own: File, new: File) -> File:
    """Merge content and permission of a file each by itself."""
    before = old if isinstance(old, File) else None
    whole = new if before is not None and own.chunks == before.chunks else own
    was = before.executable if before is not None else False
    executable = new.executable if own.executable == was else own.executable
    return replace(whole, executable=executable)
