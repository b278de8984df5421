"""Working copies: in which folders a person works with shares."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select

from cygnet_share import schema
from cygnet_share.database import Database, number
from cygnet_share.errors import NoShareError, RoomError
from cygnet_share.right import Person

MAX_COPIES = 1_000
"""How many folders of a person may follow shares."""


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """A folder that follows a share."""

    share: int
    place: str
    """Relative to the person's own folders."""

    base: int
    """The number of the snapshot that it last held; 0 for none."""


def listed(database: Database, person: Person) -> Sequence[WorkingCopy]:
    """Give the working copies of a person, also of shares that are over."""
    table = schema.working_copy
    with database.reading.connect() as connection:
        rows = connection.execute(
            select(table)
            .where(table.c.person == person.id)
            .order_by(table.c.share, table.c.place)
        )
        return [WorkingCopy(it.share, it.place, it.base) for it in rows]


def remember(database: Database, person: Person, copy: WorkingCopy) -> None:
    """Remember a working copy, or what it holds now.

    Raises
    ------
    NoShareError
        When the person may not view the share.
    RoomError
        When they have too many.
    """
    key = _key(person, copy.share, copy.place)
    with database.engine.begin() as connection:
        # Who only views a share changes what the service knows of their own folders.
        if database.right(connection, person, copy.share, is_reading=False) is None:
            raise NoShareError(copy.share)
        connection.execute(delete(schema.working_copy).filter_by(**key))
        table = schema.working_copy
        mine = select(func.count()).where(table.c.person == person.id)
        if connection.execute(mine).scalar_one() >= MAX_COPIES:
            most = f"{MAX_COPIES:,} folders of a person that follow shares"
            raise RoomError(most, "Stop following some first.")
        now = database.clock()
        head = select(schema.share.c.head).where(schema.share.c.id == copy.share)
        # A share that was restored may not have come as far again.
        is_there = copy.base <= connection.execute(head).scalar_one()
        held = {"base": copy.base if is_there else 0, "seen_at": number(now)}
        connection.execute(insert(schema.working_copy).values(**key, **held))


def forget(database: Database, person: Person, share: int, place: str) -> None:
    """Forget a working copy of one's own; that needs no right any more."""
    with database.engine.begin() as connection:
        key = _key(person, share, place)
        connection.execute(delete(schema.working_copy).filter_by(**key))


def _key(person: Person, share: int, place: str) -> dict[str, object]:
    """Give the columns that name a working copy."""
    return {"person": person.id, "share": share, "place": place}
