"""All folders of the user that follow shares: started, stopped, kept up to date."""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from cygnet_share.path_rule import reason_against, twin_key

from cygnet_lab.share import answer, lost, marker, origin, turn
from cygnet_lab.share.board import Board
from cygnet_lab.share.client import Client
from cygnet_lab.share.copying import Copying, Wanted
from cygnet_lab.share.errors import (
    BlockedError,
    LateError,
    MarkerError,
    NoFolderError,
    NoShareError,
    SharingError,
)
from cygnet_lab.share.folder import OWN, Folder
from cygnet_lab.share.marker import Base, Marker
from cygnet_lab.share.origin import Origin
from cygnet_lab.share.place import SHARED, free_place
from cygnet_lab.share.presence import Presence
from cygnet_lab.share.round import Standing
from cygnet_lab.share.saving import Saving
from cygnet_lab.share.state import Phase, State, away_sentence
from cygnet_lab.share.waiting import in_thread
from cygnet_lab.share.whereabouts import Whereabouts
from cygnet_lab.share.working_copy import Surroundings, WorkingCopy

DEBOUNCE = 0.5
"""The seconds from a save to a look: pages that are edited together save often."""

ME_SECONDS = 20.0
"""How old what is said of the user's own account may be."""

LEAVE_SECONDS = 20.0
"""How long the last round of a folder is waited for."""

LEFT = "This folder does not follow the share any more."
"""What is said of a folder that the user has taken out."""

_PAUSES = (0.5, 1.0, 2.0, 5.0)

_log = logging.getLogger(__name__)


