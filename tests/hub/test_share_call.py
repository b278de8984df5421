import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from cygnet_share import events_call
from cygnet_share.routes import routes

from tests.support.sharing import Sharing, publish, sharing

HI = hashlib.sha256(b"hi").hexdigest()


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    async with sharing(tmp_path) as running:
        yield running


async def share_of(client: httpx.AsyncClient, title: str = "Week 1") -> int:
    made = await client.post("shares", json={"title": title})
    assert made.status_code == HTTPStatus.CREATED
    return int(made.json()["id"])


async def test_file_of_one_person_is_read_by_another(service: Sharing) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        share = await share_of(ann)
        await publish(ann, share, 0, {"a/b.txt": b"hi"})
        grant = {"audience": "user", "principal": "bob", "right": "view"}
        await ann.put(f"shares/{share}/grants", json=grant)

        [listed] = (await bob.get("shares")).json()["shares"]
        tree = await bob.get(f"shares/{share}/snapshots/{listed['head']}")
        data = await bob.get(f"shares/{share}/snapshots/1/chunks/{HI}")

    assert listed == {
        "id": share,
        "title": "Week 1",
        "owner": "ann",
        "is_mine": False,
        "right": "view",
        "head": 1,
    }
    entry = {"kind": "file", "size": 2, "chunks": [HI], "executable": False}
    assert tree.json() == {"entries": {"a/b.txt": entry}}
    assert data.content == b"hi"
    assert data.headers["Content-Disposition"] == "attachment"
    assert data.headers["Cache-Control"] == "no-store"


# What each call answers to a stranger, a viewer, an editor.
NO, LESS = HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN
OK, DONE = HTTPStatus.OK, HTTPStatus.NO_CONTENT
COPY = {"share": 1, "place": "Shared/ann/Week 1", "base": 1}
CALLS: list[tuple[str, str, object, tuple[HTTPStatus, HTTPStatus, HTTPStatus]]] = [
    ("GET", "shares/1", None, (NO, OK, OK)),
    ("PUT", "shares/1", {"title": "x", "expires": None}, (NO, LESS, LESS)),
    ("GET", "shares/1/snapshots", None, (NO, OK, OK)),
    ("GET", "shares/1/snapshots/1", None, (NO, OK, OK)),
    ("GET", f"shares/1/snapshots/1/chunks/{HI}", None, (NO, OK, OK)),
    ("POST", "shares/1/missing", {"chunks": []}, (NO, LESS, OK)),
    ("PUT", f"shares/1/chunks/{HI}", b"hi", (NO, LESS, DONE)),
    ("POST", "shares/1/snapshots", {"parent": 1, "changes": {}}, (NO, LESS, OK)),
    ("POST", "shares/1/restore", {"snapshot": 1}, (NO, LESS, OK)),
    (
        "PUT",
        "shares/1/grants",
        {"audience": "everyone", "right": "edit"},
        (NO, LESS, LESS),
    ),
    ("DELETE", "shares/1/grants?audience=everyone", None, (NO, LESS, LESS)),
    ("DELETE", "shares/1", None, (NO, LESS, LESS)),
    ("PUT", "working-copies", COPY, (NO, DONE, DONE)),
]


async def test_each_call_wants_its_right(service: Sharing) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        assert await share_of(ann) == 1
        await publish(ann, 1, 0, {"a": b"hi"})
        for column, right in enumerate((None, "view", "edit")):
            if right:
                grant = {"audience": "user", "principal": "bob", "right": right}
                await ann.put("shares/1/grants", json=grant)
            for method, path, body, expected in CALLS:
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                found = await bob.request(method, path, content=data)

                assert found.status_code == expected[column], (method, path, right)
        [listed] = (await ann.get("shares")).json()["shares"]
    assert listed["head"] == 1


