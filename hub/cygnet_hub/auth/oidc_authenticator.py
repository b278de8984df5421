"""Logs users in at an identity provider.

oauthenticator gives the frame: state cookie, PKCE, routes. What it leaves out is put
in: discovery when it is needed, the nonce, pages that say what is wrong, logging out at
the provider. `sessions` checks and keeps what the provider says.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from jupyterhub.handlers.login import LoginHandler
from jupyterhub.spawner import SpawnException
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.oauth2 import (
    STATE_COOKIE_NAME,
    OAuthCallbackHandler,
    OAuthLoginHandler,
    OAuthLogoutHandler,
    _deserialize_state,
    _serialize_state,
)
from tornado.httputil import url_concat
from tornado.web import HTTPError
from traitlets import Float, Instance, Unicode, default
from traitlets.config import Config
from typing_extensions import override

from cygnet_hub.auth.access_token import PAUSE, AccessTokenCall
from cygnet_hub.auth.errors import GrantError, LoginError
from cygnet_hub.auth.provider import ALIVE, Provider
from cygnet_hub.auth.sessions import Handler, HubUser, LoginSessions, Model
from cygnet_hub.auth.settings import Oidc
from cygnet_hub.auth.user import check_same
from cygnet_hub.errors import Problem, SettingsError
from cygnet_hub.pages.logout import LogoutPage
from cygnet_hub.pages.overrides import HandlerOverrides

AGAIN = "log in again"
LOGIN_DAYS = 1 / 24
"""How long the page of the provider may stay open."""
Secret = Callable[[str], str | None]
"""Reads one key of the hub's Secret."""


def _cookie_name(handler: Any) -> str:  # noqa: ANN401 - JupyterHub has no types.
    """Name the cookie of a login that was begun; no other host can set it."""
    is_bound = handler.settings["cookie_host_prefix_enabled"]
    return f"__Host-{STATE_COOKIE_NAME}" if is_bound else STATE_COOKIE_NAME


async def show(handler: OAuthCallbackHandler, error: LoginError) -> None:
    """Show a page that says why a user was not logged in."""
    handler.log.warning("not logged in: %s detail=%r", error, error.detail)
    handler.set_status(error.status)
    handler.set_header("Cache-Control", "no-store")
    html = await handler.render_template("login_problem.html", problem=error)
    handler.finish(html)


class LoginPage(LoginHandler):
    """The page with the login button."""

    @override
    def render_template(self, name: str, **values: object) -> object:
        """Show our page in place of that for login links."""
        name = "login_oidc.html" if name == "login.html" else name
        return super().render_template(name, **values)

    @override
    async def post(self) -> None:
        """Refuse: there is no login form here."""
        raise HTTPError(405)


