"""What the connector says and does where its user sits.

`Front` is a script or a terminal: progress goes to standard error. A notebook's front
is in `kernel`, which puts it in place. Imports nothing heavy: kernels load it at start.
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


class Front:
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


class _Seat:
    """Holds the front of this process."""

    front = Front()


def current() -> Front:
    """Return the front of this process.

    Returns
    -------
    Front
        The plain one, until `seat` put another in place.
    """
    return _Seat.front


def seat(front: Front | None) -> None:
    """Put a front in place.

    Parameters
    ----------
    front
        The new one, or None for the plain one.
    """
    _Seat.front = front or Front()
