"""What has changed since, for those who wait for it.

The events are read once for all who wait, and each decides about them in memory. A
wait may hear too much and never too little: who hears that rights have changed reads
the list again, which says what is theirs.
"""

import asyncio
import math
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count, takewhile

from sqlalchemy import func, select

from cygnet_share import schema
from cygnet_share.database import Database
from cygnet_share.right import Audience, Grant, Person, Right, Rules, right_of

HOLDING = frozenset({"publish", "name"})
"""The acts that change what a share holds, and not who may see it."""

PAUSE_SECONDS = 0.2
"""The least time between two wakes of all who wait: each of them looks then."""

_KEPT_EVENTS = 1_000
_BEHIND = 100


@dataclass(frozen=True, slots=True)
class Event:
    """What has happened to a share."""

    mark: int
    """Larger than that of each event that was read before."""

    share: int
    act: str
    audience: str | None = None
    """Whom it is for, with the principal as in a grant; None for all with a right."""

    principal: str | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What has changed for a person."""

    last: int
    """The mark of the newest event, from which to ask again."""

    shares: frozenset[int] = frozenset()
    """The shares of which there is a new snapshot."""

    is_list_changed: bool = False
    """Whether the list of shares may be another one."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing new."""
        return not self.shares and not self.is_list_changed


@dataclass(frozen=True, slots=True)
class Lately:
    """What has happened lately, to all shares."""

    first: int
    """The mark after which all events are here."""

    last: int
    events: Sequence[Event] = ()
    """In their order."""

    rules: Mapping[int, Rules | None] = field(default_factory=dict)
    """What decides about their shares; also about those that have ended."""

    def since(self, person: Person, last: int | None, now: datetime) -> News:
        """Say what has changed for a person since an event.

        Parameters
        ----------
        person
            Who asks.
        last
            Its mark; None for the newest event, since which there is no news.
        now
            The service's clock.
        """
        if last is None:
            return News(self.last)
        if not self.first <= last <= self.last:
            # Who asks was away for long, or the service has started since.
            return News(self.last, is_list_changed=True)
        new = list(takewhile(lambda it: it.mark > last, reversed(self.events)))
        mine = [it for it in new if self._is_for(it, person)]
        held = {it.share for it in mine if it.act in HOLDING}
        return News(
            self.last,
            frozenset(it for it in held if self.may(person, it, Right.VIEW, now)),
            is_list_changed=any(it.act not in HOLDING for it in mine),
        )

    def may(self, person: Person, share: int, wanted: Right, now: datetime) -> bool:
        """Whether a person may do something with a share of an event."""
        rules = self.rules.get(share)
        right = None if rules is None else right_of(person, rules, now)
        return right is not None and right >= wanted

    def _is_for(self, event: Event, person: Person) -> bool:
        """Whether an event may be news for a person; also where a right has ended."""
        rules = self.rules.get(event.share)
        if rules is None or rules.owner == person.id:
            return True
        if event.audience is not None:
            audience = Audience(event.audience)
            given = Grant(audience, event.principal or "", Right.VIEW)
            return given.is_for(person)
        return any(it.is_for(person) for it in rules.grants)


