"""Checks what the service needs and says what to do about each fault."""

from dataclasses import dataclass

from cygnet_hub.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    is_good: bool
    """Whether nothing has to be done."""
    what: str
    """What was found."""


def examine(chosen: Settings) -> list[Finding]:
    """Check."""
    del chosen
    return []
