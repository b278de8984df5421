"""The JSON call that waits for news."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from tornado.ioloop import IOLoop
from typing_extensions import override

from cygnet_share.call import Call
from cygnet_share.news import Lately, News
from cygnet_share.presence import present_json
from cygnet_share.right import Right
from cygnet_share.turn import Kind

POLL_SECONDS = 25.0
"""How long a call for news waits."""


class EventsCall(Call):
    """`events`: waits for news."""

    kinds = MappingProxyType({"get": Kind.WAIT})

    _is_left = False

    @override
    async def get(self) -> None:
        """Answer with news, or after a while with none."""
        last, seen = self.number("since"), self.number("seen")
        end = IOLoop.current().time() + POLL_SECONDS
        while True:
            heard = self.service.bell.count
            mark = self.service.presence.mark
            news = await self._news(last, heard)
            if seen is not None and seen < self.service.presence.first:
                # The service has started since, and knows of nobody.
                news = replace(news, is_list_changed=True)
            present = await self._present(seen)
            left = end - IOLoop.current().time()
            is_over = last is None or left <= 0 or self._is_left
            if is_over or present or not news.is_empty:
                break
            await self.service.bell.wait(left, heard)
        self.finish(
            {
                "last": news.last,
                "shares": sorted(news.shares),
                "is_list_changed": news.is_list_changed,
                "seen": mark,
                "present": present,
            }
        )

    @override
    def on_connection_close(self) -> None:
        """End the wait of a caller who has gone."""
        super().on_connection_close()
        self._is_left = True

    async def _news(self, last: int | None, heard: int) -> News:
        """Say what is new for the caller, whose groups may have changed meanwhile."""
        service = self.service
        lately = await service.feed.latest(heard, self._read)
        self.person = await self.identified()
        return lately.since(self.person, last, service.database.clock())

    async def _read(self) -> Lately:
        """Read what is new by now."""
        service = self.service
        rung = service.bell.count
        return await self.run(service.feed.refresh, service.database, rung)

    async def _present(
        self, seen: int | None
    ) -> Mapping[int, Sequence[Mapping[str, object]]]:
        """Give who works now in the shares that the caller may edit."""
        changed = {} if seen is None else self.service.presence.since(seen)
        if not changed:
            return {}
        service, now = self.service, self.service.database.clock()
        lately = await self.run(service.feed.about, service.database, changed)
        return {
            share: [present_json(it) for it in found]
            for share, found in changed.items()
            if lately.may(self.person, share, Right.EDIT, now)
        }
