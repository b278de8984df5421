"""The viewer as the service calls it: files and what is asked about them give a body.

What was rendered is kept by the content and the path of the file, as nothing else
decides about it: no link of a body names a share or a version.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final, TypeAlias

from cachetools import LRUCache

from cygnet_share.viewer import problem
from cygnet_share.viewer.document import Document
from cygnet_share.viewer.pool import Pool
from cygnet_share.viewer.process import Rendered
from cygnet_share.viewer.task import Act, Task

MAX_BYTES: Final = 20 * 10**6
"""The largest file that is shown."""

MAX_KEPT_BYTES: Final = 64 * 2**20
"""How much of what was rendered is kept; what was looked at least recently goes."""

MAX_WAITING: Final = 20
"""How many files are rendered or wait for it."""

MAX_WAITING_EACH: Final = 4
"""How many of them one reader has; one of these is rendered at a time."""

_PAUSE = timedelta(seconds=30)
_ENTRY_BYTES = 1_000
_Key: TypeAlias = tuple[Act, str, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a file."""

    size: int
    """In bytes."""

    chunks: tuple[str, ...]
    """What it is known by: files with the same chunks have the same content."""

    read: Callable[[], Awaitable[bytes]]
    """Reads it."""


async def _nothing() -> bytes:
    """Read what is not there."""
    return b""


NOTHING: Final = Content(0, (), _nothing)
"""The version of a file before it was there, or after it was removed."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a reader asks for, who may see it."""

    reader: int
    """Who asks; readers wait for each other, and not for all that one asks for."""

    path: str
    """Of the file in the share."""

    content: Content
    before: Content = NOTHING
    """The older version, where two are compared."""

    act: Act = Act.SHOW

    @property
    def key(self) -> _Key:
        """What decides about the body."""
        return (self.act, self.path, self.content.chunks, self.before.chunks)

    async def task(self) -> Task:
        """Read the files."""
        document = Document(self.path, await self.content.read())
        return Task(document, self.act, await self.before.read())


class Viewer:
    """Shows files of shares.

    Parameters
    ----------
    pool
        Renders; closed with the viewer.
    """

    def __init__(self, pool: Pool | None = None) -> None:
        self._pool = pool or Pool()
        self._kept: LRUCache[_Key, Rendered] = LRUCache(MAX_KEPT_BYTES, _size)
        self._running: dict[_Key, asyncio.Task[Rendered]] = {}
        self._asked: Counter[int] = Counter()
        self._turns: dict[int, asyncio.Lock] = {}

    async def render(self, job: Job) -> Rendered:
        """Give what a reader asks for, or why it is not shown."""
        largest = max(job.content.size, job.before.size)
        if largest > MAX_BYTES:
            return Rendered(problem=problem.too_large(job.path, largest, MAX_BYTES))
        found = self._kept.get(job.key)
        if found is not None:
            return found
        task = self._running.get(job.key)
        if task is None and len(self._running) >= MAX_WAITING:
            return Rendered(problem=problem.busy(_PAUSE))
        if task is None and self._asked[job.reader] >= MAX_WAITING_EACH:
            return Rendered(problem=problem.too_many(MAX_WAITING_EACH))
        # Another reader may wait for the same one.
        return await asyncio.shield(task or self._begin(job))

    async def close(self) -> None:
        """End whatever renders, and all processes."""
        tasks = list(self._running.values())
        for it in tasks:
            it.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._pool.close()

    def _begin(self, job: Job) -> asyncio.Task[Rendered]:
        """Begin to render."""
        task = asyncio.create_task(self._render(job))
        self._running[job.key] = task
        self._asked[job.reader] += 1
        task.add_done_callback(lambda _: self._end(job))
        return task

    def _end(self, job: Job) -> None:
        """Forget what has been rendered, and a reader who waits for nothing more."""
        del self._running[job.key]
        self._asked[job.reader] -= 1
        if not self._asked[job.reader]:
            del self._asked[job.reader]
            self._turns.pop(job.reader, None)

    async def _render(self, job: Job) -> Rendered:
        """Render, and keep what stays true."""
        async with self._turns.setdefault(job.reader, asyncio.Lock()):
            found = await self._pool.render(job.task)
        if found.problem is None or found.problem.is_lasting:
            self._kept[job.key] = found
        return found


def status(found: Rendered) -> HTTPStatus:
    """Give the status of the answer."""
    return HTTPStatus.OK if found.problem is None else found.problem.status


def words(found: Rendered) -> str:
    """Say why nothing was rendered; empty where something was."""
    return "" if found.problem is None else found.problem.words


def _size(found: Rendered) -> int:
    """Give how much memory an entry takes, about."""
    return len(found.body) + _ENTRY_BYTES
