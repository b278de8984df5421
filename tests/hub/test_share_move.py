import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from cygnet_lab.share import round as one_round
from cygnet_lab.share import working_copy
from cygnet_lab.share.errors import ChangedError
from cygnet_lab.share.state import Phase

from tests.support.following import SECONDS, becomes, grant, home
from tests.support.notebook_server import answers, server
from tests.support.sharing import Sharing, sharing

FILES = {f"{i}.csv": b"%d" % i for i in range(12)}


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    (tmp_path / "service").mkdir()
    async with sharing(tmp_path / "service") as running:
        yield running


async def test_folder_that_is_renamed_is_followed_and_nothing_is_deleted(
    service: Sharing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_copy, "SEARCH_PAUSE", 0.0)
    async with (
        server(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        share = await ann.home.share("work", FILES)

        def places() -> list[str]:
            return [it.place for it in ann.home.folders.states]

        # By JupyterLab.
        path = f"{ann.url}api/contents/work"
        await answers(await ann.page.patch(path, json={"path": "renamed"}))
        await becomes(lambda: places() == ["renamed"], SECONDS)
        await becomes(lambda: ann.home.is_quiet)
        # By a program, deeper.
        (ann.home.root / "deep").mkdir()
        (ann.home.root / "renamed").rename(ann.home.root / "deep/moved")
        await becomes(lambda: places() == ["deep/moved"], SECONDS)
        await becomes(lambda: ann.home.is_quiet)
        # By its parent, in JupyterLab.
        path = f"{ann.url}api/contents/deep"
        await answers(await ann.page.patch(path, json={"path": "top"}))
        await becomes(lambda: places() == ["top/moved"], SECONDS)
        ann.home.save("top/moved/0.csv", b"new")
        await becomes(
            lambda: ann.home.is_quiet and ann.home.folders.states[0].seq == 2, SECONDS
        )

        copies = (await call.get("working-copies")).json()["copies"]
        assert [(it["place"], it["base"]) for it in copies] == [("top/moved", 2)]
        listed = (await call.get(f"shares/{share}/snapshots")).json()["snapshots"]

    assert [it["files"] for it in listed] == [12, 12]


async def test_copy_that_was_moved_goes_too_when_it_is_revoked(
    service: Sharing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.people.groups["bob"] = []
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
        service.as_("bob") as his,
    ):
        share = await ann.share("work", FILES)
        await grant(call, share, "bob", "edit")
        async with home(service, "bob", tmp_path / "b") as bob:
            place = await bob.folders.open_here(share)
            await becomes(lambda: bob.is_quiet and bob.state.seq == 1)
        (bob.root / place).rename(bob.root / "kept")
        await grant(call, share, "bob", None)

        # At the first try a file is being written.
        tries: list[object] = []

        def refuse(*_: object) -> None:
            tries.append(1)
            if len(tries) == 1:
                raise ChangedError(next(iter(FILES)))

        monkeypatch.setattr(one_round, "refuse_unread", refuse)
        async with home(service, "bob", tmp_path / "b") as bob:
            await becomes(
                lambda: bob.reported and bob.state.phase is Phase.ENDED, SECONDS
            )
        copies = (await his.get("working-copies")).json()["copies"]

    assert len(tries) == 2
    assert not (bob.root / "kept").exists()
    assert [it["place"] for it in copies] == []


async def test_copy_of_a_folder_never_becomes_the_shared_one(
    service: Sharing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_copy, "SEARCH_PAUSE", 0.0)
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", FILES)
        shutil.copytree(ann.root / "work", ann.root / "copy")
        shutil.copytree(ann.root / "work", ann.root / "again")
        (ann.root / "copy/0.csv").write_bytes(b"only here")
        ann.folders.notice("copy")
        ann.save("work/1.csv", b"new")
        await becomes(lambda: ann.state.seq == 2, SECONDS)
        assert [it.place for it in ann.folders.states] == ["work"]

        # The original goes.
        shutil.rmtree(ann.root / "work")
        await becomes(lambda: ann.folders.states[0].phase is Phase.STOPPED, SECONDS)
        message = ann.folders.states[0].message
        shutil.rmtree(ann.root / "copy")
        ann.folders.of(share, "work").wake()
        one = "“again” is a copy of it"
        await becomes(lambda: one in ann.folders.states[0].message, SECONDS)
        (ann.root / "again/0.csv").write_bytes(b"only here, too")
        assert await ann.folders.open_here(share) == "work"
        await becomes(lambda: ann.is_quiet, SECONDS)
        assert ann.files("work") == {**FILES, "1.csv": b"new"}
        listed = (await call.get(f"shares/{share}/snapshots")).json()["snapshots"]

    assert "“again” and “copy” are copies of it" in message
    assert [it["files"] for it in listed] == [12, 12]


async def test_own_folder_that_was_removed_comes_back(
    service: Sharing, tmp_path: Path
) -> None:
    async with home(service, "ann", tmp_path / "a") as ann:
        share = await ann.share("work", {"n.csv": b"1"})
        await becomes(lambda: ann.is_quiet)
        shutil.rmtree(ann.root / "work")
        ann.folders.notice("work")
        await becomes(lambda: ann.state.is_missing, SECONDS)
        phase = ann.state.phase

        place = await ann.folders.open_here(share)
        await becomes(lambda: ann.state.phase is Phase.FOLLOWS, SECONDS)
        kept = (ann.root / "work/n.csv").read_bytes()

    assert (phase, place, kept) == (Phase.STOPPED, "work", b"1")
    assert not ann.state.is_missing
