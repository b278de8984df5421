"""Presence, and news of shares for those who wait."""

import asyncio
from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path

import pytest
import pytest_asyncio
from cygnet_share import events_call
from sqlalchemy import event

from tests.support.following import becomes
from tests.support.sharing import Sharing, publish, sharing

VIEW = {"audience": "user", "principal": "bob", "right": "view"}
EDIT = VIEW | {"right": "edit"}


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    async with sharing(tmp_path) as running:
        async with running.as_("ann") as ann:
            await ann.post("shares", json={"title": "Week 1"})
            running.people.groups |= {"bob": [], "cy": []}
        yield running


async def test_editors_see_who_has_what_open_and_viewers_do_not(
    service: Sharing,
) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        await ann.put("shares/1/grants", json=EDIT)
        start = (await bob.get("events")).json()
        asked = {"since": start["last"], "seen": start["seen"]}
        waiting = asyncio.create_task(bob.get("events", params=asked))
        said = await ann.put("shares/1/presence", json={"paths": ["b", "a/n.ipynb"]})
        heard = (await waiting).json()
        detail = (await bob.get("shares/1")).json()["present"]
        await ann.put("shares/1/grants", json=VIEW)
        less = (await bob.get("shares/1")).json()
        asked = {"since": (await bob.get("events")).json()["last"], "seen": 1}
        await ann.put("shares/1/presence", json={"paths": []})
        after = (await ann.get("shares/1")).json()["present"]
        viewed = await bob.put("shares/1/presence", json={"paths": ["b"]})
        viewers = (await ann.get("shares/1")).json()["present"]

    assert said.status_code == HTTPStatus.NO_CONTENT
    [present] = heard["present"]["1"]
    assert (present["name"], present["paths"]) == ("ann", ["a/n.ipynb", "b"])
    assert heard["seen"] > start["seen"]
    assert detail == [present]
    assert "present" not in less
    assert after == []
    assert viewed.status_code == HTTPStatus.NO_CONTENT
    assert [it["name"] for it in viewers] == ["bob"]


async def test_presence_is_no_news_for_viewers(
    service: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_call, "POLL_SECONDS", 0.1)
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        await ann.put("shares/1/grants", json=VIEW)
        start = (await bob.get("events")).json()
        await ann.put("shares/1/presence", json={"paths": ["a"]})
        asked = {"since": start["last"], "seen": start["seen"]}
        heard = (await bob.get("events", params=asked)).json()

    assert heard["present"] == {}


@pytest.mark.parametrize(
    "paths", [["../a"], ["/a"], ["a\u202eb"], [".ssh"], ["a"] * 51, ["x" * 600]]
)
async def test_paths_that_no_share_holds_are_nowhere_present(
    service: Sharing, paths: list[str]
) -> None:
    async with service.as_("ann") as ann:
        found = await ann.put("shares/1/presence", json={"paths": paths})
        detail = (await ann.get("shares/1")).json()

    assert found.status_code == HTTPStatus.BAD_REQUEST
    assert detail["present"] == []


async def test_grant_wakes_those_whom_it_is_for(
    service: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_call, "POLL_SECONDS", 0.2)
    async with (
        service.as_("ann") as ann,
        service.as_("bob") as bob,
        service.as_("cy") as cy,
    ):
        start = (await bob.get("events")).json()["last"]
        waiting = [
            asyncio.create_task(it.get(f"events?since={start}")) for it in (bob, cy)
        ]
        await ann.put("shares/1/grants", json=VIEW)
        of_bob, of_cy = [(await it).json() for it in waiting]

    assert of_bob["is_list_changed"]
    assert not of_cy["is_list_changed"]


@pytest.mark.parametrize("asked", ["since=x", "seen=-1", "since=" + "9" * 5_000])
async def test_number_that_is_none_is_refused(service: Sharing, asked: str) -> None:
    async with service.as_("ann") as ann:
        found = await ann.get(f"events?{asked}")

    assert found.status_code == HTTPStatus.BAD_REQUEST


def events(service: Sharing) -> int:
    return sum(path.endswith("/events") for _, path in service.people.calls)


async def test_publication_costs_little_however_many_wait(service: Sharing) -> None:
    many = 16
    async with service.as_("ann") as ann:
        everyone = {"audience": "everyone", "right": "view"}
        await ann.put("shares/1/grants", json=everyone)
        others = [service.as_(f"p{i}") for i in range(many)]
        start = (await ann.get("events")).json()["last"]
        waiting = [
            asyncio.create_task(it.get(f"events?since={start}")) for it in others
        ]
        await becomes(lambda: events(service) > many)
        asked = list[str]()
        event.listen(
            service.people.database.engine,
            "before_cursor_execute",
            lambda *it: asked.append(it[2]),
        )
        await publish(ann, 1, 0, {"a": b"hi"})
        found = [(await it).json()["shares"] for it in waiting]
        for it in others:
            await it.aclose()

    assert found == [[1]] * many
    about = [it for it in asked if "FROM event" in it]
    assert len(about) <= 3, about
