import asyncio
import hashlib
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
import pytest_asyncio
from cygnet_share import events_call, schema
from cygnet_share.settings import OperatorSettings
from sqlalchemy import select

from tests.support.sharing import Sharing, publish, share_of, sharing

PAST = "2001-01-01T00:00:00+00:00"
HI = hashlib.sha256(b"hi").hexdigest()


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    async with sharing(tmp_path) as running:
        yield running


async def test_file_of_one_person_is_read_by_another(service: Sharing) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        share = await share_of(ann)
        await publish(ann, share, 0, {"a/b.txt": b"hi"})
        grant = {"audience": "user", "principal": "bob", "right": "view"}
        await ann.put(f"shares/{share}/grants", json=grant)

        [listed] = (await bob.get("shares")).json()["shares"]
        tree = await bob.get(f"shares/{share}/snapshots/{listed['head']}")
        data = await bob.get(f"shares/{share}/snapshots/1/chunks/{HI}")

    changed = datetime.fromisoformat(listed.pop("changed_at"))
    assert datetime.now(UTC) - changed < timedelta(minutes=1)
    assert listed == {
        "id": share,
        "title": "Week 1",
        "owner": "ann",
        "is_mine": False,
        "right": "view",
        "head": 1,
        "files": 1,
        "bytes": 2,
        "changed_by": "ann",
        "expires": None,
        "is_shared": True,
        "opened": False,
    }
    entry = {"kind": "file", "size": 2, "chunks": [HI], "executable": False}
    assert tree.json() == {"entries": {"a/b.txt": entry}}
    assert data.content == b"hi"
    assert data.headers["Content-Disposition"] == "attachment"
    assert data.headers["Cache-Control"] == "no-store"


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
    known |= {"opened": [], "present": []}
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
        for head, text in enumerate((b"1", b"2", b"3")):
            await publish(ann, share, head, {"a": text})
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

    refused = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
    assert (hidden.status_code, late.status_code) == refused
    assert kept == [copy | {"base": 3}]
    assert after == []
    assert of_ann == [copy | {"place": "w"}]


async def test_list_says_what_is_shared_and_opened(service: Sharing) -> None:
    end, later = "2999-01-01T00:00:00+00:00", "2999-06-01T00:00:00+00:00"
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        one, two = await share_of(ann), await share_of(ann, "Alone")
        for audience, principal, expires in (
            ("user", "bob", end),
            ("everyone", "", later),
        ):
            grant = {"audience": audience, "principal": principal, "right": "view"}
            await ann.put(f"shares/{one}/grants", json=grant | {"expires": expires})
        past = {"audience": "everyone", "right": "view", "expires": PAST}
        await ann.put(f"shares/{two}/grants", json=past)
        copy = {"share": one, "place": "w", "base": 0}
        await bob.put("working-copies", json=copy)
        await bob.put("working-copies", json=copy | {"place": "v"})
        of_ann = (await ann.get("shares")).json()["shares"]
        [of_bob] = (await bob.get("shares")).json()["shares"]
        own = (await ann.get(f"shares/{one}")).json()["opened"]
        other = (await bob.get(f"shares/{one}")).json()["opened"]

    assert [(it["id"], it["is_shared"]) for it in of_ann] == [(two, False), (one, True)]
    assert [it["expires"] for it in of_ann] == [None, None]
    assert (of_bob["opened"], of_bob["expires"]) == (True, later)
    assert [(it["name"], it["seq"], it["places"]) for it in own] == [("bob", 0, 2)]
    assert other == []


async def test_named_version_is_listed_by_its_name(service: Sharing) -> None:
    async with service.as_("ann") as ann:
        share = await share_of(ann)
        for parent in range(3):
            await publish(ann, share, parent, {"a": b"%d" % parent})
        path = f"shares/{share}/snapshots"
        await ann.put(f"{path}/1", json={"name": "Handed in"})
        await ann.put(f"{path}/2", json={"name": "x"})
        await ann.put(f"{path}/2", json={"name": ""})
        missing = await ann.put(f"{path}/9", json={"name": "x"})
        listed = (await ann.get(path)).json()["snapshots"]
        older = (await ann.get(f"{path}?before=3")).json()["snapshots"]

    assert [(it["seq"], it["name"], it["is_pinned"]) for it in listed] == [
        (3, "", False),
        (2, "", False),
        (1, "Handed in", True),
    ]
    assert [it["seq"] for it in older] == [2, 1]
    assert missing.status_code == HTTPStatus.NOT_FOUND


async def test_editor_restores_what_the_owner_has_sent(service: Sharing) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        share = await share_of(ann)
        await publish(ann, share, 0, {"a": b"1"})
        await publish(ann, share, 1, {"a": b"2"})
        grant = {"audience": "user", "principal": "bob", "right": "edit"}
        await ann.put(f"shares/{share}/grants", json=grant)
        found = await bob.post(f"shares/{share}/restore", json={"snapshot": 1})

    assert found.status_code == HTTPStatus.OK, found.text
    assert found.json()["seq"] == 3


