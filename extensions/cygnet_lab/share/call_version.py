"""The calls about the versions of a share; the service decides each."""

from typing import Annotated

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from typing_extensions import override

from cygnet_lab.share.call import CallBody, PanelCall


class RestoreBody(CallBody):
    """`POST shares/ID/restore`."""

    seq: Annotated[int, Field(ge=1)]
    paths: Annotated[tuple[str, ...], Field(max_length=10_000)] | None = None
    """None for everything."""


class VersionsCall(PanelCall):
    """`shares/ID/versions`: the versions of a share."""

    @override
    @authorized
    async def get(self, number: str) -> None:
        """List them, the newest first."""
        self.answer(await self.relay("GET", f"shares/{number}/snapshots"))


class VersionCall(PanelCall):
    """`shares/ID/versions/SEQ`: one version."""

    @override
    @authorized
    async def put(self, number: str, seq: str) -> None:
        """Give it a name, with which it is kept."""
        path = f"shares/{number}/snapshots/{seq}"
        self.answer(await self.relay("PUT", path, json=self.given()))


class RestoreCall(PanelCall):
    """`shares/ID/restore`: an old version as a new one."""

    @override
    @authorized
    async def post(self, number: str) -> None:
        """Restore files of a version, which the folders then follow."""
        body = self.taken(RestoreBody)
        asked = {"snapshot": body.seq, "paths": body.paths}
        path = f"shares/{number}/restore"
        self.answer(await self.relay("POST", path, json=asked))


class CompareCall(PanelCall):
    """`shares/ID/compare`: what differs between two versions."""

    @override
    @authorized
    async def get(self, number: str) -> None:
        """Compare two versions, or a file in them."""
        asked = self.query("from", "to", "path")
        self.answer(await self.relay("GET", f"shares/{number}/compare", params=asked))
