"""Which words of one person may stand in the lists of others.

They are shown as text alone, so that nothing in them runs; this keeps them from
looking like other words, or changing those around them.
"""

import unicodedata
from itertools import groupby

MAX_MARKS = 4
"""How many accents may stand on one letter; more of them cover the lines around it."""

_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})

# Persian words and pictures of several people need them between two characters.
_JOINERS = frozenset("\u200c\u200d")

# Letters and symbols by their category, and nothing to the eye.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def readable(text: str) -> str:
    """Give a text that a page can show as it is; ValueError for others.

    Control characters, line separators, what reverses the direction of reading and
    what cannot be seen are refused: with these a title reads as another one.
    """
    kinds = list(map(unicodedata.category, text))
    if not _UNPRINTABLE.isdisjoint(kinds):
        message = "has control characters in it"
        raise ValueError(message)
    if any(
        kind == "Cf" and not _joins(text, place) for place, kind in enumerate(kinds)
    ):
        message = "has characters in it that cannot be seen"
        raise ValueError(message)
    if any(
        is_mark and sum(1 for _ in run) > MAX_MARKS
        for is_mark, run in groupby(kinds, _MARKS.__contains__)
    ):
        message = f"has more than {MAX_MARKS} accents on one letter"
        raise ValueError(message)
    if text and not any(map(_is_seen, text, kinds)):
        message = "has nothing in it that can be read"
        raise ValueError(message)
    return text


def _joins(text: str, place: int) -> bool:
    """Whether a character joins, or keeps apart, two that can be seen."""
    around = (text[place - 1 : place], text[place + 1 : place + 2])
    return text[place] in _JOINERS and all(
        it and _is_seen(it, unicodedata.category(it)) for it in around
    )


def _is_seen(character: str, kind: str) -> bool:
    """Whether a character can be seen."""
    return kind not in {"Zs", "Cf"} and character not in _BLANK
