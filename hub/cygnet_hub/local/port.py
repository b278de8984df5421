"""Which ports of 127.0.0.1 are free."""

import errno
import secrets
import socket
from collections.abc import Container

from cygnet_hub.local.errors import PortError

HIGHEST = 65535
_ATTEMPTS = 200
_FIRST, _COUNT = 20_000, 12_000


def next_free(wanted: int) -> int:
    """Return the wanted port, or the next one that is free.

    Parameters
    ----------
    wanted
        The first choice, from 1 to 65535.

    Returns
    -------
    int
        A port that could be bound a moment ago.

    Raises
    ------
    PortError
        When the wanted port may not be bound, or none of the next 200 is free.
    """
    for port in range(wanted, min(wanted + _ATTEMPTS, HIGHEST + 1)):
        if is_free(port):
            return port
    raise PortError(wanted, "it and the ports after it are taken")


def any_free(but: Container[int] = ()) -> int:
    """Return a free port that nobody else is likely to choose.

    Parameters
    ----------
    but
        Ports that are meant for something else and perhaps not bound yet.

    Returns
    -------
    int
        From below the ranges that Linux and macOS take the ports of outgoing
        connections from, so that none of those takes it before it is bound.
    """
    while True:
        port = _FIRST + secrets.randbelow(_COUNT)
        if port not in but and is_free(port):
            return port


def is_free(port: int) -> bool:
    """Tell whether the port can be bound on 127.0.0.1.

    Parameters
    ----------
    port
        From 1 to 65535.

    Returns
    -------
    bool
        False when a process listens there, also on all addresses.

    Raises
    ------
    PortError
        When this account may not bind it.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the proxy does: a port that a closed connection waits on is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            reason = (error.strerror or str(error)).lower()
            raise PortError(port, reason) from error
    return True