class LoginStart(OAuthLoginHandler):
    """Sends the browser to the provider."""

    is_login = True

    @override
    async def get(self) -> None:
        """Ask the provider where, then go there."""
        try:
            # Not to a provider that is down, of which a browser shows little.
            endpoints = await self.authenticator.sessions.provider.endpoints(ALIVE)
        except LoginError as error:
            await show(self, error)
            return
        verifier, challenge = self._generate_pkce_params()
        kept = {
            "state_id": secrets.token_urlsafe(32),
            "next_url": self._get_next_url(),
            "code_verifier": verifier,
            "nonce": secrets.token_urlsafe(32),
        }
        # Not for the servers of users, whose paths are next to the hub's.
        self._set_cookie(
            _cookie_name(self),
            _serialize_state(kept),
            expires_days=LOGIN_DAYS,
            path=self.hub.base_url,
        )
        question = {
            **self.authenticator.extra_authorize_params,
            "response_type": "code",
            "client_id": self.authenticator.client_id,
            "redirect_uri": self.authenticator.get_callback_url(self),
            "scope": " ".join(self.authenticator.scope),
            "state": kept["state_id"],
            "nonce": kept["nonce"],
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        self.redirect(url_concat(endpoints.authorize, question))


class LoginCallback(OAuthCallbackHandler):
    """Takes the browser back from the provider."""

    is_login = True
    _state_cookie: str | None = None

    @override
    async def get(self) -> None:
        """Log in whom the provider has named, or say why not."""
        try:
            await self._check_answer()
            user = await self.login_user()
            self.redirect(self.get_next_url(user))
        except GrantError as error:
            reason = "This login took too long, or was used already"
            await show(self, LoginError(reason, AGAIN, error.detail))
        except LoginError as error:
            await show(self, error)

    @override
    def get_cookie_name(self) -> str:
        """Spend what was kept when the browser left."""
        if self._state_cookie is None:
            name = _cookie_name(self)
            kept = self.get_secure_cookie(name, max_age_days=LOGIN_DAYS)
            self._state_cookie = (kept or b"").decode()
            self.clear_cookie(name, path=self.hub.base_url)
        return self._state_cookie

    def kept(self) -> Mapping[str, str]:
        """Return what was kept when the browser left."""
        cookie = self.get_cookie_name()
        return _deserialize_state(cookie) if cookie else {}

    async def _check_answer(self) -> None:
        """Refuse answers to no question of this browser's."""
        oidc = self.authenticator.oidc
        state = self.get_argument("state", "")
        asked = self.kept().get("state_id", "")
        if not asked or not hmac.compare_digest(state.encode(), asked.encode()):
            reason = "This login was begun in another tab or browser, or long ago"
            raise LoginError(reason, AGAIN)
        endpoints = await self.authenticator.sessions.provider.endpoints()
        issuer = self.get_argument("iss", "")
        if (issuer or endpoints.names_itself) and issuer != oidc.issuer:
            reason = "The answer came from another identity provider"
            raise LoginError(reason, AGAIN, f"iss={issuer!r:.200}")
        if error := self.get_argument("error", ""):
            said = self.get_argument("error_description", "")
            reason = f"{oidc.label} did not log you in"
            raise LoginError(reason, AGAIN, f"{error:.60}: {said:.200}")
        if not self.get_argument("code", ""):
            reason = "The identity provider's answer has no code"
            raise LoginError(reason, AGAIN)

    @override
    async def auth_to_user(self, authenticated: Model, user: object = None) -> object:
        """Tie the name to an identity, before anything is written for the user.

        Between the look and the write nothing waits, so two users who come at once
        under one name cannot both get it.
        """
        name, mine = str(authenticated["name"]), authenticated.get("user_info")
        if isinstance(mine, dict):
            found = self.find_user(name) or self.user_from_username(name)
            known = found.user_info or {}
            oidc = self.authenticator.oidc
            identity = known.get("identity", "")
            check_same(name, mine["identity"], identity, oidc)
            found.user_info = {**known, **mine}
            self.db.commit()
        return await super().auth_to_user(authenticated, user)


class Logout(LogoutPage, OAuthLogoutHandler):
    """Logs out here and at the provider."""

    _next = ""

    @override
    async def default_handle_logout(self) -> None:
        """Find where to go while the user is still logged in."""
        if self.current_user:
            id_token = await self.authenticator.sessions.leave(self.current_user)
            self._next = await self.authenticator.farewell(id_token, self)
        await super().default_handle_logout()

    @override
    async def handle_logout(self) -> None:
        """Forget a login that was begun."""
        self.clear_cookie(_cookie_name(self), path=self.hub.base_url)

    @override
    async def render_logout_page(self) -> None:
        """Go on to the provider, which sends the browser back."""
        self.redirect(self._next or self.settings["login_url"])


class OidcAuthenticator(HandlerOverrides, GenericOAuthenticator):
    """Logs in users whom an OpenID Connect provider names."""

    login_handler = LoginStart
    callback_handler = LoginCallback
    logout_handler = Logout

    oidc = Instance(Oidc).tag(config=True)
    authorities = Unicode().tag(config=True)
    token_pause = Float(PAUSE.total_seconds()).tag(config=True)
    """Seconds between two requests for one user's access token, at least."""
    sessions = Instance(LoginSessions)

    @default("sessions")
    def _make_sessions(self) -> LoginSessions:
        provider = Provider(self.oidc, self.client_secret, self.authorities)
        return LoginSessions(provider, self.oidc, timedelta(seconds=self.token_pause))

    @override
    def get_handlers(self, app: object) -> list[tuple[object, ...]]:
        """Return our pages, which come before JupyterHub's of the same address."""
        return [
            *super().get_handlers(app),
            (r"/login", LoginPage),
            (r"/api/cygnet/access-token", AccessTokenCall),
        ]

    @override
    async def authenticate(
        self, handler: LoginCallback, data: object = None, **_: object
    ) -> Model:
        """Log in the user whom the provider names, if the user may come in."""
        fields = self.build_access_tokens_request_params(handler, data)
        names = ("grant_type", "code", "redirect_uri", "code_verifier")
        grant = {it: fields[it] for it in names}
        return await self.sessions.begin(grant, handler.kept()["nonce"])

    @override
    async def refresh_user(
        self, user: HubUser, handler: Handler | None = None, **_: object
    ) -> bool:
        """Ask for the groups again; False when the user has to log in again."""
        if handler is None:
            return False
        # JupyterHub 6.1.1 reads this after a False, but sets it for tokens alone; can
        # go when a request with a cookie is redirected to the login without it.
        handler.__dict__.setdefault("_token_authenticated", False)
        return await self.sessions.confirm(user, handler)

    @override
    async def pre_spawn_start(self, user: HubUser, spawner: object) -> None:
        """Start nothing for a user whom the provider does not confirm any more.

        JupyterHub asks `refresh_user` before, but lets callers with a token go on
        whatever it says.
        """
        if not await self.sessions.is_confirmed(user):
            reason = (
                f"Nothing was started: {self.oidc.label} does not confirm (any more) "
                "that you may use this service. Log out and in again, which says why."
            )
            raise SpawnException(reason, reason="not-confirmed", status_code=403)

    async def farewell(self, id_token: str, handler: Handler) -> str:
        """Return where the provider logs a browser out; empty if nowhere."""
        try:
            endpoints = await self.sessions.provider.endpoints(ALIVE)
        except LoginError as error:
            self.log.warning("logged out here alone: %s", error.detail)
            return ""
        if not id_token or not endpoints.end_session:
            return ""
        back = self.get_callback_url(handler).removesuffix("oauth_callback") + "login"
        question = {
            "id_token_hint": id_token,
            "client_id": self.client_id,
            "post_logout_redirect_uri": back,
        }
        return str(url_concat(endpoints.end_session, question))


def configure(
    c: Config, oidc: Oidc, secret: Secret, *, authorities: str, callback: str
) -> None:
    """Configure logins at a provider.

    Parameters
    ----------
    authorities
        The site's own certificate authorities (PEM); empty for none.
    callback
        Where the provider sends browsers back to; empty for where they came from.

    Raises
    ------
    SettingsError
        If there is no key to encrypt logins with.
    """
    keys = secret("crypt-key")
    if not keys:
        remedy = "give it one of 64 hexadecimal digits"
        raise SettingsError([Problem("the Secret", "crypt-key", "is missing", remedy)])
    c.JupyterHub.authenticator_class = OidcAuthenticator
    # The first one encrypts, the others still decrypt.
    c.CryptKeeper.keys = keys.split(";")
    c.OidcAuthenticator.oidc = oidc
    c.OidcAuthenticator.authorities = authorities
    c.OidcAuthenticator.client_id = oidc.client_id
    c.OidcAuthenticator.client_secret = secret("oidc-client-secret") or ""
    c.OidcAuthenticator.scope = list(oidc.scopes)
    c.OidcAuthenticator.enable_auth_state = True
    c.OidcAuthenticator.manage_groups = True
    # `user.admit` decides, at the login and at each refresh.
    c.OidcAuthenticator.allow_all = True
    c.OidcAuthenticator.auth_refresh_age = oidc.refresh_seconds
    c.OidcAuthenticator.refresh_pre_spawn = True
    asked = dict(oidc.authorize_parameters)
    if oidc.token_groups and oidc.token_method == "resource":  # noqa: S105 - No secret.
        asked["resource"] = oidc.token_audience
    c.OidcAuthenticator.extra_authorize_params = asked
    if callback:
        c.OidcAuthenticator.oauth_callback_url = callback
