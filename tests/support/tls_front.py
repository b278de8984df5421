"""TLS in front of a service of this machine, as a load balancer has it."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CHUNK = 65536
PATIENCE_S = 30


@contextmanager
def tls_front(port: int, target: int, certificate: Path) -> Iterator[None]:
    """Take TLS on a port of loopback, and pass on what is in it to another."""
    front = _Front(port, target, certificate)
    thread = threading.Thread(target=asyncio.run, args=(front.run(),))
    thread.start()
    try:
        assert front.listens.wait(PATIENCE_S)
        yield
    finally:
        front.stop()
        thread.join(PATIENCE_S)


class _Front:
    def __init__(self, port: int, target: int, certificate: Path) -> None:
        self._port, self._target = port, target
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_over = asyncio.Event()
        self.listens = threading.Event()

    async def run(self) -> None:
        self._loop = asyncio.get_running_loop()
        place = ("127.0.0.1", self._port)
        async with await asyncio.start_server(self._answer, *place, ssl=self._context):
            self.listens.set()
            await self._is_over.wait()

    def stop(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._is_over.set)

    async def _answer(
        self, asked: asyncio.StreamReader, answered: asyncio.StreamWriter
    ) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._target)
        # The end of what runs cancels this, and nobody else waits for it.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(_pass_on(asked, writer), _pass_on(reader, answered))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
        with suppress(OSError, asyncio.CancelledError):
            await writer.wait_closed()
