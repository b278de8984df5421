"""The call by which a page says that it is saving a file."""

from typing import Annotated

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from typing_extensions import override

from cygnet_lab.share.call import CallBody, PanelCall
from cygnet_lab.share.waiting import in_thread


class SavingBody(CallBody):
    """`PUT saving`."""

    path: Annotated[str, Field(min_length=1, max_length=4_096)]
    page: Annotated[str, Field(max_length=64)]
    """Names the save among others."""

    is_over: bool


class SavingCall(PanelCall):
    """`saving`: a file that is saved, and that nothing else writes meanwhile."""

    @override
    @authorized
    async def put(self) -> None:
        """Take that a save begins, goes on or is over."""
        body = self.taken(SavingBody)
        saving = self.sharing.saving
        # A file that is written just now is waited for.
        await in_thread(
            saving.end if body.is_over else saving.begin, body.path, body.page
        )
        self.answer()
