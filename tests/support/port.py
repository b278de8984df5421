"""Ports for what a test starts, each of them given out once.

Two workers of one run never get the same port, nor does a connection that some
program opens take one between its choice and its use: they lie below the ranges that
Linux and macOS take such ports from, and below the one that the product chooses from.
"""

import itertools
import os
import socket

FIRST, LAST = 12000, 20000
WORKERS = 8
_SHARE = (LAST - FIRST) // WORKERS


def _mine() -> "itertools.cycle[int]":
    """Return the ports of this worker, from a place that other runs seldom share."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST + worker % WORKERS * _SHARE
    begin = os.getpid() * 97 % _SHARE
    return itertools.cycle([first + (begin + it) % _SHARE for it in range(_SHARE)])


_PORTS = _mine()


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    return list(itertools.islice(filter(_is_free, _PORTS), count))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the programs do: a port that a closed connection waits on is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
