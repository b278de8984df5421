"""Reads a session's lock repeatedly, because code in the session can change it."""

import logging
import sys
import threading
from collections.abc import Callable
from typing import Protocol

import psutil

from spark_connector.errors import StartError
from spark_connector.jvm import Jvm
from spark_connector.lock import (
    Lock,
    allowed_ports,
    compare,
    unverifiable,
    with_ports,
)
from spark_connector.open_port import OpenPort, exposed, port_at
from spark_connector.resolve import Resolved
from spark_connector.session import OpenSession, read_effective

EVERY_SECONDS = 1.5
_GRACE_SECONDS = 5.0
# While a session is stopped, the driver fails to answer before it is gone.
_PATIENCE = 3
_logger = logging.getLogger(__name__)


class Asked(Protocol):
    """A source of the lock."""

    @property
    def is_over(self) -> bool:
        """Whether the session has ended."""

    def read(self) -> Lock:
        """Return the lock as it is now; raises if there is no answer."""


class LockReader:
    """Reads the lock of a session from its driver and its Java process."""

    def __init__(self, session: OpenSession, jvm: Jvm, resolved: Resolved) -> None:
        self.session = session
        self.jvm = jvm
        self._resolved = resolved

    @property
    def is_over(self) -> bool:
        """Whether the session has ended."""
        return self.session.is_stopped or not self.jvm.is_running

    def read(self) -> Lock:
        """Return the driver's lock: its settings, listeners and ports.

        Raises StartError if the driver does not answer.
        """
        lock = compare(self._resolved, read_effective(self.session))
        ports = _read_ports(self.jvm.process.pid)
        if ports is not None:
            ports = exposed(ports, allowed_ports(self._resolved))
        return with_ports(lock, ports)


class LockWatch:
    """Follows the lock of one session, in a thread of its own.

    `shown` is the lock as it was when the session began.
    """

    def __init__(self, asked: Asked, shown: Lock) -> None:
        self._asked = asked
        self._shown = shown
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def follow(self, on_lock: Callable[[Lock], None]) -> None:
        """Read until the session is over or `stop` is called; report each change."""
        self._thread = threading.Thread(
            target=self._run, args=(on_lock,), name="cygnet-lock", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._is_over.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_GRACE_SECONDS)

    def _run(self, on_lock: Callable[[Lock], None]) -> None:
        shown, failures = self._shown, 0
        while not self._is_over.wait(EVERY_SECONDS) and not self._asked.is_over:
            try:
                lock = self._asked.read()
                failures = 0
            except Exception as error:  # noqa: BLE001 - the border of this thread
                failures += 1
                if failures < _PATIENCE:
                    continue
                lock = unverifiable(_reason(error))
            if lock != shown and not self._is_over.is_set():
                shown = lock
                on_lock(lock)


def _reason(error: Exception) -> str:
    if isinstance(error, StartError):
        return error.problems[0].reason
    _logger.error("lock not read", exc_info=error)
    return "The session could not be asked how it is protected."


def _read_ports(pid: int) -> tuple[OpenPort, ...] | None:
    """Return the ports on which a process listens; only Linux reports them."""
    if sys.platform != "linux":
        return None
    try:
        found = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return None
    listening = [it.laddr for it in found if it.status == psutil.CONN_LISTEN]
    return tuple(port_at(it.ip, it.port) for it in listening)
