"""The time by which upkeep removes what is old: it follows the clock with care.

A clock that jumps ahead once would make everything old at once, and what is removed
does not come back when the clock is put right.
"""

import logging
import time as machine
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update

from cygnet_share import schema
from cygnet_share.database import Database, number, time

STEP = timedelta(days=1)
"""How far the clock may be ahead of the last upkeep; a service that was stopped for
longer catches up by so much an upkeep."""

TOLERANCE = timedelta(minutes=5)
"""By how much the clock may differ from what has gone by since the last upkeep."""

_log = logging.getLogger(__name__)


class UpkeepTime:
    """Gives the time of each upkeep, and keeps it in the database.

    Parameters
    ----------
    elapsed
        Seconds that nothing sets, as those since the machine has started.
    """

    def __init__(self, elapsed: Callable[[], float] = machine.monotonic) -> None:
        self._elapsed = elapsed
        self._before: tuple[datetime, float] | None = None

    def next(self, database: Database) -> datetime:
        """Give the time of this upkeep.

        Where the clock is more than a day ahead of the last one, that stays until the
        clock has gone evenly from one upkeep to the next, and then comes a day nearer
        at each.
        """
        now, elapsed = database.clock(), self._elapsed()
        is_even = self._is_even(now, elapsed)
        self._before = now, elapsed
        last = last_upkeep(database.engine)
        found = advanced(last, now, is_even=is_even)
        if now - found > STEP:
            _log.warning(
                "The clock is far ahead of the last upkeep, so little is removed "
                "days=%d",
                (now - found).days,
            )
        with database.engine.begin() as connection:
            connection.execute(update(schema.identity).values(upkept_at=number(found)))
        return found

    def _is_even(self, now: datetime, elapsed: float) -> bool:
        """Whether the clock has gone since the last upkeep as time has."""
        if self._before is None:
            return False
        clock, past = self._before
        gone = timedelta(seconds=elapsed - past)
        return gone > TOLERANCE and abs(now - clock - gone) < TOLERANCE


def advanced(last: datetime | None, now: datetime, *, is_even: bool) -> datetime:
    """Give the time of an upkeep after the last one.

    Parameters
    ----------
    last
        That of the last one; None for the first.
    now
        The service's clock.
    is_even
        Whether it has gone evenly since.
    """
    if last is None:
        return now
    if now - last <= STEP:
        return max(now, last)
    return last + STEP if is_even else last


def last_upkeep(engine: Engine) -> datetime | None:
    """Give the time of the last upkeep, None before the first."""
    with engine.connect() as connection:
        return time(connection.execute(select(schema.identity.c.upkept_at)).scalar())
