"""Lets one command at a time start or stop the service of a data directory."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from cygnet_hub import private_file
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.service.errors import BusyError


@contextmanager
def hold(data: DataDirectory) -> Iterator[None]:
    """Keep other commands from starting or stopping the service.

    The operating system lets go of the lock when this process ends in whatever way, so
    none is left behind.
    """
    try:
        descriptor = os.open(data.lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise private_file.explain(error, data.lock) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BusyError(data) from error
    finally:
        os.close(descriptor)
