"""Merges two notebooks that were made of a third, cell by cell.

What a person wrote is never lost: where both changed one cell, *mine* stays and the
text of *theirs* stands in a cell below it, marked in its metadata. Merging again,
with the base of then or with *theirs* as the base, changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from cygnet_share.cell_key import digest, is_valid_id, keyed, keyed_base
from cygnet_share.cell_order import merged_order
from cygnet_share.notebook import IDS_SINCE, Cell, Json, Notebook

MARK = "cygnet"
"""The key in a cell's metadata that this project writes."""

NEW_VERSION_OF = "new_version_of"
"""In it, the id of the cell whose other version a cell holds."""


class Kind(StrEnum):
    """How two changes of a cell meet."""

    BOTH_CHANGED = "both changed"
    """*Mine* stays, the text of *theirs* stands below."""

    DELETED_HERE = "deleted here, changed there"
    """The cell of *theirs* is there again."""

    DELETED_THERE = "changed here, deleted there"
    """The cell of *mine* stays."""


@dataclass(frozen=True, slots=True)
class CellConflict:
    """A cell that both changed."""

    kind: Kind

    id: str | None
    """The cell's id in the merged notebook; None before nbformat 4.5."""

    mine: str | None
    """The source of *mine*, None where it is deleted."""

    theirs: str | None
    """The source of *theirs*, None where it is deleted."""


@dataclass(frozen=True, slots=True)
class MergedNotebook:
    """A merged notebook."""

    notebook: Notebook

    conflicts: Sequence[CellConflict]
    """In the order of the cells."""


def merge(base: Notebook, mine: Notebook, theirs: Notebook) -> MergedNotebook:
    """Merge two notebooks by cell.

    Parameters
    ----------
    base
        What both were made of.
    mine
        The notebook whose cells stay where both changed one.
    theirs
        The other one.
    """
    old = keyed_base(base.cells)
    own, new = keyed(old, mine.cells), keyed(old, theirs.cells)
    minor = max(mine.minor, theirs.minor)
    here = {it.source for it in own.values() if _is_marked(it)}
    names = _Ids(minor)
    cells: list[Cell] = []
    conflicts: list[CellConflict] = []
    for key in merged_order(old.keys(), list(own), list(new)):
        found = _merged(old.get(key), own.get(key), new.get(key))
        if found.cell is None:
            continue
        cell = replace(found.cell, id=names.of(found.cell.id, key))
        cells.append(cell)
        if found.kind is None:
            continue
        conflicts.append(
            CellConflict(found.kind, cell.id, _source(own, key), _source(new, key))
        )
        if found.kind is Kind.BOTH_CHANGED and new[key].source not in here:
            below = _new_version(new[key], cell.id)
            cells.append(replace(below, id=names.of(None, f"{key}\0{below.source}")))
    return MergedNotebook(
        Notebook(
            tuple(cells),
            _merged_mapping(base.metadata, mine.metadata, theirs.metadata),
            minor,
            _merged_mapping(base.rest, mine.rest, theirs.rest),
        ),
        conflicts,
    )


def conflicting(notebook: Notebook) -> Iterator[tuple[Cell, str | None]]:
    """Find the cells that hold another version, with the id of the cell they are of."""
    for cell in notebook.cells:
        if _is_marked(cell):
            mark = cell.metadata[MARK]
            name = mark[NEW_VERSION_OF] if isinstance(mark, dict) else None
            yield cell, name if isinstance(name, str) else None


@dataclass(frozen=True, slots=True)
class _Found:
    """What becomes of a cell."""

    cell: Cell | None
    kind: Kind | None = None


def _merged(old: Cell | None, own: Cell | None, new: Cell | None) -> _Found:
    """Merge the versions of a cell, of which *mine* or *theirs* is there."""
    if own is None or new is None:
        there = own or new
        if old is None or there is None:
            return _Found(there)
        if there.text == old.text:
            return _Found(None)
        return _Found(there, Kind.DELETED_HERE if own is None else Kind.DELETED_THERE)
    before = old or Cell(own.kind, "")
    metadata = _merged_mapping(before.metadata, own.metadata, new.metadata)
    if own.text == new.text:
        rest = own.rest if own.rest != before.rest else new.rest
        return _Found(replace(own, id=own.id or new.id, metadata=metadata, rest=rest))
    if old is not None and own.text == old.text:
        return _Found(replace(new, id=own.id or new.id, metadata=metadata))
    own = replace(own, id=own.id or new.id, metadata=metadata)
    unchanged = old is not None and new.text == old.text
    return _Found(own, None if unchanged else Kind.BOTH_CHANGED)


def _new_version(cell: Cell, of: str | None) -> Cell:
    """Make the cell that shows the other text below; code does not run in it."""
    kept = {key: it for key, it in cell.rest.items() if key == "attachments"}
    kind = "raw" if cell.kind == "code" else cell.kind
    return Cell(kind, cell.source, None, {MARK: {NEW_VERSION_OF: of}}, kept)


def _is_marked(cell: Cell) -> bool:
    """Say whether a cell holds the other version of one."""
    mark = cell.metadata.get(MARK)
    return isinstance(mark, dict) and NEW_VERSION_OF in mark


def _source(cells: Mapping[str, Cell], key: str) -> str | None:
    """Give the source of a cell that may be deleted."""
    return cells[key].source if key in cells else None


def _merged_mapping(
    old: Mapping[str, Json], own: Mapping[str, Json], new: Mapping[str, Json]
) -> dict[str, Json]:
    """Merge metadata key by key; where both changed one, *mine* stays."""
    made: dict[str, Json] = {}
    for key in dict.fromkeys((*own, *new)):
        mine, theirs = own.get(key, ...), new.get(key, ...)
        kept = theirs if mine == old.get(key, ...) else mine
        if not isinstance(kept, type(...)):
            made[key] = kept
    return made


class _Ids:
    """The ids of a notebook's cells, each given once.

    Parameters
    ----------
    minor
        The minor version of its format; before 4.5 there are none.
    """

    def __init__(self, minor: int) -> None:
        self._are_there = minor >= IDS_SINCE
        self._given: set[str] = set()

    def of(self, wanted: str | None, key: str) -> str | None:
        """Give the wanted id, or one that follows from the key."""
        if not self._are_there:
            return None
        name, count = wanted or (key if is_valid_id(key) else None), 0
        while name is None or name in self._given:
            name, count = digest(key, str(count)), count + 1
        self._given.add(name)
        return name
