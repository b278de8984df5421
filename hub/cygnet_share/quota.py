"""How many bytes a person's shares need; each chunk counts once a person."""

import threading
import time
from collections.abc import Callable, Iterable

from cachetools import TTLCache
from sqlalchemy import Connection, Select, delete, exists, func, select

from cygnet_share import schema
from cygnet_share.database import Database, insert_new
from cygnet_share.errors import QuotaError
from cygnet_share.right import Person

_FRESH_SECONDS = 60.0
_MAX_PEOPLE = 10_000
_NAMED = 3


def needed(connection: Connection, owner: int) -> int:
    """Count the bytes that a person's shares need, in all their versions."""
    table = schema.chunk
    size = select(func.coalesce(func.sum(table.c.size), 0)).where(
        table.c.sha256.in_(_chunks_of(owner))
    )
    return int(connection.execute(size).scalar_one())


def of(database: Database, person: Person) -> int:
    """Count the bytes that a person's shares need, in a transaction of its own."""
    with database.reading.connect() as connection:
        return needed(connection, person.id)


def take(
    connection: Connection,
    person: Person,
    share: int,
    chunks: Iterable[str],
    quota: int,
) -> None:
    """Let a share need chunks from now on.

    Parameters
    ----------
    connection
        A transaction that ends with the error.
    person
        Who publishes them.
    share
        The share.
    chunks
        Those that its newest snapshot before does not name.
    quota
        The most bytes of its owner.

    Raises
    ------
    QuotaError
        When its owner's shares would need more.
    """
    rows = [{"share": share, "sha256": it} for it in sorted(set(chunks))]
    if not rows:
        return
    insert_new(connection, schema.need, rows)
    owner = _owner(connection, share)
    found = needed(connection, owner)
    if found > quota:
        raise QuotaError(found, quota, _remedy(connection, person, owner))


def keep(connection: Connection, share: int, chunks: Iterable[str]) -> None:
    """Let a share need some chunks alone, as its old versions have gone."""
    table = schema.need.c.sha256
    there = set(
        connection.execute(select(table).where(schema.need.c.share == share)).scalars()
    )
    for it in there - set(chunks):
        connection.execute(
            delete(schema.need).where(schema.need.c.share == share, table == it)
        )


def left(connection: Connection, person: Person, share: int, quota: int) -> int:
    """Count the bytes that a person may still send for a share.

    What they have sent and not published counts too.
    """
    chunk, own, need = schema.chunk, schema.possession, schema.need
    pending = (
        select(func.coalesce(func.sum(chunk.c.size), 0))
        .join(own, own.c.sha256 == chunk.c.sha256)
        .where(
            own.c.person == person.id,
            ~exists().where(need.c.sha256 == chunk.c.sha256),
        )
    )
    waiting = int(connection.execute(pending).scalar_one())
    return quota - needed(connection, _owner(connection, share)) - waiting


def refusal(
    connection: Connection, person: Person, share: int, size: int, quota: int
) -> QuotaError:
    """Give the words for bytes that are sent, and for which there is no room."""
    found = quota - left(connection, person, share, quota) + size
    return QuotaError(
        found, quota, _remedy(connection, person, _owner(connection, share))
    )


class Allowances:
    """What people may send before the database is asked again; kept in memory.

    Parameters
    ----------
    timer
        Gives the time in seconds.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._left: TTLCache[int, dict[int, int]] = TTLCache(
            _MAX_PEOPLE, _FRESH_SECONDS, timer
        )

    def take(self, person: int, owner: int, size: int, ask: Callable[[], int]) -> bool:
        """Take some bytes of what a person may send for the shares of an owner.

        What is sent for one owner counts with the others too, until the database is
        asked: it counts what has come and is not published.

        Parameters
        ----------
        person, owner
            By their ids.
        size
            In bytes.
        ask
            Says what they may send, when that is not known or too little.

        Returns
        -------
        bool
            Whether there is room for them.
        """
        with self._lock:
            known = self._left.get(person, {})
            if known.get(owner, -1) >= size:
                _spend(known, size)
                return True
        found = ask()
        if found < size:
            return False
        with self._lock:
            kept = self._left.get(person)
            if kept is None:
                # What changes in it later ends with it, however often it is used.
                kept = self._left[person] = {}
            kept[owner] = found
            _spend(kept, size)
        return True


def _chunks_of(owner: int) -> Select[tuple[str]]:
    """Select the chunks that a person's shares need."""
    need, share = schema.need, schema.share
    return (
        select(need.c.sha256)
        .join(share, share.c.id == need.c.share)
        .where(share.c.owner == owner, share.c.ended_at.is_(None))
    )


def _spend(known: dict[int, int], size: int) -> None:
    """Take some bytes from each allowance of a person."""
    for owner in known:
        known[owner] -= size


def owner_of(database: Database, share: int) -> int:
    """Give the id of a share's owner, in a transaction of its own."""
    with database.reading.connect() as connection:
        return _owner(connection, share)


def _owner(connection: Connection, share: int) -> int:
    """Give the id of a share's owner."""
    table = schema.share
    found = connection.execute(select(table.c.owner).where(table.c.id == share))
    return int(found.scalar_one())


def _remedy(connection: Connection, person: Person, owner: int) -> str:
    """Say what to delete, to the owner with the titles of what is largest."""
    if person.id != owner:
        return "Ask the share's owner to delete large files, or other shares."
    chunk, need, share = schema.chunk, schema.need, schema.share
    size = func.sum(chunk.c.size).label("size")
    rows = connection.execute(
        select(share.c.title, size)
        .join(need, need.c.share == share.c.id)
        .join(chunk, chunk.c.sha256 == need.c.sha256)
        .where(share.c.owner == owner, share.c.ended_at.is_(None))
        .group_by(share.c.id, share.c.title)
        .order_by(size.desc())
        .limit(_NAMED)
    ).all()
    largest = ", ".join(f"“{it.title}” ({it.size / 10**9:,.2f} GB)" for it in rows)
    named = f" The largest are {largest}." if largest else ""
    return (
        "End shares that you do not need, take the names from old versions, or keep "
        f"large files outside of shared folders.{named}"
    )
