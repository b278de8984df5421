"""Chunks of files, named by the SHA-256 of their bytes, and kept in a directory.

A chunk is there whole or not at all, also after a loss of power: it is written next to
its place, synchronised to the disk, and linked. What does not match its name is not
given back, and may be sent again.
"""

import errno
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from cygnet_share.errors import ChunkError
from cygnet_share.tree import CHUNK_BYTES

NAME = re.compile(r"[0-9a-f]{64}")
"""The name of a chunk."""

MARK = "database"
"""Where the id of the database is kept that the chunks are of."""

SPARE_BYTES = 2 * 10**9
"""What is kept free for the database and its log, at most."""

_SPARE = 0.05
_PART = ".part"
_LEFT = timedelta(hours=1)
"""After which time without a write a part belongs to no upload."""


class Chunks(Protocol):
    """Where chunks are kept."""

    def put(self, name: str, data: bytes) -> None:
        """Keep a chunk; one that is there and whole already stays.

        Parameters
        ----------
        name
            Its SHA-256, in 64 lower-case hexadecimal digits.
        data
            At most `CHUNK_BYTES` bytes.

        Raises
        ------
        ChunkError
            When the bytes are not those of the name, or too many.
        OSError
            When the store does not take them.
        """

    def get(self, name: str) -> bytes | None:
        """Read a chunk, or give None when it is missing or damaged."""

    def delete(self, name: str) -> None:
        """Remove a chunk, when it is there."""

    def names(self, before: datetime | None = None) -> Iterator[str]:
        """List the chunks, or those that were written before a time, in no order."""

    def mark(self) -> str | None:
        """Give the id of the database that the chunks are of; None where none is kept.

        See `mark.claim`.
        """

    def set_mark(self, identity: str, *, instead: bool = False) -> None:
        """Keep the id of the database, unless one is kept already.

        Parameters
        ----------
        identity
            The id.
        instead
            Whether it is kept in the place of another one.
        """


def check(name: str, data: bytes) -> None:
    """Refuse bytes that are not those of a name, or too many."""
    if len(data) > CHUNK_BYTES or not is_of(name, data):
        raise ChunkError(name)


def is_of(name: str, data: bytes) -> bool:
    """Whether bytes are those of a name."""
    return hashlib.sha256(data).hexdigest() == name


class LocalChunks:
    """The chunks in a directory that nothing else writes into.

    Parameters
    ----------
    directory
        Made when missing, for its owner alone.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        # All are there before the first chunk, so that no loss of power takes one.
        for number in range(256):
            (directory / f"{number:02x}").mkdir(mode=0o700, exist_ok=True)
        _synchronise(directory)
        # A backup or a check looks at the chunks while the service writes some.
        before = time.time() - _LEFT.total_seconds()
        for part in directory.rglob(f"*{_PART}"):
            with suppress(FileNotFoundError):
                if part.stat().st_mtime < before:
                    part.unlink()

    def put(self, name: str, data: bytes) -> None:
        """Keep a chunk, as `Chunks` says; the disk is not filled to its end."""
        check(name, data)
        if self.get(name) is not None:
            return
        self._refuse_last_bytes()
        self._write(self._place(name), data)

    def _write(self, place: Path, data: bytes) -> None:
        """Write a file whole or not at all, also after a loss of power."""
        handle, part = tempfile.mkstemp(_PART, dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fdatasync(file.fileno())
            Path(part).replace(place)
        except BaseException:
            with suppress(OSError):
                Path(part).unlink()
            raise
        _synchronise(place.parent)

    def get(self, name: str) -> bytes | None:
        """Read a chunk, or give None when it is missing or damaged."""
        try:
            data = self._place(name).read_bytes()
        except FileNotFoundError:
            return None
        return data if is_of(name, data) else None

    def delete(self, name: str) -> None:
        """Remove a chunk, when it is there."""
        self._place(name).unlink(missing_ok=True)

    def names(self, before: datetime | None = None) -> Iterator[str]:
        """List the chunks, as `Chunks` says."""
        for folder in self._directory.glob("??"):
            for it in folder.iterdir():
                is_chunk = NAME.fullmatch(it.name)
                if is_chunk and (before is None or _written(it) < before):
                    yield it.name

    def mark(self) -> str | None:
        """Give the id of the database that the chunks are of."""
        try:
            return (self._directory / MARK).read_text()
        except FileNotFoundError:
            return None

    def set_mark(self, identity: str, *, instead: bool = False) -> None:
        """Keep the id of the database, as `Chunks` says."""
        if instead or self.mark() is None:
            self._write(self._directory / MARK, identity.encode())

    def _refuse_last_bytes(self) -> None:
        """Take nothing that the database needs to go on."""
        disk = shutil.disk_usage(self._directory)
        if disk.free < min(disk.total * _SPARE, SPARE_BYTES):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _place(self, name: str) -> Path:
        """Give the path of a chunk, for nothing but a name."""
        if not NAME.fullmatch(name):
            raise ChunkError(name)
        return self._directory / name[:2] / name


def _written(path: Path) -> datetime:
    """Say when a file was written."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _synchronise(directory: Path) -> None:
    """Write a directory's own entries to the disk."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
