"""What the service does from time to time.

It looks for accounts that have gone, ends their shares after a while, and removes what
is not needed any more.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, func, select

from cygnet_share import account, schema
from cygnet_share.call import Service
from cygnet_share.database import Database, number
from cygnet_share.errors import ForeignStoreError
from cygnet_share.mark import claim
from cygnet_share.sweep import sweep
from cygnet_share.upkeep_time import UpkeepTime

EVERY = timedelta(hours=1)
"""How often it is done."""

FIRST = timedelta(minutes=1)
"""When it is done first: a hub that starts the service answers by then."""

EVENTS = timedelta(days=1)
"""For how long news is kept; who asks later reads the whole list anyway."""

_log = logging.getLogger(__name__)


class Upkeep:
    """What is done from time to time.

    Parameters
    ----------
    service
        What the calls share.
    look
        Looks for accounts that have gone; it raises when it does not know.
    """

    def __init__(self, service: Service, look: Callable[[], Awaitable[None]]) -> None:
        self._service = service
        self._look = look
        self._time = UpkeepTime()
        self._database = service.database

    async def run(self) -> None:
        """Do it from time to time, until the task is cancelled."""
        await self._attempt(self._claim)
        await asyncio.sleep(FIRST.total_seconds())
        while True:
            await self.once()
            await asyncio.sleep(EVERY.total_seconds())

    async def once(self) -> None:
        """Do all of it; what fails is tried again the next time."""
        await self._attempt(self._look)
        if await self._attempt(self._take_time):
            for part in (self._end_shares, self._sweep, self._forget):
                await self._attempt(part)

    async def _claim(self) -> None:
        """Say at once when the chunks are another database's."""
        service = self._service
        await asyncio.to_thread(claim, service.database, service.chunks)

    async def _attempt(self, part: Callable[[], Awaitable[None]]) -> bool:
        """Do a part of it, and say whether it is done."""
        try:
            await part()
        except ForeignStoreError as error:
            _log.error("Upkeep is left out part=%s reason=%s", part.__name__, error)
            return False
        except Exception:  # noqa: BLE001 - The service goes on, and so does the rest.
            _log.exception("Upkeep failed part=%s", part.__name__)
            return False
        return True

    async def _take_time(self) -> None:
        """Choose the time by which all that follows finds what is old."""
        database = self._service.database
        now = await asyncio.to_thread(self._time.next, database)
        self._database = replace(database, clock=lambda: now)

    async def _end_shares(self) -> None:
        """End the shares of accounts that went long ago."""
        kept = timedelta(days=self._service.operator.keep_deleted_days)
        ended = await asyncio.to_thread(account.end_shares, self._database, kept)
        if ended:
            _log.info("Shares of removed accounts have ended count=%d", len(ended))
            self._service.bell.ring()

    async def _sweep(self) -> None:
        """Remove what nothing refers to."""
        service = self._service
        retention = service.operator.retention
        await asyncio.to_thread(sweep, self._database, service.chunks, retention)

    async def _forget(self) -> None:
        """Remove what was noted long ago."""
        kept = timedelta(days=self._service.operator.audit_days)
        await asyncio.to_thread(forget, self._database, kept)


def forget(database: Database, kept: timedelta) -> None:
    """Remove news, and what was noted of who did what, after a time.

    Parameters
    ----------
    database
        Where they are kept.
    kept
        For how long it can be asked who did what.
    """
    now = database.clock()
    with database.engine.begin() as connection:
        for table, limit in ((schema.audit, kept), (schema.event, EVENTS)):
            # The last one stays: it says where the next one counts on.
            last = select(func.max(table.c.id)).scalar_subquery()
            old = table.c.at < number(now - limit)
            connection.execute(delete(table).where(old, table.c.id < last))
