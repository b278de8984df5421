"""Pictures, known by their first bytes, as addresses that hold the bytes themselves.

SVG is shown as a picture only: a browser then runs no script of it and loads nothing,
whatever it holds. As markup of the page it is never shown.
"""

import base64
import binascii
import re
from typing import Final

RASTER_TYPES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""The MIME types of the pictures that are shown, but `SVG_TYPE`."""

SVG_TYPE: Final = "image/svg+xml"

_SIGNATURES = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}
_SVG = re.compile(r"\s*(<\?xml|<!--|<!DOCTYPE\s+svg|<svg)\b", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_ADDRESS = re.compile(r"data:(image/[a-z+]+);base64,(.*)", re.DOTALL)
_HEAD = 64


def from_bytes(data: bytes) -> str | None:
    """Give the address of a picture, or None for bytes that are none."""
    for name, signature in _SIGNATURES.items():
        if signature.match(data):
            return _address(name, base64.b64encode(data).decode())
    return None


def from_base64(text: str) -> str | None:
    """Give the address of a picture that a notebook holds, or None."""
    packed = _BLANKS.sub("", text)
    try:
        binascii.a2b_base64(packed, strict_mode=True)
        head = binascii.a2b_base64(packed[:_HEAD])
    except ValueError:
        return None
    for name, signature in _SIGNATURES.items():
        if signature.match(head):
            return _address(name, packed)
    return None


def from_svg(text: str) -> str | None:
    """Give the address of a drawing, or None for text that is none."""
    if not _SVG.match(text) and "<svg" not in text[:1000]:
        return None
    return _address(SVG_TYPE, base64.b64encode(text.encode()).decode())


def from_address(address: str) -> str | None:
    """Give the address of a picture that a document holds as one, or None."""
    found = _ADDRESS.fullmatch(address.strip())
    if found is None:
        return None
    if found[1] == SVG_TYPE:
        try:
            text = binascii.a2b_base64(_BLANKS.sub("", found[2])).decode()
        except ValueError:
            return None
        return from_svg(text)
    return from_base64(found[2])


def _address(name: str, packed: str) -> str:
    """Write the address of a picture."""
    return f"data:{name};base64,{packed}"
