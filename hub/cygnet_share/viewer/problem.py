"""Why a file is not shown, in words for its reader."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from cygnet_share.viewer.text import size_words

_REMEDY: Final = "Open the share or make a copy to use the file."


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason why a file is not shown."""

    words: str
    """Whole sentences."""
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
    is_lasting: bool = True
    """Whether the next attempt ends in the same way."""


def too_large(path: str, size: int, limit: int) -> Problem:
    """Say that a file is too large."""
    words = (
        f"This {_noun(path)} has {size_words(size)}; the viewer shows at most "
        f"{size_words(limit)}. {_REMEDY}"
    )
    return Problem(words, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def too_slow(path: str, *, is_lasting: bool) -> Problem:
    """Say that the time is over."""
    words = f"This {_noun(path)} takes too long to show. {_REMEDY}"
    return Problem(words, is_lasting=is_lasting)


def too_much(path: str) -> Problem:
    """Say that it takes too much memory, or makes too long a page."""
    return Problem(f"This {_noun(path)} has too much in it to be shown. {_REMEDY}")


def failed(path: str) -> Problem:
    """Say that the renderer failed."""
    words = f"The viewer failed on this {_noun(path)}; nothing of it ran. {_REMEDY}"
    return Problem(words, is_lasting=False)


def busy(pause: timedelta) -> Problem:
    """Say that there is too much to do."""
    words = (
        "The viewer is busy with other files. Load this page again in "
        f"{pause.total_seconds():.0f} seconds."
    )
    return Problem(words, HTTPStatus.SERVICE_UNAVAILABLE, is_lasting=False)


def too_many(most: int) -> Problem:
    """Say that a reader waits for too much."""
    words = (
        f"{most} files are being made ready for you already. Load this page again when "
        "one of them is shown."
    )
    return Problem(words, HTTPStatus.TOO_MANY_REQUESTS, is_lasting=False)


def _noun(path: str) -> str:
    """Give the word for a file."""
    return "notebook" if path.lower().endswith(".ipynb") else "file"
