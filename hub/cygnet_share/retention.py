"""Which snapshots of a share are kept as time goes by."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long snapshots are kept."""

    all: timedelta = timedelta(hours=24)
    """Every one."""

    hourly: timedelta = timedelta(days=7)
    """The last one of each hour."""

    daily: timedelta = timedelta(days=90)
    """The last one of each day."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot that is there."""

    seq: int
    published_at: datetime
    is_pinned: bool = False
    """Whether it has a name, or something else refers to it."""


def outdated(
    snapshots: Iterable[Kept], now: datetime, retention: Retention
) -> Iterator[Kept]:
    """Find the snapshots of one share that are to go.

    The newest one and pinned ones never go. What has gone is not missed later: what is
    kept of a day is kept of its hours too.

    Parameters
    ----------
    snapshots
        In any order; later ones have a higher number.
    now
        The service's clock.
    retention
        How long they are kept.
    """
    newest_first = sorted(snapshots, key=lambda it: it.seq, reverse=True)
    spans = {
        timedelta(hours=1): retention.hourly,
        timedelta(days=1): retention.daily,
    }
    seen: set[tuple[timedelta, int]] = set()
    for place, it in enumerate(newest_first):
        age = now - it.published_at
        is_kept = place == 0 or it.is_pinned or age <= retention.all
        for span, limit in spans.items():
            bucket = (span, (it.published_at - _EPOCH) // span)
            is_kept = is_kept or (bucket not in seen and age <= limit)
            seen.add(bucket)
        if not is_kept:
            yield it
