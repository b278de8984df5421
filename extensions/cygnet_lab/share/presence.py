"""Who has which notebooks open: the user for others, and others for the user."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from cygnet_share.presence import FRESH_SECONDS

from cygnet_lab.share.answer import Present
from cygnet_lab.share.client import Client
from cygnet_lab.share.errors import SharingError

MOST_PAGES = 50
"""The most pages of one user that are remembered."""

MOST_PATHS = 50
"""The most notebooks of a share that others are shown."""


class Presence:
    """The presence of one user and of those with whom they share.

    Parameters
    ----------
    client
        The service.
    changed
        Called when others have come or gone.
    """

    def __init__(self, client: Client, changed: Callable[[], None]) -> None:
        self._client = client
        self._changed = changed
        self._pages: dict[str, tuple[float, Sequence[str]]] = {}
        self._said: set[int] = set()
        self._others: dict[int, tuple[Present, ...]] = {}

    @property
    def known(self) -> Sequence[int]:
        """The shares in which others are."""
        return sorted(self._others)

    def of(self, share: int) -> Sequence[Present]:
        """Give who has notebooks of a share open."""
        return self._others.get(share, ())

    async def say(
        self, page: str, paths: Sequence[str], places: Mapping[str, int]
    ) -> None:
        """Say what a page has open; without the service nothing is said.

        Parameters
        ----------
        page
            Names the page among those of the user.
        paths
            Relative to the user's folders.
        places
            The shares by the folders that follow them.
        """
        now = time.monotonic()
        self._pages[page] = (now, paths)
        self._pages = {
            key: it
            for key, it in [*self._pages.items()][-MOST_PAGES:]
            if now - it[0] < FRESH_SECONDS
        }
        opened = defaultdict[int, set[str]](set)
        for path in {it for _, found in self._pages.values() for it in found}:
            for place, share in places.items():
                if path.startswith(f"{place}/"):
                    opened[share].add(path.removeprefix(f"{place}/"))
        for share in sorted(self._said | opened.keys()):
            try:
                shown = sorted(opened.get(share, ()))[:MOST_PATHS]
                await self._client.be_present(share, shown)
            except SharingError:
                continue
        self._said = {*opened}

    def learn(self, found: Mapping[int, tuple[Present, ...]]) -> None:
        """Take who is in some shares now."""
        new = {**self._others, **found}
        new = {share: it for share, it in new.items() if it}
        if new != self._others:
            self._others = new
            self._changed()

    async def look(self, shares: Iterable[int]) -> None:
        """Ask who is in some shares."""
        for share in shares:
            try:
                self.learn({share: tuple(await self._client.present(share))})
            except SharingError:
                self.learn({share: ()})
