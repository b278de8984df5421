import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cygnet_share import people, schema, share, snapshot
from cygnet_share.database import Database, connect
from cygnet_share.news import Bell, Event, Feed, Lately, News
from cygnet_share.right import Audience, Grant, Person, Right, Rules
from cygnet_share.snapshot_rule import Limits
from cygnet_share.tree import EmptyFolder
from sqlalchemy import event, insert

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ANN = Person(1, "ann", frozenset())
BOB = Person(2, "bob", frozenset({"physics"}))
CY = Person(3, "cy", frozenset())
RULES = Rules(1, [Grant(Audience.GROUP, "physics", Right.VIEW)])


def news(person: Person, *events: Event, rules: Rules | None = RULES) -> News:
    return Lately(10, 20, events, {7: rules}).since(person, 11, NOW)


def test_publication_is_news_for_those_who_may_view() -> None:
    published = Event(20, 7, "publish")

    assert news(ANN, published).shares == {7}
    assert news(BOB, published).shares == {7}
    assert news(CY, published).is_empty
    assert not news(BOB, published).is_list_changed


def test_publication_is_no_news_where_the_right_has_expired() -> None:
    ended = Rules(1, RULES.grants, expires=NOW - timedelta(seconds=1))

    assert news(BOB, Event(20, 7, "publish"), rules=ended).is_empty
    assert news(ANN, Event(20, 7, "publish"), rules=ended).shares == {7}


def test_grant_is_news_for_its_audience_and_the_owner() -> None:
    given = Event(20, 7, "revoke", "user", "3")

    assert news(CY, given).is_list_changed
    assert news(ANN, given).is_list_changed
    assert news(BOB, given).is_empty


def test_end_is_news_for_those_who_had_a_right() -> None:
    ended = Event(20, 7, "end")

    assert news(ANN, ended).is_list_changed
    assert news(BOB, ended).is_list_changed
    assert news(CY, ended).is_empty


def test_what_was_heard_is_no_news_again() -> None:
    lately = Lately(10, 20, [Event(11, 7, "end"), Event(20, 7, "publish")], {7: RULES})

    assert lately.since(BOB, 11, NOW) == News(20, frozenset({7}))
    assert lately.since(BOB, 20, NOW) == News(20)
    assert lately.since(BOB, None, NOW) == News(20)


@pytest.mark.parametrize("last", [0, 9, 21])
def test_who_was_away_for_long_reads_the_list_again(last: int) -> None:
    assert Lately(10, 20).since(BOB, last, NOW) == News(20, is_list_changed=True)


@pytest.fixture
def database(tmp_path: Path) -> Generator[Database]:
    made = Database(connect(f"sqlite:///{tmp_path}/share.sqlite"), lambda: NOW)
    schema.metadata.create_all(made.engine)
    yield made
    made.engine.dispose()


def test_feed_reads_each_event_once_and_in_the_order_of_reading(
    database: Database,
) -> None:
    ann = people.person(database, "ann", "2029", [])
    made = share.make(database, ann, "Week 1", 10**9)
    feed = Feed()
    start = feed.refresh(database, 0)
    with database.engine.begin() as connection:
        # PostgreSQL may end the transaction of the larger number first.
        row = {"id": 40, "share": made, "act": "publish", "at": 0}
        connection.execute(insert(schema.event).values(row))
    one = feed.refresh(database, 1)
    with database.engine.begin() as connection:
        row = {"id": 39, "share": made, "act": "name", "at": 0}
        connection.execute(insert(schema.event).values(row))
    two = feed.refresh(database, 2)

    assert not start.events
    assert [it.act for it in one.events] == ["publish"]
    assert [it.act for it in two.events] == ["publish", "name"]
    assert two.since(ann, one.last, NOW) == News(two.last, frozenset({made}))
    assert start.last < one.last < two.last
    assert Feed().lately.last > start.last


def test_feed_asks_the_database_once_for_all_who_wait(database: Database) -> None:
    ann = people.person(database, "ann", "2029", [])
    made = share.make(database, ann, "Week 1", 10**9)
    feed, asked = Feed(), list[str]()
    feed.refresh(database, 0)
    changes = {"x": EmptyFolder()}
    snapshot.publish(database, ann, made, 0, changes, limits=Limits())
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda *it: asked.append(it[2]),
    )

    found = [feed.refresh(database, 1).since(ann, feed.lately.first, NOW)] * 200

    assert {it.shares for it in found} == {frozenset({made})}
    assert len(asked) < 6, asked


async def test_who_wait_at_once_wait_for_one_question(database: Database) -> None:
    feed, asked = Feed(), list[int]()

    async def read() -> Lately:
        asked.append(1)
        await asyncio.sleep(0)
        return feed.refresh(database, 1)

    found = await asyncio.gather(*(feed.latest(1, read) for _ in range(20)))

    assert len(asked) == 1
    assert {id(it) for it in found} == {id(feed.lately)}


async def test_many_rings_wake_who_waits_a_few_times_and_at_last() -> None:
    bell = Bell(pause=0.05)
    heard, woken = 0, 0

    async def wait() -> None:
        nonlocal heard, woken
        while heard < 1_000:
            await bell.wait(30, heard)
            heard, woken = bell.count, woken + 1

    waiting = asyncio.create_task(wait())
    start = asyncio.get_running_loop().time()
    for _ in range(1_000):
        bell.ring()
        await asyncio.sleep(0)
    await waiting

    lasted = asyncio.get_running_loop().time() - start
    assert 2 <= woken <= 2 + lasted / 0.05


async def test_ring_before_the_wait_is_heard_at_once() -> None:
    bell = Bell(pause=30)
    heard = bell.count
    bell.ring()

    async with asyncio.timeout(5):
        await bell.wait(30, heard)
