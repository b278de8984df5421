"""Several people with a home and a notebook server each, and one sharing service.

A real JupyterHub with the pages of Kubernetes, where anybody logs in by a name alone;
it starts the service, and the servers as simple processes. What tests do with it stays
in folders and shares of their own, so that they can share one.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

import httpx
import psutil
from cygnet_hub import sharing
from cygnet_hub.kubernetes import configure as cluster_configure
from cygnet_hub.kubernetes import pages
from cygnet_hub.kubernetes.form import PodFormSpawner
from cygnet_hub.local import lab_defaults, process_tree, program
from cygnet_hub.sharing import SharingService
from jupyter_client.blocking.client import BlockingKernelClient
from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets import Unicode
from traitlets.config import Config
from typing_extensions import override

from spark_connector import grant
from spark_connector.grant import Grant
from tests.support import offered
from tests.support.authority import make_authority
from tests.support.client import ask, client
from tests.support.cluster_hub import Names
from tests.support.command import connect
from tests.support.hub import ADMIN_TOKEN, RunningHub, make_hub, running
from tests.support.lab import SITE
from tests.support.port import free_ports
from tests.support.source import ROOT
from tests.support.tls_front import tls_front
from tests.support.waiting import SLOW_S, until

_EXTRA = """
import sys
sys.path.insert(0, {root!r})
from tests.support import share_hub
share_hub.configure(c, share_hub.Site(**{site!r}))
"""
GROUP = "physics"
"""Everybody's who is there when the hub starts."""
_KEPT = ("PATH", "PYTHONPATH", "LANG", "TMPDIR")


class Host(Enum):
    """Under which names browsers find everything; by https, but for none."""

    NONE = auto()
    ONE = auto()
    EACH = auto()
    """One for the hub, one for each person, and one for the sharing service."""


@dataclass(frozen=True)
class Site:
    """Where everything of such a hub is."""

    directory: str
    share_port: int
    public: str
    """The address for browsers, with a host name; empty without one."""
    is_apart: bool
    """Whether each person's servers, and the service, have a host of their own."""
    people: Sequence[str]

    @property
    def homes(self) -> Path:
        return Path(self.directory) / "homes"

    @property
    def service(self) -> SharingService:
        place = Path(self.directory)
        return SharingService(
            target=f"http://127.0.0.1:{self.share_port}",
            subdomain_host=self.public if self.is_apart else "",
            # Python ignores the option, but `process_tree` finds the service by it.
            command=(
                sys.executable,
                "-X",
                process_tree.SHARING,
                "-m",
                "cygnet_share",
            ),
            environment={
                **{it: os.environ[it] for it in _KEPT if it in os.environ},
                process_tree.SERVICE_VARIABLE: str(place / "data"),
                "CYGNET_SHARE_DIR": str(place / "share"),
                "CYGNET_SHARE_SETTINGS": str(place / "share.json"),
                "CYGNET_SHARE_FRESH_SECONDS": "1",
            },
        )


class HomeServer(PodFormSpawner, SimpleLocalProcessSpawner):
    """A notebook server in a person's home, which knows the sharing service."""

    homes = Unicode().tag(config=True)
    share_url = Unicode().tag(config=True)
    service_name = Unicode().tag(config=True)

    @override
    def get_env(self) -> dict[str, str]:
        home = f"{self.homes}/{self.user.name}"
        env: dict[str, str] = super().get_env()
        return {
            **env,
            **grant.write(Grant(share_url=self.share_url)),
            "JUPYTER_RUNTIME_DIR": f"{self.homes}/.runtime/{self.user.name}",
            "HOME": home,
            process_tree.SERVICE_VARIABLE: self.service_name,
            process_tree.MARK: self.service_name,
        }

    @override
    async def _signal(self, sig: int) -> bool:
        """End it as a pod ends: an interrupted server would leave its kernels."""
        ends = sig == signal.SIGINT
        found: bool = await super()._signal(signal.SIGTERM if ends else sig)
        return found


def configure(c: Config, site: Site) -> None:
    """Put one hub of several people into the place of one of one machine."""
    public = f"{site.public}/" if site.public else ""
    release = {**offered.RELEASE, "publicUrl": public, "hostPerPerson": site.is_apart}
    chosen = offered.settings(release=release)
    pages.apply(c, chosen)
    cluster_configure.origin(c, chosen)
    sharing.configure(c, site.service)
    c.JupyterHub.authenticator_class = Names
    c.Names.allow_all = True
    c.Names.admin_users = {"root"}
    c.JupyterHub.load_groups = {GROUP: {"users": list(site.people)}}
    c.JupyterHub.load_roles += [
        {"name": "groups", "scopes": ["groups"], "services": ["tests"]}
    ]
    c.JupyterHub.spawner_class = HomeServer
    c.Spawner.env_keep = list(_KEPT)
    c.HomeServer.homes = str(site.homes)
    c.HomeServer.home_dir_template = f"{site.homes}/{{username}}"
    c.HomeServer.share_url = site.service.api
    c.HomeServer.service_name = str(Path(site.directory) / "data")
    c.HomeServer.notebook_dir = f"{site.homes}/{{username}}"
    c.HomeServer.cmd = program.command("cygnet_lab.singleuser")
    native = "--KernelSpecManager.ensure_native_kernel=False"
    arguments = lab_defaults.arguments(Path(site.directory) / "lab")
    c.HomeServer.args = [it for it in arguments if it != native]
    if os.geteuid() == 0:
        c.HomeServer.args += ["--allow-root"]


