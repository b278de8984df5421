"""Waits for PostgreSQL no longer than the hub may, whatever the network does.

A timeout of the server's does not help when the server is not reached, and one of
TCP's not when it is, but has stopped.
"""

import select
import time

import psycopg2
from psycopg2 import extensions

from cygnet_hub.database import Patience

_EVENTS = {
    extensions.POLL_READ: select.POLLIN,
    extensions.POLL_WRITE: select.POLLOUT,
}


def bound(patience: Patience) -> None:
    """Let libpq's connections wait only as long as there is patience.

    Parameters
    ----------
    patience
        Knows how long.
    """

    def wait(connection: extensions.connection) -> None:
        """Wait for one answer; an error closes the connection."""
        while (state := connection.poll()) != extensions.POLL_OK:
            poll, begun = select.poll(), time.monotonic()
            poll.register(connection.fileno(), _EVENTS[state])
            has_come = poll.poll(patience.left() * 1000)
            patience.waited(time.monotonic() - begun)
            if not has_come:
                text = "the database did not answer in time"
                raise psycopg2.OperationalError(text)

    extensions.set_wait_callback(wait)
