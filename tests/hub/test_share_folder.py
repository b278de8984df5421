import asyncio
import hashlib
import json
import re
import shutil
import stat
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nbformat.sign
import pytest
import pytest_asyncio
from cygnet_lab.share.answer import Share
from cygnet_lab.share.errors import BlockedError, NoShareError
from cygnet_lab.share.state import Phase
from cygnet_share.notebook_merge import Kind

from tests.support import follower
from tests.support.following import Home, becomes, grant, home
from tests.support.sharing import Sharing, sharing

SECONDS = 20
"""What a busy machine may take for what is a matter of one or two."""


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    (tmp_path / "service").mkdir()
    async with sharing(tmp_path / "service") as running:
        yield running


def notebook(**cells: str) -> bytes:
    code: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
    }
    made = [
        {**code, "id": key, "source": text, "outputs": []}
        for key, text in cells.items()
    ]
    head = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(head | {"cells": made}).encode()


def cells_of(data: bytes) -> list[dict[str, Any]]:
    return [*json.loads(data)["cells"]]


def sources(data: bytes) -> list[str]:
    return ["".join(it["source"]) for it in cells_of(data)]


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
        (ann.root / "work/d/t.csv").unlink()
        (ann.root / "work/d").rmdir()
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
        seconds = await becomes(lambda: bob.state.phase is Phase.ENDED, SECONDS)

        print(f"gone after {seconds:.2f} s")  # noqa: T201
        assert bob.files(place) == {"n (mine).csv": b"of bob", "own.txt": b"own"}
        assert not (bob.root / place / ".cygnet-share").exists()
        assert ann.files("work") == {"n.csv": b"1", "d/m.csv": b"1", "k": b""}


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


async def test_share_is_opened_once_and_a_folder_shared_once(
    service: Sharing, tmp_path: Path
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"d/n.csv": b"1"})
        await grant(call, share, "bob", "view")
        places = await asyncio.gather(*(bob.folders.open_here(share) for _ in range(3)))
        for place in ("work", "work/d", ".ssh", "../b", "nothing"):
            with pytest.raises(BlockedError):
                await ann.folders.share(place, "Again")
        with pytest.raises(NoShareError):
            await bob.folders.open_here(share + 1)
        listed = (await call.get("shares")).json()["shares"]

    assert set(places) == {"Shared/ann/Week 1"}
    assert len(listed) == 1


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


async def test_what_two_write_at_once_is_never_lost(
    service: Sharing, tmp_path: Path
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.ipynb": notebook(a="1"), "t": b"start"})
        await grant(call, share, "bob", "edit")
        place = await bob.folders.open_here(share)
        await becomes(lambda: bob.files(place) == ann.files("work"))

        async def work(of: Home, folder: str, name: str) -> None:
            for i in range(5):
                word = f"{name}-{i}"
                text = of.root / folder / "n.ipynb"
                cells = {it["id"]: it["source"] for it in cells_of(text.read_bytes())}
                a = "".join(cells["a"]) + f"\n{word}"
                of.save(f"{folder}/n.ipynb", notebook(**{**cells, "a": a, word: word}))
                of.save(f"{folder}/t", f"{word} of the text".encode())
                of.save(f"{folder}/{word}.txt", word.encode())
                await asyncio.sleep(0.1 * len(word) * (i % 3))

        await asyncio.gather(work(ann, "work", "ann"), work(bob, place, "robert"))
        await becomes(
            lambda: (
                ann.is_quiet
                and bob.is_quiet
                and not ann.state.waiting + bob.state.waiting
                and ann.files("work") == bob.files(place)
            )
        )

        files = ann.files("work")
        everything = b"\n".join(files.values()).decode()
        words = [f"{name}-{i}" for name in ("ann", "robert") for i in range(5)]
        assert [it for it in words if it not in everything] == []
        assert {f"{it}.txt" for it in words} <= files.keys()
        # Who writes over what has come has read it; the last one's text stays.
        last = {b"ann-4 of the text", b"robert-4 of the text"}
        assert not last.isdisjoint(files.values())


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


async def test_notebook_of_another_is_never_trusted(
    service: Sharing, tmp_path: Path
) -> None:
    untyped: Any = nbformat
    notary: Any = untyped.sign.NotebookNotary(data_dir=str(tmp_path))
    cell = {"output_type": "display_data", "metadata": {}}
    panel = {**cell, "data": {"text/html": "<script>alert()</script>"}}
    made = json.loads(notebook(a="1"))
    made["cells"][0]["outputs"] = [panel]

    def is_trusted(file: Path) -> bool:
        return bool(notary.check_signature(untyped.read(file, 4)))

    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", {"n.ipynb": json.dumps(made).encode()})
        await grant(call, share, "bob", "view")
        file = bob.root / await bob.folders.open_here(share) / "n.ipynb"
        await becomes(file.exists)
        first = is_trusted(file)
        notary.sign(untyped.read(file, 4))
        signed = is_trusted(file)
        made["cells"][0]["outputs"] = [panel, panel]
        ann.save("work/n.ipynb", json.dumps(made).encode())
        await becomes(lambda: file.read_bytes() == json.dumps(made).encode())

        assert (first, signed, is_trusted(file)) == (False, True, False)


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
    assert sorted(sent) == sorted(lacking)
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
