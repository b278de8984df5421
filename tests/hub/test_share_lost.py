"""What the service loses: its database, a chunk, the room on its disk."""

import errno
import hashlib
import json
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from cygnet_lab.share.state import Phase
from cygnet_share import administration, backup
from cygnet_share.chunk_store import LocalChunks
from cygnet_share.database import connect
from sqlalchemy import Connection, event

from tests.support.following import SECONDS, Home, becomes, grant, home
from tests.support.sharing import Sharing, publish, sharing


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    (tmp_path / "service").mkdir()
    async with sharing(tmp_path / "service") as running:
        yield running


def has_lost(one: Home) -> bool:
    """Whether a folder says that the service has lost its records."""
    return "has lost its records" in one.state.message


def lose_records(place: Path) -> None:
    """Remove the database of a service that does not run."""
    for it in place.glob("share.sqlite*"):
        it.unlink()


async def stranger(service: Sharing) -> int:
    """Let Eve have a share that everyone may edit."""
    service.people.groups |= {"ann": [], "bob": []}
    async with service.as_("eve") as call:
        made = (await call.post("shares", json={"title": "Eve's"})).json()["id"]
        everyone = {"audience": "everyone", "right": "edit"}
        granted = await call.put(f"shares/{made}/grants", json=everyone)
        assert granted.is_success, granted.text
        assert (await publish(call, made, 0, {"eve.csv": b"eve"})).is_success
    return int(made)


async def test_folders_of_a_database_that_was_lost_are_left_alone(
    tmp_path: Path,
) -> None:
    place, files = tmp_path / "service", {"n.csv": b"1", "m.csv": b"2"}
    place.mkdir()
    async with AsyncExitStack() as running:
        async with sharing(place) as service:
            homes = [
                await running.enter_async_context(home(service, name, tmp_path / name))
                for name in ("ann", "bob")
            ]
            ann, bob = homes
            share = await ann.share("work", files)
            async with service.as_("ann") as call:
                await grant(call, share, "bob", "edit")
            opened = await bob.folders.open_here(share)
            await becomes(lambda: bob.is_quiet and bob.state.seq == 1)
        lose_records(place)
        (place / "chunks").rename(place / "old")
        async with sharing(place, port=service.port) as again:
            assert await stranger(again) == share
            ann.save("work/secret.csv", b"secret")
            bob.save(f"{opened}/secret.csv", b"secret")
            for one in homes:
                await becomes(partial(has_lost, one), SECONDS)
                assert [it.phase for it in one.folders.states] == [Phase.STOPPED]
            # Servers that start afterwards know of the copies by their markers alone.
            await running.aclose()
            async with home(again, "bob", tmp_path / "bob") as bob:
                await becomes(lambda: bob.reported, SECONDS)
                assert (bob.state.place, bob.state.phase) == (opened, Phase.STOPPED)
                theirs = await bob.folders.open_here(share)
                await becomes(lambda: bob.folders.of(share, theirs).state.seq == 1)
                assert bob.files(theirs) == {"eve.csv": b"eve"}
            async with again.as_("eve") as call:
                held = (await call.get(f"shares/{share}/snapshots")).json()["snapshots"]

    saved = {**files, "secret.csv": b"secret"}
    assert (ann.files("work"), bob.files(opened)) == (saved, saved)
    assert [it["seq"] for it in held] == [1]


async def test_files_of_a_database_that_was_lost_are_kept_and_nothing_is_added(
    tmp_path: Path,
) -> None:
    async with sharing(tmp_path) as service:
        await stranger(service)
        held = list(LocalChunks(service.chunks).names())
    lose_records(tmp_path)
    async with sharing(tmp_path) as again, again.as_("eve") as call:
        made = (await call.post("shares", json={"title": "x"})).json()["id"]
        name = hashlib.sha256(b"1").hexdigest()
        found = await call.put(f"shares/{made}/chunks/{name}", content=b"1")

        assert found.status_code == httpx.codes.INSUFFICIENT_STORAGE
        assert "belongs to another database" in found.json()["message"]
        assert (await call.get("shares")).is_success
        assert list(LocalChunks(again.chunks).names()) == held


