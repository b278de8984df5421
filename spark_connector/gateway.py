"""What the connector does to py4j: greets Java's threads, and closes without waiting.

py4j (0.10.9) closes the stream of a connection before its socket, and so waits for the
thread that reads from it: for ever where Java has called Python back, as it does for
`foreachBatch` and for listeners of streams (py4j/py4j#300).
"""

import functools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from py4j.clientserver import ClientServer
from py4j.protocol import Py4JError

from spark_monitor.patch import Patch

_GREETED = "cygnet_greeted"


@dataclass(frozen=True, slots=True)
class Loose:
    """What pyspark held of a session, and holds no longer."""

    gateway: Any
    """py4j's gateway, or None."""

    accumulators: Any
    """pyspark's server for the updates of accumulators, or None."""

    def close(self) -> None:
        """Close it; only after the end of its Java process does nothing wait."""
        if self.accumulators is not None:
            self.accumulators.shutdown()
        if self.gateway is not None:
            for connection in _connections(self.gateway):
                # Closed by its own thread meanwhile, it has no socket.
                with suppress(OSError, AttributeError):
                    connection.socket.shutdown(socket.SHUT_RDWR)
            self.gateway.close()


def _connections(gateway: Any) -> Iterator[Any]:  # noqa: ANN401 - py4j has no types.
    # A gateway answers every other name with an object of Java.
    known = vars(gateway)
    yield from list(known["_gateway_client"].deque)
    server = known.get("_callback_server")
    if server is not None:
        yield from list(server.connections)


def greet_threads(gateway: Any, greet: Callable[[], None]) -> None:  # noqa: ANN401 - py4j has no types.
    """Say something to Java's thread behind each thread of Python, before all else.

    Parameters
    ----------
    gateway
        py4j's. In its pinned thread mode, pyspark's default, a thread of Python has a
        thread of Java to itself; else nothing happens.
    greet
        Called in each thread right before its first command. Threads in which Java
        calls Python back are left alone.
    """
    if not isinstance(gateway, ClientServer):
        return
    client = vars(gateway)["_gateway_client"]
    busy = threading.local()

    def is_new() -> bool:
        connection = client.get_thread_connection()
        if connection is None:
            return True
        return connection.initiated_from_client and not hasattr(connection, _GREETED)

    def greeting(send_command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(send_command)
        def wrapper(command: str, *args: object, **kwargs: object) -> object:
            if is_new() and not hasattr(busy, "greets"):
                busy.greets = True
                # The caller's own command says better what is wrong.
                with suppress(Py4JError, OSError, AttributeError):
                    greet()
                    setattr(client.get_thread_connection(), _GREETED, True)
                del busy.greets
            return send_command(command, *args, **kwargs)

        return wrapper

    Patch(client, "send_command", greeting)
