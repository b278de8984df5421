import asyncio
import stat
from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path
from unittest.mock import ANY

import pytest
import pytest_asyncio
from cygnet_lab.share import copying, meter, transfer

from tests.support.following import becomes, grant, home
from tests.support.notebook_server import answers, server
from tests.support.sharing import Sharing, sharing

CONFLICT = HTTPStatus.CONFLICT


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    (tmp_path / "service").mkdir()
    async with sharing(tmp_path / "service") as running:
        yield running


async def test_copy_is_the_user_s_own_and_says_where_it_came_from(
    service: Sharing, tmp_path: Path
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        server(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.csv": b"1", "d/m.csv": b"1"})
        await grant(call, share, "bob", "view")
        ann.save("work/n.csv", b"22")
        await becomes(lambda: ann.is_quiet and ann.state.seq == 2)

        path = f"shares/{share}/clone"
        for asked, place in (
            ({}, "Week 1"),
            ({"seq": 1}, "Week 1 (2)"),
            ({"place": "x/y"}, "x/y"),
        ):
            made = await answers(await bob.page.post(path, json=asked))
            assert made == {"place": place}
        found = await answers(await bob.page.get("origin?place=Week 1 (2)"))
        await grant(call, share, "bob", None)
        await becomes(lambda: share not in bob.home.folders.shares)
        assert (await bob.state())["folders"] == []

    of = {"share": share, "seq": 1, "title": "Week 1", "owner": "ann", "at": ANY}
    assert found == {"origin": of}
    root = bob.home.root
    for place, text in (("Week 1", b"22"), ("Week 1 (2)", b"1"), ("x/y", b"22")):
        files = {"n.csv": text, "d/m.csv": b"1", ".cygnet-copy.json": ANY}
        assert bob.home.files(place) == files
        assert stat.S_IMODE((root / place / "n.csv").stat().st_mode) == 0o644
        assert not (root / place / ".cygnet-share").exists()


async def test_copy_writes_over_nothing_and_fills_no_home(
    service: Sharing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        server(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.csv": b"1"})
        await grant(call, share, "bob", "view")
        opened = await bob.home.folders.open_here(share)
        await becomes(lambda: bob.home.reported and bob.home.is_quiet)
        bob.home.write({"mine/n.csv": b"mine"})
        path = f"shares/{share}/clone"
        before = bob.home.files("")

        for place in ("mine", opened, f"{opened}/in", "../out", ".ssh", "mine/n.csv/z"):
            said = await answers(
                await bob.page.post(path, json={"place": place}), CONFLICT
            )
            assert place.removesuffix("/z") in said["message"]
        unknown = await bob.page.post(path, json={"seq": 99})
        assert unknown.status_code == HTTPStatus.NOT_FOUND
        monkeypatch.setattr(transfer, "KEPT_FREE", 1.0)
        monkeypatch.setattr(transfer, "MOST_KEPT_FREE", 10**18)
        said = await answers(await bob.page.post(path), HTTPStatus.INSUFFICIENT_STORAGE)
        assert "too full" in said["message"]
        mine = await answers(await bob.page.get("origin?place=mine"))

    assert mine == {"origin": None}
    assert bob.home.files("") == before
    assert not (bob.home.root / "Week 1").exists()


async def test_copy_that_was_cut_off_goes_on_where_it_stopped(
    service: Sharing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.people.groups["bob"] = []
    monkeypatch.setattr(copying, "PATIENCE", 0.05)
    monkeypatch.setattr(meter, "LEAST_BYTES", 1)
    monkeypatch.setattr(meter, "PAUSE", 0.0)
    files = {f"{i:02}.bin": b"%02d" % i * 50_000 for i in range(40)}
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", files)
        await grant(call, share, "bob", "view")
        root = tmp_path / "b"
        parts = root / "Week 1/.cygnet-share/parts"
        async with server(service, "bob", root) as bob:
            await becomes(lambda: share in bob.home.folders.shares)
            # The service goes in the middle of it.
            real, left = bob.home.folders.client.chunk, [20]

            async def chunk(*asked: object) -> bytes:
                left[0] -= 1
                if left[0] < 0:
                    await asyncio.Event().wait()
                return await real(*asked)  # type: ignore[arg-type]

            monkeypatch.setattr(bob.home.folders.client, "chunk", chunk)
            path = f"shares/{share}/clone"
            assert await answers(await bob.page.post(path)) == {"place": "Week 1"}
            await becomes(lambda: left[0] < 0)
            folder = await bob.folder()
            assert (folder["phase"], folder["is_copy"]) == ("works", True)
            assert 0 < folder["progress"]["done_bytes"] < 40 * 100_000
            assert folder["progress"]["all_bytes"] == 40 * 100_000
        assert not list((root / "Week 1").glob("*.bin")), "all come, or none"
        come = len(list(parts.glob("*")))
        service.people.calls.clear()
        async with server(service, "bob", root) as bob:
            await becomes(lambda: share in bob.home.folders.shares)
            assert await answers(await bob.page.post(path)) == {"place": "Week 1"}
            await becomes(lambda: not bob.home.folders.copying.states)
        got = [path for _, path in service.people.calls if "/chunks/" in path]

    whole = {it.name: it.read_bytes() for it in (root / "Week 1").glob("*.bin")}
    assert whole == files
    assert 0 < len(got) <= len(files) - come + 8
    assert not parts.parent.exists()
