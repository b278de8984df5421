"""Who a name is: a name that changes hands in the hub is another person."""

from collections.abc import Iterable

from sqlalchemy import select

from cygnet_share import schema
from cygnet_share.database import Database, insert_new
from cygnet_share.right import Person


def person(
    database: Database, name: str, created: str, groups: Iterable[str]
) -> Person:
    """Give the person whom the hub names.

    Parameters
    ----------
    database
        Where people are kept.
    name
        The name in the hub.
    created
        When the hub made the account, as it says.
    groups
        The groups now.
    """
    row = {"name": name, "created": created}
    with database.engine.begin() as connection:
        insert_new(connection, schema.person, [row])
        found = connection.execute(
            select(schema.person.c.id).filter_by(**row)
        ).scalar_one()
    return Person(int(found), name, frozenset(groups))
