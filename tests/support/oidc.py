"""A real JupyterHub that logs people in at a real OpenID Connect provider.

Its proxy does nothing and its servers only tell their environment, so that all of it
starts within seconds.
"""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.support.client import ask, client
from tests.support.guard import watching
from tests.support.hub import ADMIN_TOKEN, RUNS, forget, heading, known_people
from tests.support.port import free_ports
from tests.support.provider import AUDIENCE, SECRET, OidcProvider
from tests.support.waiting import SLOW_S, until

CRYPT_KEY = "5a" * 32
_CONFIG = """
import json, os, sys
from cygnet_hub.auth import oidc_authenticator
from cygnet_hub.kubernetes.settings import KubernetesSettings
from cygnet_hub.pages.handlers import TEMPLATES
from jupyterhub.proxy import Proxy
from jupyterhub.spawner import SimpleLocalProcessSpawner

class NoProxy(Proxy):
    should_start = False
    routes = {{}}
    async def add_route(self, routespec, target, data):
        self.routes[routespec] = dict(routespec=routespec, target=target, data=data)
    async def delete_route(self, routespec):
        self.routes.pop(routespec, None)
    async def get_all_routes(self):
        return dict(self.routes)

class Server(SimpleLocalProcessSpawner):
    cmd = [sys.executable, {server!r}]
    home_dir = {directory!r}

settings = KubernetesSettings.model_validate(json.loads({settings!r}))
secrets = {{"crypt-key": {crypt_key!r}, "oidc-client-secret": {secret!r}}}
oidc_authenticator.configure(c, settings.oidc, secrets.get, authorities="", callback="")
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.spawner_class = Server
c.JupyterHub.bind_url = "http://127.0.0.1:{public}/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{port}/hub/"
c.JupyterHub.hub_connect_url = "http://127.0.0.1:{port}"
c.JupyterHub.template_paths = [str(TEMPLATES)]
c.JupyterHub.template_vars = {{"root_dir": "", "data_dir": ""}}
c.JupyterHub.tornado_settings = {{"cookie_options": {{"samesite": "Lax"}}}}
c.JupyterHub.services = [{{"name": "tests", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [
    {{"name": "tests", "services": ["tests"], "scopes": [
    "admin:users", "admin:servers", "admin:auth_state", "tokens", "groups"]}}]
c.JupyterHub.extra_user_scopes = ["tokens!user"]
c.Spawner.poll_interval = 2
{extra}
"""


