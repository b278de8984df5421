"""Chunks of files in a local directory, named by the SHA-256 of their bytes.

A chunk is there whole or not at all, also after a loss of power: it is written beside
its place, synchronised to the disk, and linked. What does not match its name is not
given back, and may be sent again.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cygnet_share.errors import ChunkError
from cygnet_share.tree import CHUNK_BYTES

_NAME = re.compile(r"[0-9a-f]{64}")
_PART = ".part"


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
        for left in directory.glob(f"*/*{_PART}"):
            left.unlink(missing_ok=True)

    def put(self, name: str, data: bytes) -> None:
        """Keep a chunk; one that is there already stays.

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
            When the disk does not take them.
        """
        if len(data) > CHUNK_BYTES or hashlib.sha256(data).hexdigest() != name:
            raise ChunkError(name)
        if self.get(name) is not None:
            return
        place = self._place(name)
        place.parent.mkdir(mode=0o700, exist_ok=True)
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
        return data if hashlib.sha256(data).hexdigest() == name else None

    def delete(self, name: str) -> None:
        """Remove a chunk, when it is there."""
        self._place(name).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """List the chunks, in no order."""
        for folder in self._directory.iterdir():
            yield from (it.name for it in folder.iterdir() if _NAME.fullmatch(it.name))

    def _place(self, name: str) -> Path:
        """Give the path of a chunk, for nothing but a name."""
        if not _NAME.fullmatch(name):
            raise ChunkError(name)
        return self._directory / name[:2] / name


def _synchronise(directory: Path) -> None:
    """Write a directory's own entries to the disk."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
