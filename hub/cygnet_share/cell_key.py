"""Finds which cells of three notebooks are versions of one cell.

By their ids where they have some, else by what they hold and where they stand.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TypeAlias

from cygnet_share.notebook import Cell

Keyed: TypeAlias = Mapping[str, Cell]
"""Key to cell, in the order of the notebook; equal keys are versions of one cell."""

_VALID_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def digest(*words: str) -> str:
    """Give an id of a cell that follows from words: the same for the same ones."""
    return hashlib.sha256("\0".join(words).encode(errors="replace")).hexdigest()[:12]


def is_valid_id(name: str) -> bool:
    """Say whether nbformat takes a name as a cell's id."""
    return _VALID_ID.fullmatch(name) is not None


def keyed_base(cells: Sequence[Cell]) -> Keyed:
    """Give each cell of the base a key."""
    named = _with_distinct_ids(cells)
    return {it.id or f"base {i}": it for i, it in enumerate(named)}


def keyed(base: Keyed, cells: Sequence[Cell]) -> Keyed:
    """Give each cell of a notebook that was made of the base a key."""
    named = _with_distinct_ids(cells)
    keys: list[str | None] = [it.id if it.id in base else None for it in named]
    for i, found in _aligned(base, named, keys):
        keys[i] = found
    used = {key for key in keys if key is not None}
    made: dict[str, Cell] = {}
    for key, cell in zip(keys, named, strict=True):
        made[
            key or next(it for it in _new_keys(cell) if it not in used | made.keys())
        ] = cell
    return made


def _with_distinct_ids(cells: Iterable[Cell]) -> list[Cell]:
    """Take away each id that is not valid, or that a cell above has."""
    seen: set[str] = set()
    made = []
    for cell in cells:
        good = cell.id and cell.id not in seen and is_valid_id(cell.id)
        made.append(cell if good else replace(cell, id=None))
        if cell.id:
            seen.add(cell.id)
    return made


def _aligned(
    base: Keyed, cells: Sequence[Cell], keys: Sequence[str | None]
) -> Iterator[tuple[int, str]]:
    """Match the cells and those of the base of which one has no id."""
    for i, key in _alike(base, cells, keys):
        if cells[i].id is None or base[key].id is None:
            yield i, key


def _alike(
    base: Keyed, cells: Sequence[Cell], keys: Sequence[str | None]
) -> Iterator[tuple[int, str]]:
    """Match the cells without a key with those of the base that have none."""
    open_cells = [i for i, key in enumerate(keys) if key is None]
    taken = set(keys)
    free = [key for key in base if key not in taken]
    before = [base[key].text for key in free]
    after = [cells[i].text for i in open_cells]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, low, high, start, end in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(open_cells[start:end], free[low:high], strict=True)
        elif tag == "replace":
            yield from _changed(base, cells, free[low:high], open_cells[start:end])


def _changed(
    base: Keyed, cells: Sequence[Cell], free: Iterable[str], places: Iterable[int]
) -> Iterator[tuple[int, str]]:
    """Match in order the cells of one kind that stand where others stood."""
    left = list(free)
    for i in places:
        key = next((it for it in left if base[it].kind == cells[i].kind), None)
        if key is not None:
            del left[: left.index(key) + 1]
            yield i, key


def _new_keys(cell: Cell) -> Iterator[str]:
    """Give keys for a cell that the base has not, the same on either side."""
    if cell.id:
        yield cell.id
    count = 0
    while True:
        yield digest(*cell.text, str(count))
        count += 1