@pytest.mark.parametrize("is_awake", [False, True])
async def test_what_was_saved_since_a_backup_outlives_its_restoration(
    tmp_path: Path,
    is_awake: bool,  # noqa: FBT001 - pytest gives it by name.
) -> None:
    place, again, copy = (tmp_path / it for it in ("service", "again", "copy"))
    place.mkdir()
    again.mkdir()
    async with AsyncExitStack() as running:
        async with sharing(place) as service:
            service.people.groups["bob"] = []
            ann = await running.enter_async_context(
                home(service, "ann", tmp_path / "ann")
            )
            share = await ann.share("work", {"a.csv": b"1", "b.csv": b"1"})
            async with service.as_("ann") as call:
                await grant(call, share, "bob", "edit")
            engine = service.people.database.engine
            backup.back_up(engine, LocalChunks(service.chunks), copy)
            ann.save("work/new.csv", b"new")
            await becomes(lambda: ann.is_quiet and ann.state.seq == 2, SECONDS)
            if not is_awake:
                await running.aclose()
        made = connect(f"sqlite:///{again}/share.sqlite")
        backup.restore(made, LocalChunks(again / "chunks"), copy)
        made.dispose()
        async with sharing(again, port=service.port) as restored:
            restored.people.groups |= {"ann": [], "bob": []}
            async with restored.as_("bob") as call:
                for seq in (1, 2, 3):
                    await follows(call, share, {"c.csv": b"%d" % seq})
            if not is_awake:
                ann = await running.enter_async_context(
                    home(restored, "ann", tmp_path / "ann")
                )
            want = {"a.csv": b"1", "b.csv": b"1", "c.csv": b"3", "new.csv": b"new"}

            async with restored.as_("ann") as call:
                await is_everywhere(ann, call, share, want)


async def follows(
    call: httpx.AsyncClient, share: int, files: dict[str, bytes | None]
) -> None:
    """Publish after the newest version, whichever that is."""
    status = int(httpx.codes.CONFLICT)
    while status == httpx.codes.CONFLICT:
        listed = (await call.get(f"shares/{share}/snapshots")).json()["snapshots"]
        status = (await publish(call, share, listed[0]["seq"], files)).status_code
    assert status == httpx.codes.OK


async def is_everywhere(
    ann: Home, call: httpx.AsyncClient, share: int, files: dict[str, bytes]
) -> None:
    """Wait until folder and service hold the same files, and no others."""
    await becomes(lambda: ann.files("work") == files and ann.is_quiet, SECONDS)
    [last, *_] = (await call.get(f"shares/{share}/snapshots")).json()["snapshots"]
    path = f"shares/{share}/snapshots/{last['seq']}"
    held = (await call.get(path)).json()["entries"]
    found = {path: it["chunks"] for path, it in held.items()}
    assert found == {
        path: [hashlib.sha256(data).hexdigest()] for path, data in files.items()
    }


async def test_call_for_another_database_is_refused(service: Sharing) -> None:
    made = await stranger(service)
    async with service.as_("eve") as call:
        call.headers["Cygnet-Database"] = "another"
        for found in (
            await call.delete(f"shares/{made}"),
            await publish(call, made, 1, {"eve.csv": None}),
        ):
            assert found.status_code == httpx.codes.PRECONDITION_FAILED
            assert "set up again" in found.json()["message"]
        call.headers["Cygnet-Database"] = service.people.database.identity.uuid
        assert len((await call.get("shares")).json()["shares"]) == 1


@pytest.mark.parametrize("how", ["damaged", "missing"])
async def test_chunk_that_was_lost_comes_again_with_the_next_save(
    service: Sharing, tmp_path: Path, how: str
) -> None:
    service.people.groups["bob"] = []
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.csv": b"some text", "m.csv": b"1"})
        name = hashlib.sha256(b"some text").hexdigest()
        chunk = service.chunks / name[:2] / name
        if how == "damaged":
            chunk.write_bytes(b"some tex!")
        else:
            chunk.unlink()
        await grant(call, share, "bob", "view")
        place = await bob.folders.open_here(share)
        await becomes(
            lambda: bob.reported and bob.state.phase is Phase.STOPPED, SECONDS
        )
        assert "is lost" in bob.state.message

        ann.save("work/m.csv", b"22")
        await becomes(lambda: ann.is_quiet and ann.state.seq == 2, SECONDS)
        await becomes(lambda: bob.is_quiet and bob.state.seq == 2, SECONDS)

        assert bob.files(place) == {"n.csv": b"some text", "m.csv": b"22"}
        assert chunk.read_bytes() == b"some text"


