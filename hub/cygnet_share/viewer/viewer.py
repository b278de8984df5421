"""The viewer as the service calls it: a file and what is said of it give a page.

What was rendered is kept by the content and the path of the file, as nothing else
decides about it: no link of a body names a share or a version.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final, TypeAlias

from cachetools import LRUCache
from markupsafe import Markup

from cygnet_share.viewer import problem
from cygnet_share.viewer.document import Document
from cygnet_share.viewer.page import EMPTY, Frame, page
from cygnet_share.viewer.pool import Pool
from cygnet_share.viewer.process import Rendered

MAX_BYTES: Final = 20 * 10**6
"""The largest file that is shown."""

MAX_KEPT_BYTES: Final = 64 * 2**20
"""How much of what was rendered is kept; what was looked at least recently goes."""

MAX_WAITING: Final = 20
"""How many files are rendered or wait for it."""

_PAUSE = timedelta(seconds=30)
_ENTRY_BYTES = 1_000
_Key: TypeAlias = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, which must be sent with `policy.HEADERS`."""

    html: bytes
    status: HTTPStatus


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

    async def render(self, frame: Frame, data: bytes) -> Page:
        """Give the page of a file.

        Parameters
        ----------
        frame
            What is said of the file; the reader may see it.
        data
            The file; ask `refusal` first whether it need be read.

        Returns
        -------
        Page
            Of the file, or about why it is not shown.
        """
        if len(data) > MAX_BYTES:
            return refusal(frame, len(data))
        document = Document(frame.path, data)
        key = (document.path, hashlib.sha256(data).digest())
        found = self._kept.get(key)
        if found is None:
            task = self._running.get(key)
            if task is None and len(self._running) >= MAX_WAITING:
                found = Rendered(problem=problem.busy(_PAUSE))
            else:
                # Another reader may wait for the same one.
                found = await asyncio.shield(task or self._begin(key, document))
        return _page(frame, found)

    async def close(self) -> None:
        """End whatever renders, and all processes."""
        tasks = list(self._running.values())
        for it in tasks:
            it.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._pool.close()

    def _begin(self, key: _Key, document: Document) -> asyncio.Task[Rendered]:
        """Begin to render a file."""
        task = asyncio.create_task(self._render(key, document))
        self._running[key] = task
        return task

    async def _render(self, key: _Key, document: Document) -> Rendered:
        """Render a file, and keep what stays true."""
        try:
            found = await self._pool.render(document)
        finally:
            del self._running[key]
        if found.problem is None or found.problem.is_lasting:
            self._kept[key] = found
        return found


def refusal(frame: Frame, size: int) -> Page:
    """Give the page about a file that has more than `MAX_BYTES`."""
    found = problem.too_large(frame.path, size, MAX_BYTES)
    return _page(frame, Rendered(problem=found))


def _page(frame: Frame, found: Rendered) -> Page:
    """Put a page around what was rendered."""
    if found.problem is not None:
        html = page(frame, EMPTY, problem=found.problem.words)
        return Page(html, found.problem.status)
    body = Markup(found.body.decode())  # noqa: S704 - The renderer has made it.
    return Page(page(frame, body), HTTPStatus.OK)


def _size(found: Rendered) -> int:
    """Give how much memory an entry takes, about."""
    return len(found.body) + _ENTRY_BYTES