class Feed:
    """Reads what has happened, once for all who wait.

    Notes
    -----
    PostgreSQL numbers rows before their transactions end, so that a smaller number may
    come after a larger one. Marks follow the order of reading; they begin with the
    time, so that they grow also when the service starts again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._marks = count(int(time.time() * 1_000_000))
        self._rung = 0
        self._newest: int | None = None
        self._known: set[tuple[int, int]] = set()
        self._reading: asyncio.Future[Lately] | None = None
        start = next(self._marks)
        self.lately = Lately(start, start)
        """What was read last."""

    def known(self, rung: int) -> Lately | None:
        """Give what was read last, when it is new enough, as `refresh` does."""
        return self.lately if self._newest is not None and rung <= self._rung else None

    async def latest(self, rung: int, read: Callable[[], Awaitable[Lately]]) -> Lately:
        """Give what is new enough, which is read once for all who wait for it.

        Parameters
        ----------
        rung
            As for `refresh`.
        read
            Calls `refresh` for how often the bell has rung by now.
        """
        while (found := self.known(rung)) is None:
            if self._reading is None or self._reading.done():
                self._reading = asyncio.ensure_future(read())
            # Who leaves takes it from nobody.
            await asyncio.shield(self._reading)
        return found

    def refresh(self, database: Database, rung: int) -> Lately:
        """Read what is new.

        Parameters
        ----------
        database
            Where events are kept.
        rung
            How often the bell had rung: what was read since then is new enough.
        """
        with self._lock:
            if rung > self._rung or self._newest is None:
                self.lately = self._next(database)
                self._rung = rung
            return self.lately

    def about(self, database: Database, shares: Iterable[int]) -> Lately:
        """Read what decides about more shares, where it is not known."""
        with self._lock:
            lacking = set(shares) - self.lately.rules.keys()
            if lacking:
                with database.reading.connect() as connection:
                    found = {
                        it: database.rules(connection, it, with_ended=True)
                        for it in lacking
                    }
                rules = {**self.lately.rules, **found}
                self.lately = replace(self.lately, rules=rules)
            return self.lately

    def _next(self, database: Database) -> Lately:
        """Read new events, and what decides about their shares."""
        table, before, rules = schema.event, self.lately, dict(self.lately.rules)
        is_first = self._newest is None
        with database.reading.connect() as connection:
            newest = connection.execute(select(func.max(table.c.id))).scalar() or 0
            # Smaller than before, where the newest have gone with their share.
            start = min(newest, self._newest or newest) - _BEHIND
            rows = connection.execute(
                select(table).where(table.c.id > start).order_by(table.c.id)
            ).all()
            known = self._known | {(it.id, it.at) for it in rows if is_first}
            new = [it for it in rows if (it.id, it.at) not in known]
            for share in {it.share for it in new}:
                rules[share] = database.rules(connection, share, with_ended=True)
        self._newest = newest
        self._known = {(it.id, it.at) for it in rows if it.id > newest - _BEHIND}
        events = [
            *before.events,
            *(
                Event(next(self._marks), it.share, it.act, it.audience, it.principal)
                for it in new
            ),
        ]
        first = before.first
        if len(events) > _KEPT_EVENTS:
            first = events[-_KEPT_EVENTS - 1].mark
            events = events[-_KEPT_EVENTS:]
        about = {it.share for it in events}
        return Lately(
            first,
            events[-1].mark if events else before.last,
            events,
            {share: it for share, it in rules.items() if share in about},
        )


class Bell:
    """Wakes who waits when there may be news, some times a second at most.

    For one event loop.

    Parameters
    ----------
    pause
        The seconds between two times.
    """

    def __init__(self, pause: float = PAUSE_SECONDS) -> None:
        self._pause = pause
        self._woken = asyncio.Event()
        self._woken_at = -math.inf
        self._woken_count = 0
        self._next: asyncio.TimerHandle | None = None
        self.count = 0
        """How often it has rung."""

    def ring(self) -> None:
        """Wake everyone who waits, now or at the end of the pause."""
        self.count += 1
        if self._next is not None:
            return
        loop = asyncio.get_running_loop()
        left = self._woken_at + self._pause - loop.time()
        if left > 0:
            self._next = loop.call_later(left, self._wake)
        else:
            self._wake()

    def _wake(self) -> None:
        """Wake everyone who waits."""
        self._next = None
        self._woken_at = asyncio.get_running_loop().time()
        self._woken_count = self.count
        self._woken.set()
        self._woken = asyncio.Event()

    async def wait(self, seconds: float, heard: int) -> None:
        """Wait until the bell has rung more often, or for some seconds.

        Parameters
        ----------
        seconds
            How long.
        heard
            How often it had rung before the last look.
        """
        woken = self._woken
        if self._woken_count > heard:
            return
        try:
            await asyncio.wait_for(woken.wait(), seconds)
        except TimeoutError:
            return
