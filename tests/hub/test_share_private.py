"""What a user has for themselves in a shared folder, or next to one."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from cygnet_lab.share.errors import AwayError, BlockedError
from cygnet_lab.share.state import Phase
from cygnet_share.tree import Entry

from tests.support.following import SECONDS, Home, becomes, grant, home
from tests.support.sharing import Sharing, sharing

FILES = {"n.csv": b"1", "m.csv": b"2", "d/t.csv": b"3"}


@pytest_asyncio.fixture(loop_scope="function")
async def service(tmp_path: Path) -> AsyncGenerator[Sharing]:
    (tmp_path / "service").mkdir()
    async with sharing(tmp_path / "service") as running:
        yield running


@pytest.mark.parametrize("right", ["edit", "own"])
async def test_right_that_is_raised_publishes_nothing_of_the_viewer_s_own(
    service: Sharing, tmp_path: Path, right: str
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
        service.as_("root") as administrator,
    ):
        share = await ann.share("work", FILES)
        await grant(call, share, "bob", "view")
        place = await bob.folders.open_here(share)
        await becomes(lambda: bob.is_quiet and bob.state.seq == 1)
        (bob.root / place / "n.csv").chmod(0o644)
        (bob.root / place / "m.csv").unlink()
        own = {"n.csv": b"of bob", "own.txt": b"secret", "d/k.txt": b"secret"}
        bob.write({f"{place}/{path}": data for path, data in own.items()})
        await asyncio.sleep(0.3)
        if right == "edit":
            await grant(call, share, "bob", "edit")
        else:
            body = {"name": "bob"}
            path = f"admin/shares/{share}/owner"
            handed = await administrator.put(path, json=body)
            assert handed.is_success, handed.text
        marked = bob.root / place / ".cygnet-share/share.json"
        await becomes(lambda: json.loads(marked.read_text())["right"] == right, SECONDS)
        await becomes(lambda: bob.is_quiet, SECONDS)

        assert bob.files(place) == {
            **FILES,
            "n (mine).csv": b"of bob",
            "own.txt": b"secret",
            "d/k.txt": b"secret",
        }
        assert set(bob.state.left_out) == {"n (mine).csv", "own.txt", "d/k.txt"}
        bob.save(f"{place}/own.txt", b"secret, too")
        (bob.root / place / "d/k.txt").rename(bob.root / place / "d/shared.txt")
        bob.save(f"{place}/n.csv", b"edited")
        await becomes(lambda: bob.is_quiet and bob.state.seq > 1, SECONDS)
        path = f"shares/{share}/snapshots/{bob.state.seq}"
        async with service.as_("bob") as his:
            held = (await his.get(path)).json()["entries"]
        sizes = {it: entry["size"] for it, entry in held.items()}

    assert sizes == {"n.csv": 6, "m.csv": 1, "d/t.csv": 1, "d/shared.txt": 6}


async def test_share_in_a_shared_folder_is_not_published_with_it(
    service: Sharing, tmp_path: Path
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", FILES)
        await grant(call, share, "bob", "view")
        place = await bob.folders.open_here(share)
        await becomes(lambda: bob.is_quiet and bob.state.seq == 1)
        for it in ("Shared", "shared", "Shared/ann"):
            (bob.root / it).mkdir(exist_ok=True)
            with pytest.raises(BlockedError, match="others share"):
                await bob.folders.share(it, "All")
        (bob.root / "top").mkdir()
        (bob.root / "top/n.csv").write_bytes(b"of bob")
        his = await bob.folders.share("top", "His")
        (bob.root / place).rename(bob.root / "top/inner")
        bob.folders.of(share, place).wake()
        await becomes(lambda: is_all_quiet(bob, "top/inner"), SECONDS)
        state = bob.folders.of(his, "top").state
        path = f"shares/{his}/snapshots"
        async with service.as_("bob") as own:
            held = (await own.get(f"{path}/1")).json()["entries"]
            listed = (await own.get(path)).json()["snapshots"]

    assert state.left_out == {"inner": "is another shared folder"}
    assert set(held) == {"n.csv"}
    assert len(listed) == 1


async def test_two_servers_of_one_home_take_turns(
    service: Sharing, tmp_path: Path
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as one,
        home(service, "bob", tmp_path / "b") as other,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", FILES)
        await grant(call, share, "bob", "edit")
        place = await one.folders.open_here(share)
        same = await other.folders.open_here(share)
        homes = (one, other)
        await becomes(lambda: all(is_all_quiet(it, place) for it in homes), SECONDS)
        for number in range(3):
            ann.save("work/n.csv", b"%d" % number)
            one.save(f"{place}/of bob.csv", b"%d" % number)
            other.folders.notice(f"{place}/of bob.csv")
            wanted = {"n.csv": b"%d" % number, "of bob.csv": b"%d" % number}
            await becomes(partial(have, wanted, (ann, "work"), (one, place)), SECONDS)
        await one.folders.leave(share, place)
        # What changes the list lets the other server look.
        await grant(call, share, "bob", "view")
        await becomes(lambda: is_stopped(other), SECONDS)
        await grant(call, share, "bob", "edit")
        await becomes(lambda: not other.folders.states, SECONDS)

    assert same == place
    assert ann.files("work") == {**FILES, "n.csv": b"2", "of bob.csv": b"2"}


def have(files: Mapping[str, bytes], *folders: tuple[Home, str]) -> bool:
    """Whether folders hold some files."""
    return all(files.items() <= one.files(place).items() for one, place in folders)


def is_stopped(one: Home) -> bool:
    """Whether no folder follows a share any more."""
    return all(it.phase is Phase.STOPPED for it in one.folders.states)


async def test_folder_is_shared_once_when_the_first_try_was_cut_off(
    service: Sharing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        reason = "it was cut off"
        raise AwayError(reason)

    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        ann.write({f"work/{path}": data for path, data in FILES.items()})
        with monkeypatch.context() as patch:
            patch.setattr(ann.folders.client, "remember", fail)
            with pytest.raises(AwayError):
                await ann.folders.share("work", "Week 1")
        share = await ann.folders.share("work", "Week 1")
        await becomes(lambda: is_all_quiet(ann, "work"), SECONDS)
        await grant(call, share, "bob", "view")
        with monkeypatch.context() as patch:
            patch.setattr(bob.folders.client, "remember", fail)
            with pytest.raises(AwayError):
                await bob.folders.open_here(share)
        place = await bob.folders.open_here(share)
        await becomes(lambda: bob.files(place) == FILES, SECONDS)
        listed = (await call.get("shares")).json()["shares"]

    assert place == "Shared/ann/Week 1"
    assert len(listed) == 1


async def test_answer_that_is_lost_makes_no_conflict_with_oneself(
    service: Sharing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with home(service, "ann", tmp_path / "a") as ann:
        share = await ann.share("work", FILES)
        publish = ann.folders.client.publish
        tries: list[int] = []

        async def lose(number: int, parent: int, new: Mapping[str, Entry]) -> int:
            seq = await publish(number, parent, new)
            tries.append(seq)
            if len(tries) == 1:
                # The user goes on meanwhile.
                ann.write({"work/n.csv": b"newest"})
                reason = "the answer is lost"
                raise AwayError(reason)
            return seq

        monkeypatch.setattr(ann.folders.client, "publish", lose)
        ann.save("work/n.csv", b"newer")
        await becomes(lambda: ann.is_quiet and ann.state.seq == 3, SECONDS)
        conflicts = ann.folders.of(share, "work").state.conflicts

    assert tries == [2, 3]
    assert ann.files("work") == {**FILES, "n.csv": b"newest"}
    assert conflicts == ()


def is_all_quiet(one: Home, place: str) -> bool:
    """Whether a folder has come to a place, and all are as their shares are."""
    return place in one.folders.places and all(
        it.phase is Phase.FOLLOWS and it.seq for it in one.folders.states
    )


async def test_nothing_is_opened_in_a_shared_folder(
    service: Sharing, tmp_path: Path
) -> None:
    async with (
        home(service, "ann", tmp_path / "a") as ann,
        home(service, "bob", tmp_path / "b") as bob,
        service.as_("ann") as call,
    ):
        share = await ann.share("work", FILES)
        await grant(call, share, "bob", "view")
        await bob.share("top", {"n.csv": b"of bob"})
        # By `mv`.
        (bob.root / "top").rename(bob.root / "Shared")
        await becomes(lambda: is_all_quiet(bob, "Shared"), SECONDS)

        with pytest.raises(BlockedError, match="in the shared folder “Shared”"):
            await bob.folders.open_here(share)
        assert not (bob.root / "Shared/ann").exists()
