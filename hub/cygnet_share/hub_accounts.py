"""Which accounts the hub has: everyone is there until it says otherwise, twice."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from urllib.parse import quote

from jupyterhub.services.auth import HubAuth
from pydantic import BaseModel, Field
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

from cygnet_share import account
from cygnet_share.account import Account
from cygnet_share.database import Database

_PAGE = 100
_PAGINATED = "application/jupyterhub-pagination+json"


class HubAccounts:
    """The accounts of a hub.

    Parameters
    ----------
    database
        Where people are kept.
    auth
        The service's access to the hub, with the scopes `list:users` and `read:users`.
    """

    def __init__(self, database: Database, auth: HubAuth) -> None:
        self._database = database
        self._auth = auth

    async def look(self) -> None:
        """Note whose accounts have gone, and whose are there again.

        Raises
        ------
        HTTPError, OSError, ValueError
            When the hub does not answer; then nothing is noted.
        """
        there = {it async for it in self._all()}
        known = await asyncio.to_thread(account.known, self._database)
        gone = await asyncio.to_thread(account.gone, self._database)
        # One that was made or removed meanwhile may have moved others to another page.
        missed = {key: it for key, it in known.items() if it not in there}
        left = [key for key, it in missed.items() if not await self._has(it)]
        returned = [key for key, it in gone.items() if it in there]
        await asyncio.to_thread(account.note, self._database, left, returned)

    async def _all(self) -> AsyncIterator[Account]:
        """List all accounts, page by page."""
        offset: int | None = 0
        while offset is not None:
            path = f"users?offset={offset}&limit={_PAGE}"
            page = _Page.model_validate_json((await self._ask(path)).body)
            for it in page.items:
                yield Account(it.name, it.created)
            after = page.pagination.next
            offset = None if after is None else after.offset

    async def _has(self, wanted: Account) -> bool:
        """Ask for one account."""
        answer = await self._ask(f"users/{quote(wanted.name, safe='')}")
        if answer.code == HTTPStatus.NOT_FOUND:
            return False
        found = _User.model_validate_json(answer.body)
        return Account(found.name, found.created) == wanted

    async def _ask(self, path: str) -> HTTPResponse:
        """Ask the hub."""
        headers = {
            "Authorization": f"token {self._auth.api_token}",
            "Accept": _PAGINATED,
        }
        request = HTTPRequest(f"{self._auth.api_url}/{path}", headers=headers)
        answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        if answer.code != HTTPStatus.NOT_FOUND:
            answer.rethrow()
        return answer


class _User(BaseModel):
    """An account, as far as it is looked at."""

    name: str
    created: str


class _Next(BaseModel):
    """Where the next page begins."""

    offset: int


class _Pagination(BaseModel):
    """Which page it is."""

    next: _Next | None


class _Page(BaseModel):
    """A page of accounts."""

    items: list[_User]
    pagination: _Pagination = Field(alias="_pagination")
