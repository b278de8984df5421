"""Shares and grants: made, listed, taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import (
    Connection,
    Delete,
    Row,
    Select,
    String,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from cygnet_share import schema
from cygnet_share.database import Database, number, time
from cygnet_share.errors import RoomError
from cygnet_share.right import Audience, Grant, Person, Right

MAX_SHARES = 1_000
"""How many shares a person may own."""

MAX_GRANTS = 200
"""How many audiences a share may have; each question about it reads all."""


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

    files: int
    bytes: int
    """Of the newest snapshot."""

    changed_at: datetime | None
    """When it was published; None before there is one."""

    changed_by: str
    """Who has published it; empty before there is one."""

    expires: datetime | None
    """When it ends for the person; None for no end."""

    is_shared: bool
    """Whether anyone but its owner may view it now."""

    opened: bool
    """Whether the person has a working copy."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A person who has working copies of a share."""

    name: str
    seq: int
    """The newest snapshot that one of them holds."""

    seen_at: datetime | None
    """When the service last heard of one, in UTC."""

    places: int
    """How many there are."""


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

    opened: Sequence[Opened] = ()
    """For the owner alone: who else has working copies."""


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
        found = Detail(
            row.id, row.title, row.name, right, row.head, time(row.expires_at)
        )
        if right is not Right.OWN:
            return found
        return replace(
            found,
            grants=granted(connection, share),
            opened=_opened(connection, person, share),
        )


def _opened(connection: Connection, owner: Person, share: int) -> Sequence[Opened]:
    """Read who but the owner has working copies of a share."""
    copy, people = schema.working_copy, schema.person
    rows = connection.execute(
        select(
            people.c.name,
            func.max(copy.c.base).label("base"),
            func.max(copy.c.seen_at).label("seen_at"),
            func.count().label("places"),
        )
        .join(people, people.c.id == copy.c.person)
        .where(copy.c.share == share, copy.c.person != owner.id)
        .group_by(people.c.id, people.c.name)
        .order_by(people.c.name)
    )
    return [Opened(it.name, it.base, time(it.seen_at), it.places) for it in rows]


def granted(connection: Connection, share: int) -> Sequence[Granted]:
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
        detail = f"{title}, {_until(expires)}"
        database.note(connection, person, "change", share, detail)


def make(database: Database, owner: Person, title: str, max_bytes: int) -> int:
    """Make a share without a snapshot, and give its id.

    Raises
    ------
    RoomError
        When its owner has too many.
    """
    table = schema.share
    with database.engine.begin() as connection:
        mine = select(func.count()).where(
            table.c.owner == owner.id, table.c.ended_at.is_(None)
        )
        if connection.execute(mine).scalar_one() >= MAX_SHARES:
            most = f"{MAX_SHARES:,} shares of a person"
            raise RoomError(most, "End some first.")
        made = connection.execute(
            insert(table)
            .values(owner=owner.id, title=title, max_bytes=max_bytes)
            .returning(table.c.id)
        ).scalar_one()
        mine_alone = (Audience.USER, str(owner.id))
        database.note(connection, owner, "share", int(made), title, audience=mine_alone)
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
    """Grant a right, in the place of the one that the same audience had.

    Raises
    ------
    RoomError
        When the share has too many audiences.
    """
    audience = (given.audience, given.principal)
    with database.transaction(person, share, Right.OWN) as connection:
        connection.execute(_granted(share, *audience))
        there = select(func.count()).where(schema.grant.c.share == share)
        if connection.execute(there).scalar_one() >= MAX_GRANTS:
            most = f"{MAX_GRANTS} people and groups of a share"
            raise RoomError(most, "Share it with a group, or revoke some first.")
        connection.execute(
            insert(schema.grant).values(
                share=share,
                audience=given.audience,
                principal=given.principal,
                right=given.right,
                expires_at=number(given.expires),
                granted_by=person.id,
                granted_at=number(database.clock()),
            )
        )
        name = _name(connection, *audience)
        detail = f"{given.right.name.lower()} to {name}, {_until(given.expires)}"
        database.note(connection, person, "grant", share, detail, audience=audience)


def revoke(
    database: Database, person: Person, share: int, audience: Audience, name: str
) -> None:
    """Take back what an audience was granted.

    Parameters
    ----------
    database, person, share
        As for `grant`.
    audience, name
        A name in the hub, also of an account that has gone; or of a group.
    """
    with database.transaction(person, share, Right.OWN) as connection:
        for principal in _principals(connection, audience, name):
            key = (audience, principal)
            if connection.execute(_granted(share, *key)).rowcount:
                detail = f"from {_name(connection, *key)}"
                database.note(connection, person, "revoke", share, detail, audience=key)


