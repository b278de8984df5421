"""A service's store without the service: a person, a share, and a clock to set."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cygnet_share import people, schema, share, snapshot
from cygnet_share.chunk_store import Chunks, LocalChunks
from cygnet_share.database import Database, connect
from cygnet_share.migration import migrate
from cygnet_share.retention import Retention
from cygnet_share.right import Person
from cygnet_share.snapshot_rule import Limits
from cygnet_share.sweep import sweep
from cygnet_share.tree import File
from sqlalchemy import func, select


class Place:
    """A store in a directory, or with a database or chunks of another kind."""

    def __init__(
        self, directory: Path, url: str = "", chunks: Chunks | None = None
    ) -> None:
        self.now = datetime(2030, 1, 1, 12, tzinfo=UTC)
        directory.mkdir(exist_ok=True)
        engine = connect(url or f"sqlite:///{directory}/share.sqlite")
        self.database = Database(engine, lambda: self.now, migrate(engine))
        self.chunks = chunks or LocalChunks(directory / "chunks")

    def with_share(self) -> "Place":
        """Let Ann have a share."""
        self.ann = self.person("ann")
        self.share = share.make(self.database, self.ann, "Week 1", 10**9)
        self.head = 0
        return self

    def person(self, name: str, created: str = "2029") -> Person:
        """Give a person whom the hub names."""
        return people.person(self.database, name, created, [])

    def send(self, text: str) -> File:
        """Send a file of one chunk."""
        name = hashlib.sha256(text.encode()).hexdigest()
        self.chunks.put(name, text.encode())
        snapshot.receive(self.database, self.ann, name, len(text.encode()))
        return File(len(text.encode()), (name,))

    def publish(self, path: str, file: File) -> None:
        """Publish a file."""
        self.head = snapshot.publish(
            self.database,
            self.ann,
            self.share,
            self.head,
            {path: file},
            limits=Limits(),
        ).seq

    def sweep_after(self, time: timedelta) -> None:
        """Sweep when some time has gone by."""
        self.now += time
        sweep(self.database, self.chunks, Retention())

    def folders(self) -> int:
        """Count the records of folders."""
        with self.database.engine.connect() as connection:
            table = schema.folder
            found = connection.execute(select(func.count()).select_from(table))
            return int(found.scalar_one())
