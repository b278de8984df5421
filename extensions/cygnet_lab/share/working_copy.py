"""A folder that follows a share: the task that owns its rounds."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from cygnet_lab.share.client import Client
from cygnet_lab.share.errors import (
    AwayError,
    ChangedError,
    MarkerError,
    SharingError,
    StaleError,
)
from cygnet_lab.share.folder import Folder
from cygnet_lab.share.marker import Base, Reader
from cygnet_lab.share.round import Answer, Round, Standing
from cygnet_lab.share.scan import SOON
from cygnet_lab.share.state import Phase, State
from cygnet_lab.share.waiting import in_thread
from cygnet_lab.share.write import leave

ROUNDS = 4
"""How often a round begins again at once where another writer comes first."""

LONGEST_PAUSE = 30.0
"""The seconds between two tries while something is in the way, at most."""

_log = logging.getLogger(__name__)


class WorkingCopy:
    """A folder that follows a share.

    Parameters
    ----------
    client
        The service.
    root
        The folder of the user's folders.
    state
        Share and place.
    standing
        What the service says of the share.
    report
        Called with each new state.
    """

    def __init__(
        self,
        client: Client,
        root: Path,
        state: State,
        standing: Standing,
        report: Callable[[State], None],
    ) -> None:
        self._client = client
        self._root = root
        self._report = report
        self._standing = standing
        self._reader = Reader()
        self._scanner = standing.scanner()
        self._answer = Answer()
        self._woken = asyncio.Event()
        self._failures = 0
        self._pause: float | None = None
        self._is_over = False
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

    def end(self) -> None:
        """Follow the share no more: it is over, or not shared with the user."""
        self._is_over = True
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

    def dismiss(self, path: str) -> None:
        """Forget the conflict of a file, which the user has seen."""
        kept = tuple(it for it in self.state.conflicts if it.path != path)
        self._show(conflicts=kept)

    async def run(self) -> None:
        """Follow the share until it is over."""
        while True:
            self._woken.clear()
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
            await (self._end() if self._is_over else self._rounds())
        except AwayError as error:
            self._failed(Phase.AWAY, str(error))
        except (ChangedError, StaleError):
            self._show(phase=Phase.WORKS, message="")
            self._pause = SOON.total_seconds()
        except SharingError as error:
            self._failed(Phase.STOPPED, str(error))
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

    def _failed(self, phase: Phase, message: str) -> None:
        """Show what is in the way."""
        self._failures += 1
        self._pause = min(2.0**self._failures, LONGEST_PAUSE)
        self._show(phase=phase, message=message)

    async def _rounds(self) -> None:
        """Do a round, and begin again where another writer came first."""
        base: Base | None = None
        with await in_thread(self._opened) as folder:
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
                except ChangedError:
                    if not left:
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
            known = self.state.conflicts
            self._show(
                conflicts=(*known, *(it for it in one.conflicts if it not in known))
            )

    async def _end(self) -> None:
        """Remove what the share has brought."""
        try:
            with await in_thread(self._opened) as folder:
                if await self._round(folder).end():
                    await in_thread(leave, self._root, self._place)
        except MarkerError as error:
            # It is another folder by now, or none: that is left alone.
            _log.info("A folder that has gone is forgotten: %s", error)
        await self._client.forget(self._share, self._place)
        message = "This share is over, or not shared with you any more."
        self._show(phase=Phase.ENDED, message=message)

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
        )

    def _opened(self) -> Folder:
        """Open the folder."""
        try:
            return Folder.open(self._root, self._place)
        except FileNotFoundError:
            raise MarkerError(self._place, "is missing") from None

    def _show(self, **new: Any) -> None:  # noqa: ANN401 - Fields of the state.
        """Take a new state, and report it."""
        state = replace(self.state, **new)
        if state != self.state:
            self.state = state
            self._report(state)
