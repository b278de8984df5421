"""Copies of shares: the user's own ordinary files, which follow nothing.

A copy that was cut off goes on where it stopped; nothing that is there is written over.
"""

import asyncio
import os
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from cygnet_share.path_rule import reason_against
from cygnet_share.tree import EMPTY, File, Tree, patched

from cygnet_lab.share import mirror, origin, plan, transfer
from cygnet_lab.share.answer import Share
from cygnet_lab.share.client import Client
from cygnet_lab.share.errors import BlockedError, SharingError, TakenError
from cygnet_lab.share.folder import OWN, Folder
from cygnet_lab.share.marker import Base
from cygnet_lab.share.meter import Meter
from cygnet_lab.share.origin import Origin
from cygnet_lab.share.place import copy_name
from cygnet_lab.share.scan import Scanner
from cygnet_lab.share.state import Phase, Progress, State
from cygnet_lab.share.waiting import in_thread
from cygnet_lab.share.write import WRITABLE

PATIENCE = 10.0
"""After how many seconds a copy goes on by itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is copied, and where to."""

    share: Share
    seq: int
    place: str | None = None
    """None for one that is free."""

    def origin(self) -> Origin:
        """Say where the copy comes from."""
        return Origin(
            share=self.share.id,
            seq=self.seq,
            title=self.share.title,
            owner=self.share.owner,
            at=datetime.now(UTC),
        )


class Copying:
    """The copies that are made just now.

    Parameters
    ----------
    client
        The service.
    root
        The folder of the user's folders.
    changed
        Called when there is something new to show.
    """

    def __init__(self, client: Client, root: Path, changed: Callable[[], None]) -> None:
        self._client, self._root, self._changed = client, root, changed
        self._states: dict[str, State] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._choosing = asyncio.Lock()

    @property
    def states(self) -> Sequence[State]:
        """How the copies stand that are not whole."""
        return [*self._states.values()]

    async def copy(self, wanted: Wanted, followed: Collection[str]) -> str:
        """Copy a version of a share, and give the place.

        A long one goes on after the answer, as `states` say.

        Parameters
        ----------
        wanted
            What, and where to.
        followed
            Folders that follow shares, in which no copy may stand.

        Raises
        ------
        SharingError
            When it cannot be, as the message says.
        """
        tree = await self._client.tree(wanted.share.id, wanted.seq)
        await in_thread(transfer.check, tree)
        async with self._choosing:
            place = await in_thread(self._begun, wanted, followed, tree)
            task = self._tasks.get(place)
            if task is None:
                self._show(State(wanted.share.id, place, Phase.WORKS, wanted.seq))
                made = self._make(wanted, place, tree)
                task = asyncio.create_task(made, name=f"copy {place}")
                task.add_done_callback(_retrieved)
                self._tasks[place] = task
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await asyncio.shield(task)
        return place

    def forget(self, place: str) -> bool:
        """Show a copy no more that has failed; False where there is none."""
        found = self._states.get(place)
        if found is None or found.phase is not Phase.STOPPED:
            return False
        del self._states[place]
        self._changed()
        return True

    async def stop(self) -> None:
        """End all of them; each goes on when it is asked for again."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _begun(self, wanted: Wanted, followed: Collection[str], tree: Tree) -> str:
        """Make the folder of a copy, or find one that was cut off."""
        come = wanted.origin()
        names = count(1)
        while True:
            place = wanted.place or copy_name(wanted.share.title, next(names))
            _check(place, followed)
            if self._is_begun(place, come):
                return place
            if self._is_free(place):
                break
            if wanted.place is not None:
                raise TakenError(place)
        with Folder.open(self._root, "") as top:
            transfer.check_room(top, _files(tree))
        with Folder.open(self._root, place, make=True) as folder:
            origin.begin(folder, come)
        return place

    def _is_free(self, place: str) -> bool:
        """Return whether nothing stands at a place."""
        with Folder.open(self._root, "") as top:
            return top.status(place) is None

    def _is_begun(self, place: str, come: Origin) -> bool:
        """Return whether a place has a copy of the same that was cut off."""
        try:
            with Folder.open(self._root, place) as folder:
                found = origin.read(folder, origin.PENDING)
        except (OSError, BlockedError):
            return False
        return found is not None and found.is_of(come)

    async def _make(self, wanted: Wanted, place: str, tree: Tree) -> None:
        """Make a copy, and show how it goes."""
        try:
            await self._fill(wanted, place, tree)
        except (SharingError, OSError) as error:
            message = f"The copy is not whole: {error} Copy the share again to go on."
            self._show(
                replace(self._states[place], phase=Phase.STOPPED, message=message)
            )
            raise
        else:
            del self._states[place]
            self._changed()
        finally:
            del self._tasks[place]

    async def _fill(self, wanted: Wanted, place: str, tree: Tree) -> None:
        """Bring the files of a copy."""
        meter = Meter(lambda found: self._measured(place, found))
        base = Base(wanted.seq, tree)
        with await in_thread(Folder.open, self._root, place) as folder:
            source = mirror.Source(self._client, wanted.share.id, folder, EMPTY, base)
            # What a copy that was cut off has, or the user since, is not touched.
            scan = await in_thread(Scanner().scan, folder)
            way = plan.between(scan.entries, patched(tree, scan.entries))
            ground = mirror.Ground(folder, scan, WRITABLE)
            await mirror.carry_out(way, ground, source.fetch, meter)
            await in_thread(_finish, folder)

    def _measured(self, place: str, found: Progress | None) -> None:
        """Show how far a copy has come."""
        self._show(replace(self._states[place], progress=found))

    def _show(self, state: State) -> None:
        """Show how a copy stands."""
        self._states[state.place] = state
        self._changed()


def _retrieved(task: asyncio.Task[None]) -> None:
    """Take the error of a task that nothing waits for any more."""
    if not task.cancelled():
        task.exception()


def _check(place: str, followed: Collection[str]) -> None:
    """Refuse a place where no copy may stand."""
    reason = reason_against(place)
    if reason is not None:
        raise BlockedError(place, reason)
    for other in followed:
        if f"{place}/".startswith(f"{other}/"):
            reason = f"is in the shared folder “{other}”, which others may see"
            raise BlockedError(place, reason)


def _files(tree: Tree) -> Sequence[File]:
    """Give the files of a folder."""
    return [it for it in tree.values() if isinstance(it, File)]


def _finish(folder: Folder) -> None:
    """Let a folder be an ordinary one."""
    origin.end(folder)
    with suppress(OSError, BlockedError):
        transfer.clear(folder)
    with suppress(OSError):
        os.rmdir(OWN, dir_fd=folder.handle)
