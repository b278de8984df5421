"""Who calls as an administrator: asked of the hub at each call."""

from collections.abc import Awaitable, Callable

from jupyterhub.services.auth import HubAuth
from tornado.httputil import HTTPServerRequest

from cygnet_share.hub_people import token_of
from cygnet_share.right import Person

SCOPE = "admin:users"
"""What a token needs in addition to access to the service.

The token of a notebook server does not have it: what an administrator opens and runs
there is no administrator.
"""


class HubAdministrators:
    """The administrators of a hub.

    Parameters
    ----------
    auth
        The service's access to the hub.
    person_of
        Gives the person of a name.
    """

    def __init__(
        self, auth: HubAuth, person_of: Callable[[str], Awaitable[Person | None]]
    ) -> None:
        self._auth = auth
        self._person_of = person_of

    async def identify(self, request: HTTPServerRequest) -> Person | None:
        """Give the administrator whose token a request has in its header."""
        token = token_of(request)
        if not token:
            return None
        found = await self._auth.user_for_token(token, use_cache=False, sync=False)
        if not found or found.get("kind") != "user":
            return None
        if not self._auth.check_scopes(self._auth.access_scopes, found):
            return None
        if SCOPE not in found["scopes"]:
            return None
        return await self._person_of(found["name"])
