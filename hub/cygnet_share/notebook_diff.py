"""What became of each cell between two versions of a notebook.

Cells are matched as `notebook_merge` matches them: by id, else by kind and text.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cygnet_share.cell_key import Keyed, keyed, keyed_base
from cygnet_share.notebook import Cell, Json, Notebook


class Change(StrEnum):
    """What became of a cell."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    """What is written in it, or its kind; it may have moved too."""
    MOVED = "moved"
    """It stands elsewhere among the others, with the same text."""


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell of either version."""

    kind: Change

    cell_type: str
    """`code`, `markdown` or `raw`; that of the newer version where it has the cell."""

    before: str | None
    """The older source; None where the cell was added."""

    after: str | None
    """The newer source; None where the cell was removed."""

    number: int
    """Where it stands in the newer version, in the older one where it was removed;
    counted from 1."""

    is_moved: bool = False
    is_output_changed: bool = False
    """Whether its output is another one; execution counts are not looked at."""

    are_attachments_changed: bool = False
    """Whether pictures that were dropped into its text are others."""


def compare(before: Notebook, after: Notebook) -> Sequence[CellChange]:
    """Compare two versions of a notebook.

    Parameters
    ----------
    before, after
        The older and the newer version.

    Returns
    -------
    sequence of CellChange
        In the order of the newer one; each removed cell stands behind the one that it
        stood behind.
    """
    old = keyed_base(before.cells)
    new = keyed(old, after.cells)
    moved = _moved(old, new)
    made = [
        _change(old.get(key), cell, number, is_moved=key in moved)
        for number, (key, cell) in enumerate(new.items(), 1)
    ]
    removed = _removed(old, new)
    found = list(removed[None])
    for key, change in zip(new, made, strict=True):
        found += [change, *removed[key]]
    return found


def _removed(old: Keyed, new: Keyed) -> Mapping[str | None, list[CellChange]]:
    """Give the removed cells by the key of the cell that each stood behind."""
    found: dict[str | None, list[CellChange]] = defaultdict(list)
    previous = None
    for number, (key, cell) in enumerate(old.items(), 1):
        if key in new:
            previous = key
        else:
            change = CellChange(Change.REMOVED, cell.kind, cell.source, None, number)
            found[previous].append(change)
    return found


def _change(old: Cell | None, new: Cell, number: int, *, is_moved: bool) -> CellChange:
    """Say what became of a cell that is there."""
    if old is None:
        return CellChange(Change.ADDED, new.kind, None, new.source, number)
    kind = Change.MOVED if is_moved else Change.SAME
    return CellChange(
        kind if old.text == new.text else Change.CHANGED,
        new.kind,
        old.source,
        new.source,
        number,
        is_moved=is_moved,
        is_output_changed=_outputs(old) != _outputs(new),
        are_attachments_changed=old.text[2] != new.text[2],
    )


def _outputs(cell: Cell) -> Json:
    """Give the outputs of a cell without their execution counts."""
    found = cell.rest.get("outputs")
    if not isinstance(found, list):
        return None
    return [
        {key: value for key, value in it.items() if key != "execution_count"}
        if isinstance(it, dict)
        else it
        for it in found
    ]


def _moved(old: Keyed, new: Keyed) -> frozenset[str]:
    """Find the fewest cells of both that moved among the others."""
    places = {key: place for place, key in enumerate(old)}
    common = [key for key in new if key in places]
    kept = _rising([places[key] for key in common])
    return frozenset(key for i, key in enumerate(common) if i not in kept)


def _rising(numbers: Sequence[int]) -> frozenset[int]:
    """Give the indices of a longest rising part of distinct numbers."""
    tails: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for i, number in enumerate(numbers):
        length = bisect_left(tails, number)
        before.append(last[length - 1] if length else None)
        tails[length : length + 1] = [number]
        last[length : length + 1] = [i]
    return frozenset(_chain(before, last[-1] if last else None))


def _chain(before: Sequence[int | None], end: int | None) -> Iterable[int]:
    """Follow the predecessors of an index."""
    while end is not None:
        yield end
        end = before[end]
