"""The calls by which an open page follows what is shared, and says what it shows."""

import asyncio
from typing import Annotated

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from typing_extensions import override

from cygnet_lab.share.call import CallBody, PanelCall
from cygnet_lab.share.panel import panel

POLL_SECONDS = 25.0
"""How long a call for news waits."""

GATHER_SECONDS = 0.1
"""For how long more news is waited for: what happens at once is one answer."""


class SinceQuery(CallBody):
    """The query of `state`."""

    since: Annotated[int, Field(ge=0, lt=2**53)] | None = None


class PresenceBody(CallBody):
    """`PUT presence`."""

    paths: Annotated[
        tuple[Annotated[str, Field(max_length=4_096)], ...], Field(max_length=200)
    ]
    page: Annotated[str, Field(max_length=64)] = ""
    """Names the page among those that are open."""


class StateCall(PanelCall):
    """`state`: how everything stands, at once or when it is not as before."""

    # An open page keeps no server from being stopped that is not used.
    _track_activity = False
    _waiting: asyncio.Task[None] | None = None

    @override
    @authorized
    async def get(self) -> None:
        """Answer with what the panel shows."""
        found = self.get_query_argument("since", None)
        since = SinceQuery.model_validate({"since": found}, strict=False).since
        if since is not None:
            self._waiting = asyncio.create_task(self._news(since), name="share page")
            await asyncio.wait([self._waiting])
            if self._waiting.cancelled():
                return
        self.answer(panel(self.sharing))

    async def _news(self, since: int) -> None:
        """Wait until something is not as before, or for a while."""
        board = self.sharing.board
        is_old = board.version == since
        await board.wait(since, POLL_SECONDS)
        if is_old and board.version != since:
            await asyncio.sleep(GATHER_SECONDS)

    @override
    def on_connection_close(self) -> None:
        """End the wait of a page that has gone."""
        super().on_connection_close()
        if self._waiting is not None:
            self._waiting.cancel()


class PresenceCall(PanelCall):
    """`presence`: which notebooks a page has open."""

    _track_activity = False

    @override
    @authorized
    async def put(self) -> None:
        """Take what a page has open; it is forgotten after 50 seconds."""
        body = self.taken(PresenceBody)
        await self.sharing.be_present(body.page, body.paths)
        self.answer()
