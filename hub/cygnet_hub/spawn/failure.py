"""Why a server did not start, as the pages show it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
LOG_LINES = 12
"""How much of a log is shown: what fits below the reason."""
LINE_LENGTH = 300
"""Longer lines are cut, visibly."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a user has to know about a failed start."""

    reason: str
    """What happened, as a sentence."""
    remedy: str
    """What to do, as a sentence."""
    log: tuple[str, ...] = ()
    """The end of the server's log, oldest line first, at most `LOG_LINES`."""
    is_own: bool = False
    """Whether a rescue start can help, as something of the user's own may be broken."""


def last_lines(log: str) -> tuple[str, ...]:
    """Return the end of a log as it can be shown.

    Returns
    -------
    tuple of str
        At most `LOG_LINES`, oldest first, without colours, empty lines and the
        frames of tracebacks, long ones visibly shortened.
    """
    lines = [line.rstrip() for line in _COLOUR.sub("", log).splitlines()]
    kept = _without_frames([line for line in lines if line])[-LOG_LINES:]
    return tuple(
        line if len(line) <= LINE_LENGTH else line[: LINE_LENGTH - 1] + "…"
        for line in kept
    )


def _without_frames(lines: Sequence[str]) -> list[str]:
    """Keep of each traceback its last line, which says what went wrong."""
    kept: list[str] = []
    frames: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if line.lstrip().startswith("Traceback (most recent call last)"):
            frames = indent
        elif frames is None or indent <= frames:
            frames = None
            kept.append(line)
    return kept
