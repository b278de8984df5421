"""The calls about shares and who may see them; the service decides each."""

from typing import Annotated

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from typing_extensions import override

from cygnet_lab.share.call import CallBody, PanelCall


class NewShareBody(CallBody):
    """`POST shares`."""

    place: Annotated[str, Field(max_length=4_096)]
    title: Annotated[str, Field(max_length=1_000)]


class SharesCall(PanelCall):
    """`shares`: a new one."""

    @override
    @authorized
    async def post(self) -> None:
        """Keep versions of a folder from now on: a share that only its owner sees."""
        body = self.taken(NewShareBody)
        self.answer({"id": await self.sharing.share(body.place, body.title)})


class ShareCall(PanelCall):
    """`shares/ID`: one share."""

    @override
    @authorized
    async def get(self, number: str) -> None:
        """Say what the user may know of it."""
        self.answer(await self.relay("GET", f"shares/{number}"))

    @override
    @authorized
    async def put(self, number: str) -> None:
        """Give it another title and end."""
        self.answer(await self.relay("PUT", f"shares/{number}", json=self.given()))

    @override
    @authorized
    async def delete(self, number: str) -> None:
        """End it."""
        self.answer(await self.relay("DELETE", f"shares/{number}"))


class GrantsCall(PanelCall):
    """`shares/ID/grants`: who may what."""

    @override
    @authorized
    async def put(self, number: str) -> None:
        """Grant a right."""
        path = f"shares/{number}/grants"
        self.answer(await self.relay("PUT", path, json=self.given()))

    @override
    @authorized
    async def delete(self, number: str) -> None:
        """Take one back."""
        names = ("audience", "principal")
        path = f"shares/{number}/grants"
        self.answer(await self.relay("DELETE", path, params=self.query(*names)))


class PeopleCall(PanelCall):
    """`people`: with whom one may share."""

    @override
    @authorized
    async def get(self) -> None:
        """List people and groups whose names begin so."""
        self.answer(await self.relay("GET", "people", params=self.query("prefix")))
