"""The log file of the notebook server, and the test that there is room for it."""

import os
import tempfile
from pathlib import Path
from typing import IO

PROBE_BYTES = 256 * 1024
"""A server writes about this much before it answers."""
TAIL_BYTES = 64 * 1024
"""More than any start writes that is worth reading."""


def log_file(data_dir: Path) -> Path:
    """Return where the server writes.

    Parameters
    ----------
    data_dir
        The service's data directory.

    Returns
    -------
    Path
        In its ``logs`` directory.
    """
    return data_dir / "logs" / "server.log"


def begin(data_dir: Path) -> IO[bytes]:
    """Open a fresh log and keep the one before it.

    Parameters
    ----------
    data_dir
        The service's data directory.

    Returns
    -------
    IO of bytes
        To be closed by the caller; the file has mode 0600.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    file = log_file(data_dir)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if file.exists():
        file.replace(file.with_name("server.previous.log"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    return os.fdopen(os.open(file, flags, 0o600), "ab")


def tail(data_dir: Path) -> str:
    """Read the end of the log.

    Parameters
    ----------
    data_dir
        The service's data directory.

    Returns
    -------
    str
        At most `TAIL_BYTES` bytes, decoded as far as possible; empty when there is
        no log.
    """
    try:
        with log_file(data_dir).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""


def check_room(directory: Path) -> None:
    """Write and remove a small file, to learn of a full disk before the server.

    Parameters
    ----------
    directory
        Where the server is going to write.

    Raises
    ------
    OSError
        When the directory takes no `PROBE_BYTES`.
    """
    with tempfile.TemporaryFile(dir=directory, prefix=".cygnet-") as file:
        file.write(b"\0" * PROBE_BYTES)
        file.flush()
        os.fsync(file.fileno())
