import asyncio
import errno
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from cygnet_lab.share import transfer
from cygnet_lab.share.answer import Share
from cygnet_lab.share.state import Phase
from cygnet_share import schema

from tests.support import follower
from tests.support.following import (
    SECONDS,
    becomes,
    grant,
    home,
    notebook,
    sources,
)
from tests.support.sharing import Sharing, sharing


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    (tmp_path / "service").mkdir()
    async with sharing(tmp_path / "service") as running:
        yield running


@pytest.mark.parametrize("how", ["at rest", "in the middle of a write"])
async def test_copy_that_was_revoked_while_the_server_slept_goes_when_it_starts(
    service: Sharing, tmp_path: Path, how: str
) -> None:
    service.people.groups["bob"] = []
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.csv": b"1"})
        await grant(call, share, "bob", "view")
        async with home(service, "bob", tmp_path / "b") as bob:
            place = await bob.folders.open_here(share)
            await becomes(lambda: bob.is_quiet and bob.state.seq == 1)
        if how != "at rest":
            marker = bob.root / place / ".cygnet-share/share.json"
            kept = json.loads(marker.read_text())
            cut = {**kept, "seq": 0, "entries": {}, "coming": kept["entries"]}
            marker.write_text(json.dumps(cut))
        await grant(call, share, "bob", None)
        async with home(service, "bob", tmp_path / "b") as bob:
            await becomes(lambda: not (bob.root / place).exists(), SECONDS)
            # The owner ends the share: the folder stays, and is an ordinary one.
            await call.delete(f"shares/{share}")
            await becomes(lambda: ann.state.phase is Phase.ENDED)

        assert ann.files("work") == {"n.csv": b"1"}
        assert not (ann.root / "work/.cygnet-share").exists()


async def test_saves_wait_while_the_service_is_away(tmp_path: Path) -> None:
    (tmp_path / "service").mkdir()
    async with (
        sharing(tmp_path / "service") as service,
        home(service, "ann", tmp_path / "a") as ann,
    ):
        share = await ann.share("work", {"n.csv": b"1", "m.csv": b"1"})
    async with home(service, "ann", tmp_path / "a") as ann:
        await becomes(lambda: ann.folders.sentence)
        async with sharing(tmp_path / "service", port=service.port) as running:
            running.people.groups["ann"] = []
            await becomes(lambda: ann.folders.states and ann.is_quiet, SECONDS)
            assert not ann.folders.sentence
        ann.save("work/n.csv", b"22")
        ann.save("work/new.csv", b"new")
        (ann.root / "work/m.csv").unlink()
        await becomes(lambda: ann.state.waiting == 3, SECONDS)
        await becomes(lambda: ann.state.phase is Phase.AWAY, SECONDS)
        sentence = ann.folders.sentence
        async with sharing(tmp_path / "service", port=service.port) as running:
            running.people.groups["ann"] = []
            seconds = await becomes(lambda: ann.is_quiet, SECONDS)
            async with running.as_("ann") as call:
                entries = (await call.get(f"shares/{share}/snapshots/2")).json()

    print(f"sent {seconds:.2f} s after its return")  # noqa: T201
    assert re.fullmatch(r"Sharing is away since \d\d:\d\d, 3 saves wait\.", sentence)
    sizes = {path: it["size"] for path, it in entries["entries"].items()}
    assert sizes == {"n.csv": 2, "new.csv": 3}


