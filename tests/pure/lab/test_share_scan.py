import errno
import os
import socket
import time
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from cygnet_lab.share import scan
from cygnet_lab.share.errors import TooLargeError
from cygnet_lab.share.folder import Folder, opened_file
from cygnet_lab.share.scan import Scan, Scanner, counted
from cygnet_share.snapshot_rule import Limits
from cygnet_share.tree import CHUNK_BYTES, EmptyFolder, File, Tree

HI = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"
NEXT_DAY = 86_400


def scanner(limits: Limits = scan.LIMITS) -> Scanner:
    """Give one that reads what was written just now."""
    return Scanner(limits, quiet=timedelta())


def scanned(by: Scanner, place: Path) -> Scan:
    with Folder.open(place.parent, place.name) as folder:
        return by.scan(folder)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def age(path: Path) -> None:
    """Let a file be one that was written long ago."""
    status = path.stat()
    times = (status.st_atime - NEXT_DAY, status.st_mtime - NEXT_DAY)
    os.utime(path, times)


def test_scan_gives_files_and_empty_folders(work: Path) -> None:
    (work / "a/b").mkdir(parents=True)
    (work / "a/hi.txt").write_bytes(b"hi")
    (work / "run.sh").write_bytes(b"hi")
    (work / "run.sh").chmod(0o755)
    (work / "large").write_bytes(bytes(CHUNK_BYTES) + b"hi")

    found = scanned(scanner(), work)

    assert found.entries.keys() == {"a/b", "a/hi.txt", "run.sh", "large"}
    assert found.entries["a/b"] == EmptyFolder()
    assert found.entries["a/hi.txt"] == File(2, (HI,))
    assert found.entries["run.sh"] == File(2, (HI,), executable=True)
    large = found.entries["large"]
    assert isinstance(large, File)
    assert (large.size, large.chunks[1:]) == (CHUNK_BYTES + 2, (HI,))
    assert (found.left_out, found.unsettled) == ({}, frozenset())


def test_scan_leaves_out_what_is_never_shared_and_says_why(work: Path) -> None:
    for name in (".git", ".ipynb_checkpoints", "__pycache__"):
        (work / name).mkdir()
        (work / name / "x").write_bytes(b"hi")
    (work / "secret").symlink_to("/etc/passwd")
    (work / "etc").symlink_to("/etc")
    os.mkfifo(work / "pipe")
    (work / "cafe\u0301").write_bytes(b"hi")
    (work / b"\xff".decode(errors="surrogateescape")).write_bytes(b"hi")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(work / "socket"))

        found = scanned(scanner(), work)

    assert found.entries == {}
    reasons = dict(found.left_out)
    assert reasons.pop(".git").startswith("is hidden")
    assert reasons.pop(".ipynb_checkpoints").startswith("is hidden")
    assert "programs make" in reasons.pop("__pycache__")
    assert reasons.pop("secret") == reasons.pop("etc") == "is a link"
    assert reasons.pop("pipe") == reasons.pop("socket")
    assert "NFC" in reasons.pop("cafe\u0301")
    assert [it.encode() for it in reasons] == ["\ufffd".encode()]


def test_devices_and_other_disks_are_left_out() -> None:
    left_out = scanned(scanner(), Path("/dev")).left_out

    assert "a device" in left_out["null"]
    device = Path("/dev").stat().st_dev
    others = [it.name for it in Path("/dev").iterdir() if it.lstat().st_dev != device]
    assert {left_out[it] for it in others} == {"is on another disk"}


