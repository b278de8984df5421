"""What a program printed for a terminal, with its colours, as a page shows it.

Colours become the sixteen of a terminal, which the page defines for light and dark.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

_ESCAPE = re.compile(
    r"\x1b(?:"
    r"\[(?P<style>[0-9;:]{0,80})m"  # Select graphic rendition.
    r"|\[[0-?]{0,80}[ -/]{0,80}[@-~]"  # Moves of the cursor, and the like.
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # A title, an address.
    r"|[ -/]?[0-~]"
    r")?"
)
_FLAGS = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse"}
_UNSET = {21: 1, 22: 1, 23: 3, 24: 4, 27: 7}
_GREY = 8
_HALF, _DARK, _BRIGHT, _CLOSE = 110, 60, 200, 30


@dataclass(frozen=True, slots=True)
class _Style:
    """How the text that follows looks."""

    flags: frozenset[int] = frozenset()
    ink: int | None = None
    """One of sixteen colours."""
    paper: int | None = None

    @property
    def classes(self) -> str:
        """The classes of the page."""
        ink, paper = self.ink, self.paper
        names = [f"t-{_FLAGS[it]}" for it in sorted(self.flags)]
        names += [] if ink is None else [f"t-ink{ink}"]
        return " ".join(names + ([] if paper is None else [f"t-paper{paper}"]))


def markup(text: str) -> Markup:
    """Give printed text as markup; whatever it holds is text."""
    parts = (
        f'<span class="{style.classes}">{escape(run)}</span>'
        if style.classes
        else escape(run)
        for style, run in _runs(text)
    )
    return Markup("".join(parts))  # noqa: S704 - Each run is escaped.


def settle(text: str) -> str:
    """Leave what stays of a line where each carriage return begins it again."""
    lines = (it.rstrip("\r").rpartition("\r")[2] for it in text.split("\n"))
    return "\n".join(lines)


def _runs(text: str) -> Iterator[tuple[_Style, str]]:
    """Cut text at its escape sequences."""
    style, start = _Style(), 0
    for found in _ESCAPE.finditer(text):
        if found.start() > start:
            yield style, text[start : found.start()]
        start = found.end()
        if found["style"] is not None:
            style = _styled(style, found["style"])
    if start < len(text):
        yield style, text[start:]


def _styled(style: _Style, words: str) -> _Style:
    """Give the style after one sequence."""
    codes = iter([int(it or 0) for it in re.split("[;:]", words)])
    for code in codes:
        if code == 0:
            style = _Style()
        elif code in _FLAGS:
            style = replace(style, flags=style.flags | {code})
        elif code in _UNSET:
            kept = style.flags - {_UNSET[code]} - ({2} if code == 22 else set())  # noqa: PLR2004
            style = replace(style, flags=frozenset(kept))
        else:
            style = _coloured(style, code, codes)
    return style


def _coloured(style: _Style, code: int, codes: Iterator[int]) -> _Style:
    """Give the style after one code of a colour."""
    tens, unit = divmod(code, 10)
    match tens, unit:
        case ((3 | 4), 8):
            colour = _of_many(codes)
        case ((3 | 4), 9):
            colour = None
        case ((3 | 4 | 9 | 10), _) if unit < _GREY:
            colour = unit + (_GREY if tens in {9, 10} else 0)
        case _:
            return style
    if tens in {3, 9}:
        return replace(style, ink=colour)
    return replace(style, paper=colour)


def _of_many(codes: Iterator[int]) -> int | None:
    """Read a colour of 256, or of red, green and blue."""
    form = next(codes, 0)
    if form == 2:  # noqa: PLR2004 - As ECMA-48 numbers it.
        return _nearest(*(next(codes, 0) for _ in range(3)))
    if form != 5:  # noqa: PLR2004 - As above.
        return None
    number = next(codes, 0)
    if number < 16:  # noqa: PLR2004 - The colours of old.
        return number
    if number >= 232:  # noqa: PLR2004 - Steps of grey.
        return _nearest(*[(number - 232) * 10 + 8] * 3)
    number -= 16
    return _nearest(*(it * 51 for it in (number // 36, number // 6 % 6, number % 6)))


def _nearest(red: int, green: int, blue: int) -> int:
    """Give the colour of sixteen that is like one of many."""
    most, least = max(red, green, blue), min(red, green, blue)
    if most - least < _CLOSE:
        return 0 if most < _DARK else _GREY if most < _BRIGHT else 15
    bits = ((red, 1), (green, 2), (blue, 4))
    middle = (most + least) // 2
    colour = sum(bit for part, bit in bits if part > middle)
    return colour + (_GREY if least > _HALF else 0)
