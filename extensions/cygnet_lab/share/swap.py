"""Renames that overwrite nothing.

Linux has them as `renameat2`, which Python has not. Where the system or the file
system lacks it (macOS, NFS), what stands there is looked at just before.
"""

import ctypes
import errno
import os
from enum import IntEnum


class Flag(IntEnum):
    """How `renameat2` renames (its manual page)."""

    NO_REPLACE = 1
    """Fail where something stands at the new name."""

    EXCHANGE = 2
    """Let both names change places."""


_LACKING = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}
_CALL = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def move(source: tuple[int, str], target: tuple[int, str]) -> None:
    """Rename what stands at a name to one that is free.

    Parameters
    ----------
    source, target
        The descriptor of a folder, and a name in it.

    Raises
    ------
    FileExistsError
        When something stands there.
    """
    if _rename(source, target, Flag.NO_REPLACE):
        return
    try:
        os.stat(target[1], dir_fd=target[0], follow_symlinks=False)
    except FileNotFoundError:
        os.rename(source[1], target[1], src_dir_fd=source[0], dst_dir_fd=target[0])
        return
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target[1])


def exchange(one: tuple[int, str], other: tuple[int, str]) -> bool:
    """Let two names change places.

    Returns
    -------
    bool
        False where that cannot be done, and nothing was.
    """
    return _rename(one, other, Flag.EXCHANGE)


def _rename(source: tuple[int, str], target: tuple[int, str], flag: Flag) -> bool:
    """Call `renameat2`, and give False where there is none."""
    if _CALL is None:
        return False
    names = os.fsencode(source[1]), os.fsencode(target[1])
    if _CALL(source[0], names[0], target[0], names[1], ctypes.c_uint(flag)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _LACKING:
        return False
    raise OSError(number, os.strerror(number), target[1])