class Sharing:
    """The folders of one user.

    Parameters
    ----------
    client
        The service, as this user; it is closed with this.
    root
        The folder that contents of the notebook server are relative to.
    report
        Called with each new state of a folder.
    """

    def __init__(
        self,
        client: Client,
        root: Path,
        report: Callable[[State], None] = lambda _: None,
    ) -> None:
        self.client = client
        self.root = root
        self.board = Board()
        self.presence = Presence(client, self.board.ring)
        self.saving = Saving()
        self.copying = Copying(client, root, self.board.ring)
        self.me: answer.Me | None = None
        self._report = report
        self._around = Surroundings(
            root,
            Whereabouts(root),
            self._reported,
            self._is_taken,
            self._moved,
            self.saving,
        )
        client.on_change = self.board.ring
        self._copies: dict[tuple[int, str], WorkingCopy] = {}
        self._tasks: dict[tuple[int, str], asyncio.Task[None]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()
        self._lost: Mapping[str, State] = {}
        self._interrupted: Sequence[tuple[int, str]] = ()
        self._failures = 0
        self._left: dict[tuple[int, str], float] = {}
        self.shares: Mapping[int, answer.Share] = {}
        """The user's shares and those shared with them, by id."""

        self.is_listed = False
        """Whether they were read: until then it is not known which have ended."""

        self._me_at = -ME_SECONDS

    @property
    def places(self) -> Mapping[str, int]:
        """The shares by the folders that follow them."""
        return {place: share for share, place in self._copies}

    @property
    def states(self) -> Sequence[State]:
        """How the folders stand, by share and place."""
        return [
            *(it.state for _, it in sorted(self._copies.items())),
            *(it for _, it in sorted(self._lost.items())),
        ]

    @property
    def sentence(self) -> str:
        """What to say while the service is away; empty when it is there."""
        return away_sentence(self.client.away_since, self.states)

    def start(self) -> None:
        """Follow what the service remembers, and what comes."""
        self._listening = asyncio.create_task(self._listen(), name="sharing")

    async def stop(self) -> None:
        """End all tasks, each at the end of what it writes just now."""
        tasks = [*self._tasks.values()]
        tasks += [self._listening] if self._listening is not None else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.copying.stop()
        await self.client.close()

    async def share(self, place: str, title: str) -> int:
        """Share a folder, and give the share's id.

        Parameters
        ----------
        place
            The folder, relative to the root.
        title
            What others read in their list.

        Raises
        ------
        SharingError
            When it cannot be, as the message says.
        """
        self._refuse(place)
        await in_thread(self._check_folder, place)
        if not self.client.database:
            await self._meet()
        kept = await in_thread(self._marked, place)
        known = {it.id: it for it in await self.client.shares()} if kept else {}
        if kept is not None and kept.share in known and known[kept.share].is_mine:
            # An earlier try was cut off, or another server of the user's was first.
            await self._take_up(kept, place, known[kept.share])
            return kept.share
        share = await self.client.make(title)
        listed = answer.Share(
            id=share, title=title, owner="", is_mine=True, right="own", head=0
        )
        mark = self._new(listed)
        await self._follow(mark, place, listed, make=False)
        return share

    async def open_here(self, share: int) -> str:
        """Bring a share to the user's folders, and give the place.

        Where it is open already it is not brought twice, but for a folder that the
        user has removed.
        """
        async with self._opening:
            return await self._open(share)

    async def _open(self, share: int) -> str:
        """Bring a share to the user's folders, unless it is there."""
        listed = await self._listed(share)
        mark = self._new(listed)
        for (number, place), copy in self._copies.items():
            if number == share and copy.state.phase is not Phase.ENDED:
                await in_thread(self._mark_again, place, mark)
                copy.wake()
                return place
        # Of an earlier try that was cut off, or by another server of the user's.
        for place in await in_thread(self._brought):
            kept = await in_thread(self._marked, place)
            if kept is not None and kept.share == share:
                await self._take_up(kept, place, listed)
                return place
        taken = await in_thread(self._taken)
        place = free_place(listed.owner, listed.title, taken)
        self._refuse_inside(place)
        await self._follow(mark, place, listed, make=True)
        return place

    async def copy(
        self, share: int, seq: int | None = None, place: str | None = None
    ) -> str:
        """Copy a share to ordinary files of the user's own, and give the place.

        Parameters
        ----------
        share
            The share.
        seq
            The version; None for the newest.
        place
            The folder, which must not exist yet; None for a free one.

        Raises
        ------
        SharingError
            When it cannot be, as the message says.
        """
        listed = await self._listed(share)
        wanted = Wanted(listed, listed.head if seq is None else seq, place)
        return await self.copying.copy(wanted, self.places)

    async def origin(self, place: str) -> Origin | None:
        """Say where a folder came from; None where it is no copy of a share."""
        return await in_thread(self._origin, place)

    def _origin(self, place: str) -> Origin | None:
        """Read where a folder came from."""
        try:
            with Folder.open(self.root, place.strip("/")) as folder:
                return origin.read(folder)
        except OSError:
            return None

    async def be_present(self, page: str, paths: Sequence[str]) -> None:
        """Say what a page has open; those who may edit the same see it."""
        places = {
            place: share
            for place, share in self.places.items()
            if (listed := self.shares.get(share)) is not None and listed.is_shared
        }
        await self.presence.say(page, paths, places)

    async def _listed(self, share: int) -> answer.Share:
        """Find a share in the list of now."""
        if not self.client.database:
            await self._meet()
        found = {it.id: it for it in await self.client.shares()}
        if share not in found:
            message = "There is no such share, or it is not shared with you any more."
            raise NoShareError(HTTPStatus.NOT_FOUND, message)
        return found[share]

    def of(self, share: int, place: str) -> WorkingCopy:
        """Give the folder of a share at a place.

        Raises
        ------
        NoFolderError
            When there is none.
        """
        found = self._copies.get((share, place))
        if found is None:
            raise NoFolderError(place)
        return found

    async def leave(self, share: int, place: str) -> None:
        """Let a folder follow its share no more.

        What the user has made or changed stays, and all of a share of their own.

        Raises
        ------
        SharingError
            When it is not done yet, as the message says; it goes on.
        """
        if place in self._lost:
            self._lost = {it: kept for it, kept in self._lost.items() if it != place}
            self.board.ring()
            return
        copy, task = self.of(share, place), self._tasks[share, place]
        copy.end(LEFT)
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                await asyncio.shield(task)
        if copy.state.phase is not Phase.ENDED:
            raise LateError(copy.state.message)
        self._forget((share, copy.state.place))

    def notice(self, path: str) -> None:
        """Take that the notebook server has changed a file.

        Parameters
        ----------
        path
            Relative to the root, as in the server's events.
        """
        loop = asyncio.get_running_loop()
        path = path.strip("/")
        self._around.whereabouts.note(path)
        for (_, place), copy in self._copies.items():
            is_above = f"{place}/".startswith(f"{path}/")
            if is_above or path.startswith(f"{place}/"):
                loop.call_later(DEBOUNCE, copy.wake)

    def _refuse(self, place: str) -> None:
        """Refuse to share a folder twice, or what cannot be."""
        reason = reason_against(place)
        if reason is not None:
            raise BlockedError(place, reason)
        # What others share comes to `Shared/OWNER/TITLE`.
        first, *below = twin_key(place).split("/")
        if first == twin_key(SHARED) and len(below) < 2:  # noqa: PLR2004 - As above.
            raise BlockedError(place, "is where the folders are that others share")
        for _, other in self._copies:
            if f"{place}/".startswith(f"{other}/") or other.startswith(f"{place}/"):
                raise BlockedError(place, f"is shared already, with “{other}”")

    def _refuse_inside(self, place: str) -> None:
        """Refuse to bring a share to a folder that others may see."""
        for _, other in self._copies:
            if f"{place}/".startswith(f"{other}/"):
                reason = f"would stand in the shared folder “{other}”"
                raise BlockedError(place, reason)

    def _check_folder(self, place: str) -> None:
        """Refuse what is no folder."""
        try:
            with Folder.open(self.root, place):
                pass
        except FileNotFoundError:
            raise BlockedError(place, "is no folder") from None

    def _taken(self) -> Sequence[str]:
        """List the places of shares, and what stands next to them."""
        return [*self._brought(), *(place for _, place in self._copies)]

    def _brought(self) -> Sequence[str]:
        """List what stands where shares of others are brought to."""
        found = self.root.glob(f"{SHARED}/*/*")
        return [it.relative_to(self.root).as_posix() for it in found]

    def _marked(self, place: str) -> Marker | None:
        """Read the marker of a folder of the service that is there; None for none."""
        try:
            with Folder.open(self.root, place) as folder:
                found = marker.Reader().read_any(folder, place)
                is_whole = marker.is_original(folder, found)
        except (SharingError, OSError):
            return None
        is_known = found.database == self.client.database
        return found if is_whole and is_known else None

    async def _take_up(self, mark: Marker, place: str, listed: answer.Share) -> None:
        """Follow a share in a folder that says already that it does."""
        await self.client.remember(mark.share, place, mark.base.seq)
        self._begin(listed, mark.share, place)

    async def _follow(
        self, mark: Marker, place: str, listed: answer.Share, *, make: bool
    ) -> None:
        """Let a folder follow a share from now on."""
        await in_thread(self._mark, place, mark, make=make)
        await self.client.remember(mark.share, place, 0)
        self._begin(listed, mark.share, place)

    def _mark_again(self, place: str, mark: Marker) -> None:
        """Let a folder follow its share again, where the user has removed it."""
        with Folder.open(self.root, place, make=True) as folder:
            try:
                reader = marker.Reader()
                reader.read(folder, mark.share, mark.database, place)
            except MarkerError as error:
                if error.is_another:
                    raise
                marker.write(folder, mark)

    def _mark(self, place: str, mark: Marker, *, make: bool) -> None:
        """Let a folder say that it follows a share."""
        with Folder.open(self.root, place, make=make) as folder:
            with folder.below(OWN, make=True):
                pass
            # Another server of the user's may open the same just now.
            with turn.take(folder):
                marker.write(folder, mark)

    def _new(self, listed: answer.Share) -> Marker:
        """Give the marker of a folder that holds nothing of its share yet."""
        of = (self.client.database, self.client.generation)
        return Marker(listed.id, *of, listed.is_mine, listed.right, Base())

    def _begin(self, listed: answer.Share | None, share: int, place: str) -> None:
        """Start the task of a folder; of one whose share is over, to end it."""
        key = (share, place)
        if key in self._copies:
            return
        standing = Standing.of(listed) if listed else Standing("view", 0)
        state = State(share, place)
        copy = WorkingCopy(self.client, self._around, state, standing)
        self._copies[key] = copy
        self._lost = {it: kept for it, kept in self._lost.items() if it != place}
        self._tasks[key] = asyncio.create_task(copy.run(), name=f"share {share}")

    async def _listen(self) -> None:
        """Follow what the service says, and try again while it is away."""
        while True:
            try:
                await self._hear()
            except SharingError as error:
                if not self._failures:
                    _log.warning("Sharing is interrupted: %s", error)
            except Exception:  # noqa: BLE001 - The folders go on, and so does this.
                _log.exception("Following the list of shares failed")
            await asyncio.sleep(_PAUSES[min(self._failures, len(_PAUSES) - 1)])
            self._failures += 1

    async def _hear(self) -> None:
        """Follow what the service says until it is away."""
        await self._meet()
        news = await self.client.news(None)
        await self._update(is_first=True)
        await self.presence.look(sorted(set(self.places.values())))
        while True:
            self._failures = 0
            news = await self.client.news(news)
            self.presence.learn(news.present)
            if news.is_list_changed:
                # The service may have started since, and knows of none of them.
                await self.presence.look(self.presence.known)
            # Also without news, as a right may have expired.
            await self._update()

    async def _meet(self) -> None:
        """Learn which database the service has, and leave folders of others alone.

        Where it was restored, all folders begin again with its list of shares.
        """
        self.me = me = await self.client.me()
        before = (self.client.database, self.client.generation)
        if not self.client.database:
            self._lose(await in_thread(lost.strangers, self.root, me.database))
        elif before != (me.database, me.generation):
            tasks = [*self._tasks.values()]
            for task in tasks:
                task.cancel()
            # Until all have ended, their calls are for the database of before.
            await asyncio.gather(*tasks, return_exceptions=True)
            copies = [*self._copies]
            self._copies.clear()
            self._tasks.clear()
            if before[0] == me.database:
                self._interrupted = [*self._interrupted, *copies]
            else:
                self._lose({place: share for share, place in copies})
        self.client.database, self.client.generation = me.database, me.generation

    def _lose(self, places: Mapping[str, int]) -> None:
        """Say of folders that the service does not know them any more."""
        found = {place: lost.state(share, place) for place, share in places.items()}
        self._lost = {**self._lost, **found}
        for state in found.values():
            self._reported(state)

    async def _update(self, *, is_first: bool = False) -> None:
        """Take the list of shares, and begin or end what has come or gone."""
        asked_at, before = time.monotonic(), {*self._copies}
        # Another server of the user's may have opened a share, or left one.
        remembered = await self.client.copies()
        # What is opened while the list comes may be younger than the list.
        begun = [(it.share, it.place) for it in remembered]
        begun += self._interrupted if is_first else ()
        known = {*self._copies, *begun}
        shares = {it.id: it for it in await self.client.shares()}
        if shares != self.shares or not self.is_listed:
            self.shares, self.is_listed = shares, True
            self.board.ring()
        await self._learn_me()
        for key in begun:
            if is_first or self._is_new(key, asked_at):
                self._begin(self.shares.get(key[0]), *key)
        for key in before.difference(begun):
            self._doubt(key)
        if is_first:
            self._interrupted = ()
        for key, copy in list(self._copies.items()):
            listed = self.shares.get(key[0])
            if copy.state.phase is Phase.ENDED:
                self._forget(key)
            elif listed is not None:
                copy.learn(Standing.of(listed))
            elif key in known:
                copy.end()

    def _is_new(self, key: tuple[int, str], asked_at: float) -> bool:
        """Return whether another server has opened a share since."""
        # One that moves just now, or that this server has left meanwhile, is not new.
        is_here = any(share == key[0] for share, _ in self._copies)
        return not is_here and self._left.get(key, -math.inf) < asked_at

    def _doubt(self, key: tuple[int, str]) -> None:
        """Look at a folder that the service remembers no more.

        Its marker says whether another server has left it.
        """
        copy = self._copies.get(key)
        if copy is None or copy.state.phase is Phase.ENDED:
            return
        if copy.state.phase is Phase.STOPPED:
            self._tasks[key].cancel()
            self._forget(key)
        else:
            copy.wake()

    async def _learn_me(self) -> None:
        """Ask who the user is, and how much they have, from time to time."""
        now = time.monotonic()
        if now - self._me_at < ME_SECONDS:
            return
        self._me_at = now
        with suppress(SharingError):
            me = await self.client.me()
            if me != self.me:
                self.me = me
                self.board.ring()

    def _reported(self, state: State) -> None:
        """Take the new state of a folder."""
        self._report(state)
        self.board.ring()

    def _is_taken(self, share: int, place: str) -> bool:
        """Return whether a share is followed at a place already."""
        return (share, place) in self._copies

    def _moved(self, share: int, old: str, new: str) -> None:
        """Take that the folder of a share has another place."""
        self._copies[share, new] = self._copies.pop((share, old))
        self._tasks[share, new] = self._tasks.pop((share, old))

    def _forget(self, key: tuple[int, str]) -> None:
        """Show a folder no more that follows nothing."""
        self._left[key] = time.monotonic()
        self._copies.pop(key, None)
        self._tasks.pop(key, None)
        self.board.ring()