@dataclass
class Sharer:
    """A person with a home and a server that runs."""

    site: "ShareHub"
    name: str
    home: Path
    token: str
    """Of their own, for the sharing service."""

    @property
    def api(self) -> httpx.Client:
        """Call the sharing service as this person; ends with the hub."""
        return self.site.client(self.site.service.api, self.token)

    @property
    def lab(self) -> httpx.Client:
        """Call what the notebook server has for the panel; ends with the hub."""
        return self._call("cygnet/share/")

    def save(self, path: str, text: str) -> None:
        """Save a file as JupyterLab does."""
        body = {"type": "file", "format": "text", "content": text}
        self.contents("PUT", path, body).raise_for_status()

    def contents(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Call the contents of the notebook server."""
        return self._call("api/contents/").request(method, path, json=body)

    @contextmanager
    def kernel(self) -> Generator[BlockingKernelClient]:
        """Run a kernel of the notebook server's, which starts in the home."""
        call = self._call("api/")
        made = call.post("kernels", json={"name": "python3"}).json()
        runtime = self.home.parent / ".runtime" / self.name
        found = connect(runtime / f"kernel-{made['id']}.json")
        try:
            yield found
        finally:
            found.stop_channels()
            call.delete(f"kernels/{made['id']}")

    def log_in(self) -> httpx.Client:
        """Give a browser without scripts in which this person has logged in."""
        return self.site.log_in(self.name)

    def _call(self, path: str) -> httpx.Client:
        """Call the notebook server by the proxy, as a program with every right."""
        address = f"{self.site.hub.url}/user/{self.name}/{path}"
        found = self.site.client(address, ADMIN_TOKEN)
        found.headers["Host"] = self.site.host_of(self.name)
        return found

    def process(self) -> psutil.Process:
        """Return the notebook server's process."""
        [found] = [
            it.process
            for it in process_tree.take(self.site.hub.data).of(process_tree.Role.SERVER)
            if it.process.environ().get("JUPYTERHUB_USER") == self.name
        ]
        return found


@dataclass
class ShareHub:
    """Such a hub, which runs."""

    hub: RunningHub
    place: Site
    people: dict[str, Sharer] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def service(self) -> SharingService:
        """The service, as the hub knows it."""
        return self.place.service

    @property
    def url(self) -> str:
        """The hub's address for browsers."""
        return self.place.public or self.hub.url

    def client(self, url: str, token: str) -> httpx.Client:
        """Give a person who calls with a token; ends with the hub."""
        headers = {"Authorization": f"token {token}"}
        made = httpx.Client(base_url=url, headers=headers, timeout=SLOW_S)
        return self._stack.enter_context(made)

    def host_of(self, name: str) -> str:
        """Name the host of a person's servers, as a browser does to the proxy."""
        if self.place.is_apart:
            return f"{name}.{SITE}"
        return f"127.0.0.1:{self.hub.settings.port}"

    def log_in(self, name: str) -> httpx.Client:
        """Give a browser without scripts in which a person has logged in."""
        browser = self._stack.enter_context(client(self.hub.url))
        page = browser.get("/hub/login")
        token = page.text.partition('name="_xsrf" value="')[2].partition('"')[0]
        fields = {"_xsrf": token, "username": name, "password": ""}
        browser.post("/hub/login", data=fields).raise_for_status()
        return browser

    def add(self, name: str) -> Sharer:
        """Give a person a home, an account and a server."""
        home = self.place.homes / name
        home.mkdir(parents=True, exist_ok=True)
        self.hub.call("POST", f"/users/{name}")
        self.hub.call("POST", f"/users/{name}/server").raise_for_status()
        until(lambda: self._is_ready(name), f"the server of {name} runs")
        scopes = {"scopes": [sharing.ACCESS]}
        made = self.hub.call("POST", f"/users/{name}/tokens", scopes)
        self.people[name] = Sharer(self, name, home, made.json()["token"])
        return self.people[name]

    def process(self) -> psutil.Process | None:
        """Return the service's process."""
        found = process_tree.take(self.hub.data).of(process_tree.Role.SHARING)
        return found[0].process if found else None

    def answers(self) -> bool:
        """Whether the service answers who calls without a token."""
        try:
            return ask("GET", f"{self.service.api}shares").status_code == 403
        except httpx.TransportError:
            return False

    def _is_ready(self, name: str) -> bool:
        servers = self.hub.call("GET", f"/users/{name}").json()["servers"]
        return bool(servers.get("", {}).get("ready"))


@contextmanager
def running_share_hub(
    directory: Path,
    *,
    people: Sequence[str] = ("ann", "bob"),
    host: Host = Host.NONE,
    settings: Mapping[str, object] | None = None,
    extra: str = "",
) -> Generator[ShareHub]:
    """Run such a hub below a directory, with people whose servers run.

    Host names are for browsers alone.
    """
    share_port, front = free_ports(2)
    values = {
        "directory": str(directory),
        "share_port": share_port,
        "public": "" if host is Host.NONE else f"https://{SITE}:{front}",
        "is_apart": host is Host.EACH,
        "people": list(people),
    }
    site = Site(**values)  # type: ignore[arg-type]
    chosen = {"several": True, **(settings or {})}
    (directory / "share.json").write_text(json.dumps(chosen))
    text = _EXTRA.format(root=str(ROOT), site=values)
    made = make_hub(directory, text + extra)
    with ExitStack() as stack:
        if site.public:
            authority = make_authority(directory / "authority")
            target = made.settings.port
            stack.enter_context(tls_front(front, target, authority.server))
        hub = stack.enter_context(running(made))
        found = ShareHub(hub, site, _stack=stack)
        until(found.answers, "the sharing service answers")
        for name in people:
            found.add(name)
        yield found


def killed(found: Callable[[], psutil.Process | None]) -> None:
    """Kill a process, and wait until it is gone."""
    process = found()
    assert process is not None
    process.send_signal(signal.SIGKILL)
    process.wait(SLOW_S)
