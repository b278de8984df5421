import os
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cygnet_lab.share import swap, transfer, write
from cygnet_lab.share.errors import (
    BlockedError,
    ChangedError,
    NoRoomError,
    UnsafeTreeError,
)
from cygnet_lab.share.folder import Folder
from cygnet_lab.share.plan import Plan, between
from cygnet_lab.share.scan import Scanner
from cygnet_lab.share.write import READ_ONLY, WRITABLE, Writer
from cygnet_share.path_rule import clashes
from cygnet_share.tree import CHUNK_BYTES, EMPTY, EmptyFolder, File, Tree
from hypothesis import given, settings
from hypothesis import strategies as st


def file(data: bytes) -> File:
    parts = [data[i : i + CHUNK_BYTES] for i in range(0, len(data), CHUNK_BYTES)]
    return File(len(data), tuple(sha256(it).hexdigest() for it in parts))


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def contents(work: Path) -> dict[str, bytes]:
    return {
        it.relative_to(work).as_posix(): it.read_bytes()
        for it in work.rglob("*")
        if it.is_file() and ".cygnet-share" not in it.parts
    }


def receive(folder: Folder, path: str, data: bytes) -> None:
    """Let a file lie in its part."""
    for index in transfer.lacking(folder, path, file(data)):
        piece = data[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES]
        transfer.receive(folder, path, file(data), index, piece)
    transfer.finish(folder, path, file(data))


def bring(
    work: Path,
    files: dict[str, bytes],
    *,
    mode: int = READ_ONLY,
    between_look_and_write: Callable[[], object] = lambda: None,
) -> None:
    """Let a folder hold just these files."""
    target: Tree = {path: file(data) for path, data in files.items()}
    with Folder.open(work.parent, work.name) as folder:
        scan = Scanner(quiet=timedelta()).scan(folder)
        plan = between(scan.entries, target)
        for path in plan.puts:
            receive(folder, path, files[path])
        between_look_and_write()
        Writer(folder, scan.signatures, mode).apply(plan)
        transfer.clear(folder)


def test_folder_becomes_what_is_wanted(work: Path) -> None:
    first = {"a/x.csv": b"1", "b": b"", "large": bytes(CHUNK_BYTES) + b"1"}
    second = {"a": b"a file now", "b": b"2", "c/d/e": b"new"}

    bring(work, first)
    assert contents(work) == first
    assert (work / "b").stat().st_mode & 0o777 == 0o444
    bring(work, second, mode=WRITABLE)

    assert contents(work) == second
    assert (work / "b").stat().st_mode & 0o777 == 0o644
    assert sorted(it.name for it in work.iterdir()) == [".cygnet-share", "a", "b", "c"]
    assert list((work / ".cygnet-share").iterdir()) == []


NAMES = st.sampled_from(["a", "b", "c", "d.csv"])
FOLDERS = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map("/".join),
    st.sampled_from([b"", b"1", b"22", b"333"]),
    max_size=5,
).filter(lambda it: not any(clashes(it)))


@settings(max_examples=40, deadline=None)
@given(st.lists(FOLDERS, min_size=1, max_size=3))
def test_any_folder_becomes_any_other(folders: list[dict[str, bytes]]) -> None:
    with TemporaryDirectory() as place:
        for wanted in folders:
            bring(Path(place), wanted)

            assert contents(Path(place)) == wanted
            with Folder.open(Path(place), "") as folder:
                found = Scanner(quiet=timedelta()).scan(folder).entries
            assert found == {path: file(data) for path, data in wanted.items()}


@pytest.mark.parametrize("has_swap", [True, False])
def test_save_in_between_is_not_overwritten(
    work: Path, monkeypatch: pytest.MonkeyPatch, *, has_swap: bool
) -> None:
    if not has_swap:
        monkeypatch.setattr(swap, "_CALL", None)
    bring(work, {"n": b"old", "gone": b"old"}, mode=WRITABLE)

    with pytest.raises(ChangedError):
        bring(
            work,
            {"n": b"new"},
            between_look_and_write=lambda: (work / "gone").write_bytes(b"saved"),
        )
    with pytest.raises(ChangedError):
        bring(
            work,
            {"n": b"new", "gone": b"saved"},
            between_look_and_write=lambda: (work / "n").write_bytes(b"saved"),
        )
    with pytest.raises(ChangedError):
        bring(
            work,
            {"n": b"saved", "gone": b"saved", "k": b"new"},
            between_look_and_write=lambda: (work / "k").write_bytes(b"saved"),
        )

    assert contents(work) == {"n": b"saved", "gone": b"saved", "k": b"saved"}


