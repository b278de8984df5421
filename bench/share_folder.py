"""Publishing a folder of many files, and a large one; git and rsync take turns."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from cygnet_lab.share.client import Client
from cygnet_lab.share.folder import Folder
from cygnet_lab.share.marker import Base
from cygnet_lab.share.meter import Meter
from cygnet_lab.share.publisher import News, publish
from cygnet_lab.share.scan import Scanner

from bench import share_peer

FILE_BYTES = 6_000
PIECE_BYTES = 10**8
"""The size of each file of the large folder."""

BLOCK = 2**20
Round: TypeAlias = tuple[float, float | None, float | None]
"""The seconds of ours, of git and of rsync; None where a program is missing."""


class Published:
    """A folder that is published again and again, and has been copied by others.

    Parameters
    ----------
    client
        The service.
    share
        The share.
    folder
        Where the files are.
    """

    def __init__(self, client: Client, share: int, folder: Path) -> None:
        self._client = client
        self._share = share
        self.folder = folder
        self._base = Base()
        self._scanner = Scanner()

    async def publish(self) -> float:
        """Scan and publish it, and give the seconds."""
        start = time.monotonic()
        with Folder.open(self.folder.parent, self.folder.name) as folder:
            mine = self._scanner.scan(folder).entries
            news = News(self._share, self._base, mine)
            meter = Meter(lambda _: None)
            self._base = await publish(self._client, folder, news, meter)
        return time.monotonic() - start

    async def all(self) -> Round:
        """Let all three publish it, and give the seconds of each."""
        copy = self.folder.with_name(f"{self.folder.name}-copy")
        own = await self.publish()
        return own, share_peer.git(self.folder), share_peer.rsync(self.folder, copy)


async def many(
    url: str, name: str, folder: Path, files: int, changes: int
) -> list[list[float]]:
    """Publish a folder of small files, then one changed file at a time."""
    _write(folder, files, FILE_BYTES)
    client = Client(url, f"token-of-{name}")
    try:
        published = Published(client, await client.make("Many"), folder)
        await published.all()
        found = []
        for number in range(changes):
            (folder / f"{number}.bin").write_bytes(os.urandom(FILE_BYTES))
            _rest(folder / f"{number}.bin")
            found.append(await published.all())
    finally:
        await client.close()
    return _columns(found)


async def large(
    url: str, name: str, folder: Path, size: int
) -> tuple[list[list[float]], list[list[float]]]:
    """Publish a large folder, then again with one changed byte."""
    count = max(size // PIECE_BYTES, 1)
    _write(folder, count, size // count)
    client = Client(url, f"token-of-{name}")
    try:
        published = Published(client, await client.make("Large"), folder)
        first = await published.all()
        with (folder / "0.bin").open("r+b") as file:
            file.seek(size // count // 2)
            file.write(b"x")
        _rest(folder / "0.bin")
        return _columns([first]), _columns([await published.all()])
    finally:
        await client.close()


def _write(folder: Path, files: int, size: int) -> None:
    """Write files of random bytes, as no program writes them just now."""
    folder.mkdir(parents=True)
    for number in range(files):
        path = folder / f"{number}.bin"
        with path.open("wb") as file:
            for start in range(0, size, BLOCK):
                file.write(os.urandom(min(BLOCK, size - start)))
        _rest(path)


def _rest(path: Path) -> None:
    """Let a file be at rest: it was written a minute ago, and differs from before."""
    then = time.time_ns() - 60 * 10**9
    os.utime(path, ns=(then, then))


def _columns(rounds: Sequence[Round]) -> list[list[float]]:
    """Give the seconds of each program, nothing where it is missing."""
    columns = zip(*rounds, strict=True)
    return [[it for it in column if it is not None] for column in columns]
