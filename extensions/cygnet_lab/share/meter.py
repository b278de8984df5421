"""Measures a transfer that takes its time, for a page."""

import time
from collections.abc import Callable

from cygnet_lab.share.state import Progress

LEAST_BYTES = 5 * 10**6
"""Of less nothing is shown: it is there before it can be read."""

PAUSE = 0.25
"""The seconds between two figures."""


class Meter:
    """Measures one transfer.

    Parameters
    ----------
    show
        Takes the progress, and None at its end.
    """

    def __init__(self, show: Callable[[Progress | None], None]) -> None:
        self._show = show
        self._all = self._done = 0
        self._next = 0.0

    def expect(self, count: int) -> None:
        """Take how many bytes are to come."""
        self._all += count

    def came(self, count: int) -> None:
        """Take how many bytes have come, or were there already."""
        self._done += count
        now = time.monotonic()
        if self._all >= LEAST_BYTES and now >= self._next:
            self._next = now + PAUSE
            self._show(Progress(min(self._done, self._all), self._all))

    def end(self) -> None:
        """Show nothing any more."""
        if self._next:
            self._show(None)
