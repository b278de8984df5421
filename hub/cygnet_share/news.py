"""What has changed since, for those who wait for it.

A wait may be told too much and never too little: whoever hears that rights have
changed reads the list again, which says what is theirs.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from cygnet_share import schema, share
from cygnet_share.database import Database
from cygnet_share.right import Person

PUBLISH = "publish"
"""The act that changes what a share holds, and not who may see it."""


@dataclass(frozen=True, slots=True)
class News:
    """What has changed for a person."""

    last: int
    """The newest event, from which to ask again."""

    shares: frozenset[int]
    """The shares of which there is a new snapshot."""

    is_list_changed: bool
    """Whether the list of shares may be another one."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing new."""
        return not self.shares and not self.is_list_changed


def since(database: Database, person: Person, last: int | None) -> News:
    """Say what has changed since an event.

    Parameters
    ----------
    database
        Where events are kept.
    person
        Who asks.
    last
        The event; None for the one now, which has no news.
    """
    table = schema.event.c
    mine = {it.id for it in share.listed(database, person)}
    with database.reading.connect() as connection:
        newest = connection.execute(select(func.max(table.id))).scalar() or 0
        if last is None:
            return News(newest, frozenset(), is_list_changed=False)
        rows = connection.execute(
            select(table.share, table.act).where(table.id > last).distinct()
        ).all()
    changed = frozenset(it.share for it in rows if it.act == PUBLISH) & mine
    return News(newest, changed, is_list_changed=_is_any_other(it.act for it in rows))


def _is_any_other(acts: Iterable[str]) -> bool:
    """Whether there is an act that may change a list."""
    return any(it != PUBLISH for it in acts)


class Bell:
    """Wakes who waits when there may be news; for one event loop."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake everyone who waits."""
        self._rung.set()
        self._rung = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Wait for the bell, or for some seconds."""
        rung = self._rung
        try:
            await asyncio.wait_for(rung.wait(), seconds)
        except TimeoutError:
            return
