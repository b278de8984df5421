"""The database: transactions, each of which asks for a person's right first.

Nothing of a share is read or changed outside of `transaction`, so that no question
can be forgotten and nothing changes between question and act.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    insert,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from cygnet_share import schema
from cygnet_share.errors import ForbiddenError, NoShareError
from cygnet_share.right import Audience, Grant, Person, Right, Rules, right_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MODE = "sqlite_begin"
_WAIT_SECONDS = 30
"""How long a change waits for the one before it."""


def connect(url: str) -> Engine:
    """Open a database.

    Parameters
    ----------
    url
        As SQLAlchemy takes it, for SQLite or PostgreSQL.
    """
    parts = make_url(url)
    is_sqlite = parts.get_backend_name() == "sqlite"
    is_chosen = "timeout" in parts.query
    waits = {"timeout": _WAIT_SECONDS} if is_sqlite and not is_chosen else {}
    engine = create_engine(url, connect_args=waits)
    if is_sqlite:
        event.listen(engine, "connect", _begin_by_hand)
        event.listen(engine, "begin", _begin)
    return engine


def _begin_by_hand(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Keep SQLite from losing what was committed, and Python from beginning late.

    Notes
    -----
    SQLite's module begins a transaction at the first change only; two that have read
    before cannot both change, and one fails. SQLAlchemy's page on SQLite says so.
    """
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Begin as the one that may change something, or next to it as one that reads."""
    mode = connection.get_execution_options().get(_MODE, "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {mode}")


def number(time: datetime | None) -> int | None:
    """Give a time as the database keeps it: microseconds since 1970 in UTC."""
    return None if time is None else (time - _EPOCH) // _MICROSECOND


def time(kept: int | None) -> datetime | None:
    """Give a time that the database keeps."""
    return None if kept is None else _EPOCH + kept * _MICROSECOND


def insert_new(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]
) -> None:
    """Insert the rows that are not there yet."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)
    else:
        connection.execute(postgresql.insert(table).on_conflict_do_nothing(), rows)


@dataclass(frozen=True, slots=True)
class Identity:
    """Which database this is."""

    uuid: str = ""
    """Made with the tables, and restored with them."""

    generation: str = ""
    """Another one since each restoration."""


@dataclass(frozen=True, slots=True)
class Database:
    """The database and the service's clock."""

    engine: Engine

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    """The time in UTC."""

    identity: Identity = Identity()
    """As `migration.migrate` gives it."""

    everyone: bool = True
    """Whether grants for everyone count."""

    @property
    def reading(self) -> Engine:
        """The database for transactions that only read, and wait for nobody."""
        return self.engine.execution_options(**{_MODE: "DEFERRED"})

    @contextmanager
    def transaction(
        self, person: Person, share: int, wanted: Right
    ) -> Iterator[Connection]:
        """Begin a transaction in which a person may do something with a share.

        One that views changes nothing; others about the share wait for each other.

        Raises
        ------
        NoShareError
            When the person may not even view it.
        ForbiddenError
            When the person may do less.
        """
        is_reading = wanted is Right.VIEW
        engine = self.reading if is_reading else self.engine
        with engine.begin() as connection:
            found = self.right(connection, person, share, is_reading=is_reading)
            _refuse(share, found, wanted)
            yield connection

    def ask(self, person: Person, share: int, wanted: Right) -> None:
        """Ask whether a person may do something with a share now, and wait for nobody.

        Raises
        ------
        NoShareError
            When the person may not even view it.
        ForbiddenError
            When the person may do less.
        """
        with self.reading.begin() as connection:
            _refuse(share, self.right(connection, person, share), wanted)

    def right(
        self,
        connection: Connection,
        person: Person,
        share: int,
        *,
        is_reading: bool = True,
    ) -> Right | None:
        """Say what a person may do with a share now."""
        rules = self.rules(connection, share, is_reading=is_reading)
        return None if rules is None else right_of(person, rules, self.clock())

    def rules(
        self,
        connection: Connection,
        share: int,
        *,
        is_reading: bool = True,
        with_ended: bool = False,
    ) -> Rules | None:
        """Read what decides about a share; None when there is none, or it has ended.

        Unless one is reading, others change nothing of it before the transaction ends.
        """
        found = _rules(connection, share, is_reading, with_ended)
        if found is None or self.everyone:
            return found
        counting = [it for it in found.grants if it.audience is not Audience.EVERYONE]
        return replace(found, grants=counting)

    def note(  # noqa: PLR0913  # An act has these.
        self,
        connection: Connection,
        person: Person,
        act: str,
        share: int,
        detail: str = "",
        *,
        news: str | None = None,
        audience: tuple[str, str] | None = None,
    ) -> None:
        """Note who did what to a share, and what it is news of.

        Parameters
        ----------
        connection
            The transaction of the act.
        person, act, share
            Who did what to what.
        detail
            More for the record.
        news
            What those who wait are sent, where it is another word than the act.
        audience
            Whom it is news for, as the audience and the principal of a grant.
        """
        now = number(self.clock())
        done = {"at": now, "act": act, "share": share}
        connection.execute(
            insert(schema.audit).values(**done, person=person.id, detail=detail)
        )
        to, principal = audience or (None, None)
        heard = done | {"act": news or act, "audience": to, "principal": principal}
        connection.execute(insert(schema.event).values(**heard))


def _refuse(share: int, found: Right | None, wanted: Right) -> None:
    """Refuse one whose right is too small."""
    if found is None:
        raise NoShareError(share)
    if found < wanted:
        raise ForbiddenError(share, wanted.name.lower())


def _rules(
    connection: Connection,
    share: int,
    is_reading: bool,  # noqa: FBT001 - As `Database.rules` has it by name.
    with_ended: bool,  # noqa: FBT001 - As above.
) -> Rules | None:
    """Read what decides about a share, and keep others from changing it meanwhile."""
    table, owner = schema.share, schema.person
    asked = (
        select(table.c.owner, table.c.expires_at, owner.c.gone_at)
        .join(owner, owner.c.id == table.c.owner)
        .where(table.c.id == share, table.c.ended_at.is_(None) | with_ended)
    )
    locked = asked if is_reading else asked.with_for_update(of=table)
    row = connection.execute(locked).one_or_none()
    if row is None:
        return None
    grants = connection.execute(
        select(schema.grant).where(schema.grant.c.share == share)
    )
    return Rules(
        row.owner,
        [
            Grant(
                Audience(it.audience),
                it.principal,
                Right(it.right),
                time(it.expires_at),
            )
            for it in grants
        ],
        time(row.expires_at),
        is_read_only=row.gone_at is not None,
    )
