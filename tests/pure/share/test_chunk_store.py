import hashlib
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cygnet_share.chunk_store import LocalChunks
from cygnet_share.errors import ChunkError
from cygnet_share.tree import CHUNK_BYTES


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_chunk_is_kept_and_removed(tmp_path: Path) -> None:
    store, data = LocalChunks(tmp_path / "c"), b"some bytes"
    name = name_of(data)

    store.put(name, data)
    store.put(name, data)

    assert store.get(name) == data
    assert list(store.names()) == [name]
    store.delete(name)
    store.delete(name)
    assert store.get(name) is None
    assert list(store.names()) == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (name_of(b"a"), b"b"),
        ("../../etc/passwd", b"a"),
        (name_of(b"a").upper(), b"a"),
        (name_of(bytes(CHUNK_BYTES + 1)), bytes(CHUNK_BYTES + 1)),
    ],
    ids=["another's", "a path", "upper case", "too many"],
)
def test_bytes_that_are_not_of_the_name_are_refused(
    tmp_path: Path, name: str, data: bytes
) -> None:
    with pytest.raises(ChunkError):
        LocalChunks(tmp_path).put(name, data)

    assert not [it for it in tmp_path.rglob("*") if it.is_file()]


def test_damaged_chunk_is_missing_and_may_be_sent_again(tmp_path: Path) -> None:
    store, data = LocalChunks(tmp_path), b"some bytes"
    name = name_of(data)
    store.put(name, data)
    (tmp_path / name[:2] / name).write_bytes(b"")

    assert store.get(name) is None
    store.put(name, data)

    assert store.get(name) == data


def test_part_that_a_killed_service_has_left_is_removed(tmp_path: Path) -> None:
    LocalChunks(tmp_path).put(name_of(b"a"), b"a")
    folder = tmp_path / name_of(b"a")[:2]
    for name, age in (("old", timedelta(hours=2)), ("new", timedelta())):
        part = folder / f"{name}.part"
        part.write_bytes(b"half")
        written = time.time() - age.total_seconds()
        os.utime(part, (written, written))

    assert list(LocalChunks(tmp_path).names()) == [name_of(b"a")]
    # The new one may be of the service, next to which a backup is made.
    assert [it.name for it in tmp_path.rglob("*.part")] == ["new.part"]
