"""Brings what a share holds to a folder."""

import asyncio
import hashlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from cygnet_share import notebook, notebook_merge, tree_merge
from cygnet_share.tree import CHUNK_BYTES, File, Tree, patched

from cygnet_lab.share import transfer
from cygnet_lab.share.client import Client
from cygnet_lab.share.conflict import stamp_of
from cygnet_lab.share.errors import ChangedError, NoShareError
from cygnet_lab.share.folder import Folder
from cygnet_lab.share.marker import Base
from cygnet_lab.share.meter import Meter
from cygnet_lab.share.plan import Plan
from cygnet_lab.share.saving import Hold, free
from cygnet_lab.share.scan import Scan
from cygnet_lab.share.state import Conflict
from cygnet_lab.share.waiting import AT_ONCE, each, in_thread
from cygnet_lab.share.write import Writer

MERGING = threading.Lock()
"""Held while notebooks are merged: one after the other, as each needs much memory."""

Fetch = Callable[[str], Awaitable[bytes]]
"""Gives the bytes of a chunk."""


class Source:
    """Where the bytes of files come from, the nearest first.

    Parameters
    ----------
    client, share
        The service, and the share.
    folder, mine
        The folder, and what it holds.
    snapshots
        What the service holds.
    """

    def __init__(
        self, client: Client, share: int, folder: Folder, mine: Tree, *snapshots: Base
    ) -> None:
        self.mine = mine
        self._made: dict[str, bytes] = {}
        self._client, self._share, self._folder = client, share, folder
        self._near = {chunk: (path, index) for path, index, chunk in _chunks(mine)}
        self._far = {
            chunk: base.seq for base in snapshots for *_, chunk in _chunks(base.tree)
        }

    def add(self, data: bytes, like: File) -> File:
        """Have the bytes of a file that is made here, and give it as an entry.

        Parameters
        ----------
        data
            The bytes.
        like
            The file that it replaces.
        """
        pieces = [data[i : i + CHUNK_BYTES] for i in range(0, len(data), CHUNK_BYTES)]
        chunks = tuple(hashlib.sha256(it).hexdigest() for it in pieces)
        self._made.update(zip(chunks, pieces, strict=True))
        return replace(like, size=len(data), chunks=chunks)

    async def fetch(self, chunk: str) -> bytes:
        """Give the bytes of a chunk.

        Raises
        ------
        ChangedError
            When nothing has it any more.
        """
        if chunk in self._made:
            return self._made[chunk]
        if chunk in self._near:
            path, index = self._near[chunk]
            try:
                return await in_thread(transfer.piece, self._folder, path, index, chunk)
            except ChangedError:
                if chunk not in self._far:
                    raise
        if chunk not in self._far:
            raise ChangedError(chunk)
        return await self._client.chunk(self._share, self._far[chunk], chunk)


def _chunks(tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Give the chunks of a folder, with path and index."""
    for path, entry in tree.items():
        if isinstance(entry, File):
            yield from ((path, i, chunk) for i, chunk in enumerate(entry.chunks))


@dataclass(frozen=True, slots=True)
class Ground:
    """A folder that is changed."""

    folder: Folder

    scan: Scan
    """What the plan was made of."""

    mode: int
    """The permissions of what is written."""

    hold: Hold = free
    """Keeps others from a file while it is changed."""


async def carry_out(plan: Plan, ground: Ground, fetch: Fetch, meter: Meter) -> None:
    """Do what a plan says; everything new has come before anything changes.

    Parameters
    ----------
    plan
        The acts.
    ground
        Where.
    fetch
        Gives the chunks.
    meter
        Measures what comes.
    """
    if plan.is_empty:
        return
    folder = ground.folder
    await in_thread(transfer.check_room, folder, plan.puts.values())
    gate = asyncio.Semaphore(AT_ONCE)
    meter.expect(sum(it.size for it in plan.puts.values()))

    async def receive(item: tuple[str, File]) -> None:
        path, file = item
        lacking = await in_thread(transfer.lacking, folder, path, file)
        meter.came(file.size - sum(transfer.length(file, it) for it in lacking))

        async def one(piece: tuple[int, str]) -> None:
            async with gate:
                data = await fetch(piece[1])
                await in_thread(transfer.receive, folder, path, file, piece[0], data)
                meter.came(len(data))

        await each(one, lacking.items())
        await in_thread(transfer.finish, folder, path, file)

    try:
        await each(receive, plan.puts.items())
    finally:
        meter.end()
    writer = Writer(folder, ground.scan.signatures, ground.mode, ground.hold)
    await in_thread(writer.apply, plan)
    await in_thread(transfer.clear, folder)


@dataclass(frozen=True, slots=True)
class Merged:
    """A folder and a snapshot, merged."""

    tree: Tree
    conflicts: tuple[Conflict, ...]


async def merge(base: Tree, theirs: Tree, source: Source) -> Merged:
    """Merge what the user has changed with what others have.

    Parameters
    ----------
    base
        What both were made of.
    theirs
        What the share holds now.
    source
        Gives the bytes, and what the user has; it learns those of notebooks that are
        merged by cell.
    """
    merged = tree_merge.merge(base, source.mine, theirs)
    files: dict[str, File] = {}
    conflicts: list[Conflict] = []
    for versions in merged.notebooks:
        found = await _by_cell(versions, source)
        if found is None:
            merged = tree_merge.with_copy(merged, versions)
            continue
        data = notebook.serialise(found.notebook)
        files[versions.path] = source.add(data, versions.mine)
        if found.conflicts:
            cells = tuple(found.conflicts)
            kind = tree_merge.Kind.BOTH_CHANGED
            conflicts.append(Conflict(versions.path, kind, cells=cells))
    for it in merged.conflicts:
        stamp = stamp_of(merged.tree, it.path, it.other)
        conflicts.append(Conflict(it.path, it.kind, it.other, stamp=stamp))
    return Merged(patched(merged.tree, files), tuple(conflicts))


async def _by_cell(
    versions: tree_merge.Versions, source: Source
) -> notebook_merge.MergedNotebook | None:
    """Merge a notebook by cell, or give None when one version is none."""
    files = [versions.mine, versions.theirs]
    files += [versions.base] if versions.base is not None else []
    if any(it.size > notebook.MAX_BYTES for it in files):
        return None
    texts = [await _bytes(it, source) for it in (versions.mine, versions.theirs)]
    if versions.base is not None:
        # The service forgets old snapshots; then both texts of what differs are shown.
        with suppress(NoShareError):
            texts.append(await _bytes(versions.base, source))
    return await in_thread(_merged, texts)


def _merged(texts: list[bytes]) -> notebook_merge.MergedNotebook | None:
    """Merge two notebooks, which were made of a third where there is one."""
    with MERGING:
        found = [notebook.parse(it) for it in texts]
        whole = [it for it in found if it is not None]
        if len(whole) != len(found):
            return None
        mine, theirs, *base = whole
        return notebook_merge.merge(
            base[0] if base else notebook.Notebook(()), mine, theirs
        )


async def _bytes(file: File, source: Source) -> bytes:
    """Read a file."""
    return b"".join([await source.fetch(it) for it in file.chunks])
