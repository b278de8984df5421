"""The JSON call that waits for news."""

from tornado.ioloop import IOLoop
from typing_extensions import override

from cygnet_share.call import Call
from cygnet_share.news import News, since

POLL_SECONDS = 25.0
"""How long a call for news waits."""


class EventsCall(Call):
    """`events`: waits for news."""

    _is_left = False

    @override
    async def get(self) -> None:
        """Answer with news, or after a while with none."""
        asked = self.get_query_argument("since", None)
        last = None if asked is None else int(asked)
        end = IOLoop.current().time() + POLL_SECONDS
        found = await self._since(last)
        while last is not None and found.is_empty:
            left = end - IOLoop.current().time()
            if left <= 0 or self._is_left:
                break
            await self.service.bell.wait(left)
            found = await self._since(last)
        self.finish(
            {
                "last": found.last,
                "shares": sorted(found.shares),
                "is_list_changed": found.is_list_changed,
            }
        )

    @override
    def on_connection_close(self) -> None:
        """End the wait of a caller who has gone."""
        self._is_left = True

    async def _since(self, last: int | None) -> News:
        """Ask for news."""
        return await self.run(since, self.service.database, self.person, last)
