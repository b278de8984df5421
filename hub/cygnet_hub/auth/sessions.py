"""Keeps users' logins: begins, confirms and ends them, and issues access tokens.

Requests about one user wait for each other: a provider that sees a refresh token twice
takes it for stolen and ends the login. Servers are never touched.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from jupyterhub import orm
from tornado.web import HTTPError

from cygnet_hub import sharing
from cygnet_hub.auth import access_token
from cygnet_hub.auth.access_token import AccessToken, TokenIssuer
from cygnet_hub.auth.errors import (
    AnswerError,
    DownError,
    GrantError,
    LoginError,
    RefusedError,
)
from cygnet_hub.auth.id_token import Claims, Login
from cygnet_hub.auth.provider import Answer, Provider
from cygnet_hub.auth.session import LoginSession
from cygnet_hub.auth.settings import Oidc
from cygnet_hub.auth.user import User, admit, identify, is_admin, lacks
from cygnet_hub.pages.handlers import Named
from cygnet_hub.pages.logout import end_browser_logins
from cygnet_hub.spawn import server_token

ENDED = "Your login has ended"
AGAIN = "log in again"
_OWN_SCOPES = {"access:servers", "users:activity"}
_log = logging.getLogger(__name__)

Model = dict[str, object]
"""What JupyterHub keeps of a user: name, admin, groups, auth_state, user_info."""


class Handler(Protocol):
    """A request to JupyterHub, as far as we look at one."""

    db: orm.Session

    async def auth_to_user(self, authenticated: Model, user: object = None) -> object:
        """Write what is known about a user into the database."""

    def get_token(self) -> orm.APIToken | None:
        """Return the token that the request was made with."""


class HubUser(Named, Protocol):
    """A user of JupyterHub's, as far as we look at one."""

    orm_user: orm.User
    active: bool

    async def get_auth_state(self) -> object:
        """Decrypt what is kept."""

    async def save_auth_state(self, state: object) -> None:
        """Encrypt and keep something."""


