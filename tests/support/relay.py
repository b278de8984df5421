"""A proxy for HTTP that runs in a pod of the cluster, for `tests.support.way`.

It opens tunnels, as WebSockets want them, and passes on plain requests, one for each
connection. It needs Python alone, so that its text can be given to any Python.
"""

import asyncio
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from urllib.parse import urlsplit

NOT_REACHED = (
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)
CHUNK = 65536


def plain(head: bytes) -> tuple[str, int, bytes]:
    """Return whom a request is for, and the request as they expect it.

    They are asked to close, since the next request may be for somebody else.
    """
    first, *lines = head.split(b"\r\n")
    method, url, version = first.split(b" ")
    parts = urlsplit(url.decode())
    path = parts._replace(scheme="", netloc="").geturl() or "/"
    dropped = (b"connection:", b"proxy-connection:")
    kept = [it for it in lines if not it.lower().startswith(dropped)]
    asked = [b" ".join((method, path.encode(), version)), b"Connection: close", *kept]
    return parts.hostname or "", parts.port or 80, b"\r\n".join(asked)


async def copy(source: StreamReader, target: StreamWriter) -> None:
    """Copy until one side ends."""
    with suppress(OSError):
        while content := await source.read(CHUNK):
            target.write(content)
            await target.drain()
        target.write_eof()


async def serve(near: StreamReader, back: StreamWriter) -> None:
    """Serve one connection."""
    with suppress(OSError, asyncio.IncompleteReadError):
        head = await near.readuntil(b"\r\n\r\n")
        if is_tunnel := head.startswith(b"CONNECT "):
            host, _, number = head.split(b" ")[1].decode().rpartition(":")
            port, request = int(number), b""
        else:
            host, port, request = plain(head)
        try:
            far, forth = await asyncio.open_connection(host, port)
        except OSError:
            back.write(NOT_REACHED)
        else:
            if is_tunnel:
                back.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            forth.write(request)
            up = asyncio.create_task(copy(near, forth))
            if not is_tunnel:
                # Else the client may ask again while this connection ends.
                back.write(await far.readuntil(b"\r\n") + b"Connection: close\r\n")
            await copy(far, back)
            up.cancel()
            forth.close()
    back.close()


async def main(port: int) -> None:
    """Serve at a port that only this machine, or this pod, can reach."""
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
