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
    """Return the wanted port, or the next of 200 that is free.

    It could be bound a moment ago. `PortError` says that the wanted one may not be
    bound, or that none is free.
    """
    for port in range(wanted, min(wanted + _ATTEMPTS, HIGHEST + 1)):
        if is_free(port):
            return port
    raise PortError(wanted, "it and the ports after it are taken")


def any_free(but: Container[int] = ()) -> int:
    """Return a free port that no other program is likely to choose.

    It lies below the ranges that Linux and macOS take the ports of outgoing connections
    from, so that none of those takes it before it is bound. Ports in `but` are meant
    for something else, and perhaps not bound yet.
    """
    while True:
        port = _FIRST + secrets.randbelow(_COUNT)
        if port not in but and is_free(port):
            return port


def is_free(port: int) -> bool:
    """Return whether the port can be bound on 127.0.0.1.

    It cannot when a process listens there, also on all addresses; `PortError` says that
    this account may not bind it at all.
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
