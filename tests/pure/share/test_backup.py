"""Backups of SQLite; `tests/hub/test_share_postgresql.py` has PostgreSQL."""

import errno
import shutil
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from cygnet_share import backup, command, inspection, share, snapshot
from cygnet_share.errors import CopyError, SchemaError
from cygnet_share.settings import Place as Kept
from cygnet_share.snapshot import lose

from tests.support.share_place import Place


@contextmanager
def publishing(place: Place) -> Generator[None]:
    """Publish all the while."""
    is_over, has_begun = threading.Event(), threading.Event()

    def publish() -> None:
        while not is_over.is_set():
            text = f"text {place.head}"
            place.publish(f"{place.head % 7}.csv", place.send(text))
            if place.head > 5:
                has_begun.set()

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        assert has_begun.wait(20)
        yield
    finally:
        is_over.set()
        thread.join()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "service")
    made.now = datetime.now(UTC)
    return made.with_share()


def copy(place: Place, to: Path) -> None:
    backup.back_up(place.database.engine, place.chunks, to)


def restored(source: Path, to: Path) -> Place:
    made = Place(to)
    backup.restore(made.database.engine, made.chunks, source)
    return Place(to)


def test_drill(place: Place, tmp_path: Path) -> None:
    with publishing(place):
        copy(place, tmp_path / "copy")
        at_once = place.head

    again = restored(tmp_path / "copy", tmp_path / "other")

    assert list(inspection.problems(again.database, again.chunks)) == []
    before, after = place.database.identity, again.database.identity
    assert after.uuid == before.uuid
    assert after.generation != before.generation
    listed = snapshot.snapshots(again.database, place.ann, place.share)
    assert 5 < listed[0].seq <= at_once
    # Each version is what it was.
    for it in listed[::7]:
        then = snapshot.tree(place.database, place.ann, place.share, it.seq)
        assert snapshot.tree(again.database, place.ann, place.share, it.seq) == then


def test_share_that_was_made_since_the_backup_gives_its_number_to_no_other(
    place: Place, tmp_path: Path
) -> None:
    copy(place, tmp_path / "copy")
    since = share.make(place.database, place.ann, "Since", 10**9)

    again = restored(tmp_path / "copy", tmp_path / "other")

    bob = again.person("bob")
    assert share.make(again.database, bob, "Bob's", 10**9) > since


def test_database_that_was_restored_by_other_means_gets_another_generation(
    place: Place, tmp_path: Path
) -> None:
    kept, before = Kept(directory=tmp_path / "service"), place.database.identity

    assert command.run(["renew"], kept) == 0

    after = Place(tmp_path / "service").database.identity
    assert (after.uuid, after.generation != before.generation) == (before.uuid, True)


def test_nothing_is_overwritten(place: Place, tmp_path: Path) -> None:
    copy(place, tmp_path / "copy")

    with pytest.raises(CopyError, match="there already"):
        copy(place, tmp_path / "copy")
    with pytest.raises(CopyError, match="has people in it"):
        backup.restore(place.database.engine, place.chunks, tmp_path / "copy")
    with pytest.raises(CopyError, match="is no backup"):
        restored(tmp_path, tmp_path / "other")


def test_backup_that_was_cut_off_is_none(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.publish("a", place.send("text"))
    monkeypatch.setattr(place.chunks, "get", lambda _: pytest.fail("killed"))

    with pytest.raises(pytest.fail.Exception):
        copy(place, tmp_path / "copy")

    assert not (tmp_path / "copy").exists()
    with pytest.raises(CopyError, match="part"):
        copy(place, tmp_path / "copy")


def test_backup_that_has_no_room_is_refused_and_leaves_nothing(
    place: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    place.publish("a", place.send("text"))
    little = SimpleNamespace(free=200 * 10**6)
    kept, to = Kept(directory=tmp_path / "service"), tmp_path / "copy"
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: little)
        with pytest.raises(CopyError, match=r"which 200\.0 MB stay"):
            command.run(["backup", str(to)], kept)
        assert "The backup needs about 0." in capsys.readouterr().out

    assert command.run(["backup", str(to)], kept) == 0


def test_backup_that_fails_in_the_middle_leaves_nothing(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: str) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    place.publish("a", place.send("text"))
    with monkeypatch.context() as patched:
        patched.setattr(place.chunks, "get", full)
        with pytest.raises(CopyError, match="No space"):
            copy(place, tmp_path / "copy")

    copy(place, tmp_path / "copy")


def test_backup_of_a_later_version_is_refused(place: Place, tmp_path: Path) -> None:
    copy(place, tmp_path / "copy")
    later = Place(tmp_path / "copy")
    with later.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'later'")
    later.database.engine.dispose()

    with pytest.raises(SchemaError):
        restored(tmp_path / "copy", tmp_path / "other")
    with pytest.raises(CopyError, match="another version"):
        copy(later, tmp_path / "second")


def test_damage_is_found_and_asked_for_again(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = place.send("text")
    place.publish("a.csv", file)
    place.publish("b.csv", place.send("whole"))
    [name] = file.chunks
    (tmp_path / "service/chunks" / name[:2] / name).write_bytes(b"tex!")
    kept = Kept(directory=tmp_path / "service")

    assert command.run(["check"], kept) == 1

    [said] = capsys.readouterr().out.splitlines()
    where = f"Share {place.share} (“Week 1”): “a.csv”"
    assert said == f"{where} is missing or damaged in versions 1, 2."
    asked = snapshot.missing(place.database, place.ann, place.share, file.chunks)
    assert asked == [name]
    place.send("text")
    assert command.run(["check"], kept) == 0


def test_backup_says_what_is_missing_and_has_the_rest(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = place.send("text")
    place.publish("a.csv", file)
    place.publish("b.csv", place.send("whole"))
    place.chunks.delete(*file.chunks)
    kept = Kept(directory=tmp_path / "service")

    assert command.run(["backup", str(tmp_path / "copy")], kept) == 1

    assert "“a.csv” is missing" in capsys.readouterr().out
    again = restored(tmp_path / "copy", tmp_path / "other")
    asked = snapshot.missing(again.database, place.ann, place.share, file.chunks)
    assert asked == list(file.chunks)


def test_chunk_that_was_lost_is_known_when_it_was_sent_again(place: Place) -> None:
    file = place.send("text")
    place.publish("a", file)
    lose(place.database, *file.chunks)
    place.send("text")

    place.publish("b", file)

    assert place.head == 2
