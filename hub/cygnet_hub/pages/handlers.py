"""The pages that JupyterHub does not have, or has otherwise."""

from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.login import LoginHandler
from jupyterhub.handlers.pages import SpawnHandler
from jupyterhub.handlers.static import CacheControlStaticFilesHandler
from jupyterhub.scopes import needs_scope
from tornado.web import HTTPError, authenticated
from typing_extensions import override

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
"""Our style sheet and scripts."""


class Named(Protocol):
    """A user of JupyterHub's, as far as we look at one."""

    name: str
    """The name in the database."""


def one_person(owner: str) -> str:
    """Explain why there is no second user.

    Returns
    -------
    str
        Reason and remedy, as sentences.
    """
    return (
        f"This service runs on one machine for one user, {owner}. A second user "
        "would share that system account with all its files, so no other name is let "
        "in. Several users need a pod each, which they have on Kubernetes: "
        "docs/administering/index.md."
    )


class LinkPage(LoginHandler):
    """The page of a login link; its button's POST is `LoginHandler`'s."""

    @override
    async def get(self) -> None:
        """Show the button, or go on when the visitor is logged in already."""
        if self.current_user:
            self.redirect(self.get_next_url(self.current_user))
            return
        # The address holds the token: no other site may learn it, no cache keep it.
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        html = await self.render_template(
            "login_link.html",
            owner=self.authenticator.settings.owner,
            token=self.get_argument("token", ""),
            next=self.get_argument("next", ""),
        )
        self.finish(html)

    @override
    def append_query_parameters(
        self, url: str, exclude: list[str] | None = None
    ) -> str:
        """Keep the token out of the address that follows."""
        return url


class FormPage(SpawnHandler):
    """The start page, which an address can fill in but never submit."""

    @override
    async def prepare(self) -> None:
        """Refuse early what JupyterHub answers with status 500 and no reason."""
        await super().prepare()
        try:
            for values in self.request.arguments.values():
                b"".join(values).decode()
        except UnicodeDecodeError:
            reason = "This address or form holds bytes that are not UTF-8 text."
            raise HTTPError(400, reason) from None

    @needs_scope("servers")
    @override
    async def _post(self, user_name: str, server_name: str, display_name: str) -> None:
        """Start a server, or lead to one that another tab has started meanwhile."""
        user = self.find_user(user_name)
        known = user.spawners if user is not None else {}
        if server_name in known and known[server_name].active:
            self.redirect(self.request.uri, status=HTTPStatus.SEE_OTHER)
            return
        await super()._post(user_name, server_name, display_name)

    @override
    def _get_user_options(self, query_options: object) -> dict[str, object]:
        """Tell JupyterHub that the address asks for no start.

        JupyterHub 6.1 starts a server on a GET that has arguments; this is where it
        looks for them. `FormSpawner.options_from_query` refuses should that change.
        """
        return {}


class StopCall(BaseHandler):
    """Stops a server for the button of the home page."""

    @authenticated
    async def post(self) -> None:
        """Stop it, if it runs, and go back."""
        user = self.current_user
        name = self.get_body_argument("server", "")
        spawner = user.spawners[name] if name in user.orm_spawners else None
        if spawner is not None and spawner.active and not spawner.pending:
            await self.stop_single_user(user, name)
        self.redirect(self.hub.base_url + "home")


class OtherUser(BaseHandler):
    """Every page of a second user."""

    @authenticated
    def get(self) -> None:
        """Say why there is none."""
        raise HTTPError(403, self.authenticator.one_person)

    post = get


class OtherUserCall(APIHandler):
    """Every call of the REST API that is about a second user."""

    @override
    async def prepare(self) -> None:
        """Say why there is none, to callers that are known."""
        await super().prepare()
        if self.current_user is None:
            raise HTTPError(403)
        raise HTTPError(403, self.authenticator.one_person)


class Asset(CacheControlStaticFilesHandler):
    """A file of our own for the pages."""


ASSETS = (r"/cygnet/(.*)", Asset, {"path": str(STATIC)})
"""Where they are, as Tornado has it."""
