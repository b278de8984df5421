"""The content of a snapshot's file, for a reader who may see the snapshot."""

from http import HTTPStatus

from tornado.ioloop import IOLoop
from tornado.web import HTTPError

from cygnet_share.call import Service
from cygnet_share.tree import File
from cygnet_share.viewer.viewer import NOTHING, Content


def content(service: Service, file: File | None) -> Content:
    """Give the content of a file, which is read when it is its turn.

    Parameters
    ----------
    service
        Has the chunks.
    file
        The file; None for none.
    """
    if file is None:
        return NOTHING

    async def read() -> bytes:
        loop = IOLoop.current()
        return await loop.run_in_executor(service.threads, _bytes, service, file)

    return Content(file.size, file.chunks, read)


def _bytes(service: Service, file: File) -> bytes:
    """Read all chunks of a file."""
    found = [service.chunks.get(it) for it in file.chunks]
    whole = [it for it in found if it is not None]
    if len(whole) < len(found):
        raise HTTPError(HTTPStatus.GONE)
    return b"".join(whole)