def _principals(connection: Connection, audience: Audience, name: str) -> Sequence[str]:
    """Give what grants may know an audience by."""
    if audience is not Audience.USER:
        return [name if audience is Audience.GROUP else ""]
    table = schema.person
    rows = connection.execute(select(table.c.id).where(table.c.name == name))
    return [str(it) for it in rows.scalars()]


def _granted(share: int, audience: Audience, principal: str) -> Delete:
    """Delete what an audience was granted."""
    table = schema.grant
    return delete(table).where(
        table.c.share == share,
        table.c.audience == audience,
        table.c.principal == principal,
    )


def _name(connection: Connection, audience: Audience, principal: str) -> str:
    """Say in the record who an audience is."""
    if audience is Audience.EVERYONE:
        return "everyone"
    if audience is Audience.GROUP:
        return f"group {principal}"
    table = schema.person
    asked = select(table.c.id, table.c.name)
    found = connection.execute(asked.where(cast(table.c.id, String) == principal))
    return in_record(*found.one())


def in_record(person: int, name: str) -> str:
    """Say in the record who a person is, of those who have or had the name."""
    return f"user {name} (person {person})"


def _until(end: datetime | None) -> str:
    """Say in the record when something ends."""
    return "without an end" if end is None else f"until {end.isoformat()}"


def listed(database: Database, person: Person) -> Sequence[Listed]:
    """Give the shares that a person owns or may view, the newest first."""
    table = schema.share
    asked = _listing(database, person).order_by(table.c.id.desc())
    with database.reading.connect() as connection:
        return [_listed(it, person) for it in connection.execute(asked)]


def _listing(database: Database, person: Person) -> Select[tuple[object, ...]]:
    """Ask for the shares of a list, with what is known of each."""
    table, owner, now = schema.share, schema.person, number(database.clock())
    head, editor, copy = schema.snapshot, schema.person.alias(), schema.working_copy
    end = schema.grant.c.expires_at
    counts = _counts(database, now)
    mine = (
        select(
            schema.grant.c.share,
            func.max(schema.grant.c.right).label("right"),
            # One without an end is the last to end.
            case((func.count() > func.count(end), None), else_=func.max(end)).label(
                "end"
            ),
        )
        .where(_is_for(person), *counts)
        .group_by(schema.grant.c.share)
        .subquery()
    )
    copied = select(copy.c.share).where(copy.c.person == person.id)
    others = and_(mine.c.right.is_not(None), _has_not_ended(table.c.expires_at, now))
    return (
        select(
            table,
            owner.c.name,
            owner.c.gone_at,
            mine.c.right,
            mine.c.end,
            head.c.files,
            head.c.bytes,
            head.c.published_at,
            editor.c.name.label("editor"),
            table.c.id.in_(select(schema.grant.c.share).where(*counts)).label("shared"),
            table.c.id.in_(copied).label("opened"),
        )
        .join(owner, owner.c.id == table.c.owner)
        .outerjoin(mine, mine.c.share == table.c.id)
        .outerjoin(head, and_(head.c.share == table.c.id, head.c.seq == table.c.head))
        .outerjoin(editor, editor.c.id == head.c.published_by)
        .where(table.c.ended_at.is_(None), or_(table.c.owner == person.id, others))
    )


def _listed(row: Row[tuple[object, ...]], person: Person) -> Listed:
    """Give a row as a share of a list."""
    it, is_mine = row._mapping, row._mapping["owner"] == person.id  # noqa: SLF001
    ends = [it["expires_at"], None if is_mine else it["end"]]
    return Listed(
        it["id"],
        it["title"],
        it["name"],
        is_mine,
        _right(it["right"], is_mine=is_mine, is_read_only=it["gone_at"] is not None),
        it["head"],
        it["files"] or 0,
        it["bytes"] or 0,
        time(it["published_at"]),
        it["editor"] or "",
        time(min((end for end in ends if end is not None), default=None)),
        bool(it["shared"]),
        bool(it["opened"]),
    )


def _right(granted: int | None, *, is_mine: bool, is_read_only: bool) -> Right:
    """Decide what a person may do with a share of their list, as `right_of` does."""
    if is_mine:
        return Right.OWN
    return Right.VIEW if is_read_only or granted is None else Right(granted)


def _counts(database: Database, now: int | None) -> Sequence[ColumnElement[bool]]:
    """Select the grants that count now."""
    found = [_has_not_ended(schema.grant.c.expires_at, now)]
    if not database.everyone:
        found.append(schema.grant.c.audience != Audience.EVERYONE)
    return found


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