@pytest.mark.parametrize("is_deletion", [False, True])
async def test_many_files_that_have_gone_wait_for_an_answer(
    service: Sharing,
    tmp_path: Path,
    is_deletion: bool,  # noqa: FBT001 - pytest gives it by name.
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        files = {f"{i}.csv": b"%d" % i for i in range(12)}
        share = await ann.share("work", files)
        for i in range(7):
            (ann.root / f"work/{i}.csv").unlink()
        await becomes(lambda: ann.state.phase is Phase.ASKS, SECONDS)
        asked = ann.state.gone
        ann.folders.of(share, "work").answer(is_deletion=is_deletion)
        await becomes(lambda: ann.is_quiet, SECONDS)
        listed = (await call.get(f"shares/{share}/snapshots")).json()["snapshots"]

    assert asked == tuple(f"{i}.csv" for i in range(7))
    assert len(listed) == (2 if is_deletion else 1)
    assert len(ann.files("work")) == (5 if is_deletion else 12)
    assert ann.state.gone == ()


async def test_nothing_is_asked_about_what_others_have_deleted(
    service: Sharing, tmp_path: Path
) -> None:
    service.people.groups["bob"] = []
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        files = {f"{i}.csv": b"%d" % i for i in range(12)}
        share = await ann.share("work", files)
        await grant(call, share, "bob", "edit")
        async with home(service, "bob", tmp_path / "b") as bob:
            place = await bob.folders.open_here(share)
            await becomes(lambda: bob.is_quiet and bob.state.seq == 1)
        for i in range(9):
            (ann.root / f"work/{i}.csv").unlink()
        await becomes(lambda: ann.state.phase is Phase.ASKS)
        ann.folders.of(share, "work").answer(is_deletion=True)
        await becomes(lambda: ann.is_quiet and ann.state.seq == 2)
        # A mirror that was killed in the middle of it.
        for i in range(8):
            (bob.root / place / f"{i}.csv").unlink()
        async with home(service, "bob", tmp_path / "b") as bob:
            phases = {Phase.FOLLOWS, Phase.ASKS}
            await becomes(lambda: bob.reported and bob.state.phase in phases)

            assert bob.state.phase is Phase.FOLLOWS
            assert bob.files(place) == ann.files("work")
            assert len(bob.files(place)) == 3


@pytest.mark.parametrize(
    "how", ["missing", "without a marker", "another share's", "another database's"]
)
async def test_folder_that_is_another_publishes_nothing(
    service: Sharing, tmp_path: Path, how: str
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.csv": b"1"})
        work, aside = ann.root / "work", tmp_path / "aside"
        marker = json.loads((work / ".cygnet-share/share.json").read_text())
        work.rename(aside)
        if how != "missing":
            ann.write({"work/other.csv": b"secret"})
        if how == "another share's":
            other = json.dumps(marker | {"share": share + 1})
            ann.write({"work/.cygnet-share/share.json": other.encode()})
        if how == "another database's":
            other = json.dumps(marker | {"database": "another"})
            ann.write({"work/.cygnet-share/share.json": other.encode()})
        await becomes(lambda: ann.state.phase is Phase.STOPPED, SECONDS)
        message = ann.state.message
        if work.exists():
            work.rename(ann.root / "other")
        aside.rename(work)
        ann.save("work/n.csv", b"22")
        await becomes(lambda: ann.is_quiet, SECONDS)
        listed = (await call.get(f"shares/{share}/snapshots")).json()["snapshots"]

    assert "nothing in it is sent" in message
    assert [it["files"] for it in listed] == [1, 1]


async def test_folders_stop_in_the_moment_in_which_they_are_woken(
    service: Sharing, tmp_path: Path
) -> None:
    async with home(service, "ann", tmp_path / "a") as ann:
        share = await ann.share("work", {"n.csv": b"1"})
        ann.folders.of(share, "work").wake()
        async with asyncio.timeout(SECONDS):
            await ann.folders.stop()


async def test_notebook_whose_base_the_service_has_forgotten_is_merged(
    service: Sharing, tmp_path: Path
) -> None:
    service.people.groups["bob"] = []
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.ipynb": notebook(a="1", b="1")})
        await grant(call, share, "bob", "edit")
        async with home(service, "bob", tmp_path / "b") as bob:
            place = await bob.folders.open_here(share)
            await becomes(lambda: bob.is_quiet and bob.state.seq == 1)
        ann.save("work/n.ipynb", notebook(a="1 of ann", b="1"))
        await becomes(lambda: ann.is_quiet and ann.state.seq == 2)
        with service.people.database.engine.begin() as connection:
            connection.execute(schema.snapshot.delete().filter_by(seq=1))
        bob.write({f"{place}/n.ipynb": notebook(a="1", b="1 of bob")})
        async with home(service, "bob", tmp_path / "b") as bob:
            await becomes(lambda: bob.state.seq == 3 if bob.reported else False)
            await becomes(lambda: bob.files(place) == ann.files("work"))
        found = sources(ann.files("work")["n.ipynb"])

    assert {"1 of ann", "1 of bob"} <= set(found)


async def test_removed_copy_is_fetched_again(service: Sharing, tmp_path: Path) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        files = {f"{i}.csv": b"%d" % i for i in range(12)}
        share = await ann.share("work", files)
        await grant(call, share, "bob", "edit")
        place = await bob.folders.open_here(share)
        await becomes(lambda: bob.is_quiet and bob.state.seq == 1)

        shutil.rmtree(bob.root / place)
        await becomes(lambda: bob.state.phase is Phase.STOPPED, SECONDS)
        again = await bob.folders.open_here(share)
        await becomes(lambda: bob.is_quiet and bob.files(place) == files, SECONDS)

        assert again == place
        assert ann.files("work") == files
        listed = (await call.get(f"shares/{share}/snapshots")).json()["snapshots"]
        assert len(listed) == 1


async def test_share_that_is_younger_than_the_list_is_not_over(
    service: Sharing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        ann.write({"late/n.csv": b"1"})
        client, later = ann.folders.client, ["late"]
        real = client.shares

        async def old() -> Sequence[Share]:
            found = await real()
            if later:
                await ann.folders.share(later.pop(), "Late")
            return found

        await becomes(lambda: ann.folders.shares == {} and service.people.calls)
        monkeypatch.setattr(client, "shares", old)
        await call.post("shares", json={"title": "Rings the bell"})
        await becomes(
            lambda: (
                ann.reported
                and ann.state.phase in {Phase.FOLLOWS, Phase.ENDED}
                and ann.folders.shares
            )
        )

        assert ann.state.phase is Phase.FOLLOWS
        assert (ann.root / "late/.cygnet-share/share.json").exists()


async def test_publisher_that_is_killed_leaves_the_old_head_and_sends_the_rest_later(
    service: Sharing, tmp_path: Path
) -> None:
    service.people.groups["ann"] = []
    files = {f"{i:03}.bin": b"%d" % i * 50_000 for i in range(100, 400)}
    root = tmp_path / "a"
    for path, data in files.items():
        (root / "work").mkdir(parents=True, exist_ok=True)
        (root / "work" / path).write_bytes(data)
    arguments = [service.url, "token-of-ann", str(root), "share", "work", "Week 1"]
    chunks = service.chunks

    async with killed(*arguments):
        await becomes(lambda: len(list(chunks.glob("*/*"))) > 40)
    before = {it.name for it in chunks.glob("*/*") if it.suffix != ".part"}
    async with service.as_("ann") as call:
        [listed] = (await call.get("shares")).json()["shares"]
        assert (listed["head"], len(before) < len(files)) == (0, True)

        wanted = [hashlib.sha256(it).hexdigest() for it in files.values()]
        path = f"shares/{listed['id']}/missing"
        asked = await call.post(path, json={"chunks": wanted})
        lacking = asked.json()["chunks"]
        service.people.calls.clear()
        async with home(service, "ann", root) as ann:
            await becomes(lambda: ann.reported and ann.state.seq == 1)
        sent = [path[-64:] for _, path in service.people.calls if "/chunks/" in path]
        path = f"shares/{listed['id']}/snapshots/1"
        entries = (await call.get(path)).json()["entries"]

    assert len(entries) == len(files)
    # What was on its way in the moment of the kill may have come since.
    assert set(sent) <= set(lacking)
    assert len(lacking) - 8 <= len(sent) == len(set(sent))
    assert len(lacking) < len(files) - 30
    print(f"{len(lacking)} of {len(files)} sent again")  # noqa: T201


async def test_mirror_that_is_killed_goes_on_with_what_has_come(
    service: Sharing, tmp_path: Path
) -> None:
    service.people.groups["bob"] = []
    files = {f"{i:03}.bin": b"%d" % i * 50_000 for i in range(100, 400)}
    root = tmp_path / "b"
    root.mkdir()
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", files)
        await grant(call, share, "bob", "view")
        parts = root / "Shared/ann/Week 1/.cygnet-share/parts"

        async with killed(service.url, "token-of-bob", str(root), "open", str(share)):
            await becomes(lambda: len(list(parts.glob("*"))) > 40)
        assert not list(parts.parents[1].glob("*.bin")), "all come, or none"
        come = len(list(parts.glob("*")))
        service.people.calls.clear()
        async with home(service, "bob", root) as bob:
            await becomes(lambda: bob.files("Shared/ann/Week 1") == files)
            await becomes(lambda: not parts.exists())
        got = [path for _, path in service.people.calls if "/chunks/" in path]

    # What was being written in the moment of the kill comes again.
    assert len(got) <= len(files) - come + 8
    print(f"{len(got)} of {len(files)} received again")  # noqa: T201


async def test_mirror_of_a_full_home_waits_for_room_and_goes_on(
    service: Sharing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.csv": b"1", "m.csv": b"1"})
        await grant(call, share, "bob", "view")
        place = await bob.folders.open_here(share)
        await becomes(lambda: bob.files(place) == ann.files("work"))
        before = bob.files(place)

        with monkeypatch.context() as patch:
            patch.setattr(transfer, "receive", refuse)
            ann.write({"work/n.csv": b"22", "work/m.csv": b"22"})
            await becomes(lambda: "No space left" in bob.state.message, SECONDS)
            assert bob.files(place) == before, "all come, or none"
        with monkeypatch.context() as patch:
            patch.setattr(transfer, "KEPT_FREE", 1.0)
            patch.setattr(transfer, "MOST_KEPT_FREE", 10**18)
            bob.folders.of(share, place).wake()
            await becomes(lambda: "too full" in bob.state.message, SECONDS)
            assert bob.state.phase is Phase.STOPPED
        bob.folders.of(share, place).wake()
        await becomes(lambda: bob.files(place) == ann.files("work"), SECONDS)
        await becomes(lambda: bob.is_quiet)


@asynccontextmanager
async def killed(*arguments: str) -> AsyncGenerator[None]:
    """Run the publisher, and kill it at the end."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, str(follower.__file__), *arguments
    )
    try:
        yield
    finally:
        program.kill()
        await program.wait()
