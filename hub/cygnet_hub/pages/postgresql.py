"""Waits for PostgreSQL no longer than the hub may, whatever the network does.

A timeout of the server's does not help when the server is not reached, and one of
TCP's not when it is, but has stopped. Names are looked up in a thread, as neither
libpq nor the system's resolver take a limit.
"""

import select
import socket
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from threading import Thread
from typing import Any

import psycopg2
from psycopg2 import extensions
from sqlalchemy import event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.pool import Pool

from cygnet_hub.pages.database import LONGEST_SECONDS, PATIENCE, SilentDatabaseError

STATEMENT_SECONDS = LONGEST_SECONDS - 0.1
"""When the server itself gives up, so that what waits does not pile up there."""
_EVENTS = {
    extensions.POLL_READ: select.POLLIN,
    extensions.POLL_WRITE: select.POLLOUT,
}
_asked: dict[str, Future[tuple[str, ...]]] = {}
"""Names that are being looked up: who gives up leaves the answer to the next one."""


def configure() -> None:
    """Let libpq's connections wait only as long as there is patience."""
    extensions.set_wait_callback(_wait)
    for target, name, listener in (
        (Pool, "checkout", _shorten),
        (Engine, "do_connect", _connect),
    ):
        if not event.contains(target, name, listener):
            event.listen(target, name, listener)


def limit(connection: Any, seconds: float) -> None:  # noqa: ANN401 - psycopg2's.
    """Let the server end each statement of a connection that takes longer."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {seconds * 1000:.0f}")


def find(name: str) -> tuple[str, ...]:
    """Look a name up, as long as there is patience.

    Returns
    -------
    tuple of str
        Its addresses, in the order in which they are tried.

    Raises
    ------
    psycopg2.OperationalError
        If there are none, or none were found in time.
    """
    answer, begun = _ask(name), time.monotonic()
    try:
        found = answer.result(PATIENCE.left())
    except OSError as error:
        why = "no answer in time" if not answer.done() else str(error)
        text = f"the address of the database's host {name} was not found: {why}"
        raise psycopg2.OperationalError(text) from None
    finally:
        PATIENCE.waited(time.monotonic() - begun)
        if answer.done():
            _asked.pop(name, None)
    return found


def _ask(name: str) -> Future[tuple[str, ...]]:
    """Begin to look a name up, unless that goes on already."""
    if name not in _asked:
        answer: Future[tuple[str, ...]] = Future()
        try:
            Thread(target=_look_up, args=(name, answer), daemon=True).start()
        except RuntimeError as error:
            # There may be threads again for the next one who asks.
            answer.set_exception(OSError(str(error)))
            return answer
        _asked[name] = answer
    return _asked[name]


def _look_up(name: str, answer: Future[tuple[str, ...]]) -> None:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        answer.set_result(tuple(dict.fromkeys(str(it[4][0]) for it in found)))
    except Exception as error:  # noqa: BLE001 - Somebody waits for it, whatever it is.
        answer.set_exception(OSError(str(error)))


def _connect(
    dialect: Dialect,
    _record: object,
    arguments: Sequence[Any],
    parameters: Mapping[str, Any],
) -> object:
    """Connect to addresses; the names with them are for TLS and passwords.

    libpq takes lists of equal length:
    https://www.postgresql.org/docs/current/libpq-connect.html
    """
    names = str(parameters.get("host") or "").split(",")
    ports = str(parameters.get("port") or "").split(",")
    # An empty name and a path mean a socket of this machine.
    if "hostaddr" in parameters or not all(names) or any("/" in it for it in names):
        return None
    if len(ports) == 1:
        ports *= len(names)
    found, failed = [], psycopg2.OperationalError()
    for name in names:
        # All at once: a name without an answer takes all of the patience.
        _ask(name)
    for name, port in zip(names, ports, strict=False):
        try:
            found += [(name, port, address) for address in find(name)]
        except psycopg2.OperationalError as error:
            # As libpq does, which goes on with the next host.
            failed = error
    if not found:
        raise failed
    lists = (",".join(it) for it in zip(*found, strict=True))
    where = dict(zip(("host", "port", "hostaddr"), lists, strict=True))
    return dialect.connect(*arguments, **{**parameters, **where})


def _shorten(connection: Any, record: Any, _proxy: object) -> None:  # noqa: ANN401 - Any database's.
    """Let the server end what the hub does not wait for."""
    is_ours = isinstance(connection, extensions.connection)
    if not is_ours or not PATIENCE.is_bounded or "cygnet" in record.info:
        return
    PATIENCE.ask()
    try:
        limit(connection, STATEMENT_SECONDS)
        connection.commit()
    except psycopg2.Error as error:
        PATIENCE.failed()
        raise SilentDatabaseError(str(error)) from error
    record.info["cygnet"] = True


def _wait(connection: extensions.connection) -> None:
    """Wait for one answer; an error closes the connection."""
    while (state := connection.poll()) != extensions.POLL_OK:
        poll, begun = select.poll(), time.monotonic()
        poll.register(connection.fileno(), _EVENTS[state])
        has_come = poll.poll(PATIENCE.left() * 1000)
        PATIENCE.waited(time.monotonic() - begun)
        if not has_come:
            text = "the database did not answer in time"
            raise psycopg2.OperationalError(text)
