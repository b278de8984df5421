"""What the user and another have both changed: named, bounded, kept over a restart.

The list is for the user's eyes. Both texts are in the folder whatever becomes of it.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import replace

from cygnet_share.notebook_merge import CellConflict
from cygnet_share.tree import File, Tree
from pydantic import TypeAdapter

from cygnet_lab.share.errors import BlockedError, NoConflictError
from cygnet_lab.share.folder import OWN, Folder
from cygnet_lab.share.state import Conflict

NAME = "conflicts.json"
"""The file of the list, next to the marker."""

MOST = 100
"""The most files of a list; the newest are kept."""

MOST_CELLS = 50
"""The most cells of a notebook."""

MOST_CHARACTERS = 4_000
"""The longest text of a cell that is shown as it is."""

MOST_BYTES = 2**20
"""The largest list that is kept."""

_PART = f"{NAME}.part"
_MODE = 0o600
_LIST = TypeAdapter(tuple[Conflict, ...])


def name_of(conflict: Conflict) -> str:
    """Give the id of a conflict: the same one when a round meets it again."""
    if conflict.name:
        return conflict.name
    cells = [[it.id, it.kind, it.mine, it.theirs] for it in conflict.cells]
    kind = str(conflict.kind)
    return _digest([conflict.path, kind, conflict.other, conflict.stamp, cells])


def name_of_cell(cell: CellConflict) -> str:
    """Give the id of a cell's conflict among those of its notebook."""
    return _digest([cell.id, cell.kind, cell.mine, cell.theirs])


def _digest(found: object) -> str:
    """Name a value by its content."""
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()[:16]


def stamp_of(tree: Tree, path: str, other: str | None) -> str:
    """Give what the files of a conflict hold, in a form that compares."""
    found = [tree.get(it) if it is not None else None for it in (path, other)]
    return _digest([list(it.chunks) if isinstance(it, File) else None for it in found])


def shortened(text: str | None) -> str | None:
    """Give a text as the list keeps it; two that differ stay different."""
    if text is None:
        return None
    # JSON has halves of characters, and UTF-8 has not.
    text = text.encode(errors="surrogatepass").decode(errors="replace")
    if len(text) <= MOST_CHARACTERS:
        return text
    rest = text[MOST_CHARACTERS:]
    return (
        f"{text[:MOST_CHARACTERS]}\n… {len(rest):,} characters more ({_digest(rest)})"
    )


def noted(known: Sequence[Conflict], met: Sequence[Conflict]) -> tuple[Conflict, ...]:
    """Add conflicts to a list, within its bounds."""
    names = {name_of(it) for it in known}
    new = [_bounded(it) for it in met]
    found = [*known, *(it for it in new if name_of(it) not in names)][-MOST:]
    sizes = [len(serialised([it])) for it in found]
    while sum(sizes) > MOST_BYTES:
        found, sizes = found[1:], sizes[1:]
    return tuple(found)


def _bounded(conflict: Conflict) -> Conflict:
    """Give a conflict with few and short texts."""
    cells = [
        CellConflict(it.kind, *map(shortened, (it.id, it.mine, it.theirs)))
        for it in conflict.cells[:MOST_CELLS]
    ]
    short = replace(conflict, cells=tuple(cells))
    return replace(short, name=name_of(short))


def found_in(known: Sequence[Conflict], name: str) -> Conflict:
    """Find a conflict by its id.

    Raises
    ------
    NoConflictError
        When there is none.
    """
    for it in known:
        if name_of(it) == name:
            return it
    raise NoConflictError


def without(
    known: Sequence[Conflict], name: str, cell: str | None = None
) -> tuple[Conflict, ...]:
    """Give a list without a conflict, or without that of one cell."""
    left: list[Conflict] = []
    for it in known:
        if name_of(it) != name:
            left.append(it)
            continue
        cells = [] if cell is None else [c for c in it.cells if name_of_cell(c) != cell]
        if cells:
            left.append(replace(it, cells=tuple(cells)))
    return tuple(left)


def serialised(conflicts: Sequence[Conflict]) -> bytes:
    """Give a list as the bytes of its file."""
    return json.dumps(_LIST.dump_python(tuple(conflicts), mode="json")).encode()


def parsed(data: bytes) -> tuple[Conflict, ...]:
    """Read a list; what is damaged counts as none."""
    try:
        return _LIST.validate_python(json.loads(data))
    except ValueError:
        return ()


def read(folder: Folder) -> tuple[Conflict, ...]:
    """Read the list of a folder; what is damaged counts as none."""
    try:
        with folder.reading(f"{OWN}/{NAME}") as file:
            return parsed(os.pread(file, 2 * MOST_BYTES, 0))
    except (OSError, BlockedError):
        return ()


def write(folder: Folder, conflicts: Sequence[Conflict]) -> None:
    """Write the list of a folder, whole or not at all."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with folder.below(OWN) as own:
        file = os.open(_PART, flags, _MODE, dir_fd=own.handle)
        with os.fdopen(file, "wb") as part:
            part.write(serialised(conflicts))
            part.flush()
            os.fsync(part.fileno())
        os.rename(_PART, NAME, src_dir_fd=own.handle, dst_dir_fd=own.handle)


NAMES = (NAME, _PART)
"""What is removed with the marker."""
