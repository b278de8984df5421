"""What people who share folders wait for, and what sharing costs.

The service runs in a process of its own, with a stand-in for the hub; the publishers
and mirrors are those of the notebook server. git and rsync do the same work in the same
folders.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from cygnet_share.database import Database, connect

from bench import share_folder, share_view
from tests.support.following import Home, becomes, home, notebook
from tests.support.sharing import People, Sharing

MEGABYTE = 1e6
FILE = "n.ipynb"
PATIENCE_S = 300


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    pairs: int = 50
    saves: int = 4
    """Of each pair."""

    mirrors: int = 200
    files: int = 1_000
    changes: int = 10
    """How often one of them is changed."""

    bytes: int = 10**9
    cells: int = 300
    pictures: int = 50
    idle_s: int = 60

    @property
    def words(self) -> str:
        """What is measured, in words."""
        return (
            f"{self.pairs} pairs with {self.saves} saves; {self.mirrors} mirrors; "
            f"{self.files:,} files, of which {self.changes} were changed in turn; "
            f"{self.bytes // 10**6:,} MB; a notebook of {self.cells} cells and "
            f"{self.pictures} pictures"
        )


QUICK = Size(3, 1, 4, 20, 2, 2 * 10**7, 30, 5, 4)
"""Enough to see that everything works."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured; where a list of seconds is empty, its program is missing."""

    pairs_s: list[float]
    """From a save to the file in the other's folder."""

    mirrors_s: list[float]
    """From a save until the last of all mirrors has it."""

    change_s: list[list[float]]
    """To publish one changed file of many: ours, git, rsync."""

    large_s: list[list[float]]
    """To publish a large folder: ours, git, rsync."""

    byte_s: list[list[float]]
    """To publish it again with one changed byte: ours, git, rsync."""

    viewer_s: list[float]
    """To show a notebook that was not shown before, and another one after it."""

    scan: float
    """The part of a processor that following a folder takes where nothing happens."""

    service_mb: float
    """The memory of the service after all this."""


def measure(size: Size) -> Measured:
    """Measure everything, in folders that are removed afterwards."""
    with TemporaryDirectory(prefix="cygnet-bench-") as place:
        return asyncio.run(_measure(size, Path(place)))


async def _measure(size: Size, place: Path) -> Measured:
    """Measure everything below a directory."""
    people = 2 * size.pairs + size.mirrors + 3
    for name in ("pairs", "mirrors"):
        (place / name).mkdir()
    with _service(place / "service", people) as (process, service):
        pairs = await _pairs(service, place / "pairs", size)
        mirrors = await _mirrors(service, place / "mirrors", size)
        many = await share_folder.many(
            service.url, str(people - 2), place / "many", size.files, size.changes
        )
        large, again = await share_folder.large(
            service.url, str(people - 2), place / "large", size.bytes
        )
        viewed = await share_view.measure(size.cells, size.pictures)
        idle = await _idle(service, str(people - 1), place / "many", size.idle_s)
        memory = psutil.Process(process).memory_info().rss / MEGABYTE
        return Measured(pairs, mirrors, many, large, again, viewed, idle, memory)


@contextmanager
def _service(place: Path, people: int) -> Iterator[tuple[int, Sharing]]:
    """Run the service."""
    place.mkdir()
    command = [sys.executable, "-m", "bench.share_service", str(place), str(people)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().strip() if process.stdout else ""
        try:
            yield (
                process.pid,
                Sharing(url, 0, People(Database(connect("sqlite://"))), place),
            )
        finally:
            process.communicate("")


async def _pairs(service: Sharing, place: Path, size: Size) -> list[float]:
    """Measure saves of many pairs of people, who all save at about the same time."""
    async with AsyncExitStack() as stack:
        pairs = []
        for it in range(size.pairs):
            owner, other = [
                await stack.enter_async_context(home(service, name, place / name))
                for name in (str(2 * it), str(2 * it + 1))
            ]
            pairs.append((owner, await _follow(service, owner, [other])))
        return [
            seconds
            for number in range(size.saves)
            for found in await asyncio.gather(
                *(_saved(owner, others, number) for owner, others in pairs)
            )
            for seconds in found
        ]


async def _mirrors(service: Sharing, place: Path, size: Size) -> list[float]:
    """Measure until the last of many has what one saves."""
    async with AsyncExitStack() as stack:
        # Who has followed shares before goes on with them.
        first = 2 * size.pairs
        owner, *others = [
            await stack.enter_async_context(home(service, str(it), place / str(it)))
            for it in range(first, first + size.mirrors + 1)
        ]
        followed = await _follow(service, owner, others)
        return [max(await _saved(owner, followed, it)) for it in range(size.saves)]


async def _follow(service: Sharing, owner: Home, others: Sequence[Home]) -> list[Path]:
    """Share a folder, open it at others, and give their copies of the file."""
    share = await owner.share("work", {FILE: _content(-1)})
    async with service.as_(owner.root.name) as call:
        body = {"audience": "everyone", "right": "view"}
        (await call.put(f"shares/{share}/grants", json=body)).raise_for_status()
    places = [await it.folders.open_here(share) for it in others]
    copies = [it.root / at / FILE for it, at in zip(others, places, strict=True)]
    await becomes(lambda: all(it.exists() for it in copies), PATIENCE_S)
    return copies


async def _saved(owner: Home, copies: Sequence[Path], number: int) -> list[float]:
    """Save a file, and give the seconds until each copy has it."""
    data = _content(number)
    owner.save(f"work/{FILE}", data)

    async def arrived(copy: Path) -> float:
        return await becomes(lambda: copy.read_bytes() == data, PATIENCE_S)

    return await asyncio.gather(*map(arrived, copies))


def _content(number: int) -> bytes:
    """Give a notebook of 200 KB that differs from the others."""
    return notebook(a=f"x = {number}", b="y" * 200_000)


async def _idle(service: Sharing, name: str, place: Path, seconds: int) -> float:
    """Give the part of a processor that following a folder takes by itself."""
    module = ("-m", "bench.share_follower")
    arguments = (service.url, name, str(place.parent), place.name, str(seconds))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *module, *arguments, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return float(output) / seconds
