"""What has to be done on the disk so that a folder follows its share: pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from cygnet_share.path_rule import parents, twin_key
from cygnet_share.room import Room
from cygnet_share.tree import EMPTY, EmptyFolder, File, Tree, changes, patched

MINE = "mine"
"""What a local file that makes room for one of the share is marked with."""

# Keeps the name of a deleted file from a changed one, and equals no real entry.
_GONE = File(-1, ())


@dataclass(frozen=True, slots=True)
class Plan:
    """Acts, in the order of the fields."""

    removals: Sequence[str] = ()
    """Files that are as the share had them."""

    moves: Mapping[str, str] = field(default_factory=dict)
    """The user's own files, and their new paths, which are free."""

    emptied: Sequence[str] = ()
    """Folders that go when nothing is left in them, the innermost first."""

    puts: Mapping[str, File] = field(default_factory=dict)
    """Files that are new or replaced."""

    folders: Sequence[str] = ()
    """Empty folders that are made."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        acts = (self.removals, self.moves, self.emptied, self.puts, self.folders)
        return not any(acts)


def between(mine: Tree, target: Tree, moves: Mapping[str, str] | None = None) -> Plan:
    """Plan the way from one folder to another.

    Parameters
    ----------
    mine
        What is there.
    target
        What shall be.
    moves
        What is renamed on the way.
    """
    moves = moves or {}
    moved = {moves.get(path, path): entry for path, entry in mine.items()}
    found = changes(moved, target)
    removals = [
        it.path
        for it in found
        if isinstance(it.before, File) and not isinstance(it.after, File)
    ]
    left = [it.path for it in found if isinstance(it.before, EmptyFolder)]
    needed = {parent for path in target for parent in parents(path)} | target.keys()
    above = {parent for path in (*removals, *moves) for parent in parents(path)}
    return Plan(
        removals,
        moves,
        sorted((above | set(left)) - _folders(needed, target), reverse=True),
        {it.path: it.after for it in found if isinstance(it.after, File)},
        [it.path for it in found if isinstance(it.after, EmptyFolder)],
    )


def _folders(needed: set[str], target: Tree) -> set[str]:
    """Leave out the files."""
    return {it for it in needed if not isinstance(target.get(it), File)}


def for_viewer(base: Tree, mine: Tree, theirs: Tree) -> Plan:
    """Plan how a copy that is only read follows its share.

    What the share has changed is as it is there; what the user has made or changed
    stays, under another name where the share needs the name. A file of the share
    that the user has changed or deleted stays so until the share changes it.

    Parameters
    ----------
    base
        What the folder last followed.
    mine
        What is there.
    theirs
        What the share holds now; empty when it is over.
    """
    changed = {it.path for it in changes(base, theirs)}
    stays = {
        path: entry
        for path, entry in theirs.items()
        if path in changed or mine.get(path) == entry
    }
    own = {
        path: entry
        for path, entry in mine.items()
        if entry not in (base.get(path), stays.get(path))
    }
    # No name that is on the disk until the plan is done, nor that of a deleted file.
    here = mine.keys() - stays.keys()
    going = {it for it in here if it not in own or it in changed}
    room = Room(stays | dict.fromkeys(going, _GONE), MINE)
    is_taken = partial(_is_taken, _names([*stays, *going]))
    moves: dict[str, str] = {}
    for path in sorted(own, key=lambda it: (is_taken(it), it)):
        if is_taken(path) and not isinstance(own[path], File):
            continue
        count = len(room.entries)
        place = room.add(path, own[path])
        # Else the same text is there twice, and one of it is enough.
        if place != path and len(room.entries) > count:
            moves[path] = place
    target = {path: entry for path, entry in room.entries.items() if entry != _GONE}
    return between(mine, patched(EMPTY, target), moves)


def _names(paths: Collection[str]) -> Mapping[str, tuple[str, bool]]:
    """Give how names are spelled, and whether one is that of a folder."""
    leaves = {twin_key(it): (it, False) for it in paths}
    folders = {twin_key(it): (it, True) for path in paths for it in parents(path)}
    return leaves | folders


def _is_taken(names: Mapping[str, tuple[str, bool]], path: str) -> bool:
    """Return whether a path cannot stand among others as it is."""
    above = parents(path)
    return twin_key(path) in names or any(
        names.get(twin_key(it), (it, True)) != (it, True) for it in above
    )


def for_end(base: Tree, mine: Tree) -> Plan:
    """Plan how a copy goes: what the user has changed stays, under another name."""
    return for_viewer(base, mine, EMPTY)


def visible(plan: Plan, is_hidden: Callable[[str], bool]) -> Plan:
    """Leave alone what stands where the scan could not look.

    Parameters
    ----------
    plan
        The plan.
    is_hidden
        Whether something may stand at a path that was not seen.
    """
    return replace(
        plan,
        removals=[it for it in plan.removals if not is_hidden(it)],
        puts={it: file for it, file in plan.puts.items() if not is_hidden(it)},
        folders=[it for it in plan.folders if not is_hidden(it)],
    )