def test_each_call_is_in_the_table_of_rights() -> None:
    calls = {
        (method, path)
        for path, call, _ in routes("", None)  # type: ignore[arg-type]
        for method in call.SUPPORTED_METHODS
        if method.lower() in vars(call)
    }

    own = {
        ("GET", "api/shares"),
        ("POST", "api/shares"),
        ("GET", "api/events"),
        ("GET", "api/working-copies"),
        ("DELETE", "api/working-copies"),
    }
    assert own <= calls, "what is about the caller alone needs no right"
    assert len(calls) == len(CALLS) + len(own)


async def test_owner_reads_who_may_what_and_others_do_not(service: Sharing) -> None:
    end = "2999-01-01T00:00:00+00:00"
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        share = await share_of(ann)
        for grant in (
            {"audience": "user", "principal": "bob", "right": "edit", "expires": end},
            {"audience": "group", "principal": "1", "right": "view"},
            {"audience": "everyone", "right": "view"},
        ):
            await ann.put(f"shares/{share}/grants", json=grant)
        changed = {"title": "Week 2", "expires": end}
        await ann.put(f"shares/{share}", json=changed)
        own = (await ann.get(f"shares/{share}")).json()
        other = (await bob.get(f"shares/{share}")).json()

    known = {"id": share, "owner": "ann", "head": 0, **changed}
    assert other == {**known, "right": "edit", "grants": []}
    assert {**own, "grants": []} == {**known, "right": "own", "grants": []}
    assert [
        (it["audience"], it["principal"], it["right"], it["expires"])
        for it in own["grants"]
    ] == [
        ("user", "bob", "edit", end),
        ("group", "1", "view", None),
        ("everyone", "", "view", None),
    ]


async def test_call_without_a_token_is_refused(service: Sharing) -> None:
    async with httpx.AsyncClient(base_url=service.url) as nobody:
        nobody.cookies.set("jupyterhub-services", "token-of-ann")
        for path in ("shares", "events", "shares/1/snapshots"):
            assert (await nobody.get(path)).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (b"{", [""]),
        (b'{"parent": "1", "changes": 3, "x": 1}', ["parent", "changes", "x"]),
        (
            b"""{"parent": 0, "changes": {
            "a": {"kind": "link"},
            "b": {"kind": "file", "size": -1, "chunks": ["x"]}}}""",
            ["changes.a", "changes.b.file.size", "changes.b.file.chunks.0"],
        ),
    ],
)
async def test_wrong_body_is_refused_with_all_that_is_wrong(
    service: Sharing, body: bytes, places: list[str]
) -> None:
    async with service.as_("ann") as ann:
        share = await share_of(ann)
        found = await ann.post(f"shares/{share}/snapshots", content=body)

    assert found.status_code == HTTPStatus.BAD_REQUEST
    assert [it["place"] for it in found.json()["problems"]] == places


async def test_refusal_says_what_a_program_needs(service: Sharing) -> None:
    async with service.as_("ann") as ann:
        share = await share_of(ann)
        await publish(ann, share, 0, {"a": b"hi"})
        stale = await publish(ann, share, 0, {"b": b"hi"})
        file = {"kind": "file", "size": 1, "chunks": ["0" * 64]}
        body = {"parent": 1, "changes": {"c": file}}
        missing = await ann.post(f"shares/{share}/snapshots", json=body)
        refused = await publish(ann, share, 1, {"../x": b"hi", ".y": b"hi"})
        wrong = await ann.put(f"shares/{share}/chunks/{HI}", content=b"ho")
        unknown = await ann.put(
            f"shares/{share}/grants",
            json={"audience": "user", "principal": "nobody", "right": "view"},
        )

    assert (stale.status_code, stale.json()["head"]) == (HTTPStatus.CONFLICT, 1)
    assert missing.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert missing.json()["chunks"] == ["0" * 64]
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert [it["place"] for it in refused.json()["problems"]] == ["../x", ".y"]
    assert wrong.status_code == HTTPStatus.BAD_REQUEST
    assert "no user “nobody”" in unknown.json()["message"]


