"""How a shared folder stands: values for a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum

from cygnet_share.notebook_merge import CellConflict


class Phase(StrEnum):
    """What a folder does."""

    STARTS = "starts"
    FOLLOWS = "follows"
    """It is as the share is."""

    WORKS = "works"
    """It sends or receives."""

    AWAY = "away"
    """The service does not answer; it is tried again."""

    ASKS = "asks"
    """Many files have gone, and the user has to say whether they go for everyone."""

    STOPPED = "stopped"
    """Something is in the way, as the message says; it is tried again."""

    ENDED = "ended"
    """The share is over, or not shared with the user any more."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A file that the user and another have changed."""

    path: str
    """Where the user's own stands."""

    kind: str
    """How the changes meet, as in “both changed”."""

    other: str | None = None
    """The file that holds the other version, where there is one."""

    cells: tuple[CellConflict, ...] = ()
    """Of a notebook that was merged by cell, in the order of the cells."""

    stamp: str = ""
    """What both files held; another one once they have been edited."""

    name: str = ""
    """What it is called among the others, once it is listed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transfer has come."""

    done_bytes: int
    all_bytes: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A file that another person's change has brought."""

    path: str
    by: str
    """The person's name."""

    at: datetime
    """When it was published, by the service's clock."""


@dataclass(frozen=True, slots=True)
class State:
    """How one folder stands."""

    share: int
    place: str
    phase: Phase = Phase.STARTS
    seq: int = 0
    """The snapshot that it last held; 0 before there is one."""

    message: str = ""
    """Whole sentences, where something is in the way."""

    is_missing: bool = False
    """Whether there is no folder, which can be brought back."""

    waiting: int = 0
    """How many files of the user are not published yet."""

    gone: tuple[str, ...] = ()
    """The files that the question is about, sorted."""

    left_out: Mapping[str, str] = field(default_factory=dict)
    """What is not shared: path to reason, the end of a sentence."""

    conflicts: tuple[Conflict, ...] = ()
    """Until the user has settled them, in the order in which they came."""

    progress: Progress | None = None
    """Of a transfer that takes its time."""

    changed: tuple[Changed, ...] = ()
    """The files that others have changed, the newest first."""


def away_sentence(
    since: datetime | None, states: Iterable[State], zone: tzinfo | None = None
) -> str:
    """Say that the service is away.

    Parameters
    ----------
    since
        Since when, or None when it is not.
    states
        The folders.
    zone
        The time zone of the user; None for the server's.

    Returns
    -------
    str
        As in “Sharing is away since 10:41, 3 saves wait.”; empty when it is there.
    """
    if since is None:
        return ""
    count = sum(it.waiting for it in states)
    saves = {0: "", 1: ", 1 save waits"}.get(count, f", {count} saves wait")
    return f"Sharing is away since {since.astimezone(zone):%H:%M}{saves}."
