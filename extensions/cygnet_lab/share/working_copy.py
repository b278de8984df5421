"""A folder that follows a share: the task that owns its rounds."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cygnet_lab.share import conflict, turn
from cygnet_lab.share.author import MOST
from cygnet_lab.share.choice import Take
from cygnet_lab.share.client import Client
from cygnet_lab.share.errors import (
    AwayError,
    BusyError,
    ChangedError,
    ManyFoldersError,
    MarkerError,
    MissingError,
    OccupiedError,
    SavingError,
    SharingError,
    StaleError,
)
from cygnet_lab.share.folder import Folder
from cygnet_lab.share.marker import Base, Reader
from cygnet_lab.share.round import Answer, Round, Standing
from cygnet_lab.share.saving import Saving
from cygnet_lab.share.scan import SHARE_OF_CORE, SHORTEST, SOON
from cygnet_lab.share.settlement import settle
from cygnet_lab.share.state import Phase, State
from cygnet_lab.share.waiting import in_thread
from cygnet_lab.share.whereabouts import Whereabouts
from cygnet_lab.share.write import leave

ROUNDS = 4
"""How often a round begins again at once where another writer comes first."""

LONGEST_PAUSE = 30.0
"""The seconds between two tries while something is in the way, at most."""

SEARCH_PAUSE = 10.0
"""The seconds between two searches for a folder that has gone, at least."""

OVER = "This share is over, or not shared with you any more."
"""What is said of a folder whose share is."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a folder has to do with the user's other ones."""

    root: Path
    """The folder of them all."""

    whereabouts: Whereabouts

    report: Callable[[State], None]
    """Called with each new state."""

    is_taken: Callable[[int, str], bool]
    """Whether a share is followed at a place already."""

    moved: Callable[[int, str, str], None]
    """Called when the folder of a share has another place, with both."""

    saving: Saving
    """What pages are saving."""


