import asyncio
import json
import os
import re
import stat
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest_asyncio
from cygnet_lab.share.call_routes import CALLS

from tests.support.following import (
    SECONDS,
    Home,
    becomes,
    grant,
    home,
    notebook,
    sources,
)
from tests.support.notebook_server import TOKEN, Server, answers, server
from tests.support.sharing import Sharing, sharing

OUTPUT = {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<b>"}}
BAD, CONFLICT = HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT
DONE, MADE = HTTPStatus.NO_CONTENT, HTTPStatus.CREATED
AWAY = HTTPStatus.SERVICE_UNAVAILABLE
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
WHICH = {"share": 1, "place": "work"}
WRITING: Sequence[tuple[str, str, object]] = [
    ("PUT", "presence", {"page": "x", "paths": ["work/n.csv"]}),
    ("PUT", "saving", {"path": "work/n.csv", "page": "x", "is_over": True}),
    ("POST", "shares", {"place": "other", "title": "T"}),
    ("PUT", "shares/1", {"title": "T", "expires": None}),
    ("PUT", "shares/1/grants", {"audience": "everyone", "right": "edit"}),
    ("DELETE", "shares/1/grants?audience=everyone", None),
    ("POST", "shares/1/open", None),
    ("POST", "shares/1/clone", {"place": "copy"}),
    ("PUT", "shares/1/versions/1", {"name": "T"}),
    ("POST", "shares/1/restore", {"seq": 1}),
    ("POST", "folders/answer", {**WHICH, "is_deletion": True}),
    ("POST", "folders/resolve", {**WHICH, "conflict": "x", "take": "mine"}),
    ("POST", "folders/dismiss", {**WHICH, "conflict": "x"}),
    ("POST", "merge", dict.fromkeys(("base", "mine", "theirs"), NOTEBOOK)),
    ("DELETE", "folders?share=1&place=work", None),
    ("DELETE", "shares/1", None),
]
"""Each call that changes something of share 1, as the panel would send it."""

HOSTILE = '<img src=x onerror="alert(1)">'


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    (tmp_path / "service").mkdir()
    async with sharing(tmp_path / "service") as running:
        yield running


async def test_calls_are_for_the_server_s_own_pages_alone(
    service: Sharing, tmp_path: Path
) -> None:
    async with server(service, "ann", tmp_path / "a") as ann:
        share = await ann.home.share("work", {"n.csv": b"1"})
        paths = [
            it.replace(r"(\d{1,18})", str(share)).replace(r"(\d{1,9})", "1")
            for it in CALLS
        ]
        base = str(ann.page.base_url)
        # A browser that has logged in, and a page of another site in it.
        async with httpx.AsyncClient(base_url=base) as browser:
            lab = f"{ann.url}api/status?token={TOKEN}"
            refused = [
                (method, path, (await browser.request(method, path)).status_code)
                for path in paths
                for method in ("GET", "POST", "PUT", "DELETE")
            ]
            assert {it for *_, it in refused} <= {
                HTTPStatus.FORBIDDEN,
                HTTPStatus.METHOD_NOT_ALLOWED,
            }
            assert sum(it == HTTPStatus.FORBIDDEN for *_, it in refused) >= len(paths)
            await answers(await browser.get(lab))
            await answers(await browser.get("state"))
            forged = {
                (await browser.request(method, path, json=body)).status_code
                for method, path, body in WRITING
            }
            elsewhere = {"Origin": "https://thief.example"}
            foreign = await browser.get("state", headers=elsewhere)
        assert forged == {HTTPStatus.FORBIDDEN}
        assert not foreign.is_success
        assert [it.share for it in ann.home.folders.states] == [share]

        known = json.dumps(await ann.state())
        assert "token-of-ann" not in known


async def test_calls_are_taken_from_the_server_s_own_pages(
    service: Sharing, tmp_path: Path
) -> None:
    async with server(service, "ann", tmp_path / "a") as ann:
        await ann.home.share("work", {"n.csv": b"1"})
        ann.home.write({"other/n.csv": b"1"})
        taken = {
            (method, path): await ann.page.request(method, path, json=body)
            for method, path, body in WRITING
        }
    # Of a conflict that is not there, and a folder that asks nothing.
    allowed = {HTTPStatus.OK, MADE, DONE, HTTPStatus.NOT_FOUND, CONFLICT}
    refused = {
        key: it.text for key, it in taken.items() if it.status_code not in allowed
    }
    assert refused == {}


def test_each_call_that_changes_something_is_tried() -> None:
    methods = {
        (method, path)
        for path, call in CALLS.items()
        for method in ("POST", "PUT", "DELETE")
        if method.lower() in vars(call)
    }
    tested = [
        (method, path)
        for method, path in methods
        for other, at, _ in WRITING
        if method == other and re.fullmatch(path, at.partition("?")[0])
    ]
    assert len(methods) == len(tested) == len(WRITING)


async def test_page_waits_for_news_and_leaves_nothing_behind(
    service: Sharing, tmp_path: Path
) -> None:
    async with (
        server(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        share = await ann.home.share("work", {"n.csv": b"1"})
        await becomes(lambda: ann.home.folders.shares.get(share))
        before = (await ann.state())["version"]
        version = (await ann.state(before - 1))["version"]
        # The folder may just have come to rest.
        assert version >= before

        waiting = asyncio.create_task(ann.state(version))
        await call.put(f"shares/{share}", json={"title": HOSTILE, "expires": None})
        news = await waiting
        assert news["version"] > version
        await becomes(lambda: ann.home.folders.shares[share].title == HOSTILE)
        found = await ann.state()
        assert found["mine"][0]["title"] == found["folders"][0]["title"] == HOSTILE
        assert (found["sentence"], found["others"]) == ("", [])
        assert found["is_listed"]

        gone = asyncio.create_task(ann.state(found["version"]))
        await becomes(lambda: pages() == 1)
        gone.cancel()
        await becomes(lambda: pages() == 0, SECONDS)
        for bad in ("-1", "x", "9" * 30):
            await answers(await ann.page.get(f"state?since={bad}"), BAD)


def pages() -> int:
    """Count the pages that wait."""
    return sum(it.get_name() == "share page" for it in asyncio.all_tasks())


@asynccontextmanager
async def met(service: Sharing, tmp_path: Path) -> AsyncGenerator[tuple[Home, int]]:
    """Let ann and bob change the same while bob's server sleeps."""
    service.people.groups["bob"] = []
    files = {
        "n.ipynb": notebook(one="1", two="2", three="3"),
        "t.csv": b"old",
        "u.csv": b"old",
    }
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", files)
        await grant(call, share, "bob", "edit")
        async with home(service, "bob", tmp_path / "b") as bob:
            place = await bob.folders.open_here(share)
            await becomes(lambda: bob.is_quiet and bob.state.seq == 1)
        ann.write({"work/t.csv": b"ann's", "work/u.csv": b"ann's"})
        ann.save("work/n.ipynb", notebook(one=HOSTILE, two="2a", three="3a"))
        await becomes(lambda: ann.state.seq > 1 and not ann.state.waiting)
        await becomes(lambda: ann.is_quiet)
        mine = {
            "t.csv": b"bob's",
            "u.csv": b"bob's",
            "n.ipynb": notebook(one="1b", two="2b", three="3b"),
        }
        bob.write({f"{place}/{path}": data for path, data in mine.items()})
        yield ann, share


async def test_conflicts_are_listed_settled_and_kept_over_a_restart(
    service: Sharing, tmp_path: Path
) -> None:
    place = "Shared/ann/Week 1"
    async with met(service, tmp_path) as (ann, share):
        async with server(service, "bob", tmp_path / "b") as it:
            await becomes(lambda: it.home.reported and it.home.is_quiet)
            kept = (await it.folder())["conflicts"]
        async with server(service, "bob", tmp_path / "b") as it:
            await becomes(lambda: it.home.reported and it.home.is_quiet)
            n, t, u = (await it.folder())["conflicts"]
            assert [n, t, u] == kept
            assert [cell["theirs"] for cell in n["cells"]] == [HOSTILE, "2a", "3a"]
            which = {"share": share, "place": place}

            async def settle(name: str, cell: str | None, take: str) -> httpx.Response:
                body = {**which, "conflict": name, "cell": cell, "take": take}
                return await it.page.post("folders/resolve", json=body)

            one, two, three = (cell["id"] for cell in n["cells"])
            for name, cell, take in (
                (n["id"], one, "theirs"),
                (n["id"], two, "mine"),
                (n["id"], three, "both"),
                (t["id"], None, "theirs"),
            ):
                await answers(await settle(name, cell, take), DONE)
            await answers(await settle(n["id"], three, "both"), HTTPStatus.NOT_FOUND)

            # What has been edited since is not written over.
            it.home.write({f"{place}/u.csv": b"bob's, later"})
            said = await answers(await settle(u["id"], None, "theirs"), CONFLICT)
            assert "edited since, and nothing is written over" in said["message"]
            asked = {**which, "conflict": u["id"]}
            await answers(await it.page.post("folders/dismiss", json=asked), DONE)
            assert (await it.folder())["conflicts"] == []

            await becomes(lambda: it.home.files(place) == ann.files("work"))
        settled = ann.files("work")

    assert sources(settled.pop("n.ipynb")) == [HOSTILE, "2b", "3b", "3a"]
    assert settled == {
        "t.csv": b"ann's",
        "u.csv": b"bob's, later",
        "u (new version).csv": b"ann's",
    }


async def test_change_of_another_is_named_and_never_trusted(
    service: Sharing, tmp_path: Path
) -> None:
    made = json.loads(notebook(a="1"))
    made["cells"][0]["outputs"] = [OUTPUT]

    async def trusted(of: Server, path: str) -> tuple[bool, bool]:
        found = await of.contents(path)
        cell = found["content"]["cells"][0]
        return cell["metadata"].get("trusted", False), found["writable"]

    async with (
        home(service, "ann", tmp_path / "a") as ann,
        server(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        files = {"n.ipynb": json.dumps(made).encode(), "gone.csv": b"1"}
        share = await ann.share("work", files)
        await grant(call, share, "bob", "view")
        opened = await answers(await bob.page.post(f"shares/{share}/open"))
        path = f"{opened['place']}/n.ipynb"
        await becomes((bob.home.root / path).exists)
        await becomes(lambda: bob.home.is_quiet)
        first = await trusted(bob, path)
        # JupyterLab's "Trust notebook", with the server's own database.
        await answers(await bob.page.post(f"{bob.url}api/contents/{path}/trust"), MADE)
        mine = await trusted(bob, path)
        assert (await bob.folder())["changed"] == []

        made["cells"][0]["outputs"] = [OUTPUT, OUTPUT]
        (ann.root / "work/gone.csv").unlink()
        ann.save("work/n.ipynb", json.dumps(made).encode())
        await becomes(lambda: bob.home.state.changed, SECONDS)
        later = await trusted(bob, path)
        [changed] = (await bob.folder())["changed"]

    # A file of 0444 is only read, but for the account that may write all.
    any_file = os.geteuid() == 0
    assert (first, mine, later) == ((False, any_file), (True, any_file), first)
    assert stat.S_IMODE((bob.home.root / path).stat().st_mode) == 0o444
    assert (changed["path"], changed["by"]) == ("n.ipynb", "ann")


async def test_who_may_edit_sees_who_has_what_open(
    service: Sharing, tmp_path: Path
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        server(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.ipynb": notebook(a="1")})
        await grant(call, share, "bob", "edit")
        place = await bob.home.folders.open_here(share)
        await becomes(lambda: bob.home.reported and bob.home.is_quiet)
        await becomes(lambda: ann.folders.shares[share].is_shared)
        await becomes(lambda: share in bob.home.folders.shares)

        async def shows(page: str, *paths: str) -> None:
            body = {"page": page, "paths": paths}
            await answers(await bob.page.put("presence", json=body), DONE)

        def seen() -> dict[str, tuple[str, ...]]:
            return {it.name: it.paths for it in ann.folders.presence.of(share)}

        await shows("one", f"{place}/n.ipynb", "private.ipynb")
        await shows("two", f"{place}/d/m.ipynb")
        both = {"bob": ("d/m.ipynb", "n.ipynb")}
        await becomes(lambda: seen() == both, SECONDS)
        await shows("one")
        await becomes(lambda: seen() == {"bob": ("d/m.ipynb",)}, SECONDS)

        await ann.folders.be_present("page", ["work/n.ipynb"])
        await becomes(lambda: len(bob.home.folders.presence.of(share)) == 2, SECONDS)
        present = (await bob.folder())["present"]
        await shows("two")
        await becomes(lambda: "bob" not in seen(), SECONDS)
        await answers(await bob.page.put("presence", json={"paths": "n"}), BAD)

        await grant(call, share, "bob", "view")
        await becomes(lambda: bob.home.folders.shares[share].right == "view")
        await shows("one", f"{place}/n.ipynb")
        await becomes(lambda: seen() == {"bob": ("n.ipynb",), "ann": ("n.ipynb",)})

    assert present == [{"name": "ann", "paths": ["n.ipynb"]}]


async def test_folder_is_left_restored_and_ended_from_the_panel(
    service: Sharing, tmp_path: Path
) -> None:
    async with server(service, "ann", tmp_path / "a") as ann:
        ann.home.write({"work/n.csv": b"1", "work/m.csv": b"1"})
        for path in ("work/n.csv", "work/m.csv"):
            os.utime(ann.home.root / path, (0, 0))
        body = {"place": "work", "title": "Versions"}
        share = (await answers(await ann.page.post("shares", json=body)))["id"]
        await becomes(lambda: ann.home.is_quiet and ann.home.state.seq == 1)
        ann.home.write({"work/n.csv": b"22", "work/m.csv": b"22"})
        await becomes(lambda: ann.home.is_quiet and ann.home.state.seq == 2)
        listed = await answers(await ann.page.get(f"shares/{share}/versions"))
        versions = [(it["seq"], it["published_by"]) for it in listed["snapshots"]]
        assert versions == [(2, "ann"), (1, "ann")]

        old = {"seq": 1, "paths": ["n.csv"]}
        made = await answers(await ann.page.post(f"shares/{share}/restore", json=old))
        assert made["seq"] == 3
        wanted = {"n.csv": b"1", "m.csv": b"22"}
        await becomes(lambda: ann.home.files("work") == wanted, SECONDS)
        await becomes(lambda: ann.home.is_quiet)

        which = {"share": share, "place": "work"}
        await answers(await ann.page.delete("folders", params=which), DONE)
        said = await answers(
            await ann.page.delete("folders", params=which), HTTPStatus.NOT_FOUND
        )
        assert "does not follow this share any more" in said["message"]
        assert ann.home.files("work") == wanted
        assert not (ann.home.root / "work/.cygnet-share").exists()
        state = await ann.state()
        assert (state["folders"], [it["id"] for it in state["mine"]]) == ([], [share])
        await answers(await ann.page.delete(f"shares/{share}"), DONE)
        await becomes(lambda: not ann.home.folders.shares)


async def test_what_is_refused_is_answered_in_words(tmp_path: Path) -> None:
    (tmp_path / "service").mkdir()
    async with (
        sharing(tmp_path / "service") as service,
        server(service, "ann", tmp_path / "a") as ann,
    ):
        share = await ann.home.share("work", {"n.csv": b"1"})
        page = ann.page
        for found, status, words in (
            (await page.get("shares/99"), HTTPStatus.NOT_FOUND, "no share"),
            (await page.post("shares/99/open"), HTTPStatus.NOT_FOUND, "no such share"),
            (await page.post("shares", json={"place": "work"}), BAD, "not as"),
            (await page.post("shares", content=b"[["), BAD, "not as"),
            (
                await page.post("shares", json={"place": "work", "title": "T"}),
                CONFLICT,
                "is shared already",
            ),
            (await page.put(f"shares/{share}", json={"title": ""}), BAD, "not as"),
            (
                await page.put(
                    f"shares/{share}/grants",
                    json={"audience": "user", "principal": "zoe", "right": "view"},
                ),
                BAD,
                "no user “zoe”",
            ),
            (await page.delete("folders?share=1&place=x"), HTTPStatus.NOT_FOUND, "“x”"),
            (await page.delete("folders?share=x&place=x"), BAD, "not as"),
            (await page.delete("folders?place=x"), BAD, ""),
        ):
            assert words in (await answers(found, status))["message"]
    async with server(service, "ann", tmp_path / "a") as ann:
        said = await answers(await ann.page.get("shares/1"), AWAY)
        assert "does not answer" in said["message"]
        await becomes(lambda: ann.home.folders.sentence)
        state = await ann.state()
        assert (state["me"], state["mine"], state["is_listed"]) == (None, [], False)
        assert state["sentence"].startswith("Sharing is away since")
