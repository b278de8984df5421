"""Snapshots: published, read, listed."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from cachetools import LRUCache, cached
from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from cygnet_share import quota, schema
from cygnet_share import tree as trees
from cygnet_share.database import Database, insert_new, number, time
from cygnet_share.errors import (
    BusyError,
    MissingError,
    NoShareError,
    RoomError,
    SnapshotError,
    StaleParentError,
)
from cygnet_share.path_rule import parents
from cygnet_share.right import Person, Right
from cygnet_share.snapshot_rule import Limits, refusals, size_of
from cygnet_share.tree import EMPTY, Entry, File, Tree, patched

_KEPT_TREES = 32
"""How many folders are kept in memory; each chunk that is sent or read asks for one."""
_trees: LRUCache[str, Tree] = LRUCache(_KEPT_TREES)
_trees_lock = threading.Lock()
MAX_LISTED = 1_000
"""How many snapshots are listed at once."""

MAX_NAMED = 100
"""How many snapshots of a share may have a name; none of these ever goes."""

_BATCH = 500

# Where a row has the name of who has published it.
_BY = "publisher"
"""How many names stand in one question; SQLite takes 32,766 at most."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published folder."""

    share: int
    seq: int
    """1, 2, 3, … within its share."""

    root: str
    """The name of its root's record."""

    published_by: str
    """The person's name."""

    published_at: datetime
    """By the service's clock, never before that of the snapshot before."""

    files: int
    bytes: int
    note: str
    name: str = ""
    is_pinned: bool = False
    """Whether it is kept for as long as its share."""


def receive(database: Database, person: Person, chunk: str, size: int) -> None:
    """Note that a person has sent a chunk, which the store of chunks has."""
    with database.engine.begin() as connection:
        insert_new(connection, schema.chunk, [{"sha256": chunk, "size": size}])
        _spare(connection, schema.chunk, [chunk])
        table = schema.chunk
        found = table.c.is_lost & (table.c.sha256 == chunk)
        connection.execute(update(table).where(found).values(is_lost=False))
        insert_new(
            connection, schema.possession, [{"person": person.id, "sha256": chunk}]
        )


def lose(database: Database, chunk: str) -> None:
    """Note that a chunk is missing or damaged: it has to be sent again."""
    table, owned = schema.chunk, schema.possession
    with database.engine.begin() as connection:
        connection.execute(delete(owned).where(owned.c.sha256 == chunk))
        connection.execute(
            update(table).where(table.c.sha256 == chunk).values(is_lost=True)
        )


def missing(
    database: Database, person: Person, share: int, chunks: Iterable[str]
) -> Sequence[str]:
    """Say which chunks a person has to send before they can be published.

    What others have sent elsewhere is missing too, so that nobody learns of it.
    """
    with database.transaction(person, share, Right.EDIT) as connection:
        last = _last(connection, share)
        before = read_tree(connection, last.root) if last else EMPTY
        here = set(chunks_of(before))
        return sorted(set(chunks) - _known(connection, person, here, chunks).keys())


def publish(  # noqa: PLR0913  # One call of the service has these.
    database: Database,
    person: Person,
    share: int,
    parent: int,
    changes: Mapping[str, Entry | None],
    *,
    limits: Limits,
    note: str = "",
) -> Snapshot:
    """Publish a snapshot.

    Parameters
    ----------
    database
        Where it is kept.
    person
        Who publishes.
    share
        The share's id.
    parent
        The number of the snapshot that was changed; 0 for none.
    changes
        The new entry at each path, None where it is removed.
    limits
        The bounds of the share.
    note
        What the person says of it.

    Returns
    -------
    Snapshot
        The new one; the newest where nothing has changed.

    Raises
    ------
    NoShareError, ForbiddenError
        When the person may not.
    StaleParentError
        When another one has been published since.
    MissingError
        When chunks were not sent.
    SnapshotError
        When names or sizes are refused.
    BusyError
        When the last one is too young.
    QuotaError
        When the owner's shares would need too much.
    """
    with database.transaction(person, share, Right.EDIT) as connection:
        last = _last(connection, share)
        head = last.seq if last else 0
        if head != parent:
            raise StaleParentError(head)
        change = _Change(share, last, changes, note)
        return _put(database, connection, person, change, limits)


@dataclass(frozen=True, slots=True)
class _Change:
    """What becomes of a share."""

    share: int
    last: Snapshot | None
    """The newest one before."""

    changes: Mapping[str, Entry | None]
    note: str
    act: str = "publish"
    """What it is in the record."""

    readable: Iterable[str] = ()
    """Chunks that the person may read here; those of the last one are."""


