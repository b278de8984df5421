"""The JSON calls about versions: listed, published, read, restored."""

from http import HTTPStatus
from types import MappingProxyType

from typing_extensions import override

from cygnet_share import snapshot
from cygnet_share.api_model import Publication, Restoration, VersionName, tree_json
from cygnet_share.call import Call
from cygnet_share.right import Right
from cygnet_share.snapshot import Snapshot
from cygnet_share.tree import CHUNK_BYTES
from cygnet_share.turn import Kind


class SnapshotsCall(Call):
    """`shares/ID/snapshots`: the versions, and a new one."""

    kinds = MappingProxyType({"post": Kind.LARGE})
    wants = MappingProxyType({"post": Right.EDIT})
    max_body = 2 * CHUNK_BYTES

    @override
    async def get(self, number: str) -> None:
        """List the snapshots, the newest first; at most 1,000 before a number."""
        before = self.number("before")
        found = await self.run(
            snapshot.snapshots,
            self.service.database,
            self.person,
            int(number),
            before=before,
        )
        self.finish({"snapshots": [_snapshot_json(it) for it in found]})

    @override
    async def post(self, number: str) -> None:
        """Publish a snapshot."""
        body = self.body(Publication)
        made = await self.run(
            snapshot.publish,
            self.service.database,
            self.person,
            int(number),
            body.parent,
            body.entries(),
            limits=self.service.limits,
            note=body.note,
        )
        self.service.bell.ring()
        self.finish(_snapshot_json(made))


class RestoreCall(Call):
    """`shares/ID/restore`: an old version as a new one."""

    kinds = MappingProxyType({"post": Kind.LARGE})
    wants = MappingProxyType({"post": Right.EDIT})
    max_body = 2 * CHUNK_BYTES

    @override
    async def post(self, number: str) -> None:
        """Publish what a snapshot held."""
        body = self.body(Restoration)
        made = await self.run(
            snapshot.restore,
            self.service.database,
            self.person,
            int(number),
            body.snapshot,
            body.paths,
            limits=self.service.limits,
        )
        self.service.bell.ring()
        self.finish(_snapshot_json(made))


class TreeCall(Call):
    """`shares/ID/snapshots/SEQ`: what a snapshot holds."""

    kinds = MappingProxyType({"put": Kind.ACT})

    @override
    async def get(self, number: str, seq: str) -> None:
        """List its files by path."""
        found = await self.run(
            snapshot.tree, self.service.database, self.person, int(number), int(seq)
        )
        self.finish({"entries": tree_json(found)})

    @override
    async def put(self, number: str, seq: str) -> None:
        """Give it a name, with which it is kept."""
        name = self.body(VersionName).name
        database = self.service.database
        await self.run(
            snapshot.name, database, self.person, int(number), int(seq), name
        )
        self.service.bell.ring()
        self.set_status(HTTPStatus.NO_CONTENT)


def _snapshot_json(found: Snapshot) -> dict[str, object]:
    """Give a snapshot as the service answers it."""
    return {
        "seq": found.seq,
        "published_by": found.published_by,
        "published_at": found.published_at.isoformat(),
        "files": found.files,
        "bytes": found.bytes,
        "note": found.note,
        "name": found.name,
        "is_pinned": found.is_pinned,
    }
