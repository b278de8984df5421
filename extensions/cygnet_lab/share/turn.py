"""Lets one of a user's servers at a time work on a folder.

A person may have several servers with the same home, and each follows all of its
shared folders.
"""

import fcntl
import os
from types import TracebackType
from typing import Self

from cygnet_lab.share.errors import BlockedError, OccupiedError
from cygnet_lab.share.folder import OWN, Folder

NAME = "lock"
"""The file that is locked, next to the marker; a process that ends lets it go."""

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Turn:
    """The right to work on a folder, until the end of a block."""

    def __init__(self, handle: int | None) -> None:
        self._handle = handle

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the next server work."""
        if self._handle is not None:
            os.close(self._handle)


def take(folder: Folder) -> Turn:
    """Take the turn for a folder; a file system without locks gives it always.

    Raises
    ------
    OccupiedError
        When another server has it.
    """
    try:
        with folder.below(OWN) as own:
            handle = os.open(NAME, _FLAGS, 0o600, dir_fd=own.handle)
    except (OSError, BlockedError):
        # Without a marker there is nothing to do, as the round finds.
        return Turn(None)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise OccupiedError from None
    except OSError:
        # NFS may have no locks.
        os.close(handle)
        return Turn(None)
    return Turn(handle)
