"""Values of the chart in parts, as several files of values are."""

from collections.abc import Mapping
from itertools import chain
from typing import Any


def merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Put values over values as Helm does: groups are joined, all else replaced."""
    result: dict[str, Any] = {}
    for key, value in chain.from_iterable(it.items() for it in parts):
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if both else value
    return result
