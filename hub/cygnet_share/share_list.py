"""The shares of a person for the page of their list."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, and_, select

from cygnet_share import schema, share
from cygnet_share.database import Database, time
from cygnet_share.right import Person, Right
from cygnet_share.share import Listed
from cygnet_share.snapshot import batches
from cygnet_share.viewer.shares import Item

_WORDS = {Right.VIEW: "can view", Right.EDIT: "can edit", Right.OWN: "own it"}


def items(database: Database, person: Person) -> Sequence[Item]:
    """Give the shares that a person owns or may view, the newest first."""
    listed = share.listed(database, person)
    heads = _heads(database, listed)
    return [_item(it, heads.get(it.id)) for it in listed]


def _heads(database: Database, listed: Sequence[Listed]) -> dict[int, RowMapping]:
    """Read the newest snapshot of each share."""
    table, newest = schema.share, schema.snapshot
    found = {}
    with database.reading.connect() as connection:
        for some in batches(str(it.id) for it in listed):
            rows = connection.execute(
                select(newest)
                .join(
                    table,
                    and_(table.c.id == newest.c.share, table.c.head == newest.c.seq),
                )
                .where(table.c.id.in_(map(int, some)))
            ).mappings()
            found.update({it["share"]: it for it in rows})
    return found


def _item(listed: Listed, head: RowMapping | None) -> Item:
    """Join what is known of a share."""
    return Item(
        listed.id,
        listed.title,
        listed.owner,
        listed.is_mine,
        _WORDS[listed.right],
        head["seq"] if head else 0,
        head["files"] if head else 0,
        head["bytes"] if head else 0,
        time(head["published_at"]) if head else None,
    )
