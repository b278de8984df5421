"""One round of a folder that follows a share: receive, merge, send.

It begins with what the disk and the service hold now, and ends with both equal or
nothing half done: what fails is the next round's, from the start.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from cygnet_share.path_rule import parents
from cygnet_share.snapshot_rule import Limits
from cygnet_share.tree import EMPTY, File, Tree, changes, patched

from cygnet_lab.share import conflict, marker, mirror, plan, publisher, transfer
from cygnet_lab.share.answer import Published, Share
from cygnet_lab.share.author import authors
from cygnet_lab.share.client import Client
from cygnet_lab.share.errors import ChangedError, NoShareError, SharingError
from cygnet_lab.share.folder import Folder
from cygnet_lab.share.marker import Base, Marker, Reader
from cygnet_lab.share.meter import Meter
from cygnet_lab.share.saving import Hold
from cygnet_lab.share.scan import LIMITS, Scan, Scanner, counted
from cygnet_lab.share.state import Conflict, Phase
from cygnet_lab.share.waiting import in_thread
from cygnet_lab.share.write import READ_ONLY, WRITABLE, Writer

# A folder that is only read is not sent, however much the user's programs put there.
_WIDE = Limits(max_file_bytes=10**15, max_bytes=10**15, max_entries=10**6)


PRIVATE = "was here before you could edit; rename it to share it"
"""Why a file of a user who could only view is left out, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the service says of a share."""

    right: Literal["view", "edit", "own"]
    head: int
    """The number of the newest snapshot."""

    newest: Published | None = field(default=None, compare=False)
    """Who has published it, where that is known."""

    @classmethod
    def of(cls, listed: Share) -> Self:
        """Give that of a share in the list."""
        at, by = listed.changed_at, listed.changed_by
        if at is None:
            return cls(listed.right, listed.head)
        newest = Published(seq=listed.head, published_by=by, published_at=at)
        return cls(listed.right, listed.head, newest)

    @property
    def is_read_only(self) -> bool:
        """Whether the user's own changes stay on their disk."""
        return self.right == "view"

    def scanner(self) -> Scanner:
        """Give what looks at the folder."""
        return Scanner(_WIDE if self.is_read_only else LIMITS)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the user has said of files that have gone."""

    gone: frozenset[str] = frozenset()
    """The files that were asked about."""

    is_deletion: bool = False
    """Whether they go for everyone; else they come back."""


@dataclass(slots=True)
class Round:
    """A round.

    Parameters
    ----------
    client
        The service.
    folder
        The folder, which says that it belongs to the share.
    reader, scanner
        Read what it says of itself, and what it holds.
    standing
        What the service says of the share.
    answer
        What the user has said.
    share, place
        The share's id, and where the folder is.
    show
        Takes fields of the folder's state that are new.
    hold
        Keeps pages from a file while it is changed.
    """

    client: Client
    folder: Folder
    reader: Reader
    scanner: Scanner
    standing: Standing
    answer: Answer
    share: int
    place: str
    show: Callable[..., None]
    hold: Hold

    async def go(self, base: Base | None = None) -> None:
        """Let disk and service become equal.

        Parameters
        ----------
        base
            In the place of what the folder says it was made of.
        """
        found = await self.marked()
        if base is not None:
            found = replace(found, base=base, sending=None)
        elif found.sending is not None:
            found = await self._answered(found)
        if self.standing.right != found.right:
            if found.right == "view":
                found = await self._raised(found)
            found = await self._with_right(found)
        found = self._of_now(found)
        is_behind = self.standing.head > found.base.seq
        if self.standing.is_read_only and not is_behind:
            self.show(seq=found.base.seq)
        elif not await self._go(found, is_behind=is_behind):
            return
        self.show(phase=Phase.FOLLOWS, message="", waiting=0, gone=())

    async def end(self) -> bool:
        """Remove what the share has brought; what the user has made or changed stays.

        Returns
        -------
        bool
            Whether the folder was another's, and so has no other purpose.
        """
        found = self._of_now(await self.marked())
        if not found.is_mine:
            scan, mine = await self.scanned(found)
            refuse_unread({*found.base.tree, *found.coming}, scan)
            way = plan.for_end(found.written(mine), mine)
            writer = Writer(self.folder, scan.signatures, READ_ONLY, self.hold)
            await in_thread(writer.apply, plan.visible(way, scan.is_hidden))
            await in_thread(transfer.clear, self.folder)
        await in_thread(marker.remove, self.folder)
        return not found.is_mine

    async def marked(self) -> Marker:
        """Read what the folder says of itself."""
        share, database = self.share, self.client.database
        read = self.reader.read
        found = await in_thread(read, self.folder, share, database, self.place)
        if not await in_thread(marker.is_original, self.folder, found):
            # A home that was restored, or mounted again, has other numbers.
            await in_thread(marker.write, self.folder, found)
        return found

    def _of_now(self, found: Marker) -> Marker:
        """Forget what a folder was made of where the service was restored since.

        What it calls the same version is another one, and what it lacks may be lost
        there. Without a base nothing counts as deleted: all that differs stays.
        """
        generation = self.client.generation
        if found.generation == generation:
            return found
        found = replace(found, generation=generation, sending=None)
        return replace(found, base=Base(), coming=EMPTY)

    async def _go(self, found: Marker, *, is_behind: bool) -> bool:
        """Receive, merge and send; give False where the user is asked first."""
        scan, mine = await self.scanned(found)
        theirs = await self._newest() if is_behind else found.base
        theirs = _next_to(found, theirs, scan)
        gone: Sequence[str] = ()
        if not self.standing.is_read_only:
            # What others have deleted may be gone here, too, since a write was cut off.
            kept = found.base.tree.keys() & theirs.tree.keys()
            gone = publisher.gone({it: found.base.tree[it] for it in kept}, mine)
        if not self.answer.gone.issuperset(gone):
            self._ask(gone)
            return False
        if gone and not self.answer.is_deletion:
            mine = await self._brought_back(found.base, scan, mine, gone)
        if is_behind:
            found, mine = await self._received(found, theirs, scan, mine)
        if not self.standing.is_read_only and changes(found.base.tree, mine):
            self.show(phase=Phase.WORKS)
            news = publisher.News(self.share, found.base, mine)
            sending = {it.path: it.after for it in changes(found.base.tree, mine)}
            sent = replace(found, sending=sending)
            await in_thread(marker.write, self.folder, sent)
            base = await publisher.publish(self.client, self.folder, news, self.meter())
            await self._settled(replace(found, base=base))
        return True

    def _ask(self, gone: Sequence[str]) -> None:
        """Ask about files that have gone."""
        self.show(
            phase=Phase.ASKS,
            gone=tuple(gone),
            message=f"{len(gone)} files have gone from this folder. Nothing is sent "
            "until you have said whether they go for everyone.",
        )

    async def scanned(self, found: Marker) -> tuple[Scan, Tree]:
        """Look at the folder, but for what the user has there for themselves."""
        base = found.base
        scan = await in_thread(self.scanner.scan, self.folder)
        scan = scan.without(found.private - base.tree.keys(), PRIVATE)
        mine, left_out = await in_thread(counted, scan, base.tree)
        waiting = 0
        if not self.standing.is_read_only:
            waiting = len(changes(base.tree, mine))
        self.show(left_out=left_out, waiting=waiting, seq=base.seq)
        return scan, mine

    async def _brought_back(
        self, base: Base, scan: Scan, mine: Tree, gone: Sequence[str]
    ) -> Tree:
        """Bring files back that have gone."""
        source = mirror.Source(self.client, self.share, self.folder, mine, base)
        after = patched(mine, {path: base.tree[path] for path in gone})
        way = plan.between(mine, after)
        ground = mirror.Ground(self.folder, scan, WRITABLE, self.hold)
        await mirror.carry_out(way, ground, source.fetch, self.meter())
        return after

    async def _newest(self) -> Base:
        """Read the newest snapshot, as far as it may be written."""
        head = self.standing.head
        newest = Base(head, await self.client.tree(self.share, head))
        await in_thread(transfer.check, newest.tree)
        return newest

    async def _received(
        self, found: Marker, theirs: Base, scan: Scan, mine: Tree
    ) -> tuple[Marker, Tree]:
        """Bring the newest snapshot to the folder."""
        self.show(phase=Phase.WORKS)
        source = self._source(found, theirs, mine)
        base = found.written(mine)
        met: tuple[Conflict, ...] = ()
        if self.standing.is_read_only:
            way = plan.for_viewer(base, mine, theirs.tree)
            after, mode = mine, READ_ONLY
        else:
            merged = await mirror.merge(base, theirs.tree, source)
            way = plan.between(mine, merged.tree)
            after, mode = merged.tree, WRITABLE
            met = merged.conflicts
        ground = mirror.Ground(self.folder, scan, mode, self.hold)
        await self._brought(found, way, ground, source)
        if met:
            listed = conflict.noted(await in_thread(conflict.read, self.folder), met)
            await in_thread(conflict.write, self.folder, listed)
            self.show(conflicts=listed)
        settled = await self._settled(replace(found, base=theirs))
        if found.base.seq:
            await self._show_authors(found.base, theirs)
        return settled, after

    def _source(self, found: Marker, theirs: Base, mine: Tree) -> mirror.Source:
        """Give where the bytes of files come from."""
        known = [it for it in (found.base, theirs) if it.seq]
        return mirror.Source(self.client, self.share, self.folder, mine, *known)

    async def _brought(
        self,
        found: Marker,
        way: plan.Plan,
        ground: mirror.Ground,
        source: mirror.Source,
    ) -> None:
        """Do what a plan says; the folder says before what is coming."""
        scan = ground.scan
        refuse_unread({*way.removals, *way.moves, *way.puts}, scan)
        way = plan.visible(way, scan.is_hidden)
        if way.puts:
            coming = replace(found, coming=way.puts)
            await in_thread(marker.write, self.folder, coming)
        await mirror.carry_out(way, ground, source.fetch, self.meter())

    async def _show_authors(self, before: Base, after: Base) -> None:
        """Show who has changed what; that is no reason to stop."""
        with suppress(SharingError):
            newest = self.standing.newest
            found = await authors(self.client, self.share, before, after, newest)
            self.show(changed=found)

    def meter(self) -> Meter:
        """Give what shows the progress of a transfer."""
        return Meter(lambda found: self.show(progress=found))

    async def _settled(self, found: Marker) -> Marker:
        """Keep what the folder holds now, here and at the service."""
        found = replace(found, coming=EMPTY, sending=None)
        await in_thread(marker.write, self.folder, found)
        seq = found.base.seq
        self.standing = replace(self.standing, head=max(self.standing.head, seq))
        self.show(seq=seq)
        await self.client.remember(self.share, self.place, seq)
        return found

    async def _answered(self, found: Marker) -> Marker:
        """Look whether what was sent has been published, as no answer has come."""
        sent = Base(found.base.seq + 1, patched(found.base.tree, found.sending or {}))
        with suppress(NoShareError):
            if dict(await self.client.tree(self.share, sent.seq)) == dict(sent.tree):
                return await self._settled(replace(found, base=sent))
        found = replace(found, sending=None)
        await in_thread(marker.write, self.folder, found)
        return found

    async def _raised(self, found: Marker) -> Marker:
        """Bring back what a viewer has changed or removed, before they may edit.

        What they have made or changed is theirs alone: it is not sent to others by
        a right that another person gives.
        """
        scan, mine = await self.scanned(found)
        if scan.unsettled:
            raise ChangedError(min(scan.unsettled))
        is_behind = self.standing.head > found.base.seq
        theirs = await self._newest() if is_behind else found.base
        written = found.written(mine).items()
        kept = {path: it for path, it in written if mine.get(path) == it}
        way = plan.for_viewer(kept, mine, theirs.tree)
        own = {
            path
            for path, it in mine.items()
            if it not in (kept.get(path), theirs.tree.get(path))
        }
        private = {way.moves.get(it, it) for it in own}
        # What cannot stand next to another name may be alone there one day.
        private |= scan.entries.keys() - mine.keys()
        ground = mirror.Ground(self.folder, scan, WRITABLE, self.hold)
        await self._brought(found, way, ground, self._source(found, theirs, mine))
        # It is written with the right, so that what is cut off begins again.
        return replace(found, base=theirs, coming=EMPTY, private=frozenset(private))

    async def _with_right(self, found: Marker) -> Marker:
        """Let the files be read-only, or not any more."""
        scan, mine = await self.scanned(found)
        refuse_unread(found.base.tree, scan)
        mode = READ_ONLY if self.standing.is_read_only else WRITABLE
        writer = Writer(self.folder, scan.signatures, mode)
        for path, entry in found.base.tree.items():
            is_there = path in scan.entries and mine.get(path) == entry
            if is_there and isinstance(entry, File):
                await in_thread(writer.set_mode, path, entry)
        # A share that was handed over to the user is theirs, and so are its files.
        is_mine = found.is_mine or self.standing.right == "own"
        changed = replace(
            found,
            right=self.standing.right,
            is_mine=is_mine,
            private=frozenset() if self.standing.is_read_only else found.private,
        )
        await in_thread(marker.write, self.folder, changed)
        return changed


def _next_to(found: Marker, theirs: Base, scan: Scan) -> Base:
    """Leave out what would stand where the user has something for themselves."""
    hidden = scan.left_out.keys() | scan.unsettled
    own = (found.private - found.base.tree.keys()) & hidden
    if not own:
        return theirs
    kept = {
        path: it
        for path, it in theirs.tree.items()
        if own.isdisjoint((*parents(path), path))
    }
    return Base(theirs.seq, kept)


def refuse_unread(paths: Iterable[str], scan: Scan) -> None:
    """Leave it to the next round where a file that would change is being written."""
    touched = scan.unsettled.intersection(paths)
    if touched:
        raise ChangedError(min(touched))
