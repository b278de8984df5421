"""Notebooks as another person has saved them: nbformat 3 and 4, read with patience.

What is no cell or no output is left out and counted; the rest is shown. The strict
reader of what merges is `cygnet_share.notebook`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from cygnet_share.errors import DocumentError
from cygnet_share.notebook import Json
from cygnet_share.viewer import text as readable

MAX_CELLS: Final = 2_000
"""How many cells are shown."""

Bundle: TypeAlias = Mapping[str, Json]
"""MIME types to what an output holds in each of them."""

_OLD, _NEW = 3, 4
# How nbformat 3 names the types.
_OLD_TYPES = {
    "text": "text/plain",
    "html": "text/html",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "latex": "text/latex",
    "json": "application/json",
    "javascript": "application/javascript",
}
_LEVELS = range(1, 7)
# Tuples compare with whatever a notebook has there; sets hash it.
_RESULTS = ("display_data", "execute_result", "update_display_data", "pyout")
_ERRORS = ("error", "pyerr")


@dataclass(frozen=True, slots=True)
class Stream:
    """What a cell printed."""

    name: str
    """`stdout` or `stderr`."""
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a cell displayed or returned."""

    bundle: Bundle


@dataclass(frozen=True, slots=True)
class Failure:
    """The error that ended a cell."""

    summary: str
    traceback: str


Output: TypeAlias = Stream | Result | Failure
"""An output of a cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell."""

    kind: str
    """`code`, `markdown` or `raw`."""
    source: str
    count: int | None = None
    """Its execution count."""
    outputs: tuple[Output, ...] = ()
    attachments: Mapping[str, Bundle] = field(default_factory=dict)
    is_source_hidden: bool = False
    are_outputs_hidden: bool = False


@dataclass(frozen=True, slots=True)
class SavedNotebook:
    """A notebook."""

    cells: tuple[Cell, ...]
    language: str
    kernel: str
    """The name of its kernel, for people; may be empty."""
    notes: tuple[str, ...] = ()
    """Sentences about what is not shown."""


def read(data: bytes) -> SavedNotebook:
    """Read a notebook.

    Raises
    ------
    DocumentError
        When it is none, or of a format that is not known.
    """
    whole = _whole(data)
    version = whole.get("nbformat")
    if type(version) is not int or version not in {_OLD, _NEW}:
        raise DocumentError(_format_words(version))
    found = list(_old_cells(whole) if version == _OLD else _list(whole, "cells"))
    cells = [it for it in map(_cell, found[:MAX_CELLS]) if it is not None]
    metadata = _dict(whole, "metadata")
    return SavedNotebook(
        tuple(cells),
        _language(metadata, found),
        _line(_dict(metadata, "kernelspec").get("display_name")),
        tuple(_notes(len(found), len(cells))),
    )


def _whole(data: bytes) -> Mapping[str, Json]:
    """Read the JSON of a notebook."""
    try:
        whole = json.loads(data)
    except RecursionError:
        reason = "This notebook is nested too deeply to be shown."
        raise DocumentError(reason) from None
    except ValueError:
        reason = "This file is no notebook: it is not JSON, or only a part of it."
        raise DocumentError(reason) from None
    if not isinstance(whole, dict):
        reason = "This file is no notebook: it has no cells."
        raise DocumentError(reason)
    return whole


def _format_words(version: Json) -> str:
    """Say which format cannot be shown."""
    if type(version) is not int or abs(version) > 1000:  # noqa: PLR2004 - Sane.
        return "This file is no notebook: it does not say which format it has."
    return (
        f"This notebook has format {version}; the viewer shows formats {_OLD} and "
        f"{_NEW}. Open it to convert it."
    )


def _notes(found: int, shown: int) -> Iterator[str]:
    """Say what is not shown."""
    if found > MAX_CELLS:
        yield f"Only the first {MAX_CELLS} of {found} cells are shown."
    if shown < min(found, MAX_CELLS):
        yield f"{min(found, MAX_CELLS) - shown} damaged cells are left out."


