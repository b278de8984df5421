"""Shares and grants: made, listed, taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Connection,
    String,
    and_,
    cast,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from cygnet_share import schema
from cygnet_share.database import Database, number, time
from cygnet_share.right import Audience, Grant, Person, Right


@dataclass(frozen=True, slots=True)
class Listed:
    """A share in a person's list."""

    id: int
    title: str
    owner: str
    """The owner's name."""

    is_mine: bool
    right: Right
    """What the person may do with it now."""

    head: int
    """The number of the newest snapshot; 0 before there is one."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant, as the owner reads it."""

    audience: Audience
    principal: str
    """A name in the hub, the name of a group, or nothing for everyone."""

    right: Right
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Detail:
    """What a person may know of a share."""

    id: int
    title: str
    owner: str
    right: Right
    """What the person may do."""

    head: int
    expires: datetime | None
    grants: Sequence[Granted] = ()
    """For the owner alone."""


def detail(database: Database, person: Person, share: int) -> Detail:
    """Say what a person may know of a share."""
    table, owner = schema.share, schema.person
    with database.transaction(person, share, Right.VIEW) as connection:
        row = connection.execute(
            select(table, owner.c.name)
            .join(owner, owner.c.id == table.c.owner)
            .where(table.c.id == share)
        ).one()
        right = database.right(connection, person, share) or Right.VIEW
        grants = _grants(connection, share) if right is Right.OWN else ()
        end = time(row.expires_at)
        return Detail(row.id, row.title, row.name, right, row.head, end, grants)


def _grants(connection: Connection, share: int) -> Sequence[Granted]:
    """Read the grants of a share with the names that people know."""
    table, people = schema.grant, schema.person
    rows = connection.execute(
        select(table, people.c.name)
        .outerjoin(
            people,
            and_(
                table.c.audience == Audience.USER,
                cast(people.c.id, String) == table.c.principal,
            ),
        )
        .where(table.c.share == share)
        .order_by(table.c.granted_at)
    )
    return [
        Granted(
            Audience(it.audience),
            it.name or it.principal,
            Right(it.right),
            time(it.expires_at),
        )
        for it in rows
    ]


def change(
    database: Database,
    person: Person,
    share: int,
    *,
    title: str,
    expires: datetime | None,
) -> None:
    """Give a share another title and end."""
    with database.transaction(person, share, Right.OWN) as connection:
        connection.execute(
            update(schema.share)
            .where(schema.share.c.id == share)
            .values(title=title, expires_at=number(expires))
        )
        database.note(connection, person, "change", share)


def make(database: Database, owner: Person, title: str, max_bytes: int) -> int:
    """Make a share without a snapshot, and give its id."""
    with database.engine.begin() as connection:
        made = connection.execute(
            insert(schema.share)
            .values(owner=owner.id, title=title, max_bytes=max_bytes)
            .returning(schema.share.c.id)
        ).scalar_one()
        database.note(connection, owner, "share", made)
    return int(made)


def end(database: Database, person: Person, share: int) -> None:
    """End a share for everyone but the record."""
    with database.transaction(person, share, Right.OWN) as connection:
        connection.execute(
            update(schema.share)
            .where(schema.share.c.id == share)
            .values(ended_at=number(database.clock()))
        )
        database.note(connection, person, "end", share)


def grant(database: Database, person: Person, share: int, given: Grant) -> None:
    """Grant a right, in the place of the one that the same audience had."""
    key = {"share": share, "audience": given.audience, "principal": given.principal}
    with database.transaction(person, share, Right.OWN) as connection:
        connection.execute(schema.grant.delete().filter_by(**key))
        connection.execute(
            insert(schema.grant).values(
                **key,
                right=given.right,
                expires_at=number(given.expires),
                granted_by=person.id,
                granted_at=number(database.clock()),
            )
        )
        database.note(connection, person, "grant", share)


def revoke(
    database: Database, person: Person, share: int, audience: Audience, principal: str
) -> None:
    """Take back what an audience was granted."""
    key = {"share": share, "audience": audience, "principal": principal}
    with database.transaction(person, share, Right.OWN) as connection:
        connection.execute(schema.grant.delete().filter_by(**key))
        database.note(connection, person, "revoke", share)


def listed(database: Database, person: Person) -> Sequence[Listed]:
    """Give the shares that a person owns or may view, the newest first."""
    table, owner, now = schema.share, schema.person, number(database.clock())
    granted = (
        select(schema.grant.c.share, func.max(schema.grant.c.right).label("right"))
        .where(_is_for(person), _has_not_ended(schema.grant.c.expires_at, now))
        .group_by(schema.grant.c.share)
        .subquery()
    )
    others = and_(granted.c.right.is_not(None), _has_not_ended(table.c.expires_at, now))
    with database.reading.connect() as connection:
        rows = connection.execute(
            select(table, owner.c.name, owner.c.gone_at, granted.c.right)
            .join(owner, owner.c.id == table.c.owner)
            .outerjoin(granted, granted.c.share == table.c.id)
            .where(table.c.ended_at.is_(None), or_(table.c.owner == person.id, others))
            .order_by(table.c.id.desc())
        )
        return [
            Listed(
                it.id,
                it.title,
                it.name,
                it.owner == person.id,
                _right(
                    it.right,
                    is_mine=it.owner == person.id,
                    is_read_only=it.gone_at is not None,
                ),
                it.head,
            )
            for it in rows
        ]


def _right(granted: int | None, *, is_mine: bool, is_read_only: bool) -> Right:
    """Decide what a person may do with a share of their list, as `right_of` does."""
    if is_mine:
        return Right.OWN
    return Right.VIEW if is_read_only or granted is None else Right(granted)


def _is_for(person: Person) -> ColumnElement[bool]:
    """Select the grants for a person, as `Grant.is_for` does."""
    table = schema.grant.c
    return or_(
        and_(table.audience == Audience.USER, table.principal == str(person.id)),
        and_(table.audience == Audience.GROUP, table.principal.in_(person.groups)),
        table.audience == Audience.EVERYONE,
    )


def _has_not_ended(column: ColumnElement[int], now: int | None) -> ColumnElement[bool]:
    """Select what has no end, or one to come."""
    return or_(column.is_(None), column > now)
