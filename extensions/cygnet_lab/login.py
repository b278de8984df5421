"""Checks with the hub, repeatedly, whether a browser is still logged in.

After a logout a page of this server is refused within seconds, and its WebSockets,
through which code runs, are closed. While the hub does not answer, its last
answer counts for some minutes, so that its restart disturbs no user.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tornado.ioloop import PeriodicCallback
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler

from cygnet_lab import environment

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

FRESH_SECONDS = 9.0
"""After so long the hub is asked again: a logout counts after ten."""
STALE_SECONDS = 300.0
"""For so long an answer counts while the hub gives none."""
PATIENCE_SECONDS = 5.0
"""How long the hub may take to answer where an answer of before counts."""
ENDED = 4401
"""The code that a WebSocket of a login that has ended is closed with."""
User = dict[str, Any]
"""The hub's model of a user, with the scopes of the token."""
Ask = Callable[[], Awaitable[User | None]]


@dataclass(slots=True)
class _Answer:
    """The hub's answer for one token."""

    user: User | None
    said: float
    """When, in seconds of the monotonic clock."""
    asked: float
    """When the hub was last asked, in vain perhaps."""


class Answers:
    """The hub's answers for the tokens of the last minutes."""

    def __init__(self) -> None:
        self._known: dict[str, _Answer] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def of(self, key: str, ask: Ask, fresh: float = FRESH_SECONDS) -> User | None:
        """Return whose a token is.

        Parameters
        ----------
        key
            Stands for the token.
        ask
            Asks the hub.
        fresh
            For how many seconds an answer saves asking.

        Returns
        -------
        dict or None
            ``None`` when the token is good no more.

        Raises
        ------
        HTTPError
            If the hub does not answer, and did not for some minutes.
        """
        with self._one_at_a_time(key) as lock:
            async with lock:
                known = self._known.get(key)
                if known and time.monotonic() - known.asked < fresh:
                    return known.user
                return await self._renew(key, known, ask)

    @contextmanager
    def _one_at_a_time(self, key: str) -> Iterator[asyncio.Lock]:
        """Let many requests of one page ask once; forget what is old."""
        oldest = time.monotonic() - STALE_SECONDS
        for old in [k for k, it in self._known.items() if it.said < oldest]:
            del self._known[old]
        lock = self._asking.setdefault(key, asyncio.Lock())
        try:
            yield lock
        finally:
            if not lock.locked():
                self._asking.pop(key, None)

    async def _renew(self, key: str, known: _Answer | None, ask: Ask) -> User | None:
        """Ask the hub, and fall back on what it said before."""
        now = time.monotonic()
        patience = PATIENCE_SECONDS if known else None
        try:
            user = await asyncio.wait_for(ask(), patience)
        except (HTTPError, TimeoutError):
            if known is None:
                raise
            known.asked = now
            return known.user
        self._known[key] = _Answer(user, now, now)
        return user


class BrowserLogins:
    """Identifies browsers, and closes the WebSockets of those that are logged out.

    Parameters
    ----------
    auth
        JupyterHub's way to identify them, whose handlers hold this object already; two
        of its methods are replaced.
    """

    def __init__(self, auth: Any) -> None:  # noqa: ANN401 - JupyterHub has no types.
        self._auth = auth
        self._answers = Answers()
        self._open: WeakKeyDictionary[WebSocketHandler, _Token] = WeakKeyDictionary()
        self._ask, self._identify = auth.user_for_token, auth.get_user
        auth.user_for_token, auth.get_user = self.user_for_token, self.get_user

    async def user_for_token(
        self,
        token: str,
        use_cache: bool = True,  # noqa: FBT001, FBT002 - JupyterHub's signature.
        session_id: str = "",
        *,
        sync: bool = False,
    ) -> User | None:
        """Return whose a token is, by what the hub said within seconds."""
        del sync
        fresh = FRESH_SECONDS if use_cache else 0.0
        return await self._user(_Token(token, session_id), fresh)

    async def get_user(self, handler: Any, *, sync: bool = False) -> User | None:  # noqa: ANN401 - See above.
        """Identify who asks, and remember by which token a WebSocket was opened."""
        del sync
        user: User | None = await self._identify(handler, sync=False)
        if user is not None and isinstance(handler, WebSocketHandler):
            session = self._auth.get_session_id(handler)
            self._open[handler] = _Token(str(self._auth.get_token(handler)), session)
        return user

    async def close_ended(self) -> None:
        """Close the WebSockets whose login has ended."""
        for token in set(self._open.values()):
            try:
                user = await self._user(token, fresh=0.0)
            except HTTPError:
                # The hub said nothing for some minutes, which is not that it has ended.
                continue
            if user and self._auth.check_scopes(self._auth.access_scopes, user):
                continue
            for handler in [it for it, by in self._open.items() if by == token]:
                self._open.pop(handler, None)
                handler.close(ENDED, "Your login has ended")

    async def _user(self, token: "_Token", fresh: float) -> User | None:
        """Ask the hub, unless it said so that many seconds ago."""
        return await self._answers.of(
            token.digest,
            lambda: self._ask(
                token.text, use_cache=False, session_id=token.session, sync=False
            ),
            fresh,
        )


@dataclass(frozen=True, slots=True)
class _Token:
    """What a browser shows."""

    text: str
    session: str

    @property
    def digest(self) -> str:
        """Stands for it where it need not be kept."""
        digest = hashlib.sha256(self.text.encode("utf8", "replace")).hexdigest()
        return f"{self.session}:{digest}"


def keep(server_app: "ServerApp") -> None:
    """Let a server of JupyterHub's notice a logout.

    Parameters
    ----------
    server_app
        The notebook server, before it answers its first request.
    """
    provider: Any = server_app.identity_provider
    logins = BrowserLogins(provider.hub_auth)
    if environment.is_published_with_tls():
        settings = server_app.web_app.settings
        kept = settings.get("xsrf_cookie_kwargs", {})
        settings["xsrf_cookie_kwargs"] = {**kept, "secure": True}
    PeriodicCallback(logins.close_ended, FRESH_SECONDS * 1000).start()
