"""The user's side of the connector: where progress and names of a session go.

`Frontend` serves a script or a terminal: progress goes to standard error. The one of a
notebook is in `kernel`, which puts it in place. Imports nothing heavy: kernels load it
at start.
"""

import sys
from typing import Any, Protocol


class Progress(Protocol):
    """Shows the progress of a connection attempt, in the thread that waits for it."""

    def show(self, lines: list[str]) -> None:
        """Show the attempt's own lines so far, oldest first."""


class Frontend:
    """A plain process: lines on standard error, no names in a notebook."""

    def progress(self) -> Progress:
        """Return a new display for one attempt."""
        return _Lines()

    def changed(self) -> None:
        """React to a new state; called from any thread."""

    def session_began(self, spark: Any, context: Any) -> None:  # noqa: ANN401 - pyspark is not imported here.
        """React to a new session; called from any thread."""

    def session_ended(self, spark: Any, context: Any) -> None:  # noqa: ANN401 - pyspark is not imported here.
        """React to the end of a session; called from any thread."""


class _Lines:
    def __init__(self) -> None:
        self._shown = 0

    def show(self, lines: list[str]) -> None:
        for line in lines[self._shown :]:
            sys.stderr.write(f"{line}\n")
        self._shown = len(lines)


class _Current:
    """Holds the frontend of this process."""

    frontend = Frontend()


def current() -> Frontend:
    """Return the frontend of this process: the plain one, until `use` sets another."""
    return _Current.frontend


def use(frontend: Frontend | None) -> None:
    """Set the frontend of this process, None for the plain one."""
    _Current.frontend = frontend or Frontend()
