"""The parts of files that are being received, which a cut or a kill leaves to go on.

A part has the chunks that have come, in their places. Which ones lack is read from its
bytes alone, before and after the transfer, so that a damaged one is received again.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

from cygnet_share import path_rule
from cygnet_share.snapshot_rule import Limits, size_of
from cygnet_share.tree import CHUNK_BYTES, File, Tree

from cygnet_lab.share.errors import ChangedError, NoRoomError, UnsafeTreeError
from cygnet_lab.share.folder import OWN, Folder

PARTS = f"{OWN}/parts"
"""Where parts are, in a shared folder."""

KEPT_FREE = 0.1
"""The part of the file system that is left to other things."""

MOST_KEPT_FREE = 10**9
"""The most bytes that are left to them."""

_LIMITS = Limits()
_OPEN = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def part_name(path: str, file: File) -> str:
    """Name the part of a file by its place and content."""
    text = json.dumps([path, file.size, file.chunks])
    return hashlib.sha256(text.encode()).hexdigest()


def check(tree: Tree) -> None:
    """Ask the rules about a snapshot again, as nothing of it is trusted.

    Raises
    ------
    UnsafeTreeError
        When it holds names that no disk may get, or sizes that cannot be.
    """
    reasons = {path: path_rule.reason_against(path) for path in tree}
    problems = [f"{path!r} {reason}." for path, reason in reasons.items() if reason]
    problems += [
        f"{other!r} cannot stand next to {one!r} on every file system."
        for one, other in path_rule.clashes(tree)
    ]
    problems += [
        f"{path!r} is not as long as its chunks."
        for path, entry in tree.items()
        if isinstance(entry, File)
        and len(entry.chunks) != -(-entry.size // CHUNK_BYTES)
    ]
    if len(tree) > _LIMITS.max_entries or size_of(tree).bytes > _LIMITS.max_bytes:
        problems.append("It holds more than can be shared.")
    if problems:
        raise UnsafeTreeError(sorted(problems))


def check_room(folder: Folder, files: Iterable[File]) -> None:
    """Refuse to fill the disk, before the first byte.

    Raises
    ------
    NoRoomError
        When less than `KEPT_FREE` of the file system would be left, or less than
        `MOST_KEPT_FREE`.
    """
    wanted = sum(it.size for it in files)
    if not wanted:
        return
    status = os.fstatvfs(folder.handle)
    # What the system reserves for itself was never the user's.
    whole = status.f_blocks - status.f_bfree + status.f_bavail
    kept = min(int(whole * KEPT_FREE) * status.f_frsize, MOST_KEPT_FREE)
    free = status.f_bavail * status.f_frsize - kept
    if wanted > free:
        raise NoRoomError(wanted, free)


def lacking(folder: Folder, path: str, file: File) -> Mapping[int, str]:
    """Say which chunks of a file have not come yet, by their index."""
    with folder.below(PARTS, make=True) as parts, _part(parts, path, file) as handle:
        return _lacking(handle, file)


def finish(folder: Folder, path: str, file: File) -> None:
    """Write a part to the disk, and read it again.

    Raises
    ------
    ChangedError
        When it is not the file.
    """
    with folder.below(PARTS, make=True) as parts, _part(parts, path, file) as handle:
        if os.fstat(handle).st_size > file.size:
            os.ftruncate(handle, file.size)
        os.fsync(handle)
        if _lacking(handle, file):
            raise ChangedError(path)


def receive(folder: Folder, path: str, file: File, index: int, data: bytes) -> None:
    """Write a chunk of a file into its part."""
    with folder.below(PARTS, make=True) as parts, _part(parts, path, file) as handle:
        if os.pwrite(handle, data, index * CHUNK_BYTES) != len(data):
            raise ChangedError(path)


def clear(folder: Folder) -> None:
    """Remove parts that no transfer wants any more."""
    with suppress(FileNotFoundError):
        with folder.below(PARTS) as parts:
            # A descriptor is no path.
            for name in os.listdir(parts.handle):  # noqa: PTH208
                os.unlink(name, dir_fd=parts.handle)
        with folder.below(OWN) as own:
            os.rmdir("parts", dir_fd=own.handle)


def piece(folder: Folder, path: str, index: int, chunk: str) -> bytes:
    """Read a chunk of a file of the folder.

    Raises
    ------
    ChangedError
        When the file has changed, or has gone.
    """
    try:
        with folder.reading(path) as file:
            data = os.pread(file, CHUNK_BYTES, index * CHUNK_BYTES)
    except OSError:
        raise ChangedError(path) from None
    if hashlib.sha256(data).hexdigest() != chunk:
        raise ChangedError(path)
    return data


@contextmanager
def _part(parts: Folder, path: str, file: File) -> Iterator[int]:
    """Open the part of a file; what is no file of its own is replaced."""
    name = part_name(path, file)
    handle = os.open(name, _OPEN, 0o600, dir_fd=parts.handle)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            os.unlink(name, dir_fd=parts.handle)
            fresh = os.open(name, _OPEN | os.O_EXCL, 0o600, dir_fd=parts.handle)
            os.close(handle)
            handle = fresh
        yield handle
    finally:
        os.close(handle)


def _lacking(handle: int, file: File) -> Mapping[int, str]:
    """Read which chunks of a file an open part has not."""
    return {
        index: chunk
        for index, chunk in enumerate(file.chunks)
        if not _is_there(handle, index, chunk, file)
    }


def length(file: File, index: int) -> int:
    """Give how many bytes a chunk of a file has."""
    return min(CHUNK_BYTES, file.size - index * CHUNK_BYTES)


def _is_there(handle: int, index: int, chunk: str, file: File) -> bool:
    """Return whether a part holds a chunk where it belongs."""
    start = index * CHUNK_BYTES
    data = os.pread(handle, length(file, index), start)
    return hashlib.sha256(data).hexdigest() == chunk
