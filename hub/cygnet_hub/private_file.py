"""Files and directories that only their owner may read.

A file is written next to its place and renamed, so that a reader sees the old
content or the new and a full disk loses nothing.
"""

import errno
import os
import shutil
import tempfile
from pathlib import Path

from cygnet_hub.errors import DataDirectoryError, DiskFullError

_FULL_BYTES = 1 << 20


def make_directory(path: Path) -> Path:
    """Make a directory, and those above it, for its owner alone.

    One that exists gets mode 0700.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise explain(error, path) from error
    return path


def write(path: Path, text: str) -> None:
    """Write a file of mode 0600, whole or not at all, into an existing directory."""
    temporary: Path | None = None
    try:
        # mkstemp makes its file with mode 0600, before any byte is in it.
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        temporary = Path(name)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise explain(error, path) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def is_full(directory: Path) -> bool:
    """Return whether a program that failed in a directory probably found no space.

    That is with less than 1 MiB free: the program's last file is gone by now.
    """
    return shutil.disk_usage(directory).free < _FULL_BYTES


def explain(error: OSError, path: Path) -> DataDirectoryError | DiskFullError:
    """Turn a failed write into an error with a remedy, for the caller to raise."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFullError(path)
    reason = (error.strerror or str(error)).lower()
    return DataDirectoryError(path, reason)
