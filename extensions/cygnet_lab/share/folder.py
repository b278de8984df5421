"""A folder held open, and what is below it, reached through no link.

Each name is opened from the descriptor of the folder before it: whatever is swapped
meanwhile, nothing outside of the folder is read or written.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from cygnet_lab.share.errors import BlockedError

OWN = ".cygnet-share"
"""The hidden folder in a shared one that is this project's own."""

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
"""How a folder is opened."""

# A pipe without a writer would hold an opening without O_NONBLOCK for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


SETTLED_NS = 2 * 10**9
"""Some file systems keep times by two seconds: until then a file may change unseen."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What differs when a file has been written or replaced."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """Give that of a status."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


class Folder:
    """A folder held open.

    Parameters
    ----------
    handle
        Its descriptor, which is closed with it.
    """

    def __init__(self, handle: int) -> None:
        self.handle = handle

    @classmethod
    def open(cls, root: Path, place: str, *, make: bool = False) -> Self:
        """Open a folder.

        Parameters
        ----------
        root
            A folder that is trusted; links on the way to it are followed.
        place
            Relative to the root; no link on the way is followed.
        make
            Whether what is missing of it is made.

        Raises
        ------
        BlockedError
            When a file or link stands on the way.
        FileNotFoundError
            When it is missing.
        """
        start = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return cls(_opened(start, place, make=make))

    def __enter__(self) -> Self:
        """Use it until the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        os.close(self.handle)

    def below(self, place: str, *, make: bool = False) -> "Folder":
        """Open a folder in it, as `open` does."""
        return Folder(_opened(os.dup(self.handle), place, make=make))

    @contextmanager
    def parent(self, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """Open the folder that a path stands in; gives its descriptor and the name."""
        place, _, name = path.rpartition("/")
        _check(path, name)
        if not place:
            yield self.handle, name
            return
        with self.below(place, make=make) as inner:
            yield inner.handle, name

    def status(self, path: str) -> os.stat_result | None:
        """Look at what stands at a path, itself where it is a link."""
        try:
            with self.parent(path) as (handle, name):
                return os.stat(name, dir_fd=handle, follow_symlinks=False)
        except FileNotFoundError:
            return None

    @contextmanager
    def reading(self, path: str) -> Iterator[int]:
        """Open a regular file.

        Raises
        ------
        OSError, BlockedError
            When there is none, or none that can be read.
        """
        with self.parent(path) as (handle, name), opened_file(handle, name) as file:
            yield file


@contextmanager
def opened_file(handle: int, name: str) -> Iterator[int]:
    """Open a regular file in an open folder; gives its descriptor."""
    file = os.open(name, _FILE, dir_fd=handle)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise BlockedError(name, "is no regular file")
        yield file
    finally:
        os.close(file)


def _opened(start: int, place: str, *, make: bool) -> int:
    """Follow a path from an open folder, which is closed."""
    handle = start
    try:
        for name in place.split("/") if place else ():
            _check(place, name)
            inner = _inner(handle, name, place, make=make)
            os.close(handle)
            handle = inner
    except BaseException:
        os.close(handle)
        raise
    return handle


def _inner(handle: int, name: str, place: str, *, make: bool) -> int:
    """Open a folder in an open one."""
    try:
        return os.open(name, DIRECTORY, dir_fd=handle)
    except FileNotFoundError:
        if not make:
            raise
        # Files that come at once make the folder that they stand in at once.
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=handle)
        return os.open(name, DIRECTORY, dir_fd=handle)
    except OSError as error:
        if isinstance(error, PermissionError):
            raise
        reason = "is a link or a file on the way, where a folder belongs"
        raise BlockedError(place, reason) from error


def _check(path: str, name: str) -> None:
    """Refuse names that lead elsewhere."""
    if name in {"", ".", ".."} or "\0" in name:
        raise BlockedError(path, "is no path in the folder")