def test_unchanged_file_is_not_read_again(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = opened_file

    def opened(handle: int, name: str) -> AbstractContextManager[int]:
        read.append(name)
        return real(handle, name)

    monkeypatch.setattr(scan, "opened_file", opened)
    for name in ("old", "new"):
        (work / name).write_bytes(b"hi")
    age(work / "old")
    by = scanner()
    first = scanned(by, work)

    second = scanned(by, work)
    (work / "old").write_bytes(b"ho")
    third = scanned(by, work)

    # What was written just now may be written again within the same tick.
    assert read == ["new", "old", "new", "new", "old"]
    assert first.entries == second.entries != third.entries


def test_change_of_a_permission_needs_no_reading(work: Path) -> None:
    (work / "run").write_bytes(b"hi")
    by = scanner()
    scanned(by, work)
    (work / "run").chmod(0o755)

    assert scanned(by, work).entries == {"run": File(2, (HI,), executable=True)}


def test_file_that_changes_while_it_is_read_waits_for_the_next_scan(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "log").write_bytes(b"hi")
    (work / "other").write_bytes(b"hi")
    real = scan.digests

    def growing(file: int) -> list[str]:
        found = list(real(file))
        with (work / "log").open("ab") as log:
            log.write(b"more")
        return found

    monkeypatch.setattr(scan, "digests", growing)
    by = scanner()
    torn = scanned(by, work)
    monkeypatch.setattr(scan, "digests", real)
    whole = scanned(by, work)

    assert torn.unsettled == {"log"}
    assert "log" not in torn.entries
    base: Tree = {"log": File(1, ("old",))}
    assert counted(torn, base)[0]["log"] == base["log"], "it was not deleted"
    assert whole.unsettled == frozenset()
    assert isinstance(whole.entries["log"], File)


def test_unreadable_file_is_as_it_was(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "x").write_bytes(b"hi")

    # Root reads everything.
    def refused(_: int, name: str) -> AbstractContextManager[int]:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)

    monkeypatch.setattr(scan, "opened_file", refused)
    base: Tree = {"x": File(1, ("old",))}
    tree, left_out = counted(scanned(scanner(), work), base)

    assert left_out == {"x": "cannot be read (Permission denied)"}
    assert tree == base


def test_file_that_is_being_saved_is_read_when_it_is_quiet(work: Path) -> None:
    (work / "n.ipynb").write_bytes(b"")
    by = Scanner(quiet=timedelta(days=1))

    hot = scanned(by, work)
    age(work / "n.ipynb")
    quiet = scanned(by, work)

    assert (sorted(hot.unsettled), len(hot.entries)) == (["n.ipynb"], 0)
    assert (sorted(quiet.unsettled), len(quiet.entries)) == ([], 1)


def test_file_that_is_written_all_the_time_is_read_at_last(work: Path) -> None:
    (work / "log").write_bytes(b"hi")
    by = Scanner(quiet=timedelta(days=1))

    found = [bool(scanned(by, work).entries) for _ in range(24)]

    assert [it for it, is_read in enumerate(found) if is_read] == [11, 23]
    assert by.pause >= scan.SHORTEST


def test_file_of_another_clock_is_read(work: Path) -> None:
    (work / "x").write_bytes(b"hi")
    to_come = time.time() + NEXT_DAY
    os.utime(work / "x", (to_come, to_come))

    assert "x" in scanned(Scanner(), work).entries


def test_what_stands_behind_a_link_is_as_it_was(work: Path) -> None:
    (work / "data").symlink_to(work.parent)
    base: Tree = {"data/t.csv": File(1, ("old",)), "gone": File(1, ("old",))}

    tree, left_out = counted(scanned(scanner(), work), base)

    assert tree == {"data/t.csv": base["data/t.csv"]}
    assert left_out == {"data": "is a link"}


def test_of_twins_the_one_that_is_shared_stays(work: Path) -> None:
    for name in ("A.txt", "a.txt", "D", "d"):
        if name.endswith(".txt"):
            (work / name).write_bytes(b"hi")
        else:
            (work / name).mkdir()
            (work / name / "x").write_bytes(b"hi")
    found = scanned(scanner(), work)
    if len(found.entries) < 4:
        pytest.skip("this file system takes twins for one")

    tree, left_out = counted(found, {"a.txt": File(1, ("old",))})

    assert tree.keys() == {"a.txt", "D/x"}
    assert left_out.keys() == {"A.txt", "d"}
    assert "next to “a.txt”" in left_out["A.txt"]


@pytest.mark.parametrize(
    "limits", [Limits(max_entries=1), Limits(max_bytes=7)], ids=["entries", "bytes"]
)
def test_folder_beyond_the_limits_is_refused(work: Path, limits: Limits) -> None:
    for i in range(4):
        (work / f"{i}").write_bytes(b"hi")

    with pytest.raises(TooLargeError, match="nothing in it is sent"):
        scanned(scanner(limits), work)


def test_scan_of_the_largest_folder_takes_a_small_part_of_a_core(work: Path) -> None:
    most = scan.LIMITS.max_entries
    for i in range(most):
        place = work / f"{i % 50}"
        place.mkdir(exist_ok=True)
        (place / f"{i}").touch()
        age(place / f"{i}")
    by = scanner()
    scanned(by, work)
    start = time.thread_time()
    found = scanned(by, work)
    used = time.thread_time() - start

    print(f"{used * 1_000:.0f} ms for {most} files")  # noqa: T201
    assert len(found.entries) == most
    assert by.pause >= scan.SHORTEST
    # The time between its own two readings of the clock, and a little around them.
    assert used / by.pause.total_seconds() <= 1.5 / scan.SHARE_OF_CORE
