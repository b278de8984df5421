"""Text of another person's as text that a page can hold and a reader can trust."""

import codecs
import re
from typing import Final

from cygnet_share.direction import DIRECTIONS

INSERTION: Final = ("\ufdd0", "\ufdd1")
"""Noncharacters that no text has after `clean`: places of markup of our own."""

_BREAK = re.compile(r"\r\n?")
_CONTROLS = {
    it: None
    for it in (*range(0x20), *range(0x7F, 0xA0), *range(0xFDD0, 0xFDF0))
    if chr(it) not in "\t\n"
}
_TERMINAL_CONTROLS = {
    code: it for code, it in _CONTROLS.items() if chr(code) not in "\r\x1b"
}
# What makes text look different from what a computer reads.
_SHOWN = {ord(it): f"⟨U+{ord(it):04X}⟩" for it in DIRECTIONS}
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes) -> str:
    """Read bytes as text, as UTF-8 unless they say otherwise; what is broken shows."""
    marks = (name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark))
    return clean(data.decode(next(marks, "utf-8"), errors="replace"))


def is_text(data: bytes) -> bool:
    """Check whether bytes are text."""
    if any(data.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS):
        return True
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False


def clean(text: str) -> str:
    """Drop control characters and lone surrogates; lines end with a line feed."""
    return _whole(_BREAK.sub("\n", text).translate(_CONTROLS))


def clean_terminal(text: str) -> str:
    """Do the same, but keep what moves the cursor of a terminal and colours it."""
    return _whole(text.replace("\r\n", "\n").translate(_TERMINAL_CONTROLS))


def unveil(text: str) -> str:
    """Show the characters that change the direction of code or names by number."""
    return text.translate(_SHOWN)


def size_words(size: int) -> str:
    """Write a number of bytes as people read it, e.g. `1.4 MB`."""
    if size == 1:
        return "1 byte"
    amount = float(size)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:  # noqa: PLR2004 - As the units are.
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def cut(text: str, limit: int) -> tuple[str, str]:
    """Keep the first `limit` characters, and a sentence about the rest.

    The sentence is empty where everything is kept.
    """
    if len(text) <= limit:
        return text, ""
    rest = f"{len(text) - limit:,}".replace(",", "\u202f")
    return text[:limit], f"{rest} more characters are not shown."


def _whole(text: str) -> str:
    """Replace lone surrogates, which no encoding has."""
    return text.encode("utf-8", "replace").decode()
