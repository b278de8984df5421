"""A real JupyterHub with the pages and the form of Kubernetes, for several people.

Anybody logs in by a name alone. `FormServer` has the form that pods have; what it
starts is a web server inside the hub, which says what was chosen.
"""

import json
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from cygnet_hub.kubernetes import pages
from cygnet_hub.kubernetes.form import PodFormSpawner
from cygnet_hub.pages.overrides import HandlerOverrides
from cygnet_hub.spawn.errors import StartFailure
from cygnet_hub.spawn.failure import Failure
from jupyterhub.auth import DummyAuthenticator
from jupyterhub.spawner import Spawner
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from traitlets.config import Config
from typing_extensions import override

from tests.support import offered
from tests.support.hub import RunningHub, Visitor, running_hub

ROOT = Path(__file__).parents[2]
STARTED = "Asked to start"
"""What the hub's log says whenever anything was started."""
_EXTRA = """
import sys
sys.path.insert(0, {root!r})
from tests.support import cluster_hub
cluster_hub.configure(c, {settings!r}, {groups!r})
"""


class Names(HandlerOverrides, DummyAuthenticator):
    """Lets everybody in."""


class FormServer(PodFormSpawner, Spawner):
    """A server with the form of pods; one named `broken` fails to start."""

    _web: HTTPServer | None = None

    @override
    async def start(self) -> tuple[str, int]:
        assert self.chosen is not None
        self.log.info("%s %s", STARTED, self._log_name)
        if self.name == "broken":
            self.failure = Failure("There is no such image.", "Choose another one.")
            raise StartFailure(self.failure)
        sockets = bind_sockets(0, "127.0.0.1")
        told = json.dumps({**self.chosen.fields(), "url": self.default_url})
        self._web = HTTPServer(Application([(".*", Told, {"told": told})]))
        self._web.add_sockets(sockets)
        return "127.0.0.1", sockets[0].getsockname()[1]

    @override
    async def stop(self, now: bool = False) -> None:
        if self._web is not None:
            web, self._web = self._web, None
            web.stop()
            # Otherwise the proxy goes on asking it by a connection that is open.
            await web.close_all_connections()

    @override
    async def poll(self) -> int | None:
        return 0 if self._web is None else None


class Told(RequestHandler):
    """Every page of such a server."""

    @override
    def initialize(self, told: str) -> None:
        self._told = told

    @override
    def get(self) -> None:
        self.write(self._told)


def configure(
    c: Config, settings: Mapping[str, object], groups: Mapping[str, Sequence[str]]
) -> None:
    """Put the pages of Kubernetes into the place of those of one machine."""
    pages.apply(c, offered.settings(**settings))
    c.JupyterHub.authenticator_class = Names
    c.Names.allow_all = True
    c.JupyterHub.spawner_class = FormServer
    c.JupyterHub.load_groups = {
        name: {"users": list(users)} for name, users in groups.items()
    }


class Person(Visitor):
    """Somebody with a name."""

    def __init__(self, hub: RunningHub, name: str) -> None:
        super().__init__(hub)
        self.name = name
        answer = self.submit(self.get("/hub/login"), username=name, password="")
        assert answer.is_success, answer.text

    def press(self, button: str) -> httpx.Response:
        """Press a button of the list of servers."""
        page = self.get("/hub/home").text
        forms = re.findall(r"<form\b.*?</form>", page, re.DOTALL)
        (form,) = [it for it in forms if f'id="{button}"' in it]
        fields = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
        (action,) = re.findall(r'action="([^"]+)"', form)
        return self.http.post(action, data=dict(fields))

    def send(self, path: str, **fields: str) -> httpx.Response:
        """Send fields that no page has, with the token of one that there is."""
        (token, *_) = re.findall(
            r'name="_xsrf" value="([^"]+)"', self.get("/hub/home").text
        )
        return self.http.post(path, data={"_xsrf": token, **fields})

    @property
    def servers(self) -> list[str]:
        """The names of the servers that the hub knows, but the default one."""
        path = f"/users/{self.name}?include_stopped_servers"
        found = self.hub.call("GET", path).json()["servers"]
        return sorted(name for name in found if name)

    @property
    def has_started(self) -> bool:
        """Whether any server of theirs was ever asked to start."""
        return bool(re.search(rf"{STARTED} {self.name}\b", self.hub.log))


def person(hub: RunningHub, name: str) -> Person:
    """Log somebody in."""
    visitor = Person(hub, name)
    hub.visitors.append(visitor)
    return visitor


@contextmanager
def running_cluster_hub(
    directory: Path,
    settings: Mapping[str, object],
    groups: Mapping[str, Sequence[str]],
    extra: str = "",
) -> Generator[RunningHub]:
    """Run such a hub below a directory."""
    added = _EXTRA.format(root=str(ROOT), settings=dict(settings), groups=dict(groups))
    with running_hub(directory, added + extra) as hub:
        yield hub
