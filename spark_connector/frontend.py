"""What the connector says and does where its user sits.

`Frontend` serves a script or a terminal: progress goes to standard error. The one of a
notebook is in `kernel`, which puts it in place. Imports nothing heavy: kernels load it
at start.
"""

import sys
from typing import Any, Protocol


class Progress(Protocol):
    """Shows how a connection attempt goes on, in the thread that waits for it."""

    def show(self, lines: list[str]) -> None:
        """Show the attempt's own lines so far.

        Parameters
        ----------
        lines
            All of them, oldest first.
        """


class Frontend:
    """A plain process: lines on standard error, no names to hand out."""

    def progress(self) -> Progress:
        """Return what shows one attempt.

        Returns
        -------
        Progress
            A fresh one.
        """
        return _Lines()

    def changed(self) -> None:
        """Hear that the state changed; from any thread."""

    def session_began(self, spark: Any, context: Any) -> None:  # noqa: ANN401 - pyspark is not imported here.
        """Hear that a session is there; from any thread.

        Parameters
        ----------
        spark, context
            The session and its context.
        """

    def session_ended(self, spark: Any, context: Any) -> None:  # noqa: ANN401 - pyspark is not imported here.
        """Hear that a session has gone; from any thread.

        Parameters
        ----------
        spark, context
            The session and its context.
        """


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
    """Return the frontend of this process.

    Returns
    -------
    Frontend
        The plain one, until `use` put another in place.
    """
    return _Current.frontend


def use(frontend: Frontend | None) -> None:
    """Put a frontend in place.

    Parameters
    ----------
    frontend
        The new one, or None for the plain one.
    """
    _Current.frontend = frontend or Frontend()
