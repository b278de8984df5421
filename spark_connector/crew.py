"""Follows the executors of a session: are they protected, and what keeps others away.

One thread for each session with executors in pods. It asks Spark every second and a
half, and the Kubernetes API only while executors are missing.
"""

import logging
import threading
import time
from collections.abc import Callable

from spark_connector.api_server import list_executors
from spark_connector.errors import StartError
from spark_connector.lock import Lock, with_executors
from spark_connector.lock_watch import LockReader
from spark_connector.pod import Pod
from spark_connector.session import (
    ExecutorReport,
    read_executors,
    tell_trouble,
)
from spark_connector.trouble import reason_of, refusal_in, sentence

_logger = logging.getLogger(__name__)
_EVERY_SECONDS = 1.5
_GRACE_SECONDS = 5.0
# Spark tries again every half minute at the latest, and removes pods that ended.
_REFUSED_SECONDS = 75.0
_SEEN_SECONDS = 20.0
# What Spark writes before each refusal, which is told in the panel instead.
_PREAMBLES = (
    "Exception when notifying snapshot subscriber",
    "Failed to create executor pod",
)


class Crew:
    """The executors of one session.

    Parameters
    ----------
    reader
        Asks the session; lines about refused executors are taken out of its log.
    pod
        The notebook's pod.
    application
        Spark's id of the application.
    """

    def __init__(self, reader: LockReader, pod: Pod, application: str) -> None:
        self._reader = reader
        self._session = reader.session
        self._pod = pod
        self._application = application
        self._reason, self._until = "", 0.0
        self._trouble: str | None = None
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None
        self._log = reader.jvm.on_line
        reader.jvm.on_line = self._hear

    def follow(self, on_lock: Callable[[Lock], None]) -> None:
        """Begin to follow the executors, in a thread that `stop` ends.

        Parameters
        ----------
        on_lock
            Called with the lock of driver and executors whenever it changes.
        """
        self._thread = threading.Thread(
            target=self._run, args=(on_lock,), name="cygnet-executors", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the thread; the executors are the session's own to end."""
        self._is_over.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_GRACE_SECONDS)

    def _hear(self, line: str) -> None:
        refusal = refusal_in(line)
        if refusal is not None:
            self._remember(refusal, _REFUSED_SECONDS)
        elif not any(words in line for words in _PREAMBLES):
            self._log(line)

    def _run(self, on_lock: Callable[[Lock], None]) -> None:
        shown = self._reader.newest
        while not self._is_over.wait(_EVERY_SECONDS):
            try:
                report = read_executors(self._session)
                lock = with_executors(self._reader.read(), report.executors)
                if lock != shown:
                    shown = lock
                    on_lock(lock)
                self._tell(report)
            except StartError:
                # The session has ended, or is about to; its owner says so.
                continue
            except Exception:
                _logger.exception("executors not followed")

    def _tell(self, report: ExecutorReport) -> None:
        trouble = self._trouble_of(report)
        # Also repeated, for a monitor that was loaded meanwhile.
        if trouble is not None or self._trouble is not None:
            tell_trouble(self._session, trouble)
        self._trouble = trouble

    def _trouble_of(self, report: ExecutorReport) -> str | None:
        registered, wanted = len(report.executors), report.wanted or 0
        if registered >= wanted:
            self._until = 0.0
            return None
        seen = reason_of(list_executors(self._pod, self._application))
        if seen is not None:
            self._remember(seen, _SEEN_SECONDS)
        if time.monotonic() > self._until:
            return None
        return sentence(registered, wanted, self._reason)

    def _remember(self, reason: str, seconds: float) -> None:
        self._reason, self._until = reason, time.monotonic() + seconds
