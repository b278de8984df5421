"""Two versions of a share, for one who may see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from cygnet_share import share, snapshot, tree_diff
from cygnet_share.database import Database
from cygnet_share.right import Person
from cygnet_share.share import Detail
from cygnet_share.tree import EMPTY, File, Tree
from cygnet_share.tree_diff import PathChange


@dataclass(frozen=True, slots=True)
class TwoVersions:
    """What two versions hold, and what became of each file."""

    detail: Detail
    before: Tree
    after: Tree
    changes: Sequence[PathChange]

    def paths(self, path: str) -> tuple[str | None, str | None]:
        """Give the older and the newer path of a file, None where there is none."""
        moved = {it.path: it.from_path for it in self.changes if it.from_path}
        older = moved.get(path, path)
        return (
            older if isinstance(self.before.get(older), File) else None,
            path if isinstance(self.after.get(path), File) else None,
        )

    def files(self, path: str) -> tuple[File | None, File | None]:
        """Give both versions of a file."""
        sides = zip((self.before, self.after), self.paths(path), strict=True)
        found = [tree.get(it) if it else None for tree, it in sides]
        older, newer = (it if isinstance(it, File) else None for it in found)
        return older, newer


def read(
    database: Database, person: Person, number: int, older: int, newer: int
) -> TwoVersions:
    """Read two versions, and compare them by path.

    Parameters
    ----------
    database, person
        Where they are, and who asks.
    number
        The share's id.
    older, newer
        The numbers of the versions; 0 for nothing, before the first one.

    Raises
    ------
    NoShareError
        When the person may not see it, or there is no such version.
    """
    detail = share.detail(database, person, number)
    before, after = (
        snapshot.tree(database, person, number, it) if it else EMPTY
        for it in (older, newer)
    )
    return TwoVersions(detail, before, after, tree_diff.compare(before, after))