class LoginSessions:
    """The logins of one service.

    Parameters
    ----------
    oidc
        Says who may come in.
    pause
        The least time between two requests for one user's access token.
    """

    def __init__(
        self,
        provider: Provider,
        oidc: Oidc,
        pause: timedelta = access_token.PAUSE,
    ) -> None:
        self.provider = provider
        self._oidc = oidc
        self._issuer = TokenIssuer(provider, oidc, pause)
        self._locks: Mapping[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def begin(self, grant: Mapping[str, str], nonce: str) -> Model:
        """Log a user in.

        Parameters
        ----------
        grant
            The code that the browser brought, with its proof.

        Returns
        -------
        dict of str to object
            What JupyterHub is to keep; `user_info` holds the identity.

        Raises
        ------
        LoginError
            If the provider named no user who may come in.
        """
        answer = await self.provider.token(grant)
        login = Login(nonce, access_token=str(answer.get("access_token", "")))
        claims = await self.provider.login_claims(answer, login)
        session = LoginSession(
            subject=str(claims["sub"]),
            nonce=nonce,
            id_token=str(answer["id_token"]),
            confirmed=datetime.now(UTC),
        ).renewed(answer)
        found = await self._identify(answer, claims)
        admit(found, self._oidc)
        identity = {"identity": found.identity}
        return {**self._model(found, session), "user_info": identity}

    async def confirm(self, user: HubUser, handler: Handler) -> bool:
        """Ask the provider again who a user is, and keep the groups.

        Parameters
        ----------
        handler
            The request that needs to know; it writes what is found.

        Returns
        -------
        bool
            False when the user has to log in again: is not let in any more, or was
            not confirmed for too long.
        """
        asked = datetime.now(UTC)
        async with self._locks[user.name]:
            session = LoginSession.load(await user.get_auth_state())
            if session is None:
                return False
            if session.confirmed >= asked:
                # Another request has asked while this one waited.
                return True
            if not session.refresh_token:
                return session.is_fresh(self._oidc, asked)
            try:
                model = await self._renew(user, session)
            # A provider in trouble, or an attacker between, must not log out all users.
            except (DownError, AnswerError) as error:
                _log.warning("not confirmed user=%s why=%s", user.name, error.detail)
                return session.is_fresh(self._oidc, asked)
            except LoginError as error:
                _log.warning(
                    "login ended user=%s why=%s", user.name, error.detail or error
                )
                await self._end(user, handler)
                return False
            await handler.auth_to_user(model, user)
            return True

    async def is_confirmed(self, user: HubUser) -> bool:
        """Return whether a user's login is valid now, by what was last found."""
        session = LoginSession.load(await user.get_auth_state())
        return session is not None and session.is_fresh(self._oidc, datetime.now(UTC))

    async def issue(self, user: HubUser, handler: Handler) -> AccessToken:
        """Issue an access token of its owner to a server.

        Parameters
        ----------
        user
            The owner.

        Returns
        -------
        AccessToken
            A token that is good for more than half of its time.

        Raises
        ------
        LoginError
            If the owner may have none, or there is none.
        """
        access_token.check_groups(_groups(user), self._oidc)
        if (token := self._issuer.young(user.name)) is not None:
            return token
        # The groups of this moment, not those of some minutes ago.
        if not await self.confirm(user, handler):
            raise GrantError(ENDED, AGAIN)
        access_token.check_groups(_groups(user), self._oidc)
        async with self._locks[user.name]:
            session = LoginSession.load(await user.get_auth_state())
            if session is None or not session.refresh_token:
                raise GrantError(ENDED, AGAIN, "there is no refresh token")
            return self._issuer.young(user.name) or await self._issuer.ask(
                user.name, session, lambda it: user.save_auth_state(it.state())
            )

    async def leave(self, user: HubUser) -> str:
        """End a login because its owner wants it.

        While a server runs it goes on for that server, and ends in this browser alone.

        Parameters
        ----------
        user
            The owner.

        Returns
        -------
        str
            The last id token, by which the provider knows the login; may be empty.
        """
        async with self._locks[user.name]:
            session = LoginSession.load(await user.get_auth_state())
            if session is None:
                return ""
            if not user.active:
                self._issuer.forget(user.name)
                await user.save_auth_state(None)
                await self._revoke(session)
            return session.id_token

    async def _revoke(self, session: LoginSession) -> None:
        if session.refresh_token:
            try:
                await self.provider.revoke(session.refresh_token)
            except LoginError as error:
                _log.warning("refresh token not revoked why=%s", error.detail)

    async def _renew(self, user: HubUser, session: LoginSession) -> Model:
        """Ask the provider who a user is by now."""
        grant = {"grant_type": "refresh_token", "refresh_token": session.refresh_token}
        answer = await self.provider.token(grant)
        session = session.renewed(answer)
        # First of all: the former refresh token is good no more.
        await user.save_auth_state(session.state())
        claims: Claims = {"sub": session.subject}
        if "id_token" in answer:
            access = str(answer.get("access_token", ""))
            login = Login(session.nonce, session.subject, access)
            claims = await self.provider.login_claims(answer, login)
            session = session.model_copy(update={"id_token": answer["id_token"]})
        found = await self._identify(answer, claims)
        if found.name != user.name:
            reason = f"Your user name is now {found.name}, no longer {user.name}"
            raise RefusedError(reason, AGAIN)
        admit(found, self._oidc)
        update = {"confirmed": datetime.now(UTC)}
        return self._model(found, session.model_copy(update=update))

    async def _identify(self, answer: Answer, claims: Claims) -> User:
        """Read who a user is, with more claims where these do not say it."""
        if lacks(claims, self._oidc):
            token, subject = str(answer.get("access_token", "")), str(claims["sub"])
            claims = {**await self.provider.userinfo(token, subject), **claims}
        return identify(claims, self._oidc)

    def _model(self, found: User, session: LoginSession) -> Model:
        return {
            "name": found.name,
            "admin": is_admin(found, self._oidc),
            "groups": sorted(found.groups),
            "auth_state": session.state(),
        }

    async def _end(self, user: HubUser, handler: Handler) -> None:
        """Take from a user all that a login gives, but leave the servers alone."""
        self._issuer.forget(user.name)
        nothing: Model = {"name": user.name, "admin": False, "groups": []}
        await handler.auth_to_user({**nothing, "auth_state": None}, user)
        own = handler.get_token()
        notes = _server_notes(user.orm_user)
        tokens = user.orm_user.api_tokens
        ended = [it for it in tokens if not _is_of_server(it, notes)]
        is_cut_off = own in ended
        for it in ended:
            handler.db.delete(it)
        end_browser_logins(handler.db, user.orm_user)
        if is_cut_off:
            raise HTTPError(403, "The login that this token came from has ended.")


def _groups(user: HubUser) -> frozenset[str]:
    return frozenset(it.name for it in user.orm_user.groups)


def _server_notes(user: orm.User) -> frozenset[str]:
    """Return what JupyterHub notes of the tokens of the servers that run."""
    servers = [it.server for it in user._orm_spawners]  # noqa: SLF001 - As JupyterHub.
    return frozenset(server_token.note(it.base_url) for it in servers if it is not None)


def _is_of_server(token: orm.APIToken, notes: frozenset[str]) -> bool:
    """Return whether a server reports and shares with it, and can do nothing else.

    Parameters
    ----------
    notes
        Of the servers that run: anybody can note of a token of their own what
        JupyterHub does, and it would be good for ever.
    """
    scopes = {it.split("!")[0] for it in token.scopes if it != sharing.ACCESS}
    return token.note in notes and scopes <= _OWN_SCOPES