def _put(
    database: Database,
    connection: Connection,
    person: Person,
    change: _Change,
    limits: Limits,
) -> Snapshot:
    """Publish a snapshot, in a transaction in which the person may edit the share."""
    share, last = change.share, change.last
    before = read_tree(connection, last.root) if last else EMPTY
    after = patched(before, change.changes)
    here = {*chunks_of(before), *change.readable}
    _check(connection, person, here, after, limits)
    root, records = trees.records(after)
    if last is not None and last.root == root:
        return last
    _wait(last, database.clock(), limits.pace)
    new = set(chunks_of(after)) - set(chunks_of(before))
    quota.take(connection, person, share, new, limits.max_person_bytes)
    rows = [{"sha256": key, "record": it} for key, it in records.items()]
    insert_new(connection, schema.folder, rows)
    _spare(connection, schema.folder, records)
    size, now = size_of(after), database.clock()
    made = Snapshot(
        share,
        (last.seq if last else 0) + 1,
        root,
        person.name,
        max(now, last.published_at) if last else now,
        size.files,
        size.bytes,
        change.note,
    )
    at = number(made.published_at)
    kept = asdict(made) | {"published_at": at, "published_by": person.id}
    connection.execute(insert(schema.snapshot).values(**kept))
    connection.execute(
        update(schema.share).where(schema.share.c.id == share).values(head=made.seq)
    )
    record = f"version {made.seq}"
    database.note(connection, person, change.act, share, record, news="publish")
    return made


def _wait(last: Snapshot | None, now: datetime, pace: timedelta) -> None:
    """Refuse a snapshot that comes too soon after the last one."""
    age = now - last.published_at if last is not None else pace
    # A clock that was set back makes nobody wait.
    if timedelta(0) <= age < pace:
        raise BusyError((pace - age).total_seconds())


def restore(  # noqa: PLR0913  # One call of the service has these.
    database: Database,
    person: Person,
    share: int,
    seq: int,
    paths: Iterable[str] | None,
    *,
    limits: Limits,
) -> Snapshot:
    """Publish what a snapshot held, as a new one.

    Parameters
    ----------
    database, person, share, limits
        As for `publish`.
    seq
        The number of the snapshot.
    paths
        Files, and folders with all that is in them; None for everything.
    """
    with database.transaction(person, share, Right.EDIT) as connection:
        chosen = None if paths is None else frozenset(paths)
        old = _tree(connection, share, seq)
        last = _last(connection, share)
        now = read_tree(connection, last.root) if last else EMPTY
        changes = {
            path: old.get(path)
            for path in old.keys() | now.keys()
            if chosen is None or _is_in(path, chosen)
        }
        note = f"Restored from version {seq}."
        readable = set(chunks_of(old))
        change = _Change(share, last, changes, note, "restore", readable)
        return _put(database, connection, person, change, limits)


def name(database: Database, person: Person, share: int, seq: int, text: str) -> None:
    """Give a snapshot a name, with which it is kept; without one it may go.

    Raises
    ------
    NoShareError
        When there is none of the number.
    RoomError
        When too many have a name.
    """
    table = schema.snapshot
    here = table.c.share == share
    with database.transaction(person, share, Right.EDIT) as connection:
        named = select(func.count()).where(here, table.c.is_pinned, table.c.seq != seq)
        if text and connection.execute(named).scalar_one() >= MAX_NAMED:
            most = f"{MAX_NAMED} named versions of a share"
            raise RoomError(most, "Take the name from one that you do not need.")
        changed = connection.execute(
            update(table)
            .where(here, table.c.seq == seq)
            .values(name=text, is_pinned=bool(text))
        )
        if not changed.rowcount:
            raise NoShareError(share)
        database.note(connection, person, "name", share, f"version {seq}: {text}")


def _is_in(path: str, chosen: AbstractSet[str]) -> bool:
    """Whether a path is chosen, or stands in a folder that is."""
    return path in chosen or not chosen.isdisjoint(parents(path))


def chunk_of(
    database: Database, person: Person, share: int, seq: int, chunk: str
) -> None:
    """Ask whether a person may read a chunk, as a part of a snapshot.

    Raises
    ------
    NoShareError
        When they may not, or the snapshot does not name it.
    """
    if chunk not in chunks_of(tree(database, person, share, seq)):
        raise NoShareError(share)