def test_save_in_the_last_moment_is_put_back(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(work, {"n": b"old"}, mode=WRITABLE)
    real = swap.exchange
    saves = [b"saved"]

    def late(one: tuple[int, str], other: tuple[int, str]) -> bool:
        if saves:
            # As JupyterLab does: into the file that stands there.
            (work / "n").write_bytes(saves.pop())
        return real(one, other)

    monkeypatch.setattr(swap, "exchange", late)
    with pytest.raises(ChangedError):
        bring(work, {"n": b"new"})

    assert contents(work) == {"n": b"saved"}


def test_link_that_is_swapped_in_leads_nowhere(work: Path) -> None:
    outside = work.parent / "outside"
    outside.mkdir()
    (outside / "x").write_bytes(b"precious")
    bring(work, {"d/x": b"old"}, mode=WRITABLE)

    def swap_in() -> None:
        (work / "d").rename(work / ".aside")
        (work / "d").symlink_to(outside)

    def link_file() -> None:
        (work / "d/x").unlink()
        (work / "d/x").symlink_to(outside / "x")

    for target in ({"d/x": b"new"}, {"d/x": b"old", "d/y": b"new"}, {}):
        with pytest.raises((BlockedError, ChangedError)):
            bring(work, target, between_look_and_write=swap_in)
        (work / "d").unlink()
        (work / ".aside").rename(work / "d")

    (work / "d/x").chmod(0o644)
    with pytest.raises(ChangedError):
        bring(work, {"d/x": b"new"}, between_look_and_write=link_file)

    assert contents(outside) == {"x": b"precious"}
    assert (outside / "x").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "a/../../x",
        "/x",
        "a//x",
        ".bashrc",
        "a/.ssh/x",
        "x\0",
        "x\ny",
        "e\u0301",
    ],
)
def test_hostile_name_is_refused_by_tree_and_by_writer(work: Path, path: str) -> None:
    entry = file(b"evil")

    with pytest.raises(UnsafeTreeError):
        transfer.check({path: entry})
    for plan in (
        Plan(puts={path: entry}),
        Plan(folders=[path]),
        Plan(moves={"mine": path}),
    ):
        (work / "mine").write_bytes(b"mine")
        with Folder.open(work.parent, work.name) as folder:
            receive(folder, path, b"evil")
            with pytest.raises(BlockedError):
                Writer(folder, {}, READ_ONLY).apply(plan)

    assert contents(work) == {"mine": b"mine"}
    assert sorted(it.name for it in work.parent.iterdir()) == ["work"]


def test_snapshot_that_cannot_be_is_refused_with_all_reasons() -> None:
    one = file(b"1")
    with pytest.raises(UnsafeTreeError) as caught:
        transfer.check(
            {
                "A": one,
                "a": one,
                "caf\u00e9": one,
                "cafe\u0301": one,
                "d": one,
                "d/x": one,
                "long": File(2 * CHUNK_BYTES + 1, one.chunks),
                "huge": File(10**13, one.chunks),
                "fine": one,
                "empty": EmptyFolder(),
            }
        )

    reasons = "\n".join(caught.value.problems)
    for name in ("'a'", "'cafe\u0301'", "'d/x'", "'long'", "'huge'"):
        assert name in reasons
    assert "'fine'" not in reasons
    assert "more than can be shared" in reasons


# Of the second disk 7,700 blocks are the system's own.
@pytest.mark.parametrize(
    ("blocks", "free", "available"), [(1_000, 150, 150), (9_200, 7_980, 191)]
)
def test_disk_is_never_filled(
    work: Path,
    monkeypatch: pytest.MonkeyPatch,
    blocks: int,
    free: int,
    available: int,
) -> None:
    block = 4096
    figures = (block, block, blocks, free, available, 0, 0, 0, 0, 255)
    status = os.statvfs_result(figures)
    monkeypatch.setattr(os, "fstatvfs", lambda _: status)

    with Folder.open(work.parent, work.name) as folder:
        transfer.check_room(folder, [File(50 * block, ())])
        with pytest.raises(NoRoomError, match="too full"):
            transfer.check_room(folder, [File(30 * block, ()), File(21 * block, ())])