async def test_old_version_is_restored_as_a_new_one(service: Sharing) -> None:
    async with service.as_("ann") as ann:
        share = await share_of(ann)
        await publish(ann, share, 0, {"a": b"1", "d/b": b"1"})
        await publish(ann, share, 1, {"a": b"2", "d/b": None, "d/c": b"2"})
        one = {"snapshot": 1, "paths": ["d"]}
        part = await ann.post(f"shares/{share}/restore", json=one)
        tree = (await ann.get(f"shares/{share}/snapshots/3")).json()["entries"]
        await ann.post(f"shares/{share}/restore", json={"snapshot": 1})
        whole = (await ann.get(f"shares/{share}/snapshots/4")).json()["entries"]
        first = (await ann.get(f"shares/{share}/snapshots/1")).json()["entries"]

    assert part.json()["note"] == "Restored from version 1."
    assert sorted(tree) == ["a", "d/b"]
    assert tree["a"]["chunks"] == [hashlib.sha256(b"2").hexdigest()]
    assert whole == first


async def test_wait_ends_with_what_has_changed_for_the_caller(
    service: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        share, own = await share_of(ann), await share_of(bob, "Mine")
        start = (await bob.get("events")).json()["last"]
        waiting = asyncio.create_task(bob.get(f"events?since={start}"))
        grant = {"audience": "user", "principal": "bob", "right": "view"}
        await ann.put(f"shares/{share}/grants", json=grant)
        granted = (await waiting).json()
        waiting = asyncio.create_task(bob.get(f"events?since={granted['last']}"))
        await publish(ann, share, 0, {"a": b"hi"})
        published = (await waiting).json()
        monkeypatch.setattr(events_call, "POLL_SECONDS", 0.2)
        quiet = (await bob.get(f"events?since={published['last']}")).json()
        hidden = await share_of(ann, "Hidden")
        await publish(ann, hidden, 0, {"a": b"hi"})
        after = (await bob.get(f"events?since={published['last']}")).json()

    assert granted["is_list_changed"]
    assert (published["shares"], published["is_list_changed"]) == ([share], False)
    assert quiet == {**published, "shares": [], "is_list_changed": False}
    assert after["shares"] == [], "another's share is none of bob's"
    assert own != share


async def test_list_says_what_the_caller_may_do(service: Sharing) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        share = await share_of(ann)
        service.people.groups["bob"].append("g")
        for audience, principal, right in (
            ("everyone", "", "view"),
            ("group", "g", "edit"),
            ("user", "bob", "view"),
        ):
            grant = {"audience": audience, "principal": principal, "right": right}
            await ann.put(f"shares/{share}/grants", json=grant)
        of_bob = (await bob.get("shares")).json()["shares"]
        of_ann = (await ann.get("shares")).json()["shares"]

    assert [(it["id"], it["right"]) for it in of_bob] == [(share, "edit")]
    assert [(it["id"], it["right"]) for it in of_ann] == [(share, "own")]


async def test_working_copy_is_remembered_until_its_person_forgets_it(
    service: Sharing,
) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        share = await share_of(ann)
        grant = {"audience": "user", "principal": "bob", "right": "view"}
        await ann.put(f"shares/{share}/grants", json=grant)
        asked: dict[str, str | int] = {"share": share, "place": "Shared/ann/Week 1"}
        copy = asked | {"base": 0}
        await bob.put("working-copies", json=copy)
        await bob.put("working-copies", json=copy | {"base": 3})
        await ann.put("working-copies", json=copy | {"place": "w"})
        hidden = await bob.put("working-copies", json=copy | {"place": "../.ssh"})
        await ann.delete(f"shares/{share}/grants?audience=user&principal=bob")
        late = await bob.put("working-copies", json=copy | {"base": 4})
        kept = (await bob.get("working-copies")).json()["copies"]
        await bob.delete("working-copies", params=asked)
        after = (await bob.get("working-copies")).json()["copies"]
        of_ann = (await ann.get("working-copies")).json()["copies"]

    assert (hidden.status_code, late.status_code) == (HTTPStatus.BAD_REQUEST, NO)
    assert kept == [copy | {"base": 3}]
    assert after == []
    assert of_ann == [copy | {"place": "w"}]
