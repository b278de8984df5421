"""Settles a conflict as the user chooses, by the careful writer of all changes."""

from cygnet_share import notebook
from cygnet_share.notebook_merge import CellConflict
from cygnet_share.tree import File, Tree, patched

from cygnet_lab.share import choice, mirror, plan
from cygnet_lab.share.choice import Take
from cygnet_lab.share.conflict import name_of_cell
from cygnet_lab.share.errors import BlockedError, MovedOnError, NoConflictError
from cygnet_lab.share.round import Round, refuse_unread
from cygnet_lab.share.state import Conflict
from cygnet_lab.share.waiting import in_thread
from cygnet_lab.share.write import WRITABLE


async def settle(one: Round, conflict: Conflict, cell: str | None, take: Take) -> None:
    """Let a folder be as the user chooses.

    Parameters
    ----------
    one
        A round of the folder.
    conflict
        What both have changed.
    cell
        The id of one cell's conflict; None for all that it holds.
    take
        The version.

    Raises
    ------
    MovedOnError
        When it has been edited since.
    ChangedError
        When it is edited just now; try again.
    """
    found = await one.marked()
    if one.standing.is_read_only:
        reason = "can only be viewed by you now"
        raise BlockedError(conflict.path, reason)
    scan, mine = await one.scanned(found)
    refuse_unread([conflict.path, *([conflict.other] if conflict.other else [])], scan)
    source = mirror.Source(one.client, one.share, one.folder, mine)
    if conflict.cells:
        target = await _of_cells(source, mine, conflict, cell, take)
    else:
        target = choice.of_files(mine, conflict, take)
    way = plan.visible(plan.between(mine, target), scan.is_hidden)
    ground = mirror.Ground(one.folder, scan, WRITABLE, one.hold)
    await mirror.carry_out(way, ground, source.fetch, one.meter())


async def _of_cells(
    source: mirror.Source, mine: Tree, conflict: Conflict, cell: str | None, take: Take
) -> Tree:
    """Give the folder in which cells of a notebook are settled."""
    file = mine.get(conflict.path)
    chosen = [it for it in conflict.cells if cell in (None, name_of_cell(it))]
    if not chosen:
        raise NoConflictError
    if not isinstance(file, File) or file.size > notebook.MAX_BYTES:
        raise MovedOnError(conflict.path)
    data = b"".join([await source.fetch(it) for it in file.chunks])
    changed = await in_thread(_settled, data, conflict, chosen, take)
    if changed == data:
        return mine
    return patched(mine, {conflict.path: source.add(changed, file)})


def _settled(
    data: bytes, conflict: Conflict, chosen: list[CellConflict], take: Take
) -> bytes:
    """Give the bytes of a notebook in which cells are settled."""
    before = notebook.parse(data)
    if before is None:
        raise MovedOnError(conflict.path)
    after = before
    for cell in chosen:
        after = choice.of_cell(after, conflict.path, cell, take)
    return data if after == before else notebook.serialise(after)
