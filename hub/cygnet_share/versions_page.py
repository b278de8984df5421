"""The page of a share's versions."""

from collections.abc import Sequence
from typing import Final

from tornado.web import authenticated
from typing_extensions import override

from cygnet_share import share
from cygnet_share.page_call import PageCall
from cygnet_share.right import Person
from cygnet_share.share import Detail
from cygnet_share.version_list import versions
from cygnet_share.viewer.page import Head, Link, around
from cygnet_share.viewer.versions import Version, body

SHOWN: Final = 100
"""How many versions a page has."""

_NEWEST = 10**9


class VersionsPage(PageCall):
    """`versions/ID`: who changed a share, and when."""

    @authenticated
    @override
    async def get(self, number: str) -> None:
        """Show the newest versions, or those before the one of the query."""
        asked = self.get_query_argument("before", "")
        below = int(asked[:9]) if asked.isdecimal() else _NEWEST
        person = await self.visitor()
        detail, found = await self.run(self._read, person, int(number), below)
        is_cut = len(found) > SHOWN
        shown = body(detail.id, found, self.top, is_cut=is_cut)
        self.finish(around(self._head(detail), shown))

    def _read(
        self, person: Person, number: int, below: int
    ) -> tuple[Detail, Sequence[Version]]:
        """Ask for the right, and read."""
        database = self.service.database
        # The one more is what the oldest is compared with.
        return (
            share.detail(database, person, number),
            versions(database, person, number, below=below, most=SHOWN + 1),
        )

    def _head(self, detail: Detail) -> Head:
        """Say what the page is of."""
        newest = Link(detail.title, f"{self.top}view/{detail.id}/{detail.head}/")
        return Head(
            "Versions",
            f"Versions · {detail.title}",
            [self.home, newest] if detail.head else [self.home],
            "A version never changes. Times are in UTC.",
            detail.owner,
        )
