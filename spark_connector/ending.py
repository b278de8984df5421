"""Ends sessions in threads of their own, one after another.

Java may not answer, or be in the middle of a call back to Python: no cell, no message
of a page and no exit of the process waits for that longer than a few seconds.
"""

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_connector.gateway import Loose
    from spark_connector.session_start import Connected

LONGEST_SECONDS = 20.0
"""No end takes longer: a stop of ten seconds, then Java's end by force."""


class Endings:
    """The sessions of this process that are being ended."""

    def __init__(self) -> None:
        self._threads: dict[threading.Thread, Connected] = {}

    def begin(self, connected: "Connected", loose: "Loose | None" = None) -> None:
        """Begin to end a session, after those that are being ended.

        `loose` is what pyspark held of it, if pyspark has let go of it already.
        """
        thread = threading.Thread(
            target=self._run,
            args=(connected, loose, list(self._threads)),
            name="cygnet-ending",
            daemon=True,
        )
        self._threads[thread] = connected
        thread.start()

    def outlast(self) -> bool:
        """Wait for all ends, as long as the longest takes; return whether all ended."""
        return _outlast(list(self._threads))

    def kill(self) -> None:
        """End all that are being ended by force: the process is about to end."""
        for connected in list(self._threads.values()):
            connected.jvm.kill()

    def _run(
        self,
        connected: "Connected",
        loose: "Loose | None",
        earlier: list[threading.Thread],
    ) -> None:
        _outlast(earlier)
        try:
            connected.close(loose)
        finally:
            del self._threads[threading.current_thread()]


def _outlast(threads: list[threading.Thread]) -> bool:
    deadline = time.monotonic() + LONGEST_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return not any(it.is_alive() for it in threads)
