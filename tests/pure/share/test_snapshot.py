import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cygnet_share import people, schema, share, snapshot
from cygnet_share.database import Database, connect
from cygnet_share.errors import (
    ForbiddenError,
    MissingError,
    NoShareError,
    SnapshotError,
    StaleParentError,
)
from cygnet_share.right import Audience, Grant, Person, Right
from cygnet_share.snapshot import Snapshot
from cygnet_share.snapshot_rule import Limits
from cygnet_share.tree import CHUNK_BYTES, EmptyFolder, Entry, File
from typing_extensions import override

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Place:
    """A service's database, with people who work in it and a clock to set."""

    def __init__(self, url: str) -> None:
        self.now = NOW
        self.database = Database(connect(url), lambda: self.now)
        schema.metadata.create_all(self.database.engine)
        self.ann, self.bob = self.person("ann"), self.person("bob")
        self.share = share.make(self.database, self.ann, "Week 1", 10**9)

    def person(self, name: str, created: str = "2029", *groups: str) -> Person:
        return people.person(self.database, name, created, groups)

    def send(self, person: Person, text: str) -> File:
        chunk = hashlib.sha256(text.encode()).hexdigest()
        snapshot.receive(self.database, person, chunk, len(text))
        return File(len(text), (chunk,))

    def publish(
        self,
        person: Person,
        parent: int,
        changes: Mapping[str, Entry | None],
        limits: Limits | None = None,
    ) -> Snapshot:
        return snapshot.publish(
            self.database,
            person,
            self.share,
            parent,
            changes,
            limits=limits or Limits(),
        )

    def grant(self, person: Person, right: Right, end: datetime | None = None) -> None:
        given = Grant(Audience.USER, str(person.id), right, end)
        share.grant(self.database, self.ann, self.share, given)

    def tree(self, person: Person, seq: int) -> Mapping[str, Entry]:
        return snapshot.tree(self.database, person, self.share, seq)

    def titles(self, person: Person) -> list[str]:
        return [it.title for it in share.listed(self.database, person)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(f"sqlite:///{tmp_path}/share.sqlite")


def test_snapshot_is_what_was_published(place: Place) -> None:
    first: dict[str, Entry] = {
        "a/b.py": place.send(place.ann, "b"),
        "out": EmptyFolder(),
    }
    one = place.publish(place.ann, 0, first)
    c = place.send(place.ann, "c")
    second: dict[str, Entry | None] = {"a/b.py": None, "c": c}
    two = place.publish(place.ann, 1, second)

    assert place.tree(place.ann, 1) == first
    assert place.tree(place.ann, 2) == {"out": EmptyFolder(), "c": c}
    assert [one.seq, one.files, one.bytes, two.seq] == [1, 1, 1, 2]
    found = snapshot.snapshots(place.database, place.ann, place.share)
    assert found == [two, one]
    assert place.publish(place.ann, 2, {"c": c}) == two, "nothing has changed"


def test_clock_that_goes_back_is_not_seen(place: Place) -> None:
    place.publish(place.ann, 0, {"a": EmptyFolder()})
    place.now -= timedelta(days=1)

    assert place.publish(place.ann, 1, {"b": EmptyFolder()}).published_at == NOW


def test_one_of_two_who_publish_at_once_wins(place: Place) -> None:
    place.grant(place.bob, Right.EDIT)
    place.publish(place.ann, 0, {"a": EmptyFolder()})

    def write(number: int) -> bool:
        person = place.ann if number % 2 else place.bob
        try:
            place.publish(person, 1, {f"x{number}": EmptyFolder()})
        except StaleParentError as error:
            return error.head != 2
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(write, range(20))) == 1


def test_chunk_of_another_is_missing_though_it_is_there(place: Place) -> None:
    place.grant(place.bob, Right.EDIT)
    secret = place.send(place.ann, "an answer that one could guess")
    [name] = secret.chunks

    with pytest.raises(MissingError) as caught:
        place.publish(place.bob, 0, {"mine": secret})

    assert caught.value.chunks == [name]
    asked = snapshot.missing(place.database, place.bob, place.share, [name])
    assert asked == [name]
    place.publish(place.ann, 0, {"shared": secret})
    assert place.publish(place.bob, 1, {"copy": secret}).seq == 2, "it may be read here"


def test_all_that_is_wrong_is_refused_at_once(place: Place) -> None:
    small = place.send(place.ann, "1")
    big = Limits(max_file_bytes=2, max_bytes=3, max_entries=5)
    changes = {
        "../up": small,
        "A": small,
        "a": small,
        ".bashrc": small,
        "long": File(9, small.chunks),
        "two": File(2, small.chunks * 2),
    }

    with pytest.raises(SnapshotError) as caught:
        place.publish(place.ann, 0, changes, big)

    assert [(it.path, it.reason) for it in caught.value.refusals] == [
        ("../up", "has “..” in it"),
        (".bashrc", "is hidden: names that begin with a dot are not shared"),
        ("long", "is larger than 0.0 GB"),
        ("long", "is not as long as its chunks"),
        ("two", "is not as long as its chunks"),
        ("a", "cannot stand next to “A” on every file system"),
        ("", "has 6 entries, and 5 may be shared"),
        ("", "has 0.0 GB, and 0.0 GB may be shared"),
    ]
    assert snapshot.snapshots(place.database, place.ann, place.share) == []


