"""Removes snapshots that are outdated, and what nothing refers to any more.

Chunks and folders go in two steps at least `CONDEMNED` apart, so that what was sent
and is not published yet is never lost: a call that sends or names it takes it back.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from sqlalchemy import Connection, Table, delete, select, text, update

from cygnet_share import quota, schema
from cygnet_share import tree as trees
from cygnet_share.chunk_store import Chunks
from cygnet_share.database import Database, number, time
from cygnet_share.mark import claim
from cygnet_share.retention import Kept, Retention, outdated
from cygnet_share.right import Audience, Person, Right, right_of
from cygnet_share.snapshot import batches

CONDEMNED = timedelta(hours=24)
"""How long a chunk that nothing refers to is kept."""

BASES = 3
"""From how many folders of a person and a share old snapshots are kept."""

_PART = 100


def sweep(database: Database, chunks: Chunks, retention: Retention) -> None:
    """Remove what is not needed any more.

    Raises
    ------
    ForeignStoreError
        When the chunks are another database's: none of them is deleted.
    """
    _drop_snapshots(database, retention)
    folders, named = _referred(database)
    _condemn(database, schema.folder, folders)
    _condemn(database, schema.chunk, named)
    _remove(database, schema.folder)
    _remove(database, schema.chunk)
    claim(database, chunks)
    for names in _in_parts(chunks.names(database.clock() - CONDEMNED)):
        _delete_unknown(database, chunks, names)


def _drop_snapshots(database: Database, retention: Retention) -> None:
    """Remove the outdated snapshots of each share, and those of ended shares."""
    table, now = schema.snapshot, database.clock()
    with database.engine.begin() as connection:
        ended = select(schema.share.c.id).where(schema.share.c.ended_at.is_not(None))
        connection.execute(delete(table).where(table.c.share.in_(ended)))
        connection.execute(delete(schema.need).where(schema.need.c.share.in_(ended)))
        shares = connection.execute(select(schema.share.c.id)).scalars().all()
    for share in shares:
        with database.engine.begin() as connection:
            rows = connection.execute(select(table).where(table.c.share == share))
            bases = _bases(database, connection, share)
            kept = [
                Kept(
                    it.seq,
                    time(it.published_at) or now,
                    it.is_pinned or it.seq in bases,
                )
                for it in rows
            ]
            gone = [it.seq for it in outdated(kept, now, retention)]
            if not gone:
                continue
            connection.execute(
                delete(table).where(table.c.share == share, table.c.seq.in_(gone))
            )
            roots = select(table.c.root).where(table.c.share == share)
            left = set(connection.execute(roots).scalars())
            quota.keep(connection, share, _below(connection, left)[1])


def _bases(database: Database, connection: Connection, share: int) -> set[int]:
    """Find the snapshots by which editors tell their own changes from the others'.

    What others have needs no old one, and an editor's without one shows both texts.
    """
    rules = database.rules(connection, share)
    if rules is None:
        return set()
    # The hub alone knows who is in a group: all of them count as in each.
    groups = {it.principal for it in rules.grants if it.audience is Audience.GROUP}
    table, found = schema.working_copy, dict[int, list[int]]()
    rows = connection.execute(
        select(table).where(table.c.share == share).order_by(table.c.seen_at.desc())
    )
    for it in rows:
        person = Person(it.person, "", frozenset(groups))
        right = right_of(person, rules, database.clock())
        if right is not None and right >= Right.EDIT:
            found.setdefault(it.person, []).append(it.base)
    return {base for bases in found.values() for base in bases[:BASES]}


def _referred(database: Database) -> tuple[set[str], set[str]]:
    """Find the folders and chunks that snapshots refer to."""
    with database.engine.connect() as connection:
        roots = set(connection.execute(select(schema.snapshot.c.root)).scalars())
        return _below(connection, roots)


def _below(connection: Connection, roots: set[str]) -> tuple[set[str], set[str]]:
    """Find the folders and chunks that some folders refer to, with these."""
    folders, chunks, level = set[str](), set[str](), roots
    while level:
        below = set[str]()
        for names in batches(level):
            rows = connection.execute(
                select(schema.folder).where(schema.folder.c.sha256.in_(names))
            )
            for row in rows:
                inner, named = trees.referred(row.record)
                below |= inner
                chunks |= named
        folders |= level
        level = below - folders
    return folders, chunks


def _condemn(database: Database, table: Table, referred: set[str]) -> None:
    """Note since when nothing refers to a row, and forget it where something does."""
    now = number(database.clock())
    with database.engine.begin() as connection:
        there = set(connection.execute(select(table.c.sha256)).scalars())
        for names in batches(there - referred):
            connection.execute(
                update(table)
                .where(table.c.sha256.in_(names), table.c.condemned_at.is_(None))
                .values(condemned_at=now)
            )
        for names in batches(there & referred):
            connection.execute(
                update(table)
                .where(table.c.sha256.in_(names), table.c.condemned_at.is_not(None))
                .values(condemned_at=None)
            )


def _remove(database: Database, table: Table) -> None:
    """Remove the rows that were condemned long ago.

    Who has sent a chunk has to send it again.
    """
    past = table.c.condemned_at < number(database.clock() - CONDEMNED)
    with database.engine.begin() as connection:
        names = select(table.c.sha256).where(past)
        if table is schema.chunk:
            for of in (schema.possession, schema.need):
                connection.execute(delete(of).where(of.c.sha256.in_(names)))
        connection.execute(delete(table).where(past))


def _delete_unknown(database: Database, chunks: Chunks, names: Sequence[str]) -> None:
    """Delete chunks that the database does not know, or not any more.

    They are old: one whose row a transaction is about to make stays.
    Who sends one of them just now waits, and then sees that it is not there.
    """
    table = schema.chunk
    with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE chunk IN SHARE ROW EXCLUSIVE MODE"))
        asked = select(table.c.sha256).where(table.c.sha256.in_(names))
        known = set(connection.execute(asked).scalars())
        for name in names:
            if name not in known:
                chunks.delete(name)


def _in_parts(names: Iterator[str]) -> Iterator[Sequence[str]]:
    """Cut names into parts that one question may hold."""
    while some := list(islice(names, _PART)):
        yield some