class WorkingCopy:
    """A folder that follows a share.

    Parameters
    ----------
    client
        The service.
    around
        The user's other folders.
    state
        Share and place.
    standing
        What the service says of the share.
    """

    def __init__(
        self, client: Client, around: Surroundings, state: State, standing: Standing
    ) -> None:
        self._client = client
        self._around = around
        self._standing = standing
        self._reader = Reader()
        self._scanner = standing.scanner()
        self._answer = Answer()
        self._woken = asyncio.Event()
        self._failures = 0
        self._pause: float | None = None
        self._is_over, self._farewell = False, OVER
        self._has_read = False
        self._next_search, self._hints = 0.0, 0
        self._elsewhere: str | None = None
        self._lock = asyncio.Lock()
        self._share, self._place = state.share, state.place
        self.state = state

    def wake(self) -> None:
        """Begin a round now."""
        self._woken.set()

    def learn(self, standing: Standing) -> None:
        """Take what the service says of the share."""
        # The service's answer may be older than a publication of this folder.
        head = max(standing.head, self._standing.head)
        if standing.is_read_only != self._standing.is_read_only:
            self._scanner = standing.scanner()
        if replace(standing, head=head) != self._standing or self._failures:
            self._standing = replace(standing, head=head)
            self.wake()

    def end(self, farewell: str = OVER) -> None:
        """Follow the share no more: it is over, or not shared with the user.

        Parameters
        ----------
        farewell
            What is said of it.
        """
        self._is_over, self._farewell = True, farewell
        self.wake()

    def answer(self, *, is_deletion: bool) -> None:
        """Take what the user says of files that have gone.

        Parameters
        ----------
        is_deletion
            Whether they go for everyone; else they come back.
        """
        self._answer = Answer(frozenset(self.state.gone), is_deletion)
        self.wake()

    async def resolve(self, name: str, cell: str | None, take: Take) -> None:
        """Settle a conflict as the user chooses.

        Parameters
        ----------
        name
            The id of the conflict.
        cell
            The id of one cell's; None for the whole.
        take
            The version.

        Raises
        ------
        SharingError
            When it cannot be, as the message says.
        """
        async with self._lock:
            found = conflict.found_in(self.state.conflicts, name)
            with (
                await in_thread(self._opened, self._place) as folder,
                await self._turn(folder),
            ):
                for left in reversed(range(ROUNDS)):
                    try:
                        await settle(self._round(folder), found, cell, take)
                        break
                    except ChangedError:
                        if not left:
                            raise
                        await asyncio.sleep(SOON.total_seconds())
                await self._keep(folder, name, cell)
        self.wake()

    async def dismiss(self, name: str) -> None:
        """Forget a conflict, which the user has seen."""
        async with self._lock:
            with (
                await in_thread(self._opened, self._place) as folder,
                await self._turn(folder),
            ):
                await self._keep(folder, name, None)

    async def _keep(self, folder: Folder, name: str, cell: str | None) -> None:
        """Keep the conflicts without one."""
        kept = conflict.without(self.state.conflicts, name, cell)
        await in_thread(conflict.write, folder, kept)
        self._show(conflicts=kept)

    async def run(self) -> None:
        """Follow the share until it is over."""
        while True:
            self._woken.clear()
            async with self._lock:
                await self._attempt()
            if self.state.phase is Phase.ENDED:
                return
            await self._rest()

    async def _rest(self) -> None:
        """Wait until something calls for the next round."""
        # The `wait_for` of Python 3.11 may lose a cancellation.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pause):
                await self._woken.wait()

    async def _attempt(self) -> None:
        """Do a round, and say how it went."""
        try:
            await (self._end() if self._is_over else self._follow())
        except AwayError as error:
            self._failed(Phase.AWAY, str(error))
        except OccupiedError:
            self._pause = SOON.total_seconds()
        except (BusyError, ChangedError, StaleError) as error:
            self._show(phase=Phase.WORKS, message="")
            # A page that is closed while it saves says nothing any more.
            is_saving = isinstance(error, SavingError)
            self._pause = (SHORTEST if is_saving else SOON).total_seconds()
        except SharingError as error:
            is_missing = isinstance(error, MissingError)
            self._failed(Phase.STOPPED, str(error), is_missing=is_missing)
        except OSError as error:
            message = f"The disk refuses it: {error.strerror}. It is tried again."
            self._failed(Phase.STOPPED, message)
        except Exception:  # noqa: BLE001 - The other folders go on, and so does this.
            _log.exception("Following a share failed share=%d", self._share)
            self._failed(Phase.STOPPED, "It failed. The server's log says why.")
        else:
            self._failures = 0
            pause = self._scanner.pause.total_seconds()
            self._pause = None if self._standing.is_read_only else pause

    def _failed(self, phase: Phase, message: str, *, is_missing: bool = False) -> None:
        """Show what is in the way."""
        self._failures += 1
        self._pause = min(2.0**self._failures, LONGEST_PAUSE)
        self._show(phase=phase, message=message, is_missing=is_missing)

    async def _follow(self) -> None:
        """Do a round, also where the folder has been moved to."""
        try:
            await self._rounds()
        except MarkerError:
            place = await self._moved_to()
            if place is None:
                raise
            await self._go_to(place)

    async def _moved_to(self) -> str | None:
        """Look for the folder at another place."""
        look, wanted = self._around.whereabouts, (self._share, self._client.database)
        hinted = await in_thread(look.nearby, wanted, self._place)
        is_new = bool(hinted) and self._hints != look.count
        if not is_new and time.monotonic() < self._next_search:
            return None
        self._hints, start = look.count, time.monotonic()
        anywhere = await in_thread(look.anywhere, wanted)
        took = time.monotonic() - start
        self._next_search = time.monotonic() + max(SEARCH_PAUSE, SHARE_OF_CORE * took)
        found = sorted({*hinted, *anywhere})
        whole = [it for it in found if await in_thread(look.is_original, it)]
        if found and len(whole) != 1:
            raise ManyFoldersError(self._place, found)
        return whole[0] if whole else None

    async def _go_to(self, place: str) -> None:
        """Follow the share at another place."""
        old = self._place
        if self._around.is_taken(self._share, place):
            # The service remembers both since a move that was cut off.
            await self._client.forget(self._share, old)
            self._show(phase=Phase.ENDED, message="")
            return
        await self._client.remember(self._share, place, self.state.seq)
        await self._client.forget(self._share, old)
        self._around.moved(self._share, old, place)
        self._place = place
        self._show(place=place, phase=Phase.WORKS, message="")
        self.wake()

    async def _rounds(self) -> None:
        """Do a round, and begin again where another writer came first."""
        base: Base | None = None
        with (
            await in_thread(self._opened, self._place) as folder,
            await self._turn(folder),
        ):
            if not self._has_read:
                self._show(conflicts=await in_thread(conflict.read, folder))
                self._has_read = True
            for left in reversed(range(ROUNDS)):
                one = self._round(folder)
                try:
                    await self._go(one, base)
                except StaleError as error:
                    # Older than what is here when it has come back from a backup.
                    base = Base() if error.head < self.state.seq else None
                    self._standing = replace(self._standing, head=error.head)
                    if not left:
                        raise
                except ChangedError as error:
                    if not left or isinstance(error, SavingError):
                        raise
                else:
                    self._answer = Answer()
                    return

    async def _go(self, one: Round, base: Base | None) -> None:
        """Do a round, and take what has come of it, also when it fails."""
        try:
            await one.go(base)
        finally:
            head = max(one.standing.head, self._standing.head)
            self._standing = replace(self._standing, head=head)

    async def _end(self) -> None:
        """Remove what the share has brought, also where it has been moved to."""
        try:
            await self._end_here(self._elsewhere or self._place)
        except MarkerError as error:
            with suppress(MarkerError):
                place = await self._moved_to()
                if place is not None and not self._around.is_taken(self._share, place):
                    # The next try, when a file is being written, does not search.
                    self._elsewhere = place
                    await self._end_here(place)
            # It is another folder by now, or none: that is left alone.
            _log.info("A folder has gone from its place: %s", error)
        await self._client.forget(self._share, self._place)
        self._show(phase=Phase.ENDED, message=self._farewell)

    async def _end_here(self, place: str) -> None:
        """Remove what the share has brought to a place."""
        with (
            await in_thread(self._opened, place) as folder,
            await self._turn(folder),
        ):
            if await self._round(folder).end():
                await in_thread(leave, self._around.root, place)

    def _round(self, folder: Folder) -> Round:
        """Make a round."""
        return Round(
            self._client,
            folder,
            self._reader,
            self._scanner,
            self._standing,
            self._answer,
            self._share,
            self._place,
            self._show,
            self._around.saving.of(self._place),
        )

    async def _turn(self, folder: Folder) -> turn.Turn:
        """Wait a little until no other server of the user's works on the folder."""
        for _ in range(ROUNDS - 1):
            with suppress(OccupiedError):
                return await in_thread(turn.take, folder)
            await asyncio.sleep(SOON.total_seconds())
        return await in_thread(turn.take, folder)

    def _opened(self, place: str) -> Folder:
        """Open the folder at a place."""
        try:
            return Folder.open(self._around.root, place)
        except FileNotFoundError:
            raise MissingError(place) from None

    def _show(self, **new: Any) -> None:  # noqa: ANN401 - Fields of the state.
        """Take a new state, and report it."""
        if "phase" in new:
            new.setdefault("is_missing", False)
        if "changed" in new:
            paths = {it.path for it in new["changed"]}
            older = (it for it in self.state.changed if it.path not in paths)
            new["changed"] = (*new["changed"], *older)[:MOST]
        state = replace(self.state, **new)
        if state != self.state:
            self.state = state
            self._around.report(state)
