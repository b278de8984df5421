import hashlib
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cygnet_share import people, quota, schema, share, snapshot
from cygnet_share.chunk_store import LocalChunks
from cygnet_share.database import Database, connect
from cygnet_share.errors import BusyError, QuotaError, RoomError
from cygnet_share.quota import Allowances
from cygnet_share.retention import Retention
from cygnet_share.right import Audience, Grant, Person, Right
from cygnet_share.snapshot_rule import Limits
from cygnet_share.sweep import sweep
from cygnet_share.tree import Entry, File

LIMITS = Limits(max_person_bytes=100)


class Place:
    """A service's store, its people, and a clock to set."""

    def __init__(self, directory: Path) -> None:
        self.now = datetime(2030, 1, 1, 12, tzinfo=UTC)
        url = f"sqlite:///{directory}/share.sqlite"
        self.database = Database(connect(url), lambda: self.now)
        schema.metadata.create_all(self.database.engine)
        self.chunks = LocalChunks(directory / "chunks")
        self.ann = people.person(self.database, "ann", "2029", [])
        self.bob = people.person(self.database, "bob", "2029", [])
        self.one, self.two = (
            share.make(self.database, self.ann, title, 10**9)
            for title in ("Week 1", "Week 2")
        )

    def file(self, person: Person, letter: str, size: int) -> File:
        """Send a file."""
        data = (letter * size).encode()
        name = hashlib.sha256(data).hexdigest()
        self.chunks.put(name, data)
        snapshot.receive(self.database, person, name, size)
        return File(size, (name,))

    def publish(
        self,
        number: int,
        parent: int,
        person: Person | None = None,
        limits: Limits = LIMITS,
        **changes: Entry | None,
    ) -> None:
        """Publish files by their names."""
        snapshot.publish(
            self.database,
            person or self.ann,
            number,
            parent,
            changes,
            limits=limits,
        )

    @property
    def needed(self) -> int:
        """Count what Ann's shares need."""
        return quota.of(self.database, self.ann)


@pytest.fixture
def place(tmp_path: Path) -> Generator[Place]:
    made = Place(tmp_path)
    yield made
    made.database.engine.dispose()


def test_chunk_counts_once_a_person(place: Place) -> None:
    file = place.file(place.ann, "x", 60)

    place.publish(place.one, 0, a=file, b=file)
    place.publish(place.two, 0, a=file)

    assert place.needed == 60
    assert quota.of(place.database, place.bob) == 0


def test_publication_over_the_quota_is_refused_with_what_to_delete(
    place: Place,
) -> None:
    place.publish(place.one, 0, a=place.file(place.ann, "x", 60))
    more = place.file(place.ann, "y", 41)

    with pytest.raises(QuotaError, match=r"“Week 1” .*“Week 2”"):
        place.publish(place.two, 0, a=more)
    assert place.needed == 60
    share.end(place.database, place.ann, place.one)
    assert place.needed == 0
    place.publish(place.two, 0, a=more)


def test_bytes_of_an_editor_count_for_the_owner(place: Place) -> None:
    given = Grant(Audience.USER, str(place.bob.id), Right.EDIT)
    share.grant(place.database, place.ann, place.one, given)
    place.publish(place.one, 0, place.bob, a=place.file(place.bob, "x", 60))

    assert place.needed == 60
    with pytest.raises(QuotaError, match="Ask the share's owner") as caught:
        place.publish(place.one, 1, place.bob, b=place.file(place.bob, "y", 60))
    assert "Week" not in str(caught.value), "titles of others are none of an editor's"


def test_old_versions_count_until_they_go(place: Place) -> None:
    place.publish(place.one, 0, a=place.file(place.ann, "x", 40))
    place.publish(place.one, 1, a=place.file(place.ann, "y", 40))
    place.publish(place.one, 2, a=place.file(place.ann, "z", 10))
    assert place.needed == 90
    snapshot.name(place.database, place.ann, place.one, 1, "Handed in")

    place.now += timedelta(days=200)
    sweep(place.database, place.chunks, Retention())
    sweep(place.database, place.chunks, Retention())

    assert [
        it.seq for it in snapshot.snapshots(place.database, place.ann, place.one)
    ] == [3, 1]
    assert place.needed == 50
    snapshot.name(place.database, place.ann, place.one, 1, "")
    sweep(place.database, place.chunks, Retention())
    assert place.needed == 10