async def test_caller_reads_what_the_service_allows(service: Sharing) -> None:
    service.people.groups["ann"] = ["physics"]
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        await publish(ann, await share_of(ann), 0, {"a": b"hi"})
        found, again = [(await ann.get("me")).json() for _ in range(2)]
        other = (await bob.get("me")).json()

    assert datetime.fromisoformat(found.pop("now")).tzinfo is not None
    for kept in ("database", "generation"):
        assert found.pop(kept) == again[kept] == other[kept]
    assert found == {
        "name": "ann",
        "groups": ["physics"],
        "several": True,
        "everyone": True,
        "list_names": True,
        "pages": "/services/share/",
        "bytes": 2,
        "quota": 10 * 10**9,
    }
    assert (other["bytes"], other["groups"]) == (0, [])


async def test_one_machine_has_one_person(tmp_path: Path) -> None:
    grant = {"audience": "user", "principal": "bob", "right": "view"}
    async with (
        sharing(tmp_path, operator=OperatorSettings(several=False)) as service,
        service.as_("ann") as ann,
    ):
        service.people.groups["bob"] = []
        share = await share_of(ann)
        granted = await ann.put(f"shares/{share}/grants", json=grant)
        searched = await ann.get("people?prefix=bo")
        me = (await ann.get("me")).json()

    for found in (granted, searched):
        sentence = "This service has one person; on Kubernetes you can share."
        assert found.status_code == HTTPStatus.FORBIDDEN
        assert found.json()["message"] == sentence
    assert (me["several"], me["everyone"], me["list_names"]) == (False, False, False)


async def test_names_are_listed_where_the_operator_allows_it(tmp_path: Path) -> None:
    for is_listed in (True, False):
        operator = OperatorSettings(list_names=is_listed)
        async with (
            sharing(tmp_path, operator=operator) as service,
            service.as_("ann") as ann,
        ):
            service.people.groups |= {"bob": ["staff"], "bo": [], "cy": []}
            found = await ann.get("people?prefix=Bo")

        if is_listed:
            names = [it["name"] for it in found.json()["people"]]
            assert names == ["bo", "bob"]
        else:
            assert found.status_code == HTTPStatus.FORBIDDEN
            assert "Your administrator" in found.json()["message"]


async def test_each_act_is_in_the_record(service: Sharing) -> None:
    bob: dict[str, str | None] = {"audience": "user", "principal": "bob"}
    async with service.as_("ann") as ann:
        service.people.groups["bob"] = []
        share = await share_of(ann)
        await publish(ann, share, 0, {"a": b"1"})
        await publish(ann, share, 1, {"a": b"2"})
        await ann.post(f"shares/{share}/restore", json={"snapshot": 1})
        await ann.put(f"shares/{share}/snapshots/1", json={"name": "Handed in"})
        await ann.put(f"shares/{share}/grants", json=bob | {"right": "edit"})
        await ann.delete(f"shares/{share}/grants", params=bob)
        await ann.put(f"shares/{share}", json={"title": "Week 2", "expires": None})
        await ann.delete(f"shares/{share}")
    found = await service.people.person_of("bob")
    of_bob = found.id if found else 0
    table = schema.audit
    with service.people.database.engine.connect() as connection:
        rows = connection.execute(select(table).order_by(table.c.id)).all()

    assert [(it.act, it.detail) for it in rows] == [
        ("share", "Week 1"),
        ("publish", "version 1"),
        ("publish", "version 2"),
        ("restore", "version 3"),
        ("name", "version 1: Handed in"),
        ("grant", f"edit to user bob (person {of_bob}), without an end"),
        ("revoke", f"from user bob (person {of_bob})"),
        ("change", "Week 2, without an end"),
        ("end", ""),
    ]
    assert {it.share for it in rows} == {share}


async def test_number_that_no_share_can_have_is_refused(service: Sharing) -> None:
    async with service.as_("ann") as ann:
        for share in ("9" * 5_000, "9" * 19, "-1", "x", ""):
            asked = {"share": share, "place": "w"}
            found = await ann.delete("working-copies", params=asked)

            assert found.status_code == HTTPStatus.BAD_REQUEST, share


async def test_refusal_says_who_may_do_it(service: Sharing) -> None:
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        share = await share_of(ann)
        grant = {"audience": "user", "principal": "bob", "right": "view"}
        await ann.put(f"shares/{share}/grants", json=grant)
        ended = await bob.delete(f"shares/{share}")
        asked = await bob.post(f"shares/{share}/missing", json={"chunks": []})

    assert ended.json()["message"] == "Only the share's owner may do this."
    assert "for the right to edit" in asked.json()["message"]
