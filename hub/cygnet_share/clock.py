"""The service's clock: it may stand still, and never goes back.

What has expired stays so, and what was condemned is not removed early, when the
machine's clock is set back, also while the service does not run. Only who runs the
service knows whether a clock that was ahead was wrong: `put_right` is theirs.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select, update

from cygnet_share import schema
from cygnet_share.database import number, time

AHEAD = timedelta(hours=1)
"""How far the service's clock may be ahead of the machine's without a word."""

_PAST = (
    schema.audit.c.at,
    schema.event.c.at,
    schema.snapshot.c.published_at,
    schema.chunk.c.condemned_at,
    schema.folder.c.condemned_at,
    schema.person.c.gone_at,
    schema.share.c.ended_at,
    schema.grant.c.granted_at,
    schema.working_copy.c.seen_at,
    schema.identity.c.upkept_at,
)
"""All times of what has happened; those at which something ends are not here."""


class Clock:
    """A clock that does not go back.

    Parameters
    ----------
    floor
        The latest time that it has given before.
    machine
        The machine's clock, in UTC.
    """

    def __init__(
        self,
        floor: datetime | None = None,
        machine: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._machine = machine
        self._last = floor or machine()
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """Give the time in UTC."""
        with self._lock:
            self._last = max(self._last, self._machine())
            return self._last


def last_time(engine: Engine) -> datetime | None:
    """Give the latest time that a database has noted."""
    with engine.connect() as connection:
        return time(connection.execute(select(func.max(schema.audit.c.at))).scalar())


def ahead(engine: Engine, now: datetime) -> str | None:
    """Say that the service's clock is far ahead of the machine's, None when it is not.

    Parameters
    ----------
    engine
        The database.
    now
        The machine's clock.
    """
    last = last_time(engine)
    if last is None or last - now <= AHEAD:
        return None
    return (
        f"The service's clock stands at {last:%Y-%m-%d %H:%M} UTC, the latest time in "
        f"its record, and the machine's says {now:%Y-%m-%d %H:%M}. Put the machine's "
        "right; if it is, stop the service and run “python -m cygnet_share clock”."
    )


def put_right(engine: Engine, now: datetime) -> None:
    """Let what has happened at a time to come have happened now.

    Parameters
    ----------
    engine
        The database, of a service that does not run.
    now
        The machine's clock.
    """
    with engine.begin() as connection:
        for column in _PAST:
            connection.execute(
                update(column.table)
                .where(column > number(now))
                .values({column: number(now)})
            )
