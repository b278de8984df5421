"""Monitors a session's executors: their protection, and why some are missing.

Asks the Kubernetes API only while executors are missing.
"""

import logging
import time

from spark_connector.api_server import list_executors
from spark_connector.lock import Lock, with_executors
from spark_connector.lock_watch import LockReader
from spark_connector.pod import Pod
from spark_connector.session import (
    ExecutorReport,
    read_executors,
    report_shortage,
)
from spark_connector.shortage import reason_of, refusal_in, sentence

_logger = logging.getLogger(__name__)
# Spark tries again every half minute at the latest, and removes pods that ended.
_REFUSED_SECONDS = 75.0
_SEEN_SECONDS = 20.0
# What Spark writes before each refusal, which the panel shows instead.
_PREAMBLES = (
    "Exception when notifying snapshot subscriber",
    "Failed to create executor pod",
)


class ExecutorMonitor:
    """The executors of one session, an application in the notebook's namespace.

    Lines about refused executors are taken out of the session's log.
    """

    def __init__(self, reader: LockReader, pod: Pod, application: str) -> None:
        self._reader = reader
        self._session = reader.session
        self._pod = pod
        self._application = application
        self._reason, self._until = "", 0.0
        self._shortage: str | None = None
        self._log = reader.jvm.on_line
        reader.jvm.on_line = self._on_line

    @property
    def is_over(self) -> bool:
        """Whether the session has ended."""
        return self._reader.is_over

    def read(self) -> Lock:
        """Return the lock of driver and executors, and report missing ones to pages.

        Raises StartError if the driver does not answer.
        """
        report = read_executors(self._session)
        lock = with_executors(self._reader.read(), report.executors)
        try:
            self._report(report)
        except Exception:
            # Whatever keeps executors away, the lock is known.
            if not self.is_over:
                _logger.exception("shortage of executors not reported")
        return lock

    def _on_line(self, line: str) -> None:
        refusal = refusal_in(line)
        if refusal is not None:
            self._remember(refusal, _REFUSED_SECONDS)
        elif not any(words in line for words in _PREAMBLES):
            self._log(line)

    def _report(self, report: ExecutorReport) -> None:
        shortage = self._shortage_of(report)
        # Also repeated, for a monitor that was loaded meanwhile.
        if shortage is not None or self._shortage is not None:
            report_shortage(self._session, shortage)
        self._shortage = shortage

    def _shortage_of(self, report: ExecutorReport) -> str | None:
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
