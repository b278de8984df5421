"""Asks the identity provider: discovery, keys, tokens and claims.

Nothing is asked before the first login, so that the hub starts without the provider;
its metadata is kept for an hour. What is decided about the answers is
in `discovery`, `id_token` and `user`.
"""

import asyncio
import base64
import json
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import NoReturn
from urllib.parse import quote_plus, urlencode

from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from cygnet_hub.auth import discovery, id_token
from cygnet_hub.auth.discovery import Endpoints
from cygnet_hub.auth.errors import AnswerError, DownError, GrantError, LoginError
from cygnet_hub.auth.id_token import Claims, Keys, Login, Signed
from cygnet_hub.auth.jwks import KeySet
from cygnet_hub.auth.settings import Oidc

Answer = Mapping[str, object]
"""A JSON object that the provider sent; nothing in it has been checked."""
PATIENCE_S = 8.0
"""How long an answer may take before the provider counts as not answering."""
LONG_PATIENCE_S = 30.0
"""How long one with tokens may take: when it is lost, so is a refresh token."""
LARGEST = 1_000_000
"""The most bytes of an answer."""
MAX_AGE = timedelta(hours=1)
"""After how long the provider is asked about itself again."""
ALIVE = timedelta(seconds=5)
"""How long a provider that has answered counts as alive."""
PAUSE = timedelta(seconds=3)
"""After no answer, how long requests fail at once instead of waiting again."""


