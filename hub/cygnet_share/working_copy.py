"""Working copies: in which folders a person works with shares."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from cygnet_share import schema
from cygnet_share.database import Database, number
from cygnet_share.errors import NoShareError
from cygnet_share.right import Person


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
    """
    key = _key(person, copy.share, copy.place)
    with database.engine.begin() as connection:
        # Who only views a share changes what the service knows of their own folders.
        if database.right(connection, person, copy.share, is_reading=False) is None:
            raise NoShareError(copy.share)
        connection.execute(delete(schema.working_copy).filter_by(**key))
        seen = number(database.clock())
        connection.execute(
            insert(schema.working_copy).values(**key, base=copy.base, seen_at=seen)
        )


def forget(database: Database, person: Person, share: int, place: str) -> None:
    """Forget a working copy of one's own; that needs no right any more."""
    with database.engine.begin() as connection:
        key = _key(person, share, place)
        connection.execute(delete(schema.working_copy).filter_by(**key))


def _key(person: Person, share: int, place: str) -> dict[str, object]:
    """Give the columns that name a working copy."""
    return {"person": person.id, "share": share, "place": place}
