import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cygnet_share import people, schema, share, snapshot, working_copy
from cygnet_share.chunk_store import LocalChunks
from cygnet_share.database import Database, connect
from cygnet_share.errors import MissingError
from cygnet_share.retention import Retention
from cygnet_share.snapshot_rule import Limits
from cygnet_share.sweep import CONDEMNED, sweep
from cygnet_share.tree import File
from cygnet_share.working_copy import WorkingCopy
from sqlalchemy import func, select

DAY = timedelta(days=1)


class Place:
    """A service's store, a person, a share, and a clock to set."""

    def __init__(self, directory: Path) -> None:
        self.now = datetime(2030, 1, 1, 12, tzinfo=UTC)
        url = f"sqlite:///{directory}/share.sqlite"
        self.database = Database(connect(url), lambda: self.now)
        schema.metadata.create_all(self.database.engine)
        self.chunks = LocalChunks(directory / "chunks")
        self.ann = people.person(self.database, "ann", "2029", [])
        self.share = share.make(self.database, self.ann, "Week 1", 10**9)
        self.head = 0

    def send(self, text: str) -> File:
        name = hashlib.sha256(text.encode()).hexdigest()
        self.chunks.put(name, text.encode())
        snapshot.receive(self.database, self.ann, name, len(text))
        return File(len(text), (name,))

    def publish(self, path: str, file: File) -> None:
        self.head = snapshot.publish(
            self.database,
            self.ann,
            self.share,
            self.head,
            {path: file},
            limits=Limits(),
        ).seq

    def sweep_after(self, time: timedelta) -> None:
        self.now += time
        sweep(self.database, self.chunks, Retention())

    def folders(self) -> int:
        with self.database.engine.connect() as connection:
            table = schema.folder
            found = connection.execute(select(func.count()).select_from(table))
            return int(found.scalar_one())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_what_only_an_outdated_snapshot_held_goes(place: Place) -> None:
    old, new = place.send("old"), place.send("new")
    place.publish("a/b", old)
    place.now += timedelta(minutes=1)
    place.publish("a/b", new)
    assert place.folders() == 4

    place.sweep_after(DAY - timedelta(minutes=1))
    place.sweep_after(CONDEMNED + timedelta(seconds=1))
    assert len(list(place.chunks.names())) == 2, "condemned, and not removed yet"
    place.sweep_after(2 * CONDEMNED)

    assert list(place.chunks.names()) == list(new.chunks)
    assert place.folders() == 2
    found = snapshot.tree(place.database, place.ann, place.share, 2)
    assert found == {"a/b": new}


def test_what_a_working_copy_was_made_of_stays(place: Place) -> None:
    old, new = place.send("old"), place.send("new")
    place.publish("a", old)
    copy = WorkingCopy(place.share, "Week 1", 1)
    working_copy.remember(place.database, place.ann, copy)
    place.publish("a", new)

    for _ in range(3):
        place.sweep_after(100 * DAY)

    assert snapshot.tree(place.database, place.ann, place.share, 1) == {"a": old}
    assert place.chunks.get(*old.chunks) == b"old"


def test_chunk_that_is_sent_or_named_again_is_spared(place: Place) -> None:
    sent, named = place.send("sent"), place.send("named")
    place.sweep_after(DAY)

    place.send("sent")
    snapshot.missing(place.database, place.ann, place.share, named.chunks)
    place.sweep_after(CONDEMNED - timedelta(seconds=1))
    place.publish("a", sent)
    place.publish("b", named)
    place.sweep_after(2 * CONDEMNED)

    assert set(place.chunks.names()) == {*sent.chunks, *named.chunks}


def test_chunk_that_was_removed_has_to_be_sent_again(place: Place) -> None:
    file = place.send("text")
    place.sweep_after(DAY)
    place.sweep_after(2 * CONDEMNED)
    assert not list(place.chunks.names())

    with pytest.raises(MissingError):
        place.publish("a", file)


def test_share_that_has_ended_frees_its_chunks(place: Place) -> None:
    place.publish("a", place.send("text"))
    share.end(place.database, place.ann, place.share)

    place.sweep_after(DAY)
    place.sweep_after(2 * CONDEMNED)

    assert not list(place.chunks.names())
    assert place.folders() == 0
