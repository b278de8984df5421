"""What a spawner reports of its server: how a start goes on, why it failed, its end."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

from jupyterhub.utils import maybe_future, url_escape_path, url_path_join
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse
from traitlets.config import Configurable

from cygnet_hub.spawn import server_token
from cygnet_hub.spawn.failure import Failure
from cygnet_hub.spawn.progress import Progress, Step

_LOOK_SECONDS = 0.1


class ReportingSpawner(Configurable):
    """The part of a spawner that reports.

    Notes
    -----
    Name it before JupyterHub's class, whose state it adds to.
    """

    ending: str
    """How a running server ended without a request to stop; empty when none did."""
    failure: Failure | None
    """Why the last start failed."""
    user: Any
    """JupyterHub's, and the server's owner."""
    name: str
    """The server's; empty for the default one."""

    def __init__(self, **kwargs: object) -> None:
        self.begin()
        super().__init__(**kwargs)

    def begin(self) -> None:
        """Forget what there was to report of a server before."""
        self.ending, self.failure, self._progress = "", None, Progress()

    def say(self, progress: int, message: str) -> None:
        """Add a line to what the waiting page shows, unless it is there."""
        self._progress.say(Step(progress, message))

    async def progress(self) -> AsyncIterator[dict[str, object]]:
        """Yield the lines of the waiting page as they come."""
        shown = 0
        while True:
            for step in self._progress.since(shown):
                shown += 1
                yield {"progress": step.progress, "message": step.message}
            await asyncio.sleep(_LOOK_SECONDS)

    def get_state(self) -> dict[str, object]:
        """Return what the next hub must know of this server."""
        state: dict[str, object] = super().get_state()  # type: ignore[misc]
        return {**state, "ending": self.ending} if self.ending else state

    def load_state(self, state: Mapping[str, object]) -> None:
        """Take what a former hub knew of this server."""
        super().load_state(state)  # type: ignore[misc]
        self.ending = str(state.get("ending", ""))

    async def run_post_stop_hook(self) -> None:
        """End what a server that has ended leaves behind, its token included."""
        await maybe_future(super().run_post_stop_hook())  # type: ignore[misc]
        base_url = url_path_join(self.user.base_url, url_escape_path(self.name), "/")
        server_token.end(self.user.db, self.user.orm_user, base_url)


async def answers(url: str, patience: timedelta) -> bool:
    """Ask a server for its first answer; a stranger on its address does not count.

    Parameters
    ----------
    url
        Of the server, with its prefix and a slash at the end.
    patience
        How long the answer may take.
    """
    seconds = patience.total_seconds()
    try:
        answer: HTTPResponse = await AsyncHTTPClient().fetch(
            f"{url}api", connect_timeout=seconds, request_timeout=seconds
        )
    except (HTTPClientError, OSError):
        return False
    return "X-JupyterHub-Version" in answer.headers
