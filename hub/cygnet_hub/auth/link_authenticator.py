"""Logs in the owner alone, by a one-time link.

A link is spent by the POST of its page, so that the GET of a chat's preview costs
nothing. A second person is refused: both would be the same system account.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jupyterhub.spawner import SpawnException
from tornado.web import HTTPError
from traitlets import Instance, Unicode, default
from typing_extensions import override

from cygnet_hub.auth import login_link
from cygnet_hub.pages import handlers
from cygnet_hub.pages.overrides import HandlerOverrides

SPENT = (
    "This login link is not valid (any more): it was used already, or is older than "
    "an hour, or was not copied whole. {remedy} to get a new one."
)
"""What a refused link's page says."""
_IN_LINK = re.compile(r"[?&]token=([^&\s]+)")


@dataclass(frozen=True, slots=True)
class Access:
    """Who gets in by a link."""

    owner: str
    """The only person who may log in."""
    links: Path
    """The folder of the links that are not used yet."""


class LoginLinkAuthenticator(HandlerOverrides):
    """Logs in a browser that has a link of `cygnet login-link` or `cygnet up`."""

    settings = Instance(Access).tag(config=True)
    remedy = Unicode("Run “cygnet login-link” in a terminal of this machine").tag(
        config=True
    )
    one_person = Unicode().tag(config=True)

    @default("one_person")
    def _default_one_person(self) -> str:
        return handlers.one_person(self.settings.owner)

    @override
    def normalize_username(self, username: str) -> str:
        """Keep the name: system accounts distinguish upper and lower case."""
        return username

    @override
    async def authenticate(
        self, handler: object, data: Mapping[str, str]
    ) -> dict[str, str]:
        """Spend a link."""
        owner = self.settings.owner
        if data.get("username", owner) != owner:
            raise HTTPError(403, self.one_person)
        token = token_of(data.get("link", ""))
        if not token or not login_link.consume(self.settings.links, token):
            raise HTTPError(403, SPENT.format(remedy=self.remedy))
        return {"name": owner}

    @override
    def add_user(self, user: handlers.Named) -> None:
        """Refuse every request to make a second user."""
        self._check_owner(user)
        super().add_user(user)

    @override
    def pre_spawn_start(self, user: handlers.Named, spawner: object) -> None:
        """Refuse to start a server of another user who is in the database."""
        self._check_owner(user)

    def _check_owner(self, user: handlers.Named) -> None:
        if user.name != self.settings.owner:
            raise SpawnException(self.one_person, reason="one-person", status_code=403)

    @override
    def get_handlers(self, app: object) -> list[tuple[object, ...]]:
        """Return our pages, which come before JupyterHub's of the same address."""
        owner = re.escape(quote(self.settings.owner, safe="@!:$&'()*+,;=~"))
        other = rf"(?!{owner}(?:/|$))[^/]+(?:/.*)?"
        return [
            (rf"/(?:spawn|spawn-pending|user)/{other}", handlers.OtherUser),
            (rf"/api/users/{other}", handlers.OtherUserCall),
            (r"/login-link", handlers.LinkPage),
            *super().get_handlers(app),
        ]


def token_of(text: str) -> str:
    """Find the token in a pasted text.

    Parameters
    ----------
    text
        A whole link or the token alone, perhaps with blanks around it.
    """
    found = _IN_LINK.search(text)
    return found[1] if found else text.strip()
