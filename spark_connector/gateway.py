"""Closes what pyspark held of a session, without waiting for Java.

py4j (0.10.9) closes the stream of a connection before its socket, and so waits for the
thread that reads from it: forever where Java has called Python back, as it does for
`foreachBatch` and for listeners of streams (py4j/py4j#300).
"""

import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


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
