"""A way to a port of this machine on which answers can be made to take a while."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer

from typing_extensions import override

CHUNK = 65536


class SlowWay(ThreadingTCPServer):
    """It leads to another port."""

    daemon_threads = True
    target = 0
    """The port."""
    delay = 0.0
    """How long each answer takes, in seconds."""

    @property
    def port(self) -> int:
        """Where it begins."""
        return int(self.server_address[1])


class _Connection(BaseRequestHandler):
    server: SlowWay

    @override
    def handle(self) -> None:
        place = ("127.0.0.1", self.server.target)
        with suppress(OSError), socket.create_connection(place) as far:
            up = threading.Thread(target=copy, args=(self.request, far), daemon=True)
            up.start()
            while content := far.recv(CHUNK):
                time.sleep(self.server.delay)
                self.request.sendall(content)


def copy(source: socket.socket, target: socket.socket) -> None:
    """Copy until one side ends, and say so to the other one."""
    with suppress(OSError):
        while content := source.recv(CHUNK):
            target.sendall(content)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def slow_way(target: int) -> Iterator[SlowWay]:
    """Open one, without a delay yet."""
    with SlowWay(("127.0.0.1", 0), _Connection) as way:
        way.target = target
        threading.Thread(target=way.serve_forever, daemon=True).start()
        yield way
        way.shutdown()
