"""What one person may take of the sharing service."""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
import pytest_asyncio
from cygnet_lab.share.state import Phase
from cygnet_share.snapshot_rule import Limits
from cygnet_share.tree import CHUNK_BYTES
from cygnet_share.turn import Memory

from tests.support.following import becomes, home
from tests.support.sharing import PREFIX, Sharing, publish, share_of, sharing

HI = hashlib.sha256(b"hi").hexdigest()


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    async with sharing(tmp_path) as running:
        yield running


async def test_publications_of_a_share_come_one_after_another(tmp_path: Path) -> None:
    slow = Limits(pace=timedelta(seconds=1))
    async with sharing(tmp_path, slow) as service, service.as_("ann") as ann:
        share, other = await share_of(ann), await share_of(ann)
        first = await publish(ann, share, 0, {"a": b"1"})
        second = await publish(ann, share, 1, {"a": b"2"})
        elsewhere = await publish(ann, other, 0, {"a": b"2"})
        restored = await ann.post(f"shares/{share}/restore", json={"snapshot": 1})

    assert first.status_code == elsewhere.status_code == HTTPStatus.OK
    assert second.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert second.headers["Retry-After"] == "1"
    assert "in 1 s" in second.json()["message"]
    assert restored.status_code == HTTPStatus.OK, "nothing has changed"


async def test_some_uploads_of_a_person_run_at_once_and_no_more(
    service: Sharing,
) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        shares = [await share_of(ann), await share_of(bob)]
        head = f"PUT {PREFIX}api/shares/1/chunks/{HI} HTTP/1.1\r\nHost: x\r\n"
        head += "Authorization: token token-of-ann\r\nContent-Length: 2\r\n\r\nh"
        opened = [
            await asyncio.open_connection("127.0.0.1", service.port) for _ in range(8)
        ]
        for _, writer in opened:
            writer.write(head.encode())
        path = f"/shares/1/chunks/{HI}"
        await becomes(
            lambda: sum(it.endswith(path) for _, it in service.people.calls) >= 8
        )
        refused = await ann.put(f"shares/{shares[0]}/chunks/{HI}", content=b"hi")
        other = await bob.put(f"shares/{shares[1]}/chunks/{HI}", content=b"hi")
        opened[0][1].close()
        for _ in range(1_000):
            after_cut = await ann.put(f"shares/{shares[0]}/chunks/{HI}", content=b"hi")
            if after_cut.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                break
        opened[1][1].write(b"i")
        answer = await opened[1][0].readline()
        for _, writer in opened:
            writer.close()

    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert refused.headers["Retry-After"] == "1"
    assert other.status_code == HTTPStatus.NO_CONTENT
    assert after_cut.status_code == HTTPStatus.NO_CONTENT, "one was cut off"
    assert b"204" in answer


async def test_loop_of_one_person_is_slowed_and_others_go_on(service: Sharing) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        calls = await asyncio.gather(
            *(ann.post("shares", json={"title": "x"}) for _ in range(70))
        )
        other = await bob.post("shares", json={"title": "x"})
        reading = await ann.get("shares")

    refused = [it for it in calls if it.status_code == HTTPStatus.TOO_MANY_REQUESTS]
    assert len(refused) >= 5
    assert all(int(it.headers["Retry-After"]) >= 1 for it in refused)
    assert other.status_code == HTTPStatus.CREATED
    assert reading.status_code == HTTPStatus.OK


async def test_bytes_over_the_quota_are_refused_before_they_are_kept(
    tmp_path: Path,
) -> None:
    small = Limits(max_person_bytes=100)
    async with sharing(tmp_path, small) as service, service.as_("ann") as ann:
        share = await share_of(ann)
        await publish(ann, share, 0, {"a": b"x" * 60})
        data = b"y" * 41
        chunk = hashlib.sha256(data).hexdigest()
        refused = await ann.put(f"shares/{share}/chunks/{chunk}", content=data)
        kept = list(service.chunks.rglob(chunk))
        await ann.delete(f"shares/{share}")
        again = await share_of(ann)
        sent = await publish(ann, again, 0, {"a": data})

    assert refused.status_code == HTTPStatus.INSUFFICIENT_STORAGE
    assert "“Week 1”" in refused.json()["message"]
    assert kept == []
    assert sent.status_code == HTTPStatus.OK


