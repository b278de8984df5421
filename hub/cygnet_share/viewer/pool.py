"""Processes that render, each of them once; the next one is ready before it is needed.

One that has had its time is killed; one whose service died reads the end of its input
and ends.
"""

import asyncio
import logging
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from cygnet_share.viewer import problem, process
from cygnet_share.viewer.process import Limits, Rendered
from cygnet_share.viewer.task import Task

AT_ONCE: Final = 2
"""How many files are rendered at the same time."""

_PAUSE = timedelta(seconds=30)
_log = logging.getLogger(__name__)


class Pool:
    """Renders files in processes.

    Parameters
    ----------
    limits
        Of each process.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._next: asyncio.Task[Process] | None = None

    async def render(self, load: Callable[[], Awaitable[Task]]) -> Rendered:
        """Do a task, which is loaded when it is its turn: no file waits in memory."""
        async with self._places:
            task = await load()
            try:
                taken = await self._take()
            except OSError:
                _log.exception("no process for the renderer")
                return Rendered(problem=problem.busy(_PAUSE))
            return await process.render(taken, task, self._limits)

    async def close(self) -> None:
        """Kill the process that is ready; those of a call end with the call."""
        if self._next is not None:
            await process.kill(await self._next)
            self._next = None

    async def _take(self) -> Process:
        """Give the process that is ready, and start the next one."""
        ready, self._next = self._next, asyncio.create_task(self._start())
        found = await (ready or self._start())
        return found if found.returncode is None else await self._start()

    async def _start(self) -> Process:
        """Start a process."""
        return await process.start(self._limits)