def snapshots(
    database: Database,
    person: Person,
    share: int,
    *,
    before: int | None = None,
    most: int = MAX_LISTED,
) -> Sequence[Snapshot]:
    """Give snapshots of a share, the newest first.

    Parameters
    ----------
    database, person, share
        As for `publish`.
    before
        A number that theirs are smaller than; None for the newest.
    most
        How many.
    """
    asked = _newest_first(share).limit(most)
    if before is not None:
        asked = asked.where(schema.snapshot.c.seq < before)
    with database.transaction(person, share, Right.VIEW) as connection:
        return [_snapshot(it) for it in connection.execute(asked).mappings()]


def tree(database: Database, person: Person, share: int, seq: int) -> Tree:
    """Give the folder of a snapshot."""
    with database.transaction(person, share, Right.VIEW) as connection:
        return _tree(connection, share, seq)


def _tree(connection: Connection, share: int, seq: int) -> Tree:
    """Read the folder of a snapshot."""
    chosen = _newest_first(share).where(schema.snapshot.c.seq == seq)
    row = connection.execute(chosen).mappings().one_or_none()
    if row is None:
        raise NoShareError(share)
    return read_tree(connection, row["root"])


def _newest_first(share: int) -> Select[tuple[object, ...]]:
    """Select the snapshots of a share."""
    table, people = schema.snapshot, schema.person
    return (
        select(table, people.c.name.label(_BY))
        .join(people, people.c.id == table.c.published_by)
        .where(table.c.share == share)
        .order_by(table.c.seq.desc())
    )


def _last(connection: Connection, share: int) -> Snapshot | None:
    """Read the newest snapshot of a share."""
    row = connection.execute(_newest_first(share).limit(1)).mappings().one_or_none()
    return None if row is None else _snapshot(row)


def _snapshot(row: RowMapping) -> Snapshot:
    """Give a row as a snapshot."""
    kept = {key: row[key] for key in Snapshot.__slots__}
    at = time(row["published_at"])
    return Snapshot(**kept | {"published_at": at, "published_by": row[_BY]})


@cached(_trees, key=lambda _, root: root, lock=_trees_lock)
def read_tree(connection: Connection, root: str) -> Tree:
    """Read a folder, a question a level; it never changes, so it is kept a while."""
    found: dict[str, bytes] = {}
    level = {root}
    while level:
        for names in batches(level):
            rows = connection.execute(
                select(schema.folder).where(schema.folder.c.sha256.in_(names))
            )
            found.update({it.sha256: it.record for it in rows})
        below = {
            name for it in level if it in found for name in trees.referred(found[it])[0]
        }
        level = below - found.keys()
    return trees.read(root, found)


def _check(
    connection: Connection,
    person: Person,
    here: AbstractSet[str],
    after: Tree,
    limits: Limits,
) -> None:
    """Refuse a folder with all reasons."""
    chunks = set(chunks_of(after))
    known = _known(connection, person, here, chunks)
    lacking = sorted(chunks - known.keys())
    if lacking:
        raise MissingError(lacking)
    found = list(refusals(after, known, limits))
    if found:
        raise SnapshotError(found)


def _known(
    connection: Connection,
    person: Person,
    here: AbstractSet[str],
    chunks: Iterable[str],
) -> dict[str, int]:
    """Give the sizes of the chunks that a person has sent or may read here.

    The sweep takes none of them away before they can be published.
    """
    table, owned = schema.chunk, schema.possession
    sent = select(owned.c.sha256).where(owned.c.person == person.id)
    found: dict[str, int] = {}
    _spare(connection, table, chunks)
    for names in batches(chunks):
        mine = table.c.sha256.in_(sent.where(owned.c.sha256.in_(names)))
        there = table.c.sha256.in_([it for it in names if it in here])
        rows = connection.execute(
            select(table.c.sha256, table.c.size).where(
                mine | there, table.c.is_lost.is_(False)
            )
        )
        found.update({it.sha256: it.size for it in rows})
    return found


def _spare(connection: Connection, table: Table, names: Iterable[str]) -> None:
    """Keep the sweep from taking rows away; it waits for the transaction's end."""
    for some in batches(names):
        connection.execute(
            update(table)
            .where(table.c.sha256.in_(some), table.c.condemned_at.is_not(None))
            .values(condemned_at=None)
        )


def chunks_of(of: Tree) -> Iterator[str]:
    """Give the chunks that a folder names."""
    for entry in of.values():
        if isinstance(entry, File):
            yield from entry.chunks


def batches(names: Iterable[str]) -> Iterator[Sequence[str]]:
    """Cut names into parts that one question may hold."""
    whole = sorted(set(names))
    for start in range(0, len(whole), _BATCH):
        yield whole[start : start + _BATCH]