async def test_call_is_refused_while_the_hub_does_not_answer(service: Sharing) -> None:
    async with service.as_("ann") as ann:
        service.people.is_away = True
        found = await ann.post("shares", json={"title": "x"})

    assert found.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "hub" in found.json()["message"]


async def test_saves_in_one_second_are_all_published(tmp_path: Path) -> None:
    (tmp_path / "service").mkdir()
    slow = Limits(pace=timedelta(seconds=1))
    async with (
        sharing(tmp_path / "service", slow) as service,
        home(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.csv": b"1"})
        # Another writer is first, so that the second is not over.
        while not (await publish(call, share, 1, {"m.csv": b"1"})).is_success:
            pass
        ann.save("work/n.csv", b"22")
        phases = set[Phase]()

        def is_there() -> bool:
            phases.add(ann.state.phase)
            return ann.is_quiet and ann.state.seq == 3

        await becomes(is_there)
        entries = (await call.get(f"shares/{share}/snapshots/3")).json()["entries"]
        sentence = ann.folders.sentence

    assert {path: it["size"] for path, it in entries.items()} == {
        "n.csv": 2,
        "m.csv": 1,
    }
    assert phases <= {Phase.FOLLOWS, Phase.WORKS, Phase.STARTS}
    assert not sentence


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("snapshots", {"parent": 0, "changes": {"x" * 600: None}}),
        ("restore", {"snapshot": 1, "paths": ["x" * 600]}),
        ("presence", {"paths": ["x" * 600]}),
    ],
)
async def test_path_that_is_too_long_is_not_even_read(
    service: Sharing, path: str, body: object
) -> None:
    async with service.as_("ann") as ann:
        share = await share_of(ann)
        method = "PUT" if path == "presence" else "POST"
        found = await ann.request(method, f"shares/{share}/{path}", json=body)
        deep = json.dumps(body).replace("x" * 600, "x/" * 20 + "x")
        deeper = await ann.request(method, f"shares/{share}/{path}", content=deep)

    assert found.status_code == deeper.status_code == HTTPStatus.BAD_REQUEST
    assert "at most 512 characters" in found.text
    assert "has more than 20 folders" in deeper.text
    assert "x" * 300 not in found.text


async def test_downloads_count_until_they_are_taken(service: Sharing) -> None:
    async with service.as_("ann") as ann:
        share = await share_of(ann)
        data = bytes(CHUNK_BYTES)
        await publish(ann, share, 0, {"a": data})
        path = f"shares/{share}/snapshots/1/chunks/{hashlib.sha256(data).hexdigest()}"
        head = f"GET {PREFIX}api/{path} HTTP/1.1\r\nHost: x\r\n"
        head += "Authorization: token token-of-ann\r\n\r\n"
        opened = [
            await asyncio.open_connection("127.0.0.1", service.port, limit=2**10)
            for _ in range(8)
        ]
        for reader, writer in opened:
            writer.write(head.encode())
            assert b"200" in await reader.readline()
        refused = await ann.get(path)
        for _, writer in opened:
            writer.transport.abort()
        for _ in range(1_000):
            found = await ann.get(path)
            if found.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                break

    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert found.content == data


async def test_large_call_is_refused_before_its_body_is_kept(service: Sharing) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        share = await share_of(ann)
        body = b"[" * 2**20
        found = [
            await bob.post(f"shares/{share}/{it}", content=body)
            for it in ("missing", "snapshots", "restore")
        ]

    assert {it.status_code for it in found} == {HTTPStatus.NOT_FOUND}


async def test_bodies_of_all_people_have_a_bound_together(tmp_path: Path) -> None:
    memory = Memory(most=3)
    async with (
        sharing(tmp_path, memory=memory) as service,
        service.as_("ann") as ann,
    ):
        refused = await ann.post("shares", json={"title": "Week 1"})
        listed = await ann.get("shares")
        memory.take(1, 3)
        memory.give(1, 3)

    assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert refused.headers["Retry-After"] == "5"
    assert "memory" in refused.json()["message"]
    assert listed.json() == {"shares": []}
