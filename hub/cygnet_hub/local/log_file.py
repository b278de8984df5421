"""The log files of the hub and of the notebook server, and the room for them."""

import os
import tempfile
from pathlib import Path
from typing import IO

PROBE_BYTES = 256 * 1024
"""A notebook server writes about this much before it answers."""
TAIL_BYTES = 64 * 1024
"""More than any start writes that is worth reading."""


def begin(file: Path) -> IO[bytes]:
    """Open a new log of mode 0600; the one before stays as ``….previous.log``.

    The caller closes it.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if file.exists():
        file.replace(file.with_suffix(".previous.log"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    return os.fdopen(os.open(file, flags, 0o600), "ab")


def tail(file: Path) -> str:
    """Return the last `TAIL_BYTES` of a log, decoded as far as possible.

    It is empty when there is no log.
    """
    try:
        with file.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(0, size - TAIL_BYTES))
            return log.read().decode("utf-8", errors="replace")
    except OSError:
        return ""


def check_room(directory: Path) -> None:
    """Write and remove `PROBE_BYTES`, to learn of a full disk before the server."""
    with tempfile.TemporaryFile(dir=directory, prefix=".cygnet-") as file:
        file.write(b"\0" * PROBE_BYTES)
        file.flush()
        os.fsync(file.fileno())
