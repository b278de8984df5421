"""The pages on Kubernetes: several users, each with several servers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from jupyterhub.handlers.base import BaseHandler
from jupyterhub.scopes import needs_scope
from jupyterhub.utils import url_path_join
from tornado.web import HTTPError, authenticated
from traitlets.config import Config
from typing_extensions import override

from cygnet_hub.kubernetes import reconciler, server_list, server_name
from cygnet_hub.kubernetes.server_list import ServerLine
from cygnet_hub.kubernetes.settings import KubernetesSettings
from cygnet_hub.pages import handlers
from cygnet_hub.spawn.errors import FormError


def apply(c: Config, chosen: KubernetesSettings) -> None:
    """Configure the form, the pages and how many servers a user may have."""
    limit = {"limit": chosen.named_servers}
    c.PodFormSpawner.settings = chosen
    c.HandlerOverrides.pages = [
        (r"/home", HomePage, limit),
        (r"/new-server", NewServerPage, limit),
        (r"/spawn", StartPage, limit),
        (r"/spawn/([^/]+)", StartPage, limit),
        (r"/spawn/([^/]+)/([^/]+)", StartPage, limit),
        (r"/stop", handlers.StopCall),
        (r"/delete-server", DeleteCall),
        handlers.ASSETS,
    ]
    # JupyterHub takes 0 for no limit.
    c.JupyterHub.allow_named_servers = chosen.named_servers > 0
    c.JupyterHub.named_server_limit_per_user = chosen.named_servers
    # A link to the service shows what there is; it never leads into one server.
    c.JupyterHub.redirect_to_server = False
    c.JupyterHub.template_paths = [str(handlers.TEMPLATES)]
    c.JupyterHub.template_vars = {"login_command": link_command(chosen)}


def link_command(chosen: KubernetesSettings) -> str:
    """Return the command that prints a login link.

    Parameters
    ----------
    chosen
        Says where the hub runs.
    """
    release = chosen.release
    return (
        f"kubectl exec --namespace {release.namespace} "
        f"deploy/{release.name}-hub -- cygnet login-link"
    )


class LimitedPage(BaseHandler):
    """A page that knows how many named servers a user may have."""

    @override
    def initialize(self, limit: int) -> None:
        """Keep the number."""
        self.limit = limit


class HomePage(LimitedPage):
    """The list of a user's servers."""

    @authenticated
    async def get(self) -> None:
        """Show the list."""
        user = self.current_user
        # Somebody new has no default server in the database yet.
        names = sorted({"", *user.orm_spawners})
        html = await self.render_template(
            "servers.html",
            servers=[await self._line(user, name) for name in names],
            limit=self.limit,
            is_full=server_name.is_full(names, self.limit),
            ended=reconciler.ended(user.name),
        )
        self.finish(html)

    async def _line(self, user: Any, name: str) -> ServerLine:  # noqa: ANN401 - JupyterHub has no types.
        """Look at one server."""
        spawner = user.spawners[name]
        if spawner.ready:
            # One that has died is noticed here, not seconds later.
            await spawner.poll_and_notify()
        state = server_list.state(pending=spawner.pending, is_ready=spawner.ready)
        if state == "running":
            url = user.server_url(name)
        else:
            place = "spawn" if state == "stopped" else "spawn-pending"
            url = url_path_join(self.hub.base_url, place, user.escaped_name, name)
        return ServerLine(name, state, url, spawner.ending, spawner.failure)


class NewServerPage(LimitedPage):
    """Leads from a name to the form of a new server; makes nothing."""

    @authenticated
    async def get(self) -> None:
        """Go to the form, or say what is wrong with the name."""
        user = self.current_user
        name = self.get_argument("name", "")
        problem = server_name.problem(name, user.orm_spawners, self.limit)
        if problem:
            await _refuse_name(self, name, problem)
            return
        path = url_path_join(self.hub.base_url, "spawn", user.escaped_name, name)
        self.redirect(path)


