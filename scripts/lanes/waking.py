"""Waits for a signal or for a time, and notes whether the user wants an end."""

import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Waking:
    """The signals that have come so far."""

    _reader: socket.socket
    ends: int = 0
    """How many times an end was asked for."""

    def wait(self, seconds: float) -> None:
        """Wait until a signal comes, that of a child that has ended included."""
        if select.select([self._reader], [], [], seconds)[0]:
            self._reader.recv(4096)

    def note(self, number: int, _: FrameType | None) -> None:
        """Take a signal, as its handler."""
        self.ends += number in ENDS


@contextmanager
def waking() -> Iterator[Waking]:
    """Handle signals within the block; those from before come back after it."""
    reader, writer = socket.socketpair()
    writer.settimeout(0)
    found = Waking(reader)
    before = {it: signal.signal(it, found.note) for it in (*ENDS, signal.SIGCHLD)}
    before_fd = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    try:
        yield found
    finally:
        signal.set_wakeup_fd(before_fd)
        for it, handler in before.items():
            signal.signal(it, handler)
        reader.close()
        writer.close()
