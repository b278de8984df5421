"""Copies all that the service has to a directory, and back.

The database comes first and the chunks after it: what it names then is there until the
sweep has let it lie for a day. A copy has the form of the service on one machine, an
SQLite file and a directory, whatever it was made of.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine, delete, func, insert, select, text
from sqlalchemy.exc import OperationalError

from cygnet_share import schema
from cygnet_share.chunk_store import Chunks, LocalChunks
from cygnet_share.database import Database, connect
from cygnet_share.errors import CopyError
from cygnet_share.mark import claim
from cygnet_share.migration import migrate, newest, renew, version
from cygnet_share.snapshot import lose

DATABASE = "share.sqlite"
CHUNKS = "chunks"

_GIGABYTE = 10**9
_RESERVE = 200 * 10**6
"""What a backup leaves free on its volume, so that a service there goes on."""

_ROWS = 1_000
_LEAP = 1_000_000
"""How many numbers of shares are left out after a restoration.

Shares that were made since the backup may still have folders; their numbers are given
to no other share.
"""


def back_up(engine: Engine, chunks: Chunks, place: Path) -> None:
    """Copy everything to a directory, while the service goes on.

    Parameters
    ----------
    engine, chunks
        What is copied.
    place
        A directory that is not there yet. It appears when it is whole.

    Raises
    ------
    CopyError
        When something is at the place, its volume has or gets too little room, or the
        database is of another version.
    """
    part = place.with_name(f"{place.name}.part")
    for it in (place, part):
        if it.exists():
            message = (
                f"“{it}” is there already. Remove it, or choose another directory."
            )
            raise CopyError(message)
    part.mkdir(mode=0o700, parents=True)
    try:
        _refuse_little_room(needed(engine), part)
        _fill(part, engine, chunks)
    except Exception as error:
        shutil.rmtree(part)
        if isinstance(error, OSError | OperationalError):
            message = f"The backup was not finished, and nothing is left of it: {error}"
            raise CopyError(message) from error
        raise
    part.rename(place)


def _fill(part: Path, engine: Engine, chunks: Chunks) -> None:
    """Copy everything to a directory that is there."""
    made = connect(f"sqlite:///{part / DATABASE}")
    try:
        migrate(made)
        with _reading(engine) as source, made.begin() as target:
            _copy(source, target)
        _copy_chunks(Database(made), chunks, LocalChunks(part / CHUNKS))
    finally:
        made.dispose()


def needed(engine: Engine) -> int:
    """Give the bytes that a backup needs, about."""
    with _reading(engine) as connection:
        sizes = select(func.coalesce(func.sum(schema.chunk.c.size), 0))
        chunks = int(connection.execute(sizes).scalar_one())
        if connection.dialect.name == "sqlite":
            tables = "pragma_page_count, pragma_page_size"
            size = text(f"SELECT page_count * page_size FROM {tables}")  # noqa: S608
        else:
            size = text("SELECT pg_database_size(current_database())")
        return chunks + int(connection.execute(size).scalar_one())


def _refuse_little_room(size: int, part: Path) -> None:
    """Refuse to fill a volume, which may be that of the service."""
    free = shutil.disk_usage(part).free
    if size + _RESERVE > free:
        message = (
            f"The backup needs about {in_words(size)}, and “{part.parent}” has "
            f"{in_words(free)} left, of which {in_words(_RESERVE)} stay free. Choose "
            "a directory on another volume."
        )
        raise CopyError(message)


def in_words(size: int) -> str:
    """Give a number of bytes as a person reads it."""
    return f"{size / 10**9:,.1f} GB" if size >= _GIGABYTE else f"{size / 10**6:.1f} MB"


def restore(engine: Engine, chunks: Chunks, place: Path) -> None:
    """Copy everything back, to a service that has nothing yet and does not run.

    Parameters
    ----------
    engine, chunks
        Where it is copied to.
    place
        What `back_up` has made, of this or an earlier version.

    Raises
    ------
    CopyError
        When the place holds no backup, or the service has people.
    SchemaError
        When a later version has made the backup.
    ForeignStoreError
        When the chunks that are there are another database's.
    """
    if not (place / DATABASE).is_file():
        message = (
            f"“{place}” is no backup: it has no {DATABASE}. Name another directory."
        )
        raise CopyError(message)
    fresh = migrate(engine)
    _refuse_used(engine)
    kept = LocalChunks(place / CHUNKS)
    with TemporaryDirectory() as directory:
        # The backup stays as it is, also where its version is an earlier one.
        file = shutil.copy(place / DATABASE, directory)
        copied = connect(f"sqlite:///{file}")
        try:
            backed_up = Database(copied, identity=migrate(copied))
            if chunks.mark() == fresh.uuid:
                chunks.set_mark(backed_up.identity.uuid, instead=True)
            claim(backed_up, chunks)
            _copy_chunks(backed_up, kept, chunks)
            with copied.connect() as source, engine.begin() as target:
                _copy(source, target)
                _leap(target)
                renew(target)
        finally:
            copied.dispose()


def _refuse_used(engine: Engine) -> None:
    """Refuse a database with people."""
    with engine.connect() as connection:
        found = connection.execute(select(func.count()).select_from(schema.person))
        if found.scalar_one():
            message = (
                "The service's database has people in it, and a restoration overwrites "
                "nothing. Stop the service, and give it an empty database and store."
            )
            raise CopyError(message)


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction that sees the database as it is now, and changes nothing."""
    if engine.dialect.name == "sqlite":
        chosen = Database(engine).reading
    else:
        chosen = engine.execution_options(isolation_level="REPEATABLE READ")
    with chosen.connect() as connection:
        if version(connection) != newest():
            message = (
                "The database is of another version of Cygnet. Start the service of "
                "this version once, and make the backup then."
            )
            raise CopyError(message)
        yield connection


def _copy(source: Connection, target: Connection) -> None:
    """Copy all rows."""
    target.execute(delete(schema.identity))
    for table in schema.metadata.sorted_tables:
        rows = source.execute(select(table), execution_options={"yield_per": _ROWS})
        for some in rows.mappings().partitions():
            target.execute(insert(table), [dict(it) for it in some])


def _copy_chunks(database: Database, source: Chunks, target: Chunks) -> None:
    """Copy what a database names; what is missing is asked for again later."""
    with database.reading.connect() as connection:
        names = connection.execute(select(schema.chunk.c.sha256)).scalars().all()
    for name in names:
        data = source.get(name)
        if data is None:
            lose(database, name)
        else:
            target.put(name, data)


def _leap(connection: Connection) -> None:
    """Let the database count on after the rows that were copied."""
    if connection.dialect.name == "sqlite":
        counted = text(
            "UPDATE sqlite_sequence SET seq = seq + :leap WHERE name = 'share'"
        )
        connection.execute(counted, {"leap": _LEAP})
        return
    for table in schema.metadata.sorted_tables:
        if "id" not in table.c or table is schema.identity:
            continue
        leap = _LEAP if table is schema.share else 0
        last = select(func.coalesce(func.max(table.c.id), 0) + leap + 1)
        sequence = func.pg_get_serial_sequence(table.name, "id")
        connection.execute(
            select(func.setval(sequence, last.scalar_subquery(), False))  # noqa: FBT003
        )
