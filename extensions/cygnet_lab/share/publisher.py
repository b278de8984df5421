"""Publishes what the user has changed in a folder."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cygnet_share.tree import File, Tree, changes

from cygnet_lab.share import transfer
from cygnet_lab.share.client import Client
from cygnet_lab.share.errors import LackingError
from cygnet_lab.share.folder import Folder
from cygnet_lab.share.marker import Base
from cygnet_lab.share.meter import Meter
from cygnet_lab.share.waiting import each, in_thread

FEW = 10
"""Of fewer files any number may go without a question."""


@dataclass(frozen=True, slots=True)
class News:
    """What is published."""

    share: int

    base: Base
    """The snapshot that the folder was made of."""

    mine: Tree
    """What the folder holds."""


async def publish(client: Client, folder: Folder, news: News, meter: Meter) -> Base:
    """Send what the service lacks, and publish a snapshot.

    Parameters
    ----------
    client
        The service.
    folder
        Where the files are.
    news
        What is new.
    meter
        Measures what is sent.

    Returns
    -------
    Base
        The new snapshot.

    Raises
    ------
    StaleError
        When another one has been published since the base.
    ChangedError
        When a file has changed since it was looked at.
    """
    share, base, mine = news.share, news.base, news.mine
    new = {it.path: it.after for it in changes(base.tree, mine)}
    changed = _chunks({path: it for path, it in new.items() if it is not None})
    where = _chunks(mine)

    async def send(chunk: str) -> None:
        path, index = where[chunk]
        data = await in_thread(transfer.piece, folder, path, index, chunk)
        await client.send(share, chunk, data)
        meter.came(len(data))

    async def send_all(chunks: Iterable[str]) -> None:
        found = [it for it in chunks if it in where]
        for chunk in found:
            path, index = where[chunk]
            entry = mine[path]
            size = transfer.length(entry, index) if isinstance(entry, File) else 0
            meter.expect(size)
        try:
            await each(send, found)
        finally:
            meter.end()

    await send_all(await client.missing(share, changed) if changed else ())
    try:
        seq = await client.publish(share, base.seq, new)
    except LackingError as error:
        # It has lost a part of a file that has not changed.
        await send_all(error.chunks)
        seq = await client.publish(share, base.seq, new)
    return Base(seq, mine)


def _chunks(tree: Tree) -> Mapping[str, tuple[str, int]]:
    """Say where the bytes of each chunk are: path, and number within the file."""
    return {
        chunk: (path, index)
        for path, entry in tree.items()
        if isinstance(entry, File)
        for index, chunk in enumerate(entry.chunks)
    }


def gone(base: Tree, mine: Tree) -> tuple[str, ...]:
    """Give the files that may have gone by mistake, sorted.

    Returns
    -------
    tuple of str
        None of them where at most half of ten or more have gone, or some of fewer.
        What stands at another place has not gone.
    """
    files = {path: it for path, it in base.items() if isinstance(it, File)}
    contents = {it.chunks for it in mine.values() if isinstance(it, File)}
    found = sorted(
        path
        for path, file in files.items()
        if path not in mine and file.chunks not in contents
    )
    is_all = bool(found) and not contents
    is_most = len(files) >= FEW and len(found) * 2 > len(files)
    return tuple(found) if is_all or is_most else ()
