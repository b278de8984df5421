"""A person's data as a tar archive, made while it is sent.

At most one chunk of a file is in memory. The sizes stand before the bytes, so a chunk
that is lost is zeros in its file, and the last entry of the archive names it.
"""

import io
import json
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select

from cygnet_share import schema
from cygnet_share.administration import Account, record
from cygnet_share.chunk_store import Chunks
from cygnet_share.database import Database, time
from cygnet_share.right import Person
from cygnet_share.share import granted
from cygnet_share.snapshot import read_tree
from cygnet_share.tree import CHUNK_BYTES, File, Tree

_BLOCK = tarfile.BLOCKSIZE


@dataclass(frozen=True, slots=True)
class Export:
    """What an archive is made of."""

    person: Mapping[str, object]
    """All but the files, for JSON."""

    trees: Mapping[str, Tree]
    """The newest snapshot of each share of the person, by the name of its folder."""


def collect(database: Database, admin: Person, who: Account) -> Export:
    """Read what is kept of a person; a look that is noted.

    Parameters
    ----------
    database
        Where it is kept.
    admin
        Who asks.
    who
        Whose data it is.
    """
    with database.engine.begin() as connection:
        record(database, connection, admin, "export", f"person {who.id}")
        shares = [
            _share(connection, it)
            for it in connection.execute(
                select(schema.share)
                .where(schema.share.c.owner == who.id)
                .order_by(schema.share.c.id)
            ).mappings()
        ]
        copies = connection.execute(
            select(schema.working_copy).where(schema.working_copy.c.person == who.id)
        )
        acts = connection.execute(
            select(schema.audit)
            .where(schema.audit.c.person == who.id)
            .order_by(schema.audit.c.id)
        )
        person = {
            "name": who.name,
            "created": who.created,
            "shares": [about for about, _ in shares],
            "opened": [
                {"share": it.share, "place": it.place, "version": it.base}
                for it in copies
            ],
            "acts": [
                {"at": _text(it.at), "act": it.act, "share": it.share} for it in acts
            ],
        }
    trees = {f"share {about['id']}": tree for about, tree in shares if tree is not None}
    return Export(person, trees)


def _share(
    connection: Connection, row: RowMapping
) -> tuple[Mapping[str, object], Tree | None]:
    """Give what is kept of a share, and what its newest snapshot holds."""
    table, people = schema.snapshot, schema.person
    snapshots = connection.execute(
        select(table, people.c.name.label("by"))
        .join(people, people.c.id == table.c.published_by)
        .where(table.c.share == row["id"])
        .order_by(table.c.seq)
    ).all()
    about = {
        "id": row["id"],
        "title": row["title"],
        "expires": _text(row["expires_at"]),
        "ended": _text(row["ended_at"]),
        "grants": [
            {
                "audience": it.audience,
                "principal": it.principal,
                "right": it.right.name.lower(),
                "expires": it.expires and it.expires.isoformat(),
            }
            for it in granted(connection, row["id"])
        ],
        "versions": [
            {
                "number": it.seq,
                "at": _text(it.published_at),
                "by": it.by,
                "files": it.files,
                "bytes": it.bytes,
                "note": it.note,
            }
            for it in snapshots
        ],
    }
    tree = read_tree(connection, snapshots[-1].root) if snapshots else None
    return about, tree


def _text(kept: int | None) -> str | None:
    """Give a time of the database as text."""
    found = time(kept)
    return None if found is None else found.isoformat()


def archive(export: Export, chunks: Chunks) -> Iterator[bytes]:
    """Give the parts of the archive, each at most as large as a chunk.

    Parameters
    ----------
    export
        What it is made of.
    chunks
        Where the files are.
    """
    yield from _written("person.json", export.person)
    lost: list[str] = []
    for folder, tree in export.trees.items():
        for path, entry in sorted(tree.items()):
            name = f"{folder}/{path}"
            if isinstance(entry, File):
                yield from _file(name, entry, chunks.get, lost)
            else:
                yield _header(name, 0, tarfile.DIRTYPE)
    if lost:
        yield from _written("lost.json", {"files": lost})
    yield bytes(2 * _BLOCK)


def _file(
    name: str, file: File, get: Callable[[str], bytes | None], lost: list[str]
) -> Iterator[bytes]:
    """Give a file with its bytes, of which some may be lost."""
    yield _header(name, file.size, executable=file.executable)
    left = file.size
    for chunk in file.chunks:
        size = min(left, CHUNK_BYTES)
        data = get(chunk)
        if data is None or len(data) != size:
            lost.append(name)
            data = bytes(size)
        yield data
        left -= size
    yield _padding(file.size)


def _written(name: str, content: Mapping[str, object]) -> Iterator[bytes]:
    """Give a file of JSON."""
    data = json.dumps(content, ensure_ascii=False, indent=2).encode()
    yield _header(name, len(data))
    source = io.BytesIO(data)
    while part := source.read(CHUNK_BYTES):
        yield part
    yield _padding(len(data))


def _header(
    name: str, size: int, kind: bytes = tarfile.REGTYPE, *, executable: bool = False
) -> bytes:
    """Give what stands before the bytes of an entry."""
    info = tarfile.TarInfo(name)
    is_open = executable or kind == tarfile.DIRTYPE
    info.size, info.type, info.mode = size, kind, 0o700 if is_open else 0o600
    return info.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    """Fill the last block of an entry."""
    return bytes(-size % _BLOCK)