async def _refuse_name(handler: Any, name: str, problem: str) -> None:  # noqa: ANN401 - JupyterHub has no types.
    """Show the field for a name with what is wrong with it."""
    handler.set_status(HTTPStatus.BAD_REQUEST)
    html = await handler.render_template("new_server.html", asked=name, problem=problem)
    handler.finish(html)


class StartPage(handlers.FormPage, LimitedPage):
    """The start page of any server; one that is new is made by its POST alone."""

    @needs_scope("servers")
    @override
    async def _get(self, user_name: str, server_name: str, display_name: str) -> None:
        """Show the form without making the server, which JupyterHub 6.1 does."""
        user = self.find_user(user_name)
        if not _is_new(user, server_name):
            await super()._get(user_name, server_name, display_name)
        elif not await self._refuse(user, server_name):
            self.finish(await self._new_form(user))

    @needs_scope("servers")
    @override
    async def _post(self, user_name: str, server_name: str, display_name: str) -> None:
        """Start a server; a new one is made only when its form is accepted."""
        user = self.find_user(user_name)
        if _is_new(user, server_name):
            if await self._refuse(user, server_name):
                return
            try:
                user.spawner.run_options_from_form(self._sent())
            except FormError as error:
                self.set_status(error.status_code)
                self.finish(await self._new_form(user, error.jupyterhub_message))
                return
        await super()._post(user_name, server_name, display_name)

    async def _refuse(self, user: Any, name: str) -> bool:  # noqa: ANN401 - JupyterHub has no types.
        """Say why a new server cannot be, if it cannot."""
        problem = server_name.problem(name, user.orm_spawners, self.limit)
        if problem:
            await _refuse_name(self, name, problem)
        return bool(problem)

    def _sent(self) -> Mapping[str, list[str]]:
        """Return the form as JupyterHub hands it to spawners."""
        return {
            key: [value.decode() for value in values]
            for key, values in self.request.body_arguments.items()
        }

    async def _new_form(self, user: Any, message: str = "") -> str:  # noqa: ANN401 - JupyterHub has no types.
        """Fill the page in as for the default server, whose last choice it proposes."""
        user.spawner.handler = self
        return await self._render_form(
            user, await user.spawner.get_options_form(), message
        )

    @override
    async def _render_form(
        self,
        for_user: Any,
        spawner_options_form: str,
        message: str = "",
        html_message: str = "",
    ) -> str:
        """Lay out the page of the server that was asked for.

        JupyterHub 6.1 shows the default server's form again when that of a named
        server is refused.
        """
        name = dict(enumerate(self.path_args)).get(1, "")
        spawner = for_user.spawner
        if name in for_user.orm_spawners:
            spawner = for_user.spawners[name]
            if name and self.request.method == "POST":
                spawner_options_form = await spawner.get_options_form()
        html: str = await self.render_template(
            "spawn.html",
            for_user=for_user,
            spawner_options_form=spawner_options_form,
            error_message=message,
            spawner=spawner,
            server_name=name,
        )
        return html


def _is_new(user: Any, name: str) -> bool:  # noqa: ANN401 - JupyterHub has no types.
    """Return whether a named server of a known user is not there yet."""
    return user is not None and bool(name) and name not in user.orm_spawners


class DeleteCall(BaseHandler):
    """Deletes a named server that does not run; the home directory stays."""

    @authenticated
    async def post(self) -> None:
        """Delete it, and go back."""
        user = self.current_user
        name = self.get_body_argument("server", "")
        if not name or name not in user.orm_spawners:
            raise HTTPError(HTTPStatus.NOT_FOUND, f"You have no server “{name}”.")
        spawner = user.spawners[name]
        if spawner.active:
            raise HTTPError(HTTPStatus.CONFLICT, f"Stop the server “{name}” first.")
        # The same steps as in JupyterHub's own call, which wants JSON.
        await user._delete_spawner(spawner)  # noqa: SLF001 - JupyterHub 6.1 has no other.
        self.db.delete(spawner.orm_spawner)
        user.spawners.pop(name, None)
        self.db.commit()
        self.redirect(self.hub.base_url + "home")
