"""The calls about folders that follow shares, and about copies of shares."""

from typing import Annotated

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from typing_extensions import override

from cygnet_lab.share.call import CallBody, PanelCall
from cygnet_lab.share.choice import Take

Number = Annotated[int, Field(ge=1, lt=10**18)]
Place = Annotated[str, Field(min_length=1, max_length=4_096)]
Name = Annotated[str, Field(max_length=64)]


class CloneBody(CallBody):
    """`POST shares/ID/clone`."""

    place: Place | None = None
    """None for a free one."""

    seq: Annotated[int, Field(ge=1, lt=10**9)] | None = None
    """None for the newest version."""


class FolderBody(CallBody):
    """A folder that follows a share."""

    share: Number
    place: Place


class AnswerBody(FolderBody):
    """`POST folders/answer`."""

    is_deletion: bool


class ResolveBody(FolderBody):
    """`POST folders/resolve`."""

    conflict: Name
    cell: Name | None = None
    """None for all that the conflict holds."""

    take: Annotated[Take, Field(strict=False)]


class DismissBody(FolderBody):
    """`POST folders/dismiss`."""

    conflict: Name


class OpenCall(PanelCall):
    """`shares/ID/open`: a share among the user's files."""

    @override
    @authorized
    async def post(self, number: str) -> None:
        """Bring it, and give the place."""
        self.answer({"place": await self.sharing.open_here(int(number))})


class CloneCall(PanelCall):
    """`shares/ID/clone`: a copy of the user's own."""

    @override
    @authorized
    async def post(self, number: str) -> None:
        """Copy a version, and give the place; a long copy goes on after that."""
        body = self.taken(CloneBody)
        place = await self.sharing.copy(int(number), body.seq, body.place)
        self.answer({"place": place})


class FoldersCall(PanelCall):
    """`folders`: one that follows a share no more."""

    @override
    @authorized
    async def delete(self) -> None:
        """Stop following; a copy that has failed is shown no more."""
        asked = {"share": self.asked("share"), "place": self.asked("place")}
        body = FolderBody.model_validate(asked, strict=False)
        if not self.sharing.copying.forget(body.place):
            await self.sharing.leave(body.share, body.place)
        self.answer()


class AnswerCall(PanelCall):
    """`folders/answer`: what becomes of files that have gone."""

    @override
    @authorized
    async def post(self) -> None:
        """Take whether they go for everyone."""
        body = self.taken(AnswerBody)
        copy = self.sharing.of(body.share, body.place)
        copy.answer(is_deletion=body.is_deletion)
        self.answer()


class ResolveCall(PanelCall):
    """`folders/resolve`: what becomes of a conflict."""

    @override
    @authorized
    async def post(self) -> None:
        """Settle it as the user chooses."""
        body = self.taken(ResolveBody)
        copy = self.sharing.of(body.share, body.place)
        await copy.resolve(body.conflict, body.cell, body.take)
        self.answer()


class DismissCall(PanelCall):
    """`folders/dismiss`: a conflict that the user has seen."""

    @override
    @authorized
    async def post(self) -> None:
        """Forget it; both texts stay in the folder."""
        body = self.taken(DismissBody)
        await self.sharing.of(body.share, body.place).dismiss(body.conflict)
        self.answer()


class OriginCall(PanelCall):
    """`origin`: where a folder came from."""

    @override
    @authorized
    async def get(self) -> None:
        """Give what a copy says of itself, or that the folder is none."""
        found = await self.sharing.origin(self.asked("place"))
        self.answer({"origin": found and found.model_dump(mode="json")})