def test_part_that_was_cut_off_lacks_the_rest_only(work: Path) -> None:
    data = bytes(CHUNK_BYTES) + b"\1" * CHUNK_BYTES + b"end"
    entry = file(data)
    with Folder.open(work.parent, work.name) as folder:
        assert transfer.lacking(folder, "n", entry).keys() == {0, 1, 2}
        transfer.receive(folder, "n", entry, 2, b"end")
        transfer.receive(folder, "n", entry, 0, bytes(CHUNK_BYTES))

    # Another process goes on.
    with Folder.open(work.parent, work.name) as folder:
        assert transfer.lacking(folder, "n", entry).keys() == {1}
        transfer.receive(folder, "n", entry, 1, b"\2" * CHUNK_BYTES)
        assert transfer.lacking(folder, "n", entry).keys() == {1}, "damaged"
        with pytest.raises(ChangedError):
            transfer.finish(folder, "n", entry)
        assert not (work / "n").exists()
        transfer.receive(folder, "n", entry, 1, b"\1" * CHUNK_BYTES)
        transfer.finish(folder, "n", entry)
        assert transfer.lacking(folder, "n", entry) == {}
        Writer(folder, {}, READ_ONLY).apply(Plan(puts={"n": entry}))

    assert (work / "n").read_bytes() == data


@pytest.mark.parametrize("acts", range(5))
def test_writer_that_is_killed_loses_nothing_and_may_begin_again(
    work: Path, monkeypatch: pytest.MonkeyPatch, acts: int
) -> None:
    old = {"a": b"a", "b": b"b", "gone": b"x", "d/gone": b"x"}
    new = {"a": b"aa", "b": b"b", "c": b"c", "d": b"a file"}
    bring(work, old)
    left = [None] * acts

    class Killed(BaseException):
        pass

    def dying(act: Callable[..., object]) -> Callable[..., object]:
        def call(*names: object) -> object:
            if not left:
                raise Killed
            left.pop()
            return act(*names)

        return call

    with monkeypatch.context() as patched:
        patched.setattr(swap, "move", dying(swap.move))
        patched.setattr(swap, "exchange", dying(swap.exchange))
        with pytest.raises(Killed):
            bring(work, new)
    known = {*old.items(), *new.items()}
    assert set(contents(work).items()) <= known, "each file is old or new"
    bring(work, new)

    assert contents(work) == new


def test_part_is_no_way_to_other_files(work: Path) -> None:
    precious = work.parent / "precious"
    precious.write_bytes(b"precious")
    entry = file(b"evil")
    parts = work / transfer.PARTS
    with Folder.open(work.parent, work.name) as folder:
        transfer.lacking(folder, "n", entry)
        part = parts / transfer.part_name("n", entry)
        part.unlink()
        part.symlink_to(precious)
        with pytest.raises(OSError, match="symbolic"):
            transfer.receive(folder, "n", entry, 0, b"evil")
        part.unlink()
        part.hardlink_to(precious)
        transfer.receive(folder, "n", entry, 0, b"evil")

    assert precious.read_bytes() == b"precious"


def test_file_in_the_place_of_a_folder_with_hidden_things_is_blocked(
    work: Path,
) -> None:
    (work / "d/.ipynb_checkpoints").mkdir(parents=True)

    with pytest.raises(BlockedError, match="Rename it or remove it"):
        bring(work, {"d": b"1"})

    assert (work / "d/.ipynb_checkpoints").is_dir()


def test_folder_that_is_left_is_removed_and_its_neighbours_stay(work: Path) -> None:
    (work / "Shared/ann/one").mkdir(parents=True)
    (work / "Shared/bob/one").mkdir(parents=True)
    (work / "Shared/bob/two").mkdir(parents=True)
    (work / "Shared/kept").mkdir()
    (work / "Shared/kept/x").write_bytes(b"mine")

    for place in ("Shared/ann/one", "Shared/bob/one", "Shared/kept"):
        write.leave(work, place)

    left = sorted(it.relative_to(work).as_posix() for it in work.glob("*/*"))
    assert left == ["Shared/bob", "Shared/kept"]
    assert [it.name for it in (work / "Shared/bob").iterdir()] == ["two"]


def test_empty_plan_is_empty() -> None:
    assert between(EMPTY, EMPTY).is_empty
