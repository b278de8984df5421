"""Finds which cells of three notebooks are versions of one cell.

By their ids where they have some, else by what they hold and where they stand.
"""

import hashlib
import re
from collections import Counter, defaultdict, deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import count
from typing import TypeAlias

from cygnet_share.notebook import Cell

Keyed: TypeAlias = Mapping[str, Cell]
"""Key to cell, in the order of the notebook; equal keys are versions of one cell."""

MAX_ALIKE = 300
"""Of so many cells without a key the changed ones are looked for, too; of more, whose
comparison takes minutes at worst, only the same ones."""

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
    counts = Counter[tuple[str, str, str]]()
    made: dict[str, Cell] = {}
    for old, cell in zip(keys, named, strict=True):
        key = old or _new_key(cell, used, counts)
        used.add(key)
        made[key] = cell
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
    # Numbers stand for the texts, which may be long.
    numbers = defaultdict[tuple[str, str, str], int](count().__next__)
    before = [numbers[base[key].text] for key in free]
    after = [numbers[cells[i].text] for i in open_cells]
    if max(len(before), len(after)) > MAX_ALIKE:
        yield from _same(dict(zip(free, before, strict=True)), open_cells, after)
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, low, high, start, end in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(open_cells[start:end], free[low:high], strict=True)
        elif tag == "replace":
            yield from _changed(base, cells, free[low:high], open_cells[start:end])


def _same(
    free: Mapping[str, int], places: Iterable[int], texts: Iterable[int]
) -> Iterator[tuple[int, str]]:
    """Match cells of one text in order: the first with the first, and so on."""
    keys = defaultdict[int, deque[str]](deque)
    for key, text in free.items():
        keys[text].append(key)
    for i, text in zip(places, texts, strict=True):
        if keys[text]:
            yield i, keys[text].popleft()


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


def _new_key(
    cell: Cell, used: Container[str], counts: Counter[tuple[str, str, str]]
) -> str:
    """Give a key for a cell that the base has not, the same on either side.

    Parameters
    ----------
    cell
        The cell.
    used
        The keys of others.
    counts
        How many keys were tried for each text.
    """
    if cell.id and cell.id not in used:
        return cell.id
    text = cell.text
    while True:
        key = digest(*text, str(counts[text]))
        counts[text] += 1
        if key not in used:
            return key
