from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cygnet_share import command, share, snapshot
from cygnet_share.clock import Clock, last_time
from cygnet_share.database import Database
from cygnet_share.right import Audience, Grant, Right
from cygnet_share.settings import Place as Kept
from cygnet_share.sweep import CONDEMNED

from tests.support.share_place import Place

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_clock_stands_still_until_the_machine_s_has_caught_up() -> None:
    times = iter([NOON, NOON - DAY, NOON - DAY, NOON + DAY])
    clock = Clock(machine=lambda: next(times))

    assert [clock() for _ in range(3)] == [NOON, NOON, NOON + DAY]


def test_what_has_expired_stays_so_when_the_clock_is_set_back(tmp_path: Path) -> None:
    place = Place(tmp_path).with_share()
    bob = place.person("bob")
    end = place.now + timedelta(hours=1)
    given = Grant(Audience.USER, str(bob.id), Right.VIEW, end)
    share.grant(place.database, place.ann, place.share, given)
    place.now = end + timedelta(minutes=1)
    place.publish("a", place.send("text"))

    # The service starts again, on a machine whose clock is a day behind.
    machine = place.now - DAY
    engine = place.database.engine
    again = Database(engine, Clock(last_time(engine), lambda: machine))

    assert not share.listed(again, bob)
    assert [it.title for it in share.listed(again, place.ann)] == ["Week 1"]


def test_clock_that_was_ahead_is_put_right_by_who_runs_the_service(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, kept = Place(tmp_path).with_share(), Kept(directory=tmp_path)
    bob, right = place.person("bob"), datetime.now(UTC)
    ends = right + DAY
    given = Grant(Audience.USER, str(bob.id), Right.VIEW, ends)
    place.now = right + 90 * DAY
    share.grant(place.database, place.ann, place.share, given)
    place.publish("a", place.send("text"))
    assert command.run(["check"], kept) == 1
    assert "stop the service and run" in capsys.readouterr().out

    assert command.run(["clock"], kept) == 0

    engine = place.database.engine
    floor = last_time(engine)
    assert floor is not None
    assert timedelta(0) <= floor - right < timedelta(minutes=1)
    again = Database(engine, Clock(floor, lambda: right))
    assert [it.title for it in share.listed(again, bob)] == ["Week 1"]
    again = Database(engine, Clock(floor, lambda: ends))
    assert not share.listed(again, bob)
    [last] = snapshot.snapshots(again, place.ann, place.share)
    assert last.published_at == floor


def test_nothing_goes_early_when_the_clock_is_set_back(tmp_path: Path) -> None:
    place = Place(tmp_path).with_share()
    old = place.send("old")
    place.publish("a", old)
    place.sweep_after(DAY)
    place.sweep_after(-2 * DAY)
    place.publish("b", place.send("new"))
    place.sweep_after(DAY)
    place.sweep_after(CONDEMNED - timedelta(seconds=1))

    listed = snapshot.snapshots(place.database, place.ann, place.share)
    assert [it.seq for it in listed] == [2, 1]
    assert listed[0].published_at >= listed[1].published_at
    assert place.chunks.get(*old.chunks) == b"old"
