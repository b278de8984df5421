"""The service's clock: it may stand still, and never goes back.

What has expired stays so, and what was condemned is not removed early, when the
machine's clock is set back, also while the service does not run.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine, func, select

from cygnet_share import schema
from cygnet_share.database import time


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
