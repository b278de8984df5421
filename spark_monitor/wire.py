"""Reads and writes the values of `frame` as the JSON of docs/reference/wire.md."""

from __future__ import annotations

import functools
import json
from dataclasses import asdict, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from spark_monitor.errors import FrameError
from spark_monitor.frame import Frame, SavedCell

Decoded = TypeVar("Decoded", Frame, SavedCell)


def parse(kind: type[Decoded], text: str | bytes) -> Decoded:
    """Read a frame or a saved cell from JSON; unknown fields are ignored.

    Raises FrameError when it is not JSON, a field is missing, or a value is not
    allowed.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise FrameError(kind.__name__, str(error)) from error
    return decode(kind, data)


def decode(kind: type[Decoded], data: object) -> Decoded:
    """Read a frame or a saved cell from JSON values, as `parse` does from text."""
    value = _decode(kind, data, kind.__name__)
    if not isinstance(value, kind):
        raise FrameError(kind.__name__, "expected an object")
    return value


def to_json(value: Frame | SavedCell) -> dict[str, Any]:
    """Return a frame or a saved cell as JSON values, in the order of the wire."""
    return asdict(value)


def _decode(kind: Any, value: object, place: str) -> object:  # noqa: ANN401 - a type of any form, such as a union
    if is_dataclass(kind) and isinstance(kind, type):
        return _decode_object(kind, value, place)
    origin, choices = get_origin(kind), get_args(kind)
    if origin is tuple:
        if not isinstance(value, list):
            raise FrameError(place, "expected a list")
        return tuple(
            _decode(choices[0], part, f"{place}.{number}")
            for number, part in enumerate(value)
        )
    if origin is Literal:
        if value not in choices:
            raise FrameError(place, f"{value!r:.40} is not one of {choices}")
        return value
    if origin is UnionType:
        kind = NoneType if value is None else choices[0]
    # A bool is an int to Python, but not to the wire.
    if not isinstance(value, kind) or isinstance(value, bool):
        raise FrameError(place, f"expected {kind.__name__}, got {value!r:.40}")
    return value


def _decode_object(kind: type, value: object, place: str) -> object:
    if not isinstance(value, dict):
        raise FrameError(place, "expected an object")
    hints = _hints(kind)
    missing = [name for name in hints if name not in value]
    if missing:
        raise FrameError(place, f"missing {', '.join(missing)}")
    parts = {
        name: _decode(hint, value[name], f"{place}.{name}")
        for name, hint in hints.items()
    }
    return kind(**parts)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
