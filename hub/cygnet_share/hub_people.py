"""Who calls, and who a name is: asked of the hub, at most some seconds ago."""

import math
from http import HTTPStatus
from urllib.parse import quote

from cachetools import TTLCache
from jupyterhub.services.auth import HubAuth
from pydantic import BaseModel
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop

from cygnet_share import people
from cygnet_share.database import Database
from cygnet_share.right import Person

_MAX_PEOPLE = 10_000


class HubPeople:
    """The people of a hub.

    Parameters
    ----------
    database
        Where people are kept.
    auth
        The service's access to the hub; its scope `read:users` is enough.
    fresh_seconds
        How long an answer counts: a lost group or login counts after it.
    """

    def __init__(self, database: Database, auth: HubAuth, fresh_seconds: float) -> None:
        self._database = database
        self._auth = auth
        auth.cache_max_age = math.ceil(fresh_seconds)
        self._found: TTLCache[str, Person | None] = TTLCache(_MAX_PEOPLE, fresh_seconds)

    async def identify(self, request: HTTPServerRequest) -> Person | None:
        """Give the person whose token a request has in its header."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in {"token", "bearer"} or not token:
            return None
        found = await self._auth.user_for_token(token.strip(), sync=False)
        if not found or found.get("kind") != "user":
            return None
        if not self._auth.check_scopes(self._auth.access_scopes, found):
            return None
        return await self.person_of(found["name"])

    async def person_of(self, name: str) -> Person | None:
        """Give the person of a name in the hub."""
        if name not in self._found:
            found = await self._ask(name)
            self._found[name] = None if found is None else await self._kept(found)
        return self._found[name]

    async def _ask(self, name: str) -> "_User | None":
        """Ask the hub for a user."""
        answer = await AsyncHTTPClient().fetch(
            HTTPRequest(
                f"{self._auth.api_url}/users/{quote(name, safe='')}",
                headers={"Authorization": f"token {self._auth.api_token}"},
            ),
            raise_error=False,
        )
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


class _User(BaseModel):
    """What the hub answers of a user, as far as it is looked at."""

    name: str
    created: str
    groups: tuple[str, ...]
