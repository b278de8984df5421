"""Whose the chunks of a store are; `tests/hub/test_share_objects.py` has a bucket."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from cygnet_share import backup, command
from cygnet_share.chunk_store import MARK, Chunks, LocalChunks
from cygnet_share.errors import ForeignStoreError
from cygnet_share.mark import OwnChunks
from cygnet_share.settings import Place as Kept
from cygnet_share.sweep import CONDEMNED

from tests.support.share_place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "service").with_share()
    made.publish("a", made.send("text"))
    made.sweep_after(timedelta(0))
    return made


def other(tmp_path: Path, chunks: Chunks) -> Place:
    """Give a service with a database of its own over the same chunks."""
    return Place(tmp_path / "other", chunks=chunks).with_share()


@pytest.mark.parametrize("before", ["marked", "not marked"])
def test_other_database_deletes_nothing_and_adds_nothing(
    place: Place, tmp_path: Path, before: str
) -> None:
    if before == "not marked":
        (tmp_path / "service/chunks" / MARK).unlink()
    held = list(place.chunks.names())
    stranger = other(tmp_path, place.chunks)

    for _ in range(3):
        with pytest.raises(ForeignStoreError):
            stranger.sweep_after(2 * CONDEMNED)
    stranger.chunks = OwnChunks(stranger.database, place.chunks)
    with pytest.raises(ForeignStoreError, match="belongs to another database"):
        stranger.send("more")

    assert list(place.chunks.names()) == held
    assert stranger.chunks.get(held[0]) == b"text"
    place.sweep_after(2 * CONDEMNED)
    assert list(place.chunks.names()) == held


def test_store_without_a_mark_is_taken_by_the_database_that_knows_it(
    place: Place, tmp_path: Path
) -> None:
    (tmp_path / "service/chunks" / MARK).unlink()

    OwnChunks(place.database, place.chunks).claim()

    assert place.chunks.mark() == place.database.identity.uuid
    assert (
        tmp_path / "service/chunks" / MARK
    ).read_text() == place.database.identity.uuid


def test_unknown_chunk_is_deleted_when_it_is_old(place: Place, tmp_path: Path) -> None:
    [name] = place.chunks.names()
    young, old = (place.send(it) for it in ("young", "old"))
    store = tmp_path / "service/chunks"
    for file, age in ((young, timedelta(hours=23)), (old, timedelta(hours=25))):
        [chunk] = file.chunks
        at = (place.now - age).timestamp()
        os.utime(store / chunk[:2] / chunk, (at, at))
        with place.database.engine.begin() as connection:
            for table in ("possession", "chunk"):
                asked = f"DELETE FROM {table} WHERE sha256 = '{chunk}'"  # noqa: S608
                connection.exec_driver_sql(asked)

    place.sweep_after(timedelta(0))

    assert set(place.chunks.names()) == {name, *young.chunks}


def test_restoration_marks_the_store(place: Place, tmp_path: Path) -> None:
    backup.back_up(place.database.engine, place.chunks, tmp_path / "copy")
    empty = Place(tmp_path / "empty")
    # As a service has that was started once before the restoration.
    OwnChunks(empty.database, empty.chunks).claim()

    backup.restore(empty.database.engine, empty.chunks, tmp_path / "copy")

    assert empty.chunks.mark() == place.database.identity.uuid
    again = Place(tmp_path / "empty")
    OwnChunks(again.database, again.chunks).claim()
    foreign = LocalChunks(tmp_path / "foreign")
    foreign.set_mark("another")
    target = Place(tmp_path / "target", chunks=foreign)
    with pytest.raises(ForeignStoreError):
        backup.restore(target.database.engine, foreign, tmp_path / "copy")


def test_check_says_that_the_files_are_of_another_database(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place.database.engine.dispose()
    for it in (tmp_path / "service").glob("share.sqlite*"):
        it.unlink()

    assert command.run(["check"], Kept(directory=tmp_path / "service")) == 1

    assert "belongs to another database" in capsys.readouterr().out
