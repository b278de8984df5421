import asyncio
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cygnet_share import account, schema, share, upkeep
from cygnet_share.call import Service
from cygnet_share.news import Bell
from cygnet_share.right import Person
from cygnet_share.snapshot_rule import Limits
from cygnet_share.upkeep import EVENTS, Upkeep, forget
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

    for days in (0, 31, 2, 2):
        place.now += days * DAY
        await regular.once()

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


def test_record_and_news_are_kept_for_their_time(place: Place) -> None:
    place.now += 2 * EVENTS
    share.make(place.database, place.ann, "Week 2", 10**9)
    forget(place.database, 10 * DAY)
    assert (rows(place, schema.audit), rows(place, schema.event)) == (2, 1)

    place.now += 9 * DAY
    forget(place.database, 10 * DAY)

    # The newest stays, however old: the next one has a larger number.
    assert (rows(place, schema.audit), rows(place, schema.event)) == (1, 1)