@dataclass
class OidcHub:
    """A hub whose people come from a provider."""

    directory: Path
    oidc: Mapping[str, object] = field(default_factory=dict)
    """More settings of the provider."""
    extra: str = ""
    """More lines of JupyterHub's configuration."""
    crypt_key: str = field(default=CRYPT_KEY, init=False)
    """What the Secret has under that name when the hub starts."""
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    people: list["Person"] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.port, self.public = free_ports(2)
        self.provider = OidcProvider(
            [f"{self.url}/hub/oauth_callback"], [f"{self.url}/hub/login"]
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.directory / "hub.log").read_text(encoding="utf-8")

    @property
    def settings(self) -> dict[str, object]:
        release = {
            "name": "tests",
            "namespace": "tests",
            "version": "0",
            "userImage": "none",
            "hubUrl": "http://none",
            "proxyApiUrl": "http://none",
            "executorRole": "none",
        }
        login = {
            "issuer": self.provider.issuer,
            "allowInsecureIssuer": True,
            "clientId": "cygnet",
            "label": "Example University",
            "adminGroups": ["operators"],
            "allowedGroups": ["staff"],
            "tokenGroups": ["physics"],
            "tokenAudience": AUDIENCE,
        }
        return {"oidc": {**login, **self.oidc}, "release": release}

    def start(self) -> None:
        """Start the hub and wait until it answers."""
        config = _CONFIG.format(
            server=str(Path(__file__).with_name("oidc_server.py")),
            directory=str(self.directory),
            settings=json.dumps(self.settings),
            crypt_key=self.crypt_key,
            secret=SECRET,
            public=self.public,
            port=self.port,
            token=ADMIN_TOKEN,
            extra=self.extra,
        )
        path = self.directory / "config.py"
        path.write_text(config, encoding="utf-8")
        with (self.directory / "hub.log").open("ab") as log:
            known = len(self.log)
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(path)],
                cwd=self.directory,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(lambda: RUNS in self.log[known:], "the hub runs")

    def stop(self) -> None:
        """End the hub and its servers."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(SLOW_S)

    def person(self, name: str) -> "Person":
        """Return somebody with a browser who is not logged in."""
        person = Person(self, name)
        self.people.append(person)
        return person

    def call(self, method: str, path: str, json: object = None) -> httpx.Response:
        """Call the REST API as an administrator."""
        return call(f"{self.url}/hub/api{path}", ADMIN_TOKEN, method, json)

    def user(self, name: str) -> dict[str, object]:
        """Return what the hub knows of a user; empty if there is none."""
        answer = self.call("GET", f"/users/{name}")
        return dict(answer.json()) if answer.is_success else {}

    def census(self) -> Iterator[str]:
        """Describe the users and servers that the hub knows, for the guard."""
        return known_people(self.call)

    def forget_people(self) -> None:
        """Remove all users with their servers."""
        for user in self.call("GET", "/users").json():
            forget(self.call, user["name"])


def call(
    url: str, token: str, method: str = "GET", json: object = None
) -> httpx.Response:
    """Call a REST API with a token."""
    return ask(method, url, token=token, json=json)


class Person:
    """A browser without scripts, and whom it belongs to."""

    def __init__(self, hub: OidcHub, name: str) -> None:
        self.hub = hub
        self.name = name
        self.http = client(hub.url)

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def log_in(self, following: str = "/hub/home") -> httpx.Response:
        """Press the button, then sign in at the provider if it asks."""
        page = self.http.get("/hub/oauth_login", params={"next": following})
        return self.sign_in(page) if "/interaction/" in page.url.path else page

    def sign_in(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """Send the provider's form."""
        data = {"login": self.name, "password": "password", **fields}
        return self.http.post(page.url, data=data)

    def log_out(self) -> httpx.Response:
        """Press the button of the logout's page, and go where it leads."""
        page = self.get("/hub/logout")
        (token,) = re.findall(r'name="_xsrf" value="([^"]+)"', page.text)
        return self.http.post("/hub/logout", data={"_xsrf": token})

    def copied(self) -> "Person":
        """Return somebody with copies of this browser's cookies."""
        thief = self.hub.person(self.name)
        for cookie in self.http.cookies.jar:
            thief.http.cookies.jar.set_cookie(cookie)
        return thief

    @property
    def is_in(self) -> bool:
        """Whether the hub shows the home page."""
        page = self.get("/hub/home")
        return page.url.path == "/hub/home" and heading(page) != "Log in"

    def start_server(self) -> "Server":
        """Start the server, and wait until it runs."""
        # Not further: there is no proxy that would show the server.
        page = self.http.get("/hub/spawn", follow_redirects=False)
        assert page.is_redirect, page.text
        return until(self._server, "the server runs")

    def stop_server(self) -> None:
        """Stop the server, if one runs."""
        self.hub.call("DELETE", f"/users/{self.name}/server")
        until(lambda: not self.hub.user(self.name).get("servers"), "it is stopped")

    def _server(self) -> "Server | None":
        servers = self.hub.user(self.name).get("servers")
        assert isinstance(servers, dict)
        if not servers.get("", {}).get("ready"):
            return None
        found = self.hub.directory / f"server-{self.name}.json"
        told = json.loads(found.read_text(encoding="utf-8"))
        return Server(self.hub, told)

    def token(self, note: str = "mine") -> str:
        """Make a personal token that may do what its owner may."""
        answer = self.hub.call("POST", f"/users/{self.name}/tokens", {"note": note})
        return str(answer.json()["token"])


@dataclass
class Server:
    """A running server, as it tells about itself."""

    hub: OidcHub
    told: dict[str, object]

    @property
    def pid(self) -> int:
        return int(str(self.told["pid"]))

    @property
    def environment(self) -> dict[str, str]:
        variables = self.told["environment"]
        assert isinstance(variables, dict)
        return variables

    @property
    def token(self) -> str:
        return self.environment["JUPYTERHUB_API_TOKEN"]

    def is_alive(self) -> bool:
        """Tell whether it still answers as what it was."""
        url = self.environment["JUPYTERHUB_SERVICE_URL"]
        return ask("GET", url).text == str(self.pid)

    def ask(self) -> httpx.Response:
        """Ask for an access token."""
        return call(f"{self.hub.url}/hub/api/cygnet/access-token", self.token)


def fields(page: httpx.Response, name: str) -> list[str]:
    """Return the values of a parameter in the addresses that led to a page."""
    return [
        value for it in [*page.history, page] for value in it.url.params.get_list(name)
    ]


def problem(page: httpx.Response) -> str:
    """Return the text of a page's alert."""
    found = re.search(r'role="alert">(.*?)</p>', page.text, re.DOTALL)
    assert found, page.text
    return " ".join(found[1].split())


@contextmanager
def oidc_hub(
    directory: Path, extra: str = "", *, is_up: bool = True, **oidc: object
) -> Generator[OidcHub]:
    """Run a provider and a hub; nothing of them outlives the block."""
    hub = OidcHub(directory, oidc, extra)
    try:
        hub.provider.start()
        if not is_up:
            hub.provider.order("down", value=True)
        hub.start()
        with watching(hub.census):
            yield hub
    finally:
        for it in hub.people:
            it.http.close()
        hub.stop()
        hub.provider.stop()
