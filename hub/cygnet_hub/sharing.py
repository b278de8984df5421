"""The sharing service as JupyterHub knows it: where it is, and who may do what.

JupyterHub starts it on one machine, and Kubernetes in a pod of its own. It is given no
`url` of it: JupyterHub 6.1 answers nobody until a service with one is there, and ends
when one that it starts does not come up. The proxy has the service as an extra route.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from jupyterhub.roles import get_default_roles
from jupyterhub.services.service import Service
from pydantic import SecretStr
from traitlets.config import Config

from cygnet_hub.pages import user_host, wrapping

NAME = "share"
"""By which JupyterHub, addresses and scopes name it."""
ACCESS = f"access:services!service={NAME}"
"""The scope of a token that the service answers: every server's, and a browser's."""
READ = ("list:groups", "list:users", "read:groups", "read:users")
"""What the service may ask the hub: who a person is, and whom one may share with."""

LOOK_SECONDS = 5
"""How often the hub looks whether the service that it has started runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingService:
    """One sharing service."""

    target: str
    """Where proxy and servers reach it: scheme, host and port."""
    prefix: str = "/"
    """Where the proxy has the whole of Cygnet, with a slash at both ends."""
    subdomain_host: str = ""
    """JupyterHub's, where each person's servers have a host name; else empty."""
    command: tuple[str, ...] = ()
    """What the hub starts it with; empty where something else does."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables for it; JupyterHub adds its own, and keeps all in its database."""
    token: SecretStr = field(default_factory=lambda: SecretStr(""))
    """With which it asks the hub; empty where the hub makes one when it starts it."""

    @property
    def path(self) -> str:
        """The path of its pages, with a slash at both ends."""
        return f"{self.prefix}services/{NAME}/"

    @property
    def api(self) -> str:
        """The address of its calls, as servers reach it."""
        return f"{self.target}{self.path}api/"

    @property
    def pages(self) -> str:
        """The address of its pages: a path, or with the host that is its own."""
        if not self.subdomain_host:
            return self.path
        parts = urlsplit(self.subdomain_host)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{self._host}{port}{self.path}"

    @property
    def route(self) -> str:
        """What the proxy sends to it: a path, or one of the host that is its own."""
        return f"{self._host}{self.path}"

    @property
    def variables(self) -> Mapping[str, str]:
        """What JupyterHub would give a service whose `url` it has."""
        is_secure = self.subdomain_host.startswith("https:")
        return {
            "JUPYTERHUB_SERVICE_URL": self.target,
            "JUPYTERHUB_SERVICE_PREFIX": self.path,
            "JUPYTERHUB_OAUTH_CALLBACK_URL": self._callback,
            "JUPYTERHUB_PUBLIC_URL": self.pages if self.subdomain_host else "",
            # No page of a user's host can set a cookie of such a name.
            "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED": str(int(is_secure)),
        }

    @property
    def _callback(self) -> str:
        return f"{self.pages}oauth_callback"

    @property
    def _host(self) -> str:
        domain = urlsplit(self.subdomain_host).hostname
        return user_host.name_host(NAME, domain, "service") if domain else ""

    def entry(self) -> dict[str, object]:
        """Return what JupyterHub lists among its services."""
        found: dict[str, object] = {
            "name": NAME,
            "display": False,
            "oauth_redirect_uri": self._callback,
            # It is a part of this service: no user has to consent to it.
            "oauth_no_confirm": True,
        }
        if self.command:
            environment = {**self.environment, **self.variables}
            found |= {"command": list(self.command), "environment": environment}
        if token := self.token.get_secret_value():
            found["api_token"] = token
        return found


def configure(c: Config, service: SharingService) -> None:
    """Let JupyterHub know the service, and servers and browsers reach it.

    Parameters
    ----------
    c
        Services and roles that are listed already stay.
    """
    [server] = [it for it in get_default_roles() if it["name"] == "server"]
    _add(c, "services", service.entry())
    _add(c, "load_roles", {"name": NAME, "services": [NAME], "scopes": list(READ)})
    _add(c, "load_roles", {**server, "scopes": [*server["scopes"], ACCESS]})
    _add(c, "extra_user_scopes", ACCESS)
    c.Proxy.extra_routes = {service.route: service.target}
    wrapping.once(Service, "start", _start)


def _start(original: Any) -> Any:  # noqa: ANN401 - JupyterHub has no types.
    async def start(self: Any) -> None:  # noqa: ANN401 - See above.
        """Look more often than each half minute whether it runs, which nothing sets."""
        await original(self)
        if self.name == NAME:
            self.spawner.poll_interval = LOOK_SECONDS
            self.spawner.start_polling()

    return start


def _add(c: Config, name: str, value: object) -> None:
    """Add to a list of JupyterHub's."""
    c.JupyterHub[name] = [*c.JupyterHub.get(name, []), value]
