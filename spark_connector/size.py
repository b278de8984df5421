"""Sizes of memory as Spark and the form write them: `512m`, `2g`, never `1.5g`."""

import re

_UNITS = {"k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_SIZE = re.compile(r"(\d+)\s*([kmgt])b?", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Return the number of bytes of a size.

    A size is a whole number and a unit (`k`, `m`, `g`, `t`, each with an optional `b`),
    as on Spark's configuration page. A number without a unit is refused, because Spark
    reads it differently from key to key. Raises ValueError for zero and for other
    texts.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        message = f"'{text}' is not a size; write a number and a unit, like 512m or 2g."
        raise ValueError(message)
    return int(match[1]) * _UNITS[match[2].lower()]


def format_size(size: int) -> str:
    """Return bytes in Spark's notation (`1g`, `1536m`), in whole mebibytes."""
    mebibytes = size // 2**20
    return f"{mebibytes // 1024}g" if mebibytes % 1024 == 0 else f"{mebibytes}m"


def spoken_size(text: str) -> str:
    """Return a size as a sentence has it: `1 GB`, `1536 MB`."""
    short = format_size(parse_size(text))
    return f"{short[:-1]} {short[-1].upper()}B"
