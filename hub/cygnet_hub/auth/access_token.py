"""Issues a server short-lived access tokens of its owner for one audience.

A token is handed out only if it is a signed one, for that audience alone, and ends
within the hour; then it cannot be used to log in, or for anything else. Tokens are kept
in memory until half of their time is over, so that asking often costs the provider
nothing.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from jupyterhub import orm
from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.utils import compare_token
from tornado.web import HTTPError

from cygnet_hub.auth.errors import AnswerError, LoginError, RefusedError, TooOftenError
from cygnet_hub.auth.id_token import Claims
from cygnet_hub.auth.provider import Answer, Provider
from cygnet_hub.auth.session import LoginSession
from cygnet_hub.auth.settings import Oidc

LONGEST = timedelta(hours=1)
"""The longest life of a token that is handed out."""
PAUSE = timedelta(seconds=5)
"""The least time between two requests for one user's token."""
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - A name.
Save = Callable[[LoginSession], Awaitable[None]]
"""Keeps a login whose refresh token has changed."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token that was handed out."""

    token: str
    """The token."""
    start: datetime
    """When it was received."""
    end: datetime
    """When it expires."""

    def rest(self, now: datetime) -> timedelta:
        """Return for how long it is still good."""
        return self.end - now

    def is_young(self, now: datetime) -> bool:
        """Return whether less than half of its time is over."""
        return 2 * self.rest(now) > self.end - self.start


def check_groups(groups: frozenset[str], oidc: Oidc) -> None:
    """Refuse users who may not have tokens.

    Parameters
    ----------
    groups
        Those of the server's owner.

    Raises
    ------
    RefusedError
        With the reason.
    """
    if not oidc.token_groups:
        reason = "This service gives no access tokens to servers"
        raise RefusedError(reason, "ask your administrator to set oidc.tokenGroups")
    if groups.isdisjoint(oidc.token_groups):
        named = " or ".join(f"“{it}”" for it in oidc.token_groups)
        reason = f"Access tokens are for members of the group {named}"
        raise RefusedError(reason, "ask your administrator to add you to it")


def read(answer: Answer, claims: Claims, oidc: Oidc, now: datetime) -> AccessToken:
    """Take a token, if it is short-lived and for one audience.

    Parameters
    ----------
    claims
        Those of the access token, checked.
    now
        The time, with its zone.

    Raises
    ------
    AnswerError
        If it is good for more, or longer.
    """
    audience, end = claims["aud"], claims["exp"]
    if audience not in (oidc.token_audience, [oidc.token_audience]):
        _refuse(f"it is also for others than {oidc.token_audience}")
    life = min(_seconds(answer.get("expires_in")), _seconds(end) - now.timestamp())
    if not 0 < life <= LONGEST.total_seconds():
        _refuse(f"it is good for {life:.0f} seconds")
    token = str(answer["access_token"])
    return AccessToken(token, now, now + timedelta(seconds=life))


class TokenIssuer:
    """Issues tokens, and keeps those that are young.

    Parameters
    ----------
    oidc
        Says for which audience, and how they are asked for.
    pause
        The least time between two requests for one user's token.
    """

    def __init__(
        self, provider: Provider, oidc: Oidc, pause: timedelta = PAUSE
    ) -> None:
        self._provider = provider
        self._oidc = oidc
        self._pause = pause
        self._tokens: dict[str, AccessToken] = {}
        self._asked: dict[str, datetime] = {}

    def young(self, name: str) -> AccessToken | None:
        """Return a user's token while it is young.

        Returns
        -------
        AccessToken or None
            ``None`` if the provider has to be asked.
        """
        found = self._tokens.get(name)
        return found if found and found.is_young(datetime.now(UTC)) else None

    def forget(self, name: str) -> None:
        """Issue no kept token to a user any more."""
        self._tokens.pop(name, None)

    async def ask(self, name: str, session: LoginSession, save: Save) -> AccessToken:
        """Ask the provider for a token.

        Parameters
        ----------
        name
            The user, whose lock the caller has.
        save
            Is called as soon as the refresh token has changed.

        Raises
        ------
        LoginError
            If there is none that may be issued, or it was asked for just now.
        """
        now = datetime.now(UTC)
        if now - self._asked.get(name, now - self._pause) < self._pause:
            raise TooOftenError
        # Also when it fails: a server that asks in a loop must not reach the provider.
        self._asked[name] = now
        answer = await self._answer(session, save)
        try:
            claims = await self._provider.access_claims(answer.get("access_token"))
        except AnswerError as error:
            _refuse(error.detail)
        self._tokens[name] = read(answer, claims, self._oidc, now)
        return self._tokens[name]

    async def _answer(self, session: LoginSession, save: Save) -> Answer:
        """Ask for a token as the settings say."""
        grant = {"grant_type": "refresh_token", "refresh_token": session.refresh_token}
        if self._oidc.token_method == "resource":  # noqa: S105 - Not a secret.
            grant["resource"] = self._oidc.token_audience
        answer = await self._provider.token(grant)
        await save(session.renewed(answer))
        if self._oidc.token_method == "resource":  # noqa: S105 - Not a secret.
            return answer
        exchange = {
            "grant_type": EXCHANGE,
            "subject_token": str(answer.get("access_token")),
            "subject_token_type": _ACCESS_TOKEN,
            "requested_token_type": _ACCESS_TOKEN,
            "audience": self._oidc.token_audience,
        }
        return await self._provider.token(exchange)


class AccessTokenCall(APIHandler):
    """The call of a server that needs an access token of its owner."""

    async def get(self) -> None:
        """Answer with a token and its rest, or with the reason why not."""
        self.set_header("Cache-Control", "no-store")
        if not self._is_server():
            reason = "Only a running server gets access tokens, with its own token."
            raise HTTPError(403, reason)
        try:
            token = await self.authenticator.sessions.issue(self.current_user, self)
        except LoginError as error:
            self.log.info("no access token: %s %s", error, error.detail)
            raise HTTPError(error.status, str(error)) from None
        rest = int(token.rest(datetime.now(UTC)).total_seconds())
        self.finish({"access_token": token.token, "expires_in": rest})

    def _is_server(self) -> bool:
        """Return whether the caller has the token that the hub gave to a server."""
        token, user = self.get_auth_token(), self.current_user
        if user is None or getattr(user, "orm_user", None) is None or not token:
            return False
        # A server's token is the secret of its OAuth client, of which there is a hash.
        clients = (
            self.db.query(orm.OAuthClient)
            .join(
                orm.Spawner, orm.Spawner.oauth_client_id == orm.OAuthClient.identifier
            )
            .filter(orm.Spawner.user_id == user.orm_user.id)
        )
        return any(it.secret and compare_token(it.secret, token) for it in clients)


def _refuse(detail: str) -> NoReturn:
    """Refuse a token, saying in the log what is wrong with it."""
    reason = "The identity provider gave no token that may be handed to a server"
    remedy = "report this to your administrator"
    raise AnswerError(reason, remedy, f"the access token was refused: {detail}")


def _seconds(value: object) -> float:
    """Read a number; a missing one limits nothing by itself."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else float("inf")  # type: ignore[arg-type]
