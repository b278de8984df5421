"""Notebooks as values that merge by cell: nbformat 4 and nothing else of Jupyter."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, cast

MAX_BYTES = 20 * 2**20
"""The largest notebook that is read; a larger one is a file like others."""

MAX_CELLS = 5_000
"""The most cells of a notebook that merges; one with more is a file like others."""

MAX_DEPTH = 100
"""How deep its JSON may be nested; Jupyter's own writer fails some way above it."""

MAX_PARTS = 500_000
"""The most values and lines of a notebook that is read: each costs some 350 bytes of
memory while versions are merged, and as little as two in the file."""

# What each of them has: a bracket, a comma, a colon, or a character that ends a line.
_PARTS = (b"{", b"[", b",", b":", b"\\", *map(str.encode, "\x85\u2028\u2029"))

CELL_TYPES = frozenset({"code", "markdown", "raw"})
FORMAT = 4
"""The major version of nbformat."""

IDS_SINCE = 5
"""The minor version of nbformat 4 since which cells have ids."""

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell."""

    kind: str
    """`code`, `markdown` or `raw`."""

    source: str

    id: str | None = None
    """None before nbformat 4.5."""

    metadata: Mapping[str, Json] = field(default_factory=dict)

    rest: Mapping[str, Json] = field(default_factory=dict)
    """Outputs, execution count, attachments, and what is not known here."""

    @property
    def text(self) -> tuple[str, str, str]:
        """What a person wrote, in a form that compares."""
        attachments = self.rest.get("attachments") or {}
        return (self.kind, self.source, json.dumps(attachments, sort_keys=True))


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook of nbformat 4."""

    cells: tuple[Cell, ...]
    metadata: Mapping[str, Json] = field(default_factory=dict)
    minor: int = IDS_SINCE
    """The minor version of its format."""

    rest: Mapping[str, Json] = field(default_factory=dict)


def parse(data: bytes) -> Notebook | None:
    """Read a notebook.

    Returns
    -------
    Notebook or None
        None when it is none of format 4, or beyond `MAX_BYTES`, `MAX_PARTS`,
        `MAX_CELLS` or `MAX_DEPTH`.
    """
    if len(data) > MAX_BYTES or sum(map(data.count, _PARTS)) > MAX_PARTS:
        return None
    try:
        # Not what Python takes for UTF-16, in which parts look different.
        found = json.loads(data.decode("utf-8-sig", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or _is_deeper(found, MAX_DEPTH):
        return None
    form = (found.pop("nbformat", None), found.pop("nbformat_minor", None))
    metadata, cells = found.pop("metadata", {}), found.pop("cells", None)
    if form[0] != FORMAT or type(form[1]) is not int or not isinstance(metadata, dict):
        return None
    read = _cells(cells)
    return None if read is None else Notebook(read, metadata, form[1], found)


def _cells(found: object) -> tuple[Cell, ...] | None:
    """Read all cells, or give None when one is none."""
    if not isinstance(found, list) or len(found) > MAX_CELLS:
        return None
    read = [_cell(it) for it in found]
    whole = tuple(it for it in read if it is not None)
    return whole if len(whole) == len(read) else None


def _is_deeper(found: Json, depth: int) -> bool:
    """Say whether JSON is nested more than so deep."""
    level = [found]
    for _ in range(depth):
        level = [
            inner
            for it in level
            if isinstance(it, dict | list)
            for inner in (it.values() if isinstance(it, dict) else it)
        ]
    return bool(level)


def _cell(found: object) -> Cell | None:
    """Read a cell, or give None when it is none."""
    if not isinstance(found, dict):
        return None
    kind, source = found.pop("cell_type", None), found.pop("source", None)
    name, metadata = found.pop("id", None), found.pop("metadata", {})
    if isinstance(source, list) and all(isinstance(it, str) for it in source):
        source = "".join(source)
    if kind not in CELL_TYPES or not isinstance(source, str):
        return None
    if not isinstance(metadata, dict) or not isinstance(name, str | None):
        return None
    return Cell(kind, source, name, metadata, found)


def serialise(notebook: Notebook) -> bytes:
    """Write a notebook as Jupyter's own `nbformat.write` does."""
    cells: list[Json] = [_json(it) for it in notebook.cells]
    whole: dict[str, Json] = {
        **notebook.rest,
        "cells": cells,
        "metadata": dict(notebook.metadata),
        "nbformat": FORMAT,
        "nbformat_minor": notebook.minor,
    }
    text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True)
    return f"{text}\n".encode(errors="surrogatepass")


def _json(cell: Cell) -> dict[str, Json]:
    """Give a cell as JSON."""
    found: dict[str, Json] = {
        **cell.rest,
        "cell_type": cell.kind,
        "metadata": dict(cell.metadata),
        "source": cast("list[Json]", cell.source.splitlines(keepends=True)),
    }
    return found if cell.id is None else found | {"id": cell.id}
