"""Wakes the pages that wait for news of shared folders."""

import asyncio
import time
from contextlib import suppress


class Board:
    """Counts changes, for one event loop."""

    def __init__(self) -> None:
        # No number of the server before its restart comes again.
        self.version = int(time.time() * 1000)
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Count a change, and wake who waits."""
        self.version += 1
        self._rung.set()
        self._rung = asyncio.Event()

    async def wait(self, since: int, seconds: float) -> None:
        """Wait for a change since a version, or for some seconds."""
        # The `wait_for` of Python 3.11 may lose a cancellation.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.version == since:
                    await self._rung.wait()