@pytest.mark.parametrize("what", ["chunks", "database", "last bytes"])
async def test_full_store_takes_nothing_and_goes_on_when_there_is_room(
    service: Sharing, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    engine = service.people.database.engine

    def keep_small(connection: Connection) -> None:
        limit = 1 if is_full else 2**30
        connection.exec_driver_sql(f"PRAGMA max_page_count = {limit}")

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with service.as_("ann") as call:
        share = (await call.post("shares", json={"title": "x"})).json()["id"]
        assert (await publish(call, share, 0, {"n.csv": b"1"})).is_success
        is_full = True
        with monkeypatch.context() as patched:
            if what == "chunks":
                patched.setattr(os, "fdatasync", refuse)
            elif what == "database":
                event.listen(engine, "begin", keep_small)
            else:
                patched.setattr("cygnet_share.chunk_store._SPARE", 1.0)
                patched.setattr("cygnet_share.chunk_store.SPARE_BYTES", 2**60)
            # So many names that the database needs another page for them.
            files = {f"{'n' * 200}{i}.csv": b"new" for i in range(40)}
            data = b"new"
            chunk = hashlib.sha256(data).hexdigest()
            sent = await call.put(f"shares/{share}/chunks/{chunk}", content=data)
            found = (
                sent if not sent.is_success else await publish(call, share, 1, files)
            )

            assert found.status_code == httpx.codes.INSUFFICIENT_STORAGE
            assert "store of shares is full" in found.json()["message"]
            assert not list(service.chunks.glob("*/*.part"))
            [listed] = (await call.get("shares")).json()["shares"]
            assert listed["head"] == 1
            entries = (await call.get(f"shares/{share}/snapshots/1")).json()["entries"]
            assert entries.keys() == {"n.csv"}
        is_full = False
        assert (await publish(call, share, 1, files)).json()["seq"] == 2


async def test_chunks_are_on_the_disk_before_the_head_names_them(
    service: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def noted(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            steps.append(name)
            return real(*arguments)

        return call

    def commit(_: Connection) -> None:
        steps.append("commit")

    monkeypatch.setattr(os, "fdatasync", noted("file", os.fdatasync))
    monkeypatch.setattr(os, "fsync", noted("folder", os.fsync))
    monkeypatch.setattr(Path, "replace", noted("name", Path.replace))
    async with service.as_("ann") as call:
        share = (await call.post("shares", json={"title": "x"})).json()["id"]
        # The first chunk of a store comes after the store's mark.
        assert (await publish(call, share, 0, {"n.csv": b"0"})).is_success
        event.listen(service.people.database.engine, "commit", commit)
        steps.clear()
        assert (await publish(call, share, 1, {"n.csv": b"1"})).is_success

    written = ["file", "name", "folder"]
    first = steps.index("file")
    assert steps[first : first + 3] == written
    # Who has sent it, and then the head: each is committed after the chunk is there.
    assert steps[first + 3 :].count("commit") >= 2
    assert "file" not in steps[first + 3 :]


async def test_folder_of_a_share_that_was_handed_over_stays_when_the_share_ends(
    service: Sharing, tmp_path: Path
) -> None:
    service.people.groups |= {"bob": [], "root": []}
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as by_ann,
        service.as_("bob") as by_bob,
    ):
        share = await ann.share("work", {"n.csv": b"1"})
        await grant(by_ann, share, "bob", "edit")
        place = await bob.folders.open_here(share)
        await becomes(lambda: bob.reported and bob.is_quiet and bob.state.seq == 1)
        root, owner = [await service.people.person_of(it) for it in ("root", "bob")]
        assert root is not None
        assert owner is not None
        administration.hand_over(service.people.database, root, share, owner)
        body = {"title": "Bob's now", "expires": None}
        titled = await by_bob.put(f"shares/{share}", json=body)
        assert titled.is_success, titled.text
        await becomes(partial(owns, bob, place), SECONDS)

        await by_bob.delete(f"shares/{share}")
        await becomes(lambda: bob.state.phase is Phase.ENDED, SECONDS)

        assert bob.files(place) == {"n.csv": b"1"}
        assert ann.files("work") == {"n.csv": b"1"}


def owns(one: Home, place: str) -> bool:
    """Whether a folder says that its share is the user's own."""
    marker = json.loads((one.root / place / ".cygnet-share/share.json").read_text())
    return bool(marker["is_mine"])
