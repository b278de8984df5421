"""What administrators do: look, hand over, remove. Each act is noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, ScalarSelect, delete, insert, select, update

from cygnet_share import schema
from cygnet_share.database import Database, number, time
from cygnet_share.errors import NoPersonError, NoShareError
from cygnet_share.right import Audience, Person
from cygnet_share.share import in_record

_ROWS = 1_000
"""How many rows of the record one answer has."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person who has or had an account of the hub."""

    id: int
    name: str
    created: str
    """When the hub made the account, as it says."""

    gone_at: datetime | None
    """Since when the account is not there, as far as it was looked for."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A share, as an administrator reads it."""

    id: int
    title: str
    owner: Account
    head: int
    files: int
    bytes: int
    """Of the newest snapshot."""


@dataclass(frozen=True, slots=True)
class Row:
    """Who did what to which share."""

    id: int
    at: datetime
    person: str
    act: str
    share: int | None
    detail: str


def find(database: Database, name: str, chosen: int | None = None) -> Account:
    """Find a person by their name.

    Parameters
    ----------
    database
        Where people are kept.
    name
        In the hub.
    chosen
        The id of one of several who have had it after each other; None for the last.

    Raises
    ------
    NoPersonError
        When shares know of no person of this name.
    """
    table = schema.person
    asked = select(table).where(table.c.name == name).order_by(table.c.id.desc())
    if chosen is not None:
        asked = asked.where(table.c.id == chosen)
    with database.reading.connect() as connection:
        row = connection.execute(asked.limit(1)).one_or_none()
    if row is None:
        raise NoPersonError(name)
    return Account(row.id, row.name, row.created, time(row.gone_at))


def holdings(database: Database, admin: Person, owner: str) -> Sequence[Holding]:
    """List the shares of all who have or had a name, the newest first."""
    share, person, last = schema.share.c, schema.person.c, schema.snapshot.c
    with database.engine.begin() as connection:
        record(database, connection, admin, "look", f"shares of {owner}")
        rows = connection.execute(
            select(
                share.id,
                share.title,
                share.head,
                last.files,
                last.bytes,
                person.id.label("owner"),
                person.name,
                person.created,
                person.gone_at,
            )
            .join(schema.person, person.id == share.owner)
            .outerjoin(
                schema.snapshot, (last.share == share.id) & (last.seq == share.head)
            )
            .where(person.name == owner, share.ended_at.is_(None))
            .order_by(share.id.desc())
        )
        return [
            Holding(
                it.id,
                it.title,
                Account(it.owner, it.name, it.created, time(it.gone_at)),
                it.head,
                it.files or 0,
                it.bytes or 0,
            )
            for it in rows
        ]


def hand_over(database: Database, admin: Person, share: int, owner: Person) -> None:
    """Let a share be another person's.

    Raises
    ------
    NoShareError
        When there is none, or it has ended.
    """
    table, grants = schema.share, schema.grant
    with database.engine.begin() as connection:
        found = connection.execute(
            select(table.c.owner)
            .where(table.c.id == share, table.c.ended_at.is_(None))
            .with_for_update()
        ).scalar()
        if found is None:
            raise NoShareError(share)
        connection.execute(
            update(table).where(table.c.id == share).values(owner=owner.id)
        )
        # Who owns a share needs no grant, and would keep it after the next handover.
        connection.execute(
            delete(grants).where(
                grants.c.share == share,
                grants.c.audience == Audience.USER,
                grants.c.principal == str(owner.id),
            )
        )
        detail = f"from person {found} to person {owner.id}"
        database.note(connection, admin, "handover", share, detail)


def remove(database: Database, admin: Person, who: Account) -> None:
    """Remove what is kept of a person, but for what they changed in others' shares.

    Bytes go with the next sweeps, when they were not needed for a while.
    """
    owned = select(schema.share.c.id).where(schema.share.c.owner == who.id)
    grants, person = schema.grant, schema.person
    with database.engine.begin() as connection:
        connection.execute(
            delete(grants).where(
                grants.c.audience == Audience.USER,
                grants.c.principal == str(who.id),
            )
        )
        _blank(connection, who, owned.scalar_subquery())
        connection.execute(
            delete(schema.share).where(schema.share.c.id.in_(owned.scalar_subquery()))
        )
        for table in (schema.working_copy, schema.possession):
            connection.execute(delete(table).where(table.c.person == who.id))
        now = number(database.clock())
        # The row stays, as others' versions and the record refer to it. No account of
        # the hub was made at such a time, so nobody inherits it.
        nameless = {"name": f"removed person {who.id}", "created": "removed"}
        connection.execute(
            update(person)
            .where(person.c.id == who.id)
            .values(**nameless, gone_at=person.c.gone_at if who.gone_at else now)
        )
        record(database, connection, admin, "remove", f"person {who.id}")


def _blank(connection: Connection, who: Account, owned: ScalarSelect[int]) -> None:
    """Take a person's name, and the titles of their shares, from the record."""
    table = schema.audit
    name = in_record(who.id, who.name)
    granted = table.c.act.in_(["grant", "revoke"]) & table.c.detail.contains(
        name, autoescape=True
    )
    looked = (table.c.act == "look") & (table.c.detail == f"shares of {who.name}")
    titled = table.c.share.in_(owned) & table.c.act.in_(["share", "change", "name"])
    connection.execute(update(table).where(granted | looked | titled).values(detail=""))


def audit(database: Database, admin: Person, since: int) -> Sequence[Row]:
    """List who did what after a row of the record, the oldest first; at most 1,000."""
    table, person = schema.audit, schema.person
    with database.engine.begin() as connection:
        rows = connection.execute(
            select(table, person.c.name)
            .join(person, person.c.id == table.c.person)
            .where(table.c.id > since)
            .order_by(table.c.id)
            .limit(_ROWS)
        ).all()
        record(database, connection, admin, "look", "record")
    return [
        Row(
            it.id,
            time(it.at) or database.clock(),
            it.name,
            it.act,
            it.share,
            it.detail,
        )
        for it in rows
    ]


def record(
    database: Database,
    connection: Connection,
    admin: Person,
    act: str,
    detail: str,
) -> None:
    """Note what an administrator does, when it changes no share."""
    connection.execute(
        insert(schema.audit).values(
            at=number(database.clock()),
            person=admin.id,
            act=act,
            detail=detail,
        )
    )
