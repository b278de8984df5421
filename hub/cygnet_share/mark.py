"""Which database a store of chunks belongs to.

The sweep deletes chunks that its database does not know. So a store has a mark with the
id of its database, and a service with another one neither adds to it nor deletes.
"""

import threading
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from sqlalchemy import select
from typing_extensions import override

from cygnet_share import schema
from cygnet_share.chunk_store import Chunks
from cygnet_share.database import Database
from cygnet_share.errors import ForeignStoreError
from cygnet_share.snapshot import batches

_LOOKED_AT = 10_000
"""How many chunks of a store without a mark are looked for in the database."""


def claim(database: Database, chunks: Chunks) -> None:
    """Make sure that chunks are those of a database, and mark a store without a mark.

    One that has chunks is taken for the database's when the database knows some.

    Raises
    ------
    ForeignStoreError
        When they are another database's.
    """
    if chunks.mark() is None:
        found = list(islice(chunks.names(), _LOOKED_AT))
        if found and not _knows_some(database, found):
            raise ForeignStoreError
        chunks.set_mark(database.identity.uuid)
    # Of two databases that mark a store at once, one is the first.
    if chunks.mark() != database.identity.uuid:
        raise ForeignStoreError


def _knows_some(database: Database, names: list[str]) -> bool:
    """Whether a database knows one of some chunks."""
    known = schema.chunk.c.sha256
    with database.reading.connect() as connection:
        return any(
            connection.execute(select(known).where(known.in_(some)).limit(1)).first()
            for some in batches(names)
        )


class OwnChunks(Chunks):
    """The chunks of a database; those of another one are read only.

    Parameters
    ----------
    database, chunks
        What belongs together. It is asked before the first chunk is kept, so that the
        service starts also while the store is away.
    """

    def __init__(self, database: Database, chunks: Chunks) -> None:
        self._database, self._chunks = database, chunks
        self._lock = threading.Lock()
        self._is_own = False

    def claim(self) -> None:
        """Make sure that the chunks are those of the database, as `claim` does."""
        with self._lock:
            if not self._is_own:
                claim(self._database, self._chunks)
                self._is_own = True

    @override
    def put(self, name: str, data: bytes) -> None:
        self.claim()
        self._chunks.put(name, data)

    @override
    def get(self, name: str) -> bytes | None:
        return self._chunks.get(name)

    @override
    def delete(self, name: str) -> None:
        self.claim()
        self._chunks.delete(name)

    @override
    def names(self, before: datetime | None = None) -> Iterator[str]:
        return self._chunks.names(before)

    @override
    def mark(self) -> str | None:
        return self._chunks.mark()

    @override
    def set_mark(self, identity: str, *, instead: bool = False) -> None:
        self._chunks.set_mark(identity, instead=instead)
