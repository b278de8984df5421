"""What keeps a release from being made: where, why, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why no release is made."""

    place: str
    """The file, key or program."""
    reason: str
    """A sentence."""
    remedy: str
    """A sentence that says what to do."""


def text(problems: Iterable[Problem]) -> str:
    """Give one line for each problem, below a heading."""
    lines = (f"  - {it.place}: {it.reason} {it.remedy}" for it in problems)
    return "\n".join(("No release is made:", *lines))
