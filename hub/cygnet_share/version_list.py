"""The versions of a share for its page, with who made each of them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select

from cygnet_share import schema
from cygnet_share.database import Database, time
from cygnet_share.right import Person, Right
from cygnet_share.viewer.versions import Version

_NEVER = datetime.fromtimestamp(0, UTC)


def versions(
    database: Database, person: Person, share: int, *, below: int, most: int
) -> Sequence[Version]:
    """Give versions, the newest first.

    Parameters
    ----------
    database, person, share
        Where they are, who asks, and of which share.
    below
        Only those with a smaller number.
    most
        How many at most.
    """
    table, people = schema.snapshot, schema.person
    with database.transaction(person, share, Right.VIEW) as connection:
        rows = connection.execute(
            select(table, people.c.name.label("by"))
            .join(people, people.c.id == table.c.published_by)
            .where(table.c.share == share, table.c.seq < below)
            .order_by(table.c.seq.desc())
            .limit(most)
        ).mappings()
        return [
            Version(
                it["seq"],
                time(it["published_at"]) or _NEVER,
                it["by"],
                it["files"],
                it["bytes"],
                it["note"],
                it[table.c.name],
            )
            for it in rows
        ]
