"""Holds the connector's state: replaced whole, logged, numbered."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from spark_connector.catalog import Catalog
from spark_connector.javalog import is_printed, read_line
from spark_connector.lock import Lock
from spark_connector.problem import Problem
from spark_connector.state import (
    MAX_LINES,
    MAX_PRINTED,
    MAX_TEXT,
    Level,
    LogLine,
    Phase,
    State,
    state_message,
)
from spark_connector.text import cut


class StateStore:
    """Holds the newest `State`; every method may be called from any thread.

    It calls `changed` after each change, which must return at once.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._lock = threading.Lock()
        self._state = State()
        self._seq = 0

    @property
    def state(self) -> State:
        """The newest snapshot."""
        return self._state

    def update(self, **changes: Any) -> None:  # noqa: ANN401 - the fields of State, which `replace` checks.
        """Replace some fields of `State`."""
        with self._lock:
            self._state = replace(self._state, **changes)
        self._changed()

    def note(self, problems: tuple[Problem, ...]) -> None:
        """Replace the problems of a session that runs, and log new ones."""
        before = self._state.problems
        if problems != before:
            self.update(problems=problems)
            for problem in problems:
                if problem not in before:
                    self.log(Level.WARNING, problem.reason)

    def show_lock(self, lock: Lock) -> None:
        """Replace the lock of a session that runs, and log what opened it."""
        before = self._state.lock.reasons
        self.update(lock=lock)
        for reason in lock.reasons:
            if reason not in before:
                self.log(Level.WARNING, f"The lock is {lock.state.value}: {reason}")

    def log(self, level: Level, text: str) -> None:
        """Add a line, cut at 400 characters, to the log, which keeps the newest 200."""
        line = LogLine(_now_ms(), level, cut(text, MAX_TEXT))
        with self._lock:
            kept = (*self._state.log, line)[-MAX_LINES:]
            self._state = replace(self._state, log=kept)
        self._changed()

    def add_java_line(self, line: str) -> None:
        """Add a line of Java's output, to the log or to what workers have printed."""
        read = read_line(line)
        if read is not None:
            self.log(*read)
        elif self._state.phase is Phase.CONNECTED and is_printed(line):
            self.printed(line)

    def printed(self, text: str) -> None:
        """Add a line that a worker has printed, cut at 400 characters; 50 are kept."""
        with self._lock:
            kept = (*self._state.printed, cut(text, MAX_TEXT))[-MAX_PRINTED:]
            self._state = replace(self._state, printed=kept)
        self._changed()

    def message(self, catalog: Catalog) -> dict[str, object]:
        """Return the state for the wire, with the bundles of a catalog.

        Its number is the time in milliseconds, so that it also grows when the kernel is
        restarted.
        """
        with self._lock:
            self._seq = max(self._seq + 1, _now_ms())
            return state_message(self._state, catalog, self._seq)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
