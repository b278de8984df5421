"""Who calls, and who a name is: asked of the hub, at most some seconds ago."""

import math
from collections.abc import AsyncIterator, Mapping, Sequence
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import quote, urlencode

from cachetools import LRUCache, TTLCache
from jupyterhub.services.auth import HubAuth
from pydantic import BaseModel, TypeAdapter
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop

from cygnet_share import people
from cygnet_share.database import Database
from cygnet_share.right import Person

_MAX_PEOPLE = 10_000

_PAGE = 200
_MAX_PAGES = 5


def token_of(request: HTTPServerRequest) -> str:
    """Give the token in the header of a request; empty when there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() in {"token", "bearer"} else ""


class HubPeople:
    """The people of a hub.

    Parameters
    ----------
    database
        Where people are kept.
    auth
        The service's access to the hub; it needs the scopes `read:users`,
        `list:users` and `list:groups`.
    fresh_seconds
        How long an answer counts: a lost group or login counts after it.
    """

    def __init__(self, database: Database, auth: HubAuth, fresh_seconds: float) -> None:
        self._database = database
        self._auth = auth
        auth.cache_max_age = math.ceil(fresh_seconds)
        self._found: TTLCache[tuple[str, bytes], Person | None] = TTLCache(
            _MAX_PEOPLE, fresh_seconds
        )
        self._owners: LRUCache[bytes, int] = LRUCache(_MAX_PEOPLE)
        self._groups: TTLCache[str, Sequence[str]] = TTLCache(1, fresh_seconds)

    async def identify(self, request: HTTPServerRequest) -> Person | None:
        """Give the person whose token a request has in its header."""
        token = token_of(request)
        if not token:
            return None
        found = await self._auth.user_for_token(token, sync=False)
        if not found or found.get("kind") != "user":
            return None
        if not self._auth.check_scopes(self._auth.access_scopes, found):
            return None
        return await self.visitor(found["name"], token)

    async def visitor(self, name: str, token: str) -> Person | None:
        """Give the person of a name and a token, which the hub has found to be theirs.

        Notes
        -----
        A token stays with its account, and a name does not: where another account has
        got the name, none of the two is taken for the other in the meantime.
        """
        key = (name, sha256(token.encode()).digest())
        if key not in self._found:
            self._found[key] = await self.person_of(name)
        person = self._found.get(key)
        if person is None or self._owners.setdefault(key[1], person.id) != person.id:
            return None
        return person

    async def person_of(self, name: str) -> Person | None:
        """Give the person whom the hub has under a name now."""
        found = await self._ask(name)
        return None if found is None else await self._kept(found)

    async def names(
        self, prefix: str, most: int
    ) -> tuple[Sequence[str], Sequence[str]]:
        """Find people and groups by the beginning of their names.

        Parameters
        ----------
        prefix
            Without capital letters.
        most
            How many of each.
        """
        if "" not in self._groups:
            self._groups[""] = [it async for it in self._listed("groups", {})]
        groups = (it for it in self._groups[""] if it.casefold().startswith(prefix))
        people = list[str]()
        asked = {"name_filter": prefix, "sort": "name"}
        async for name in self._listed("users", asked):
            # The hub finds it in the middle of a name too, and takes % and _ for any.
            if name.casefold().startswith(prefix):
                people.append(name)
            if len(people) == most:
                break
        return people, sorted(groups)[:most]

    async def _listed(self, kind: str, asked: Mapping[str, str]) -> AsyncIterator[str]:
        """Give names of a list of the hub, page by page up to a bound."""
        for page in range(_MAX_PAGES):
            place = {"limit": str(_PAGE), "offset": str(page * _PAGE)}
            answer = await self._get(f"{kind}?{urlencode({**asked, **place})}")
            answer.rethrow()
            found = _NAMED.validate_json(answer.body)
            for it in found:
                yield it.name
            if len(found) < _PAGE:
                break

    async def _get(self, path: str) -> HTTPResponse:
        """Ask the hub."""
        return await AsyncHTTPClient().fetch(
            HTTPRequest(
                f"{self._auth.api_url}/{path}",
                headers={"Authorization": f"token {self._auth.api_token}"},
            ),
            raise_error=False,
        )

    async def _ask(self, name: str) -> "_User | None":
        """Ask the hub for a user."""
        answer = await self._get(f"users/{quote(name, safe='')}")
        if answer.code == HTTPStatus.NOT_FOUND:
            return None
        answer.rethrow()
        return _User.model_validate_json(answer.body)

    async def _kept(self, found: "_User") -> Person:
        """Give the user of an answer as a person of the database."""
        return await IOLoop.current().run_in_executor(
            None,
            people.person,
            self._database,
            found.name,
            found.created,
            found.groups,
        )


class _Named(BaseModel):
    """A user or a group of a list of the hub."""

    name: str


_NAMED = TypeAdapter(list[_Named])


class _User(BaseModel):
    """What the hub answers of a user, as far as it is looked at."""

    name: str
    created: str
    groups: tuple[str, ...]
