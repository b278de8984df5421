import asyncio
import json
import re
import stat
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import nbformat
import pytest
import pytest_asyncio
from cygnet_lab.share.state import Phase
from cygnet_share.notebook_merge import Kind

from tests.support.following import becomes, grant, home
from tests.support.sharing import Sharing, sharing

SECONDS = 20
"""What a busy machine may take for what is a matter of one or two."""


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    (tmp_path / "service").mkdir()
    async with sharing(tmp_path / "service") as running:
        yield running


def notebook(**cells: str) -> bytes:
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(text, id=key) for key, text in cells.items()]
    )
    return str(nbformat.writes(made)).encode()


def sources(data: bytes) -> list[str]:
    return ["".join(it["source"]) for it in json.loads(data)["cells"]]


async def test_save_of_one_is_in_the_folder_of_another(
    service: Sharing,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.ipynb": notebook(a="1"), "d/t.csv": b"1"})
        await grant(call, share, "bob", "view")
        place = await bob.folders.open_here(share)
        await becomes(lambda: bob.files(place) == ann.files("work"))

        ann.save("work/n.ipynb", notebook(a="2"))
        saved = await becomes(lambda: bob.files(place) == ann.files("work"), SECONDS)
        ann.write({"work/d/t.csv": b"22", "work/new/k.txt": b""})
        written = await becomes(lambda: bob.files(place) == ann.files("work"), SECONDS)
        (tmp_path / "a/work/d/t.csv").unlink()
        (tmp_path / "a/work/d").rmdir()
        await becomes(lambda: not (tmp_path / "b" / place / "d").exists(), SECONDS)

        record_property("seconds_of_a_save", round(saved, 2))
        record_property("seconds_of_a_program_s_file", round(written, 2))
        print(f"save {saved:.2f} s, program's file {written:.2f} s")  # noqa: T201
        assert place == "Shared/ann/Week 1"
        mode = (tmp_path / "b" / place / "n.ipynb").stat().st_mode
        assert stat.S_IMODE(mode) == 0o444
        assert (await bob.folders.open_here(share)) == place


async def test_copy_that_is_only_read_sends_nothing_and_loses_nothing(
    service: Sharing, tmp_path: Path
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.csv": b"1", "m.csv": b"1"})
        await grant(call, share, "bob", "view")
        place = await bob.folders.open_here(share)
        await becomes(lambda: bob.files(place) == ann.files("work"))

        (bob.root / place / "n.csv").chmod(0o644)
        bob.save(f"{place}/n.csv", b"of bob")
        bob.save(f"{place}/result.csv", b"of bob's kernel")
        ann.save("work/n.csv", b"22")
        await becomes(lambda: bob.files(place)["n.csv"] == b"22", SECONDS)
        await becomes(lambda: bob.is_quiet)

        assert bob.files(place) == {
            "n.csv": b"22",
            "m.csv": b"1",
            "n (mine).csv": b"of bob",
            "result.csv": b"of bob's kernel",
        }
        assert ann.files("work") == {"n.csv": b"22", "m.csv": b"1"}
        listed = (await call.get(f"shares/{share}/snapshots")).json()["snapshots"]
        assert len(listed) == 2


@pytest.mark.parametrize("right", ["view", "edit"])
async def test_revoked_copy_goes_but_for_what_its_user_has_made(
    service: Sharing, tmp_path: Path, right: str
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.csv": b"1", "d/m.csv": b"1", "k": b""})
        await grant(call, share, "bob", right)
        place = await bob.folders.open_here(share)
        await becomes(lambda: bob.files(place) == ann.files("work"))

        (bob.root / place / "n.csv").chmod(0o644)
        bob.write({f"{place}/n.csv": b"of bob", f"{place}/own.txt": b"own"})
        await grant(call, share, "bob", None)
        seconds = await becomes(lambda: "k" not in bob.files(place), SECONDS)

        print(f"gone after {seconds:.2f} s")  # noqa: T201
        assert bob.files(place) == {"n (mine).csv": b"of bob", "own.txt": b"own"}
        assert not (bob.root / place / ".cygnet-share").exists()
        await becomes(lambda: bob.state.phase is Phase.ENDED)
        assert ann.files("work") == {"n.csv": b"1", "d/m.csv": b"1", "k": b""}


async def test_copy_that_was_revoked_while_the_server_slept_goes_when_it_starts(
    service: Sharing, tmp_path: Path
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
            await becomes(lambda: bob.files(place) == ann.files("work"))
        await grant(call, share, "bob", None)
        async with home(service, "bob", tmp_path / "b") as bob:
            await becomes(lambda: not (bob.root / place).exists(), SECONDS)
            # The owner ends the share: the folder stays, and is an ordinary one.
            await call.delete(f"shares/{share}")
            await becomes(lambda: ann.state.phase is Phase.ENDED)

        assert ann.files("work") == {"n.csv": b"1"}
        assert not (ann.root / "work/.cygnet-share").exists()


async def test_notebook_that_two_edit_is_merged_by_cell(
    service: Sharing, tmp_path: Path
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        old = notebook(one="1", two="2", three="3")
        share = await ann.share("work", {"n.ipynb": old, "t.csv": b"old"})
        await grant(call, share, "bob", "edit")
        place = await bob.folders.open_here(share)
        await becomes(lambda: bob.files(place) == ann.files("work"))

        ann.write({"work/t.csv": b"ann's"})
        ann.save("work/n.ipynb", notebook(one="1", two="ann's", three="3 of ann"))
        bob.write({f"{place}/t.csv": b"bob's"})
        bob.save(f"{place}/n.ipynb", notebook(one="1 of bob", two="bob's", three="3"))
        await becomes(
            lambda: (
                bob.files(place) == ann.files("work")
                and {"ann's", "bob's"} <= set(sources(ann.files("work")["n.ipynb"]))
            ),
            SECONDS,
        )

        files = ann.files("work")
        found = sources(files["n.ipynb"])
        assert len(found) == 4
        assert (found[0], found[3]) == ("1 of bob", "3 of ann")
        assert {files["t.csv"], files["t (new version).csv"]} == {b"ann's", b"bob's"}
        conflicts = [*ann.state.conflicts, *bob.state.conflicts]
        assert [it.path for it in conflicts] == ["n.ipynb", "t.csv"]
        [cell] = conflicts[0].cells
        assert (cell.kind, cell.id) == (Kind.BOTH_CHANGED, "two")
        assert {cell.mine, cell.theirs} == {"ann's", "bob's"}
        assert conflicts[1].other == "t (new version).csv"


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


@pytest.mark.parametrize("how", ["missing", "without a marker", "another share's"])
async def test_folder_that_is_another_publishes_nothing(
    service: Sharing, tmp_path: Path, how: str
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.csv": b"1"})
        work, aside = ann.root / "work", ann.root / "aside"
        marker = json.loads((work / ".cygnet-share/share.json").read_text())
        work.rename(aside)
        if how != "missing":
            ann.write({"work/other.csv": b"secret"})
        if how == "another share's":
            other = json.dumps(marker | {"share": share + 1})
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


async def test_right_that_changes_changes_permissions(
    service: Sharing, tmp_path: Path
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.csv": b"1"})
        await grant(call, share, "bob", "edit")
        place = await bob.folders.open_here(share)
        file = bob.root / place / "n.csv"
        await becomes(file.exists)
        before = stat.S_IMODE(file.stat().st_mode)
        await grant(call, share, "bob", "view")
        await becomes(lambda: stat.S_IMODE(file.stat().st_mode) == 0o444, SECONDS)
        await grant(call, share, "bob", "edit")
        await becomes(lambda: stat.S_IMODE(file.stat().st_mode) == before, SECONDS)

    assert before == 0o644


async def test_folders_stop_in_the_moment_in_which_they_are_woken(
    service: Sharing, tmp_path: Path
) -> None:
    async with home(service, "ann", tmp_path / "a") as ann:
        share = await ann.share("work", {"n.csv": b"1"})
        ann.folders.of(share, "work").wake()
        async with asyncio.timeout(SECONDS):
            await ann.folders.stop()
