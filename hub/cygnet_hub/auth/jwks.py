"""The provider's public keys, asked for again when they are old or one is unknown.

A token that names an unknown key makes the hub ask once, so that new keys are found at
once; but only once a minute, so that tokens cannot make it ask all the time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from cygnet_hub.auth.id_token import Keys

PAUSE = timedelta(minutes=1)
"""The least time between two questions because of unknown keys."""
MAX_AGE = timedelta(hours=1)
"""For how long keys are taken without asking: a withdrawn one is gone after it."""


class KeySet:
    """Public keys with their age.

    Parameters
    ----------
    fetch
        Asks the provider; raises `LoginError`.
    """

    def __init__(self, fetch: Callable[[], Awaitable[Keys]]) -> None:
        self._fetch = fetch
        self._lock = asyncio.Lock()
        self._keys: Keys = ()
        self._fetched: datetime | None = None
        self._asked: datetime | None = None

    async def get(self, kid: str | None, now: datetime) -> Keys:
        """Return the keys, among them the named one if the provider has it.

        Parameters
        ----------
        now
            The time, with its zone.

        Returns
        -------
        sequence of mapping
            All keys; the named one may be missing.

        Raises
        ------
        LoginError
            If the keys are needed and cannot be had.
        """
        # Those who wait find the keys that the first one has fetched.
        async with self._lock:
            if self._fetched is None or now - self._fetched >= MAX_AGE:
                await self._load(now)
            elif not self._has(kid) and self._may_ask(now):
                self._asked = now
                await self._load(now)
            return self._keys

    async def _load(self, now: datetime) -> None:
        self._keys = await self._fetch()
        self._fetched = now

    def _has(self, kid: str | None) -> bool:
        return kid is None or any(it.get("kid") == kid for it in self._keys)

    def _may_ask(self, now: datetime) -> bool:
        return self._asked is None or now - self._asked >= PAUSE
