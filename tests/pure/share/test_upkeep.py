import asyncio
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cygnet_share import account, clock, schema, share, snapshot, upkeep
from cygnet_share.call import Service
from cygnet_share.news import Bell
from cygnet_share.right import Person
from cygnet_share.snapshot_rule import Limits
from cygnet_share.upkeep import EVENTS, Upkeep, forget
from cygnet_share.upkeep_time import UpkeepTime, last_upkeep
from sqlalchemy import Table, func, select
from tornado.httputil import HTTPServerRequest

from tests.support.following import becomes
from tests.support.share_place import Place

DAY = timedelta(days=1)


async def nobody(_: HTTPServerRequest | str) -> Person | None:
    return None


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path).with_share()


@pytest.fixture
def service(place: Place) -> Generator[Service]:
    with ThreadPoolExecutor(1) as threads:
        yield Service(
            place.database, place.chunks, nobody, nobody, threads, Bell(), Limits()
        )


def rows(place: Place, table: Table) -> int:
    with place.database.engine.connect() as connection:
        found = connection.execute(select(func.count()).select_from(table))
        return int(found.scalar_one())


async def test_part_that_fails_keeps_no_other_from_being_done(
    place: Place, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    async def look() -> None:
        message = "the hub is away"
        raise OSError(message)

    place.publish("a", place.send("text"))
    account.note(place.database, [place.ann.id], [])
    regular = Upkeep(service, look)

    for _ in range(35):
        await regular.once()
        place.now += DAY

    assert "the hub is away" in caplog.text
    assert share.listed(place.database, place.ann) == []
    assert list(place.chunks.names()) == []


async def test_files_of_another_database_are_said_and_left_alone(
    place: Place,
    service: Service,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def look() -> None: ...

    place.publish("a", place.send("text"))
    place.chunks.set_mark("another")

    monkeypatch.setattr(upkeep, "FIRST", timedelta(0))
    running = asyncio.create_task(Upkeep(service, look).run())
    await becomes(lambda: "part=_sweep reason=The store" in caplog.text)
    running.cancel()

    assert "part=_claim reason=The store of shared files belongs" in caplog.text
    assert len(list(place.chunks.names())) == 1


async def test_clock_that_jumps_ahead_once_costs_nothing(
    place: Place, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    async def look() -> None:
        pass

    for i in range(3):
        place.publish("a", place.send(f"text {i}"))
    account.note(place.database, [place.ann.id], [])
    await Upkeep(service, look).once()
    right = place.now

    place.now += 90 * DAY
    # The service may start again, and its clock stands still when it is put right.
    for _ in range(2):
        upkeep = Upkeep(service, look)
        for _ in range(3):
            await upkeep.once()

    assert "ahead of the last upkeep, so little is removed days=90" in caplog.text
    clock.put_right(place.database.engine, right)
    place.now = right
    await upkeep.once()
    listed = snapshot.snapshots(place.database, place.ann, place.share)
    assert [it.seq for it in listed] == [3, 2, 1]
    assert len(list(place.chunks.names())) == 3


def test_upkeep_after_a_long_pause_catches_up_when_the_clock_goes_evenly(
    place: Place,
) -> None:
    elapsed = iter([0.0, 3_600.0, 7_200.0, 10_800.0])
    start, hour = place.now, timedelta(hours=1)
    UpkeepTime().next(place.database)
    time = UpkeepTime(lambda: next(elapsed))
    found = []
    for pause in (9 * DAY, hour, hour, 2 * hour):
        place.now += pause
        found.append(time.next(place.database) - start)

    # The last hour was two by the clock.
    assert found == [0 * DAY, DAY, 2 * DAY, 2 * DAY]
    assert last_upkeep(place.database.engine) == start + 2 * DAY


def test_record_and_news_are_kept_for_their_time(place: Place) -> None:
    place.now += 2 * EVENTS
    share.make(place.database, place.ann, "Week 2", 10**9)
    forget(place.database, 10 * DAY)
    assert (rows(place, schema.audit), rows(place, schema.event)) == (2, 1)

    place.now += 9 * DAY
    forget(place.database, 10 * DAY)

    # The newest stays, however old: the next one has a larger number.
    assert (rows(place, schema.audit), rows(place, schema.event)) == (1, 1)