def _cell(found: Json) -> Cell | None:
    """Read a cell of format 4, or give None when it is none."""
    if not isinstance(found, dict):
        return None
    kind = found.get("cell_type")
    source = _text(found.get("source"))
    if source is None or not isinstance(kind, str):
        return None
    metadata = _dict(found, "metadata")
    jupyter = _dict(metadata, "jupyter")
    tags = set(filter(lambda it: isinstance(it, str), _list(metadata, "tags")))
    is_code = kind == "code"
    return Cell(
        kind if kind in {"code", "markdown"} else "raw",
        readable.clean(source),
        _count(found.get("execution_count")) if is_code else None,
        tuple(_outputs(_list(found, "outputs"))) if is_code else (),
        {
            readable.clean(name): it
            for name, it in _dict(found, "attachments").items()
            if isinstance(it, dict)
        },
        is_code and bool(jupyter.get("source_hidden") is True or "hide-input" in tags),
        bool(
            jupyter.get("outputs_hidden") is True
            or metadata.get("collapsed") is True
            or "hide-output" in tags
        ),
    )


def _outputs(found: Iterable[Json]) -> Iterator[Output]:
    """Read outputs; what is none is left out."""
    for it in found:
        if not isinstance(it, dict):
            continue
        kind = it.get("output_type")
        if kind == "stream":
            name = "stderr" if it.get("name") == "stderr" else "stdout"
            yield Stream(name, readable.clean_terminal(_text(it.get("text")) or ""))
        elif kind in _ERRORS:
            yield _failure(it)
        elif kind in _RESULTS:
            yield Result(_dict(it, "data"))


def _failure(found: Mapping[str, Json]) -> Failure:
    """Read an error."""
    lines = (_text(it) for it in _list(found, "traceback"))
    traceback = "\n".join(it for it in lines if it is not None)
    summary = f"{_line(found.get('ename'))}: {_line(found.get('evalue'))}"
    return Failure(summary.strip(": "), readable.clean_terminal(traceback))


def _old_cells(whole: Mapping[str, Json]) -> Iterator[Json]:
    """Give the cells of format 3 as those of format 4."""
    for sheet in _list(whole, "worksheets"):
        if isinstance(sheet, dict):
            for cell in _list(sheet, "cells"):
                yield _modern(cell) if isinstance(cell, dict) else cell


def _modern(cell: dict[str, Json]) -> dict[str, Json]:
    """Give a cell of format 3 as one of format 4."""
    kind = cell.get("cell_type")
    if kind == "heading":
        level = cell.get("level")
        marks = "#" * (level if level in _LEVELS and type(level) is int else 1)
        words = " ".join((_text(cell.get("source")) or "").split())
        return {"cell_type": "markdown", "source": f"{marks} {words}"}
    if kind != "code":
        return cell
    outputs: list[Json] = [_modern_output(it) for it in _list(cell, "outputs")]
    return {
        **cell,
        "source": cell.get("input"),
        "execution_count": cell.get("prompt_number"),
        "outputs": outputs,
    }


def _modern_output(output: Json) -> Json:
    """Give an output of format 3 as one of format 4."""
    if not isinstance(output, dict):
        return output
    if output.get("output_type") == "stream":
        return {**output, "name": output.get("stream")}
    data = {new: output[old] for old, new in _OLD_TYPES.items() if old in output}
    return {**output, "data": data}


def _language(metadata: Mapping[str, Json], cells: Iterable[Json]) -> str:
    """Give the language of the code."""
    info, spec = _dict(metadata, "language_info"), _dict(metadata, "kernelspec")
    old = (it.get("language") for it in cells if isinstance(it, dict))
    names = (info.get("pygments_lexer"), info.get("name"), spec.get("language"), *old)
    return next((it for it in map(_line, names) if it), "python")


def _dict(found: Mapping[str, Json], key: str) -> dict[str, Json]:
    """Give an object, empty where there is none."""
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def _list(found: Mapping[str, Json], key: str) -> list[Json]:
    """Give a list, empty where there is none."""
    value = found.get(key)
    return value if isinstance(value, list) else []


def _text(value: Json) -> str | None:
    """Give the text of a field, which may be a list of lines."""
    if isinstance(value, list):
        return "".join(it for it in value if isinstance(it, str))
    return value if isinstance(value, str) else None


def _line(value: Json) -> str:
    """Give a short text, empty where there is none."""
    return readable.clean(value)[:200] if isinstance(value, str) else ""


def _count(value: Json) -> int | None:
    """Give an execution count."""
    return value if type(value) is int and 0 <= value < 10**9 else None
