"""Who may call what of the sharing service, over all of its calls."""

import re
from collections.abc import AsyncGenerator, Mapping
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from cygnet_share import schema
from cygnet_share.routes import all_routes
from cygnet_share.settings import OperatorSettings
from sqlalchemy import select

from tests.support.share_routes import CHUNK, DATA, NO, PAGES, ROLES, ROUTES
from tests.support.sharing import Sharing, publish, sharing

PAST = "2001-01-01T00:00:00+00:00"


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    async with sharing(tmp_path) as running:
        async with running.as_("ann") as ann:
            await ann.post("shares", json={"title": "Week 1"})
            await publish(ann, 1, 0, {"a": DATA})
        yield running


async def grant(service: Sharing, **given: str | None) -> None:
    body = {"audience": "user", "principal": "bob", **given}
    service.people.groups.setdefault("bob", [])
    async with service.as_("ann") as ann:
        found = await ann.put("shares/1/grants", json=body)
        assert found.status_code == HTTPStatus.NO_CONTENT, found.text


def test_each_route_is_in_the_table_of_rights() -> None:
    found = all_routes("", None, None, None)  # type: ignore[arg-type]
    calls = {
        (method, path)
        for path, call, _ in found
        for method in call.SUPPORTED_METHODS
        if method.lower() in vars(call)
    }
    rows = [(it.method, f"api/{it.path.partition('?')[0]}") for it in ROUTES]
    rows += [("GET", it) for it in PAGES]
    tested = {
        (method, path)
        for method, path in calls
        if any(method == it and re.fullmatch(path, at) for it, at in rows)
    }

    assert calls - tested <= {("GET", "oauth_callback"), ("GET", "health")}
    assert len(rows) == len(tested), "a row for each, and no other"


@pytest.mark.parametrize("role", ROLES)
async def test_each_call_wants_its_right(service: Sharing, role: str) -> None:
    rights = {"viewer": "view", "editor": "edit"}
    if role in rights:
        await grant(service, right=rights[role])
    before = kept(service)
    async with service.as_("ann" if role == "owner" else "bob") as caller:
        for route in ROUTES:
            found = await route.call(caller)

            expected = route.expected[ROLES.index(role)]
            assert found.status_code == expected, (route.method, route.path)
    if role in {"stranger", "viewer"}:
        assert kept(service) == before


def kept(service: Sharing) -> Mapping[str, object]:
    """Give all that is kept, but for what is of bob alone."""
    of_bob = {"person", "identity", "working_copy", "audit", "event"}
    found: dict[str, object] = {}
    with service.people.database.engine.connect() as connection:
        for name, table in schema.metadata.tables.items():
            rows = connection.execute(select(table)).all()
            if name not in of_bob:
                found[name] = [it for it in rows if name != "share" or it.id == 1]
    return found | {"files": sorted(it.name for it in service.chunks.rglob("*"))}


@pytest.mark.parametrize("how", ["revoked", "expired", "share over", "group lost"])
async def test_right_that_has_ended_is_none(service: Sharing, how: str) -> None:
    service.people.groups["bob"] = ["physics"]
    if how in {"revoked", "share over"}:
        await grant(service, right="edit")
    elif how == "expired":
        await grant(service, right="edit", expires=PAST)
    else:
        await grant(service, audience="group", principal="physics", right="edit")
        async with service.as_("bob") as bob:
            assert (await bob.get("shares/1")).status_code == HTTPStatus.OK
        service.people.groups["bob"] = []
    async with service.as_("ann") as ann, service.as_("bob") as bob:
        if how == "revoked":
            await ann.delete("shares/1/grants?audience=user&principal=bob")
        if how == "share over":
            await ann.put("shares/1", json={"title": "x", "expires": PAST})
        before = kept(service)
        listed = (await bob.get("shares")).json()["shares"]
        for route in ROUTES:
            found = await route.call(bob)

            assert found.status_code == route.expected[0], (route.method, route.path)
    assert listed == []
    assert kept(service) == before


async def test_share_for_everyone_ends_when_the_operator_allows_none(
    tmp_path: Path,
) -> None:
    everyone = {"audience": "everyone", "right": "view"}
    seen = list[int]()
    for is_allowed in (True, False):
        operator = OperatorSettings(everyone=is_allowed)
        async with (
            sharing(tmp_path, operator=operator) as service,
            service.as_("ann") as ann,
            service.as_("bob") as bob,
        ):
            if is_allowed:
                await ann.post("shares", json={"title": "Week 1"})
            granted = await ann.put("shares/1/grants", json=everyone)
            seen.append((await bob.get("shares/1")).status_code)
            listed = (await bob.get("shares")).json()["shares"]
            assert bool(listed) == is_allowed

    assert seen == [HTTPStatus.OK, NO]
    assert granted.status_code == HTTPStatus.FORBIDDEN
    assert "Your administrator does not allow" in granted.json()["message"]


async def test_caller_whom_the_hub_does_not_name_is_refused(service: Sharing) -> None:
    async with httpx.AsyncClient(base_url=service.url) as stranger:
        stranger.cookies.set("jupyterhub-services", "token-of-ann")
        stranger.cookies.set("_xsrf", "x")
        stranger.headers["X-XSRFToken"] = "x"
        for route in ROUTES:
            found = await route.call(stranger)

            assert found.status_code == HTTPStatus.FORBIDDEN, route
            assert "token" in found.json()["message"]


async def test_hash_of_another_s_file_gives_no_bytes(service: Sharing) -> None:
    file = {"kind": "file", "size": len(DATA), "chunks": [CHUNK]}
    async with service.as_("bob") as bob:
        await bob.post("shares", json={"title": "Mine"})
        await publish(bob, 2, 0, {"b": b"mine"})
        missing = await bob.post("shares/2/missing", json={"chunks": [CHUNK]})
        body = {"parent": 1, "changes": {"a": file}}
        named = await bob.post("shares/2/snapshots", json=body)
        read = await bob.get(f"shares/2/snapshots/1/chunks/{CHUNK}")

    assert missing.json()["chunks"] == [CHUNK]
    assert named.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert read.status_code == NO


@pytest.mark.parametrize(
    "title",
    [
        "",
        " ",
        "x" * 121,
        "a\u0000b",
        "a\nb",
        "a\u202eb",
        "a\u2066b",
        "a\u200bb",
        "\ufeff",
    ],
)
async def test_hostile_words_are_refused(service: Sharing, title: str) -> None:
    end = {"expires": None}
    group = {"audience": "group", "principal": title, "right": "view"}
    async with service.as_("ann") as ann:
        found = [
            await ann.post("shares", json={"title": title}),
            await ann.put("shares/1", json={"title": title, **end}),
        ]
        if title:
            found += [
                await ann.put("shares/1/snapshots/1", json={"name": title}),
            ]
        if title.strip("x"):
            found += [
                await ann.put("shares/1/grants", json=group),
                await ann.post(
                    "shares/1/snapshots",
                    json={"parent": 1, "changes": {}, "note": title},
                ),
            ]
        listed = (await ann.get("shares")).json()["shares"]

    assert {it.status_code for it in found} == {HTTPStatus.BAD_REQUEST}
    assert [it["title"] for it in listed] == ["Week 1"]


async def test_words_with_markup_are_kept_as_text(service: Sharing) -> None:
    title = "<script>alert(1)</script> & “ü”"
    async with service.as_("ann") as ann:
        await ann.put("shares/1", json={"title": title, "expires": None})
        found = await ann.get("shares")

    assert found.json()["shares"][0]["title"] == title
    assert found.headers["Content-Type"].startswith("application/json")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