def test_what_is_sent_and_not_published_counts(place: Place) -> None:
    place.publish(place.one, 0, a=place.file(place.ann, "x", 40))
    place.file(place.ann, "y", 30)

    with place.database.reading.connect() as connection:
        assert quota.left(connection, place.ann, place.one, 100) == 30
        assert quota.left(connection, place.bob, place.one, 100) == 60


def test_allowance_is_asked_for_when_it_is_used_up() -> None:
    allowances, asked = Allowances(), list[int]()

    def ask() -> int:
        asked.append(1)
        return 100 - 30 * (len(asked) - 1)

    taken = [allowances.take(1, 7, 40, ask) for _ in range(4)]

    assert taken == [True, True, True, True]
    assert not allowances.take(1, 7, 90, ask)
    assert len(asked) == 4


def test_allowance_is_of_the_owner_and_ends_however_often_it_is_used() -> None:
    now, asked = [0.0], list[int]()
    allowances = Allowances(lambda: now[0])

    def ask(owner: int) -> int:
        asked.append(owner)
        return 100

    assert allowances.take(1, 7, 40, lambda: ask(7))
    assert allowances.take(1, 8, 40, lambda: ask(8))
    # What was sent for the one counts with the other.
    assert allowances.take(1, 7, 20, lambda: ask(7))
    assert asked == [7, 8]
    assert not allowances.take(1, 7, 30, lambda: ask(7) - 80)
    now[0] = 59.0
    assert allowances.take(1, 8, 1, lambda: ask(8))
    assert asked == [7, 8, 7]
    now[0] = 61.0
    assert allowances.take(1, 8, 1, lambda: ask(8))
    assert asked == [7, 8, 7, 8]


def test_next_snapshot_of_a_share_waits_a_moment(place: Place) -> None:
    slow = Limits(pace=timedelta(seconds=1))
    place.publish(place.one, 0, limits=slow, a=place.file(place.ann, "x", 1))
    place.now += timedelta(milliseconds=400)

    with pytest.raises(BusyError) as caught:
        place.publish(place.one, 1, limits=slow, b=place.file(place.ann, "x", 1))
    assert caught.value.seconds == 1
    place.publish(place.one, 1, limits=slow, a=place.file(place.ann, "x", 1))
    place.publish(place.two, 0, limits=slow, a=place.file(place.ann, "x", 1))
    place.now += timedelta(milliseconds=600)
    place.publish(place.one, 1, limits=slow, b=place.file(place.ann, "x", 1))
    # A clock that was set back stops no one.
    place.now -= timedelta(days=1)
    place.publish(place.one, 2, limits=slow, c=place.file(place.ann, "x", 1))


def test_shares_grants_and_named_versions_have_bounds(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share, "MAX_SHARES", 2)
    monkeypatch.setattr(share, "MAX_GRANTS", 1)
    monkeypatch.setattr(snapshot, "MAX_NAMED", 1)
    place.publish(place.one, 0, a=place.file(place.ann, "x", 1))
    place.publish(place.one, 1, a=place.file(place.ann, "y", 1))
    one, other = (Grant(Audience.GROUP, it, Right.VIEW) for it in ("a", "b"))

    with pytest.raises(RoomError, match="2 shares"):
        share.make(place.database, place.ann, "Week 3", 1)
    share.grant(place.database, place.ann, place.one, one)
    share.grant(place.database, place.ann, place.one, one)
    with pytest.raises(RoomError, match="1 people and groups"):
        share.grant(place.database, place.ann, place.one, other)
    snapshot.name(place.database, place.ann, place.one, 1, "a")
    snapshot.name(place.database, place.ann, place.one, 1, "b")
    with pytest.raises(RoomError, match="1 named"):
        snapshot.name(place.database, place.ann, place.one, 2, "c")
