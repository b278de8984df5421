"""Tables in text files: the first rows and columns of what commas or tabs separate."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import Final

MAX_ROWS: Final = 500
MAX_COLUMNS: Final = 60
LONGEST: Final = 300
"""How many characters of a field are shown."""

_SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Grid:
    """The part of a table that is shown."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str]
    """Sentences about what is not shown."""


def read(text: str) -> Grid | None:
    """Read a table, or give None for text that is none."""
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(StringIO(text), delimiter=separator)
    try:
        rows = list(islice(reader, MAX_ROWS + 2))
    except csv.Error:
        return None
    if not rows or not rows[0]:
        return None
    widest = max(len(it) for it in rows)
    head, *body = (_fields(it) for it in rows[: MAX_ROWS + 1])
    notes = []
    if len(rows) > MAX_ROWS + 1:
        notes.append(f"Only the first {MAX_ROWS} rows are shown.")
    if widest > MAX_COLUMNS:
        notes.append(f"Only the first {MAX_COLUMNS} of {widest} columns are shown.")
    return Grid(head, body, notes)


def _fields(row: Sequence[str]) -> Sequence[str]:
    """Give the fields of a row that are shown."""
    return [
        it if len(it) <= LONGEST else f"{it[:LONGEST]}…" for it in row[:MAX_COLUMNS]
    ]
