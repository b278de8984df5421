"""The sharing service's database on PostgreSQL; `tests/pure/share` has SQLite."""

import hashlib
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from cygnet_share import (
    backup,
    inspection,
    people,
    quota,
    schema,
    share,
    snapshot,
    working_copy,
)
from cygnet_share.database import Database, connect
from cygnet_share.errors import QuotaError, StaleParentError
from cygnet_share.migration import migrate
from cygnet_share.news import Feed
from cygnet_share.right import Audience, Grant, Right
from cygnet_share.snapshot_rule import Limits
from cygnet_share.sweep import CONDEMNED
from cygnet_share.tree import EmptyFolder, File
from cygnet_share.working_copy import WorkingCopy

from tests.support import postgres
from tests.support.port import free_ports
from tests.support.share_place import Place


@pytest.fixture(scope="module")
def server() -> Generator[postgres.Database]:
    programs = postgres.programs()
    if programs is None:
        pytest.skip("Debian's postgresql is missing: `apt-get install postgresql`.")
    [port] = free_ports(1)
    with postgres.database(programs, "127.0.0.1", port) as running:
        yield running


@pytest.fixture(scope="module")
def database(server: postgres.Database) -> Generator[Database]:
    engine = connect(server.url)
    made = Database(engine, identity=migrate(engine))
    yield made
    engine.dispose()


@pytest.fixture
def empty(server: postgres.Database) -> Generator[str]:
    """Gives the URL of a database without tables."""
    server.ask(f"CREATE DATABASE empty OWNER {postgres.USER}")
    yield f"{server.url.rpartition('/')[0]}/empty"
    server.ask("DROP DATABASE empty WITH (FORCE)")


def test_one_of_many_who_publish_at_once_wins(database: Database) -> None:
    ann = people.person(database, "ann", "2029", [])
    made = share.make(database, ann, "Week 1", 10**9)
    everyone = Grant(Audience.EVERYONE, "", Right.EDIT)
    share.grant(database, ann, made, everyone)

    def write(number: int) -> bool:
        person = people.person(database, f"p{number % 5}", "2029", [])
        changes = {f"x{number}": EmptyFolder()}
        try:
            snapshot.publish(database, person, made, 0, changes, limits=Limits())
        except StaleParentError:
            return False
        return True

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(write, range(20))) == 1
    assert [it.seq for it in snapshot.snapshots(database, ann, made)] == [1]


def test_services_that_start_at_once_make_one_database(empty: str) -> None:
    engines = [connect(empty) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(migrate, engines))) == 1

    with engines[0].connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    for it in engines:
        it.dispose()


def test_drill(server: postgres.Database, empty: str, tmp_path: Path) -> None:
    place = Place(tmp_path / "service", server.url).with_share()
    is_over = threading.Event()

    def publish() -> None:
        while not is_over.is_set():
            place.publish(f"{place.head % 7}.csv", place.send(f"text {place.head}"))

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        backup.back_up(place.database.engine, place.chunks, tmp_path / "copy")
    finally:
        is_over.set()
        thread.join()

    again = Place(tmp_path / "other", empty)
    backup.restore(again.database.engine, again.chunks, tmp_path / "copy")
    again = Place(tmp_path / "other", empty)
    bob = again.person("bob of the restored")
    made = share.make(again.database, bob, "Bob's", 10**9)
    changes = {"a": EmptyFolder()}
    snapshot.publish(again.database, bob, made, 0, changes, limits=Limits())

    assert list(inspection.problems(again.database, again.chunks)) == []
    assert again.database.identity.uuid == place.database.identity.uuid
    assert made > place.share + 1_000
    listed = share.listed(again.database, place.ann)
    [restored] = [it for it in listed if it.id == place.share]
    assert restored.head <= place.head
    for it in (place, again):
        it.database.engine.dispose()


def test_sweep_removes_what_nothing_names(empty: str, tmp_path: Path) -> None:
    place = Place(tmp_path / "service", empty).with_share()
    kept = place.send("kept")
    place.publish("a", kept)
    place.send("not published")

    place.sweep_after(timedelta(0))
    place.sweep_after(2 * CONDEMNED)

    assert list(place.chunks.names()) == list(kept.chunks)
    place.database.engine.dispose()


def test_lists_quotas_and_news_are_as_on_sqlite(database: Database) -> None:
    dan, eve = (people.person(database, it, "2029", ["g"]) for it in ("dan", "eve"))
    made = share.make(database, dan, "Week 2", 10**9)
    end = datetime(2999, 1, 1, tzinfo=UTC)
    feed = Feed()
    before = feed.refresh(database, 0).last
    for audience, principal in (("user", str(eve.id)), ("group", "g")):
        given = Grant(Audience(audience), principal, Right.VIEW, end)
        share.grant(database, dan, made, given)
    name = hashlib.sha256(b"hi").hexdigest()
    snapshot.receive(database, dan, name, 2)
    changes = {"a": File(2, (name,))}
    snapshot.publish(database, dan, made, 0, changes, limits=Limits())
    snapshot.name(database, dan, made, 1, "Handed in")
    copy = WorkingCopy(made, "w", 1)
    working_copy.remember(database, eve, copy)
    listed = {it.id: it for it in share.listed(database, eve)}[made]
    detail = share.detail(database, dan, made)
    news = feed.refresh(database, 1).since(eve, before, database.clock())
    [version] = snapshot.snapshots(database, eve, made)

    assert (listed.files, listed.bytes, listed.changed_by) == (1, 2, "dan")
    assert (listed.expires, listed.is_shared, listed.opened) == (end, True, True)
    assert [(it.name, it.seq, it.places) for it in detail.opened] == [("eve", 1, 1)]
    assert (set(news.shares), news.is_list_changed) == ({made}, True)
    assert (version.name, version.is_pinned) == ("Handed in", True)
    assert quota.of(database, dan) == 2
    with database.reading.connect() as connection:
        assert quota.left(connection, dan, made, 100) == 98
    small = Limits(max_person_bytes=1)
    snapshot.receive(database, dan, "0" * 64, 1)
    changes = {"b": File(1, ("0" * 64,))}
    with pytest.raises(QuotaError, match="“Week 2”"):
        snapshot.publish(database, dan, made, 1, changes, limits=small)
    share.revoke(database, dan, made, Audience.USER, "eve")
    share.end(database, dan, made)
    assert quota.of(database, dan) == 0
