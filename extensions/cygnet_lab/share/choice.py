"""What a choice between two versions makes of a notebook or of a folder: pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum

from cygnet_share import tree_merge
from cygnet_share.notebook import Cell, Json, Notebook
from cygnet_share.notebook_merge import (
    MARK,
    NEW_VERSION_OF,
    CellConflict,
    Kind,
    conflicting,
)
from cygnet_share.tree import File, Tree, patched

from cygnet_lab.share.conflict import shortened, stamp_of
from cygnet_lab.share.errors import MovedOnError
from cygnet_lab.share.state import Conflict


class Take(StrEnum):
    """Which version the user takes."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


def of_files(tree: Tree, conflict: Conflict, take: Take) -> Tree:
    """Give the folder in which a conflict of a file is settled.

    Parameters
    ----------
    tree
        What the folder holds.
    conflict
        The conflict, without cells.
    take
        The version.

    Raises
    ------
    MovedOnError
        When a file of it is not as it was.
    """
    path, other = conflict.path, conflict.other
    if take is Take.BOTH:
        return tree
    if stamp_of(tree, path, other) != conflict.stamp:
        raise MovedOnError(path)
    if other is not None:
        return _of_two(tree, path, other, take)
    is_kept = conflict.kind == tree_merge.Kind.DELETED_THERE
    goes = Take.THEIRS if is_kept else Take.MINE
    return patched(tree, {path: None}) if take is goes else tree


def _of_two(tree: Tree, path: str, other: str, take: Take) -> Tree:
    """Settle a conflict of two files that stand next to each other."""
    if take is Take.MINE:
        return patched(tree, {other: None})
    theirs, mine = tree.get(other), tree.get(path)
    if not isinstance(theirs, File) or not isinstance(mine, File):
        # There is nothing of mine to make room: theirs stays where it is.
        return tree
    return patched(tree, {path: theirs, other: None})


def of_cell(notebook: Notebook, path: str, cell: CellConflict, take: Take) -> Notebook:
    """Give the notebook in which the conflict of a cell is settled.

    Parameters
    ----------
    notebook
        As it is now; other cells of it may have been edited.
    path
        Where it stands, for a message.
    cell
        The conflict.
    take
        The version.

    Raises
    ------
    MovedOnError
        When the cell has been edited since.
    """
    cells = list(notebook.cells)
    shown = cell.theirs if cell.kind == Kind.DELETED_HERE else cell.mine
    marked = {id(it): shortened(of) for it, of in conflicting(notebook)}
    own = _only(
        i
        for i, it in enumerate(cells)
        if id(it) not in marked
        and shortened(it.source) == shown
        and cell.id in (None, shortened(it.id))
    )
    if cell.kind == Kind.BOTH_CHANGED:
        below = _only(
            i
            for i, it in enumerate(cells)
            if marked.get(id(it), ...) == cell.id
            and shortened(it.source) == cell.theirs
        )
        changed = _of_both(cells, path, own, below, take)
        return replace(notebook, cells=tuple(changed))
    goes = Take.MINE if cell.kind == Kind.DELETED_HERE else Take.THEIRS
    if take is goes:
        if own is None:
            raise MovedOnError(path)
        del cells[own]
    return replace(notebook, cells=tuple(cells))


def _of_both(
    cells: list[Cell], path: str, own: int | None, below: int | None, take: Take
) -> list[Cell]:
    """Settle the conflict of a cell whose other version may stand below it."""
    if below is None:
        # The user has removed it: theirs is nowhere, and mine stands.
        if take is Take.THEIRS:
            raise MovedOnError(path)
        return cells
    if take is Take.BOTH:
        kind = cells[own].kind if own is not None else cells[below].kind
        cells[below] = _ordinary(cells[below], kind)
        return cells
    if take is Take.THEIRS:
        if own is None:
            raise MovedOnError(path)
        theirs = _ordinary(cells[below], cells[own].kind)
        mine = cells[own]
        cells[own] = replace(theirs, id=mine.id, metadata=mine.metadata)
    del cells[below]
    return cells


def _only(found: Iterable[int]) -> int | None:
    """Give the only one; None where there is none, or more."""
    several = list(found)
    return several[0] if len(several) == 1 else None


def _ordinary(cell: Cell, kind: str) -> Cell:
    """Give the cell of another version as one like others; it has not run here."""
    mark = cell.metadata.get(MARK)
    kept_mark = {
        key: it
        for key, it in (mark.items() if isinstance(mark, dict) else ())
        if key != NEW_VERSION_OF
    }
    metadata = {key: it for key, it in cell.metadata.items() if key != MARK}
    metadata |= {MARK: kept_mark} if kept_mark else {}
    kept = {key: it for key, it in cell.rest.items() if key == "attachments"}
    fresh: Mapping[str, Json] = {"outputs": [], "execution_count": None}
    rest = fresh if kind == "code" else kept
    return Cell(kind, cell.source, cell.id, metadata, rest)