def test_file_of_several_chunks_has_whole_ones_but_the_last(place: Place) -> None:
    for name, size in (("1" * 64, CHUNK_BYTES), ("2" * 64, 1)):
        snapshot.receive(place.database, place.ann, name, size)
    file = File(CHUNK_BYTES + 1, ("1" * 64, "2" * 64))

    assert place.publish(place.ann, 0, {"a": file}).bytes == CHUNK_BYTES + 1
    with pytest.raises(SnapshotError, match="not as long as its chunks"):
        place.publish(place.ann, 1, {"a": File(file.size, file.chunks[::-1])})


def test_each_act_wants_its_right(place: Place) -> None:
    given = Grant(Audience.EVERYONE, "", Right.EDIT)
    acts: dict[Right, list[Callable[[], object]]] = {
        Right.VIEW: [lambda: place.tree(place.bob, 1)],
        Right.EDIT: [
            lambda: place.publish(place.bob, 1, {"b": EmptyFolder()}),
            lambda: snapshot.missing(place.database, place.bob, place.share, []),
        ],
        Right.OWN: [
            lambda: share.grant(place.database, place.bob, place.share, given),
            lambda: share.revoke(
                place.database, place.bob, place.share, Audience.EVERYONE, ""
            ),
            lambda: share.end(place.database, place.bob, place.share),
        ],
    }
    place.publish(place.ann, 0, {"a": EmptyFolder()})

    for has in (None, Right.VIEW, Right.EDIT):
        if has is not None:
            place.grant(place.bob, has)
        for wants, calls in acts.items():
            for call in calls:
                if has is not None and has >= wants:
                    call()
                    continue
                with pytest.raises(ForbiddenError if has else NoShareError):
                    call()


def test_right_ends_at_once(place: Place) -> None:
    place.publish(place.ann, 0, {"a": EmptyFolder()})
    audience = Audience.USER

    place.grant(place.bob, Right.VIEW)
    assert place.tree(place.bob, 1)
    assert place.titles(place.bob) == ["Week 1"]
    share.revoke(place.database, place.ann, place.share, audience, "bob")
    assert place.titles(place.bob) == []
    with pytest.raises(NoShareError):
        place.tree(place.bob, 1)

    place.grant(place.bob, Right.VIEW, NOW + timedelta(seconds=1))
    assert place.tree(place.bob, 1)
    place.now += timedelta(seconds=1)
    assert place.titles(place.bob) == []
    with pytest.raises(NoShareError):
        place.tree(place.bob, 1)

    place.grant(place.bob, Right.VIEW)
    share.end(place.database, place.ann, place.share)
    for person in (place.ann, place.bob):
        assert place.titles(person) == []
        with pytest.raises(NoShareError):
            place.tree(person, 1)


def test_name_that_changes_hands_inherits_nothing(place: Place) -> None:
    place.grant(place.bob, Right.VIEW)

    again = place.person("bob", "2029")
    other = place.person("bob", "2031")

    assert place.titles(again) == ["Week 1"]
    assert place.titles(other) == []
    assert place.titles(place.person("ann", "2031")) == []


def test_group_counts_while_the_hub_names_it(place: Place) -> None:
    given = Grant(Audience.GROUP, "physics", Right.VIEW)
    share.grant(place.database, place.ann, place.share, given)

    assert place.titles(place.person("bob", "2029", "physics")) == ["Week 1"]
    assert place.titles(place.person("bob", "2029")) == []


class Paths(list[str]):
    """Chosen paths that count how often they are gone through."""

    asked = 0

    @override
    def __iter__(self) -> Iterator[str]:
        self.asked += 1
        return super().__iter__()


def test_chosen_paths_are_gone_through_once_and_by_those_who_may_edit(
    place: Place,
) -> None:
    files: dict[str, Entry] = {f"{i}/x": EmptyFolder() for i in range(9)}
    place.publish(place.ann, 0, files)
    place.publish(place.ann, 1, dict.fromkeys(files) | {"10": EmptyFolder()})
    place.grant(place.bob, Right.VIEW)
    chosen = Paths(["1", "2/x", "3/", "x", "10/y"])

    def restore(person: Person) -> Snapshot:
        limits = Limits()
        return snapshot.restore(
            place.database, person, place.share, 1, chosen, limits=limits
        )

    with pytest.raises(ForbiddenError):
        restore(place.bob)
    made = restore(place.ann)

    found = snapshot.tree(place.database, place.ann, place.share, made.seq)
    assert found.keys() == {"1/x", "2/x", "10"}
    assert chosen.asked == 1
