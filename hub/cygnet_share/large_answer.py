"""Answers of many bytes, which end when the caller has taken them.

Tornado ends a request when all of its answer is in memory. For as long as a caller
then reads nothing, it stays there, and no bound counts it.
"""

import asyncio

from tornado.http1connection import HTTP1Connection
from tornado.web import RequestHandler
from typing_extensions import override

_SECONDS = 120
"""How long a caller may take to read an answer."""


class LargeAnswer(RequestHandler):
    """Can answer with many bytes."""

    _closed: asyncio.Future[None] | None = None

    async def send(self, data: bytes) -> None:
        """Answer, and wait until the caller has taken it, or has gone."""
        self._closed = asyncio.get_running_loop().create_future()
        self.set_header("Content-Length", str(len(data)))
        self.write(data)
        taken = self.flush()
        done, _ = await asyncio.wait(
            {taken, self._closed},
            timeout=_SECONDS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        connection = self.request.connection
        if taken not in done and isinstance(connection, HTTP1Connection):
            # The caller sees by the length that it is not whole.
            connection.stream.close()
        self.finish()

    @override
    def on_connection_close(self) -> None:
        """End the wait for a caller who has gone."""
        super().on_connection_close()
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)
