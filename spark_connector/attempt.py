"""One attempt to connect, as its waiters and its canceller see it.

It runs in a thread of its own, so that a waiting cell can be interrupted and a panel
need not wait. `session_start` does the work, and `connection` keeps the result.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spark_connector.errors import ConnectorError, InterruptedStartError, StartError
from spark_connector.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_connector.java import Java
    from spark_connector.jvm import Jvm
    from spark_connector.resolve import Resolved
    from spark_connector.session_start import Connected

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """What a caller asks to be connected with."""

    names: tuple[str, ...]
    """Bundles, as resolved."""

    options: tuple[tuple[str, str], ...]
    """The caller's options, sorted by key."""


@dataclass(slots=True)
class Attempt:
    """A try to connect; its thread ends by setting `done`."""

    request: ConnectRequest
    resolved: Resolved
    java: Java
    say: Callable[[str], None]
    """Called with each step in words."""

    on_line: Callable[[str], None]
    """Called with each line that Java writes."""

    lines: list[str] = field(default_factory=list)
    """The steps so far."""

    cancelled: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    jvm: Jvm | None = None
    result: Connected | None = None
    error: ConnectorError | None = None

    def cancel(self) -> None:
        """Give the attempt up; its Java process is ended at once."""
        self.cancelled.set()
        jvm = self.jvm
        if jvm is not None and not self.done.is_set():
            jvm.kill()

    def stop_if_cancelled(self) -> None:
        """Raise InterruptedStartError if `cancel` was called."""
        if self.cancelled.is_set():
            raise InterruptedStartError

    def run(self, work: Callable[[Attempt], Connected]) -> None:
        """Do the work; afterwards either `result` or `error` is set."""
        try:
            self.result = work(self)
        except ConnectorError as error:
            self.error = error
        except ImportError as error:
            _logger.exception("connection attempt failed")
            module = error.name or error
            reason = f"Spark did not start: this kernel cannot load {module}."
            remedy = "Restart the kernel: its packages may have changed meanwhile."
            self.error = StartError(Problem("Spark", None, reason, remedy))
        except Exception as error:
            # A Java process that is killed while pyspark talks to it fails in many
            # ways, and the waiting cell must report any of them.
            if not self.cancelled.is_set():
                _logger.exception("connection attempt failed")
            # Its text may need the Java process that has just gone.
            reason = f"Spark did not start: {type(error).__name__}."
            self.error = StartError(Problem("Spark", None, reason, "Try again."))
        if self.error is not None and self.cancelled.is_set():
            self.error = InterruptedStartError()