class Provider:
    """An OpenID Connect provider.

    Parameters
    ----------
    oidc
        Says where it is and as whom the hub asks.
    secret
        The client's secret; empty for a public client.
    authorities
        More certificate authorities (PEM) to trust; may be empty.
    """

    def __init__(self, oidc: Oidc, secret: str, authorities: str = "") -> None:
        self._oidc = oidc
        self._secret = secret
        self._authorities = authorities
        self._client: SimpleAsyncHTTPClient | None = None
        self._lock = asyncio.Lock()
        self._endpoints: Endpoints | None = None
        self._read = datetime.min.replace(tzinfo=UTC)
        self._failed: tuple[datetime, LoginError] | None = None
        self._key_set = KeySet(self._fetch_keys)

    async def endpoints(self, max_age: timedelta = MAX_AGE) -> Endpoints:
        """Ask for the endpoints, mostly ourselves.

        Parameters
        ----------
        max_age
            How old they may be; with less than usual the provider must answer.

        Returns
        -------
        Endpoints
            As usual an hour old, older ones while the provider does not answer.

        Raises
        ------
        LoginError
            If there are none.
        """
        async with self._lock:
            now = datetime.now(UTC)
            if self._endpoints is not None and now - self._read < max_age:
                return self._endpoints
            # A hundred logins at once would wait one after another otherwise.
            if self._failed is not None and now - self._failed[0] < PAUSE:
                raise self._failed[1]
            try:
                self._endpoints = await self._discover()
                self._read, self._failed = now, None
            except LoginError as error:
                self._failed = (datetime.now(UTC), error)
                if self._endpoints is None or max_age < MAX_AGE:
                    raise
            return self._endpoints

    async def token(self, fields: Mapping[str, str]) -> Answer:
        """Ask for tokens.

        Parameters
        ----------
        fields
            The grant, without the hub's credentials.

        Raises
        ------
        GrantError
            If the code or refresh token is good no more.
        LoginError
            If there is no good answer.
        """
        endpoints = await self.endpoints()
        headers, own = self._credentials(endpoints)
        body = urlencode({**fields, **own}).encode()
        response = await self._call(endpoints.token, headers, body)
        answer = _object(response)
        if response.code != HTTPStatus.OK:
            _refuse_grant(answer, response.code)
        return answer

    async def login_claims(self, answer: Answer, login: Login) -> Claims:
        """Check the id token of an answer.

        Parameters
        ----------
        login
            The login that it must belong to.

        Raises
        ------
        LoginError
            If it cannot be checked or is not good.
        """
        token = answer.get("id_token")
        keys = await self._keys(token)
        return id_token.verify_login(
            token, keys, self._signed(self._oidc.client_id), login, datetime.now(UTC)
        )

    async def access_claims(self, token: object) -> Claims:
        """Check an access token for the audience of the settings.

        Returns
        -------
        mapping of str to object
            Its claims; the audience may hold others.

        Raises
        ------
        LoginError
            If it cannot be checked or is not good.
        """
        keys = await self._keys(token)
        signed = self._signed(self._oidc.token_audience)
        return id_token.verify(token, keys, signed, datetime.now(UTC))

    async def userinfo(self, access_token: str, subject: str) -> Claims:
        """Ask for more claims.

        Parameters
        ----------
        access_token
            The user's own.
        subject
            Whom the answer must be about (OpenID Connect Core, 5.3.2).

        Returns
        -------
        mapping of str to object
            The claims; empty if the provider has no such endpoint.

        Raises
        ------
        LoginError
            If there is no good answer.
        """
        endpoints = await self.endpoints()
        if not endpoints.userinfo:
            return {}
        headers = {"Authorization": f"Bearer {access_token}"}
        response = await self._call(endpoints.userinfo, headers)
        answer = _object(response)
        if response.code != HTTPStatus.OK or answer.get("sub") != subject:
            _refuse(f"userinfo, status {response.code}, or another subject")
        return answer

    async def revoke(self, refresh_token: str) -> None:
        """End a refresh token, where the provider can (RFC 7009).

        Parameters
        ----------
        refresh_token
            It is not used any more.

        Raises
        ------
        LoginError
            If there is no answer.
        """
        endpoints = await self.endpoints()
        if endpoints.revoke:
            headers, own = self._credentials(endpoints)
            body = urlencode({"token": refresh_token, **own}).encode()
            await self._call(endpoints.revoke, headers, body)

    def _signed(self, audience: str) -> Signed:
        return Signed(self._oidc.issuer, audience)

    async def _keys(self, token: object) -> Keys:
        return await self._key_set.get(id_token.key_id(token), datetime.now(UTC))

    async def _discover(self) -> Endpoints:
        url = self._oidc.issuer.rstrip("/") + discovery.PATH
        return discovery.read(_object(await self._call(url)), self._oidc)

    async def _fetch_keys(self) -> Keys:
        endpoints = await self.endpoints()
        keys = _object(await self._call(endpoints.keys)).get("keys")
        if not isinstance(keys, list):
            _refuse("the key set has no list of keys")
        return [it for it in keys if isinstance(it, Mapping)]

    def _credentials(
        self, endpoints: Endpoints
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Say who the hub is, as headers and as fields (RFC 6749, 2.3.1)."""
        client_id = self._oidc.client_id
        if not self._secret:
            return {}, {"client_id": client_id}
        if not endpoints.takes_basic:
            return {}, {"client_id": client_id, "client_secret": self._secret}
        pair = f"{quote_plus(client_id)}:{quote_plus(self._secret)}"
        value = base64.b64encode(pair.encode()).decode()
        return {"Authorization": f"Basic {value}"}, {}

    async def _call(
        self, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> HTTPResponse:
        """Call the provider: a POST when there is a body."""
        request = HTTPRequest(
            url,
            method="POST" if body else "GET",
            headers={"Accept": "application/json", **(headers or {})},
            body=body or None,
            # A redirect would carry the secret, or the question, elsewhere.
            follow_redirects=False,
            connect_timeout=PATIENCE_S,
            request_timeout=LONG_PATIENCE_S if body else PATIENCE_S,
        )
        try:
            response = await self._http().fetch(request, raise_error=False)
        except (HTTPClientError, OSError, ValueError) as error:
            self._give_up(f"{url}: {type(error).__name__}: {error}")
        if (
            response.code >= HTTPStatus.INTERNAL_SERVER_ERROR
            or response.code == HTTPStatus.TOO_MANY_REQUESTS
        ):
            self._give_up(f"{url}: status {response.code}")
        return response

    def _http(self) -> SimpleAsyncHTTPClient:
        """Make the client where its event loop runs."""
        if self._client is None:
            context = ssl.create_default_context()
            if self._authorities:
                context.load_verify_locations(cadata=self._authorities)
            self._client = SimpleAsyncHTTPClient(
                force_instance=True,
                max_body_size=LARGEST,
                defaults={"ssl_options": context},
            )
        return self._client

    def _give_up(self, detail: str) -> NoReturn:
        """Say that the provider does not answer."""
        reason = f"{self._oidc.label}, which says who you are, does not answer"
        remedy = "try again in a few minutes; servers that run go on meanwhile"
        raise DownError(reason, remedy, detail)


def _object(response: HTTPResponse) -> Answer:
    """Decode a JSON object."""
    try:
        answer = json.loads(response.body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        where, code = response.effective_url.split("?")[0], response.code
        _refuse(f"{where}, status {code}: not a JSON object")
    return answer


def _refuse_grant(answer: Answer, status: int) -> NoReturn:
    """Raise for an ended login or a mistake of the service's (RFC 6749, 5.2)."""
    error = answer.get("error")
    said = f"{error!s:.60}: {answer.get('error_description')!s:.200}"
    if error == "invalid_grant":
        reason = "The identity provider has ended your login"
        raise GrantError(reason, "log in again", said)
    _refuse(f"token endpoint, status {status}, {said}")


def _refuse(detail: str) -> NoReturn:
    """Refuse an answer, saying in the log what is wrong with it."""
    reason = "The identity provider's answer cannot be used"
    remedy = "log in again, and report it to your administrator if that happens twice"
    raise AnswerError(reason, remedy, detail)
