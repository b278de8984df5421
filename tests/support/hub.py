"""A real JupyterHub of ours in a directory of its own, and somebody who visits it.

`RunningHub` is the hub's process alone, as `cygnet up` starts it, but with lines of
JupyterHub configuration after ours: tests make servers fail with them.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from cygnet_hub.auth import login_link
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import process_tree, settings
from cygnet_hub.local.settings import Settings
from cygnet_hub.service import recovery
from pydantic import SecretStr

from tests.support.client import ask, client
from tests.support.guard import watching
from tests.support.port import free_ports
from tests.support.waiting import SLOW_S, until

RUNS = "JupyterHub is now running"
ADMIN_TOKEN = "the-admin-token-of-the-tests"  # noqa: S105 - Of hubs that tests start.
_CONFIG = """
from cygnet_hub.local import configure, settings
configure.apply(c, settings.load())
c.JupyterHub.services += [{{"name": "tests", "api_token": "{token}"}}]
c.JupyterHub.load_roles += [{{"name": "tests", "services": ["tests"], "scopes": [
    "admin:users", "admin:servers", "admin:server_state", "tokens", "access:servers"]}}]
{extra}
"""


@dataclass
class RunningHub:
    """A hub with its proxy."""

    settings: Settings
    extra: str = ""
    prefix: tuple[str, ...] = ()
    """A program that runs the hub, such as `unshare`."""
    environment: dict[str, str] = field(default_factory=dict)
    """Variables that the hub's process has beside ours."""
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    visitors: list["Visitor"] = field(default_factory=list, init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def data_dir(self) -> Path:
        return self.settings.data_dir

    @property
    def data(self) -> DataDirectory:
        return self.settings.data

    @property
    def log(self) -> str:
        return self.data.hub_log.read_text(encoding="utf-8")

    @property
    def server_pids(self) -> set[int]:
        """The notebook server and all that it started."""
        return {it.process.pid for it in process_tree.take(self.data).inside}

    def start(self) -> None:
        """Start the hub, after a killed one too, and wait until it answers."""
        recovery.clean_up(self.data, lambda _line: None)
        config = self.data_dir / "test_config.py"
        config.write_text(
            _CONFIG.format(token=ADMIN_TOKEN, extra=self.extra), encoding="utf-8"
        )
        settings.save(self.settings)
        self.data.hub_log.parent.mkdir(exist_ok=True)
        with self.data.hub_log.open("ab") as log:
            known = len(self.log)
            self.process = subprocess.Popen(
                [*self.prefix, sys.executable, "-m", "jupyterhub", "-f", str(config)],
                cwd=self.data_dir,
                env={**settings.hub_environment(self.settings), **self.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(self.answers, "the hub answers")
        # Before that a signal ends it without its proxy.
        until(lambda: RUNS in self.log[known:], "the hub minds signals")

    def answers(self) -> bool:
        """Tell whether the hub answers through its proxy."""
        try:
            return ask("GET", f"{self.url}/hub/health").is_success
        except httpx.TransportError:
            return False

    def stop(self, signal_number: int = signal.SIGTERM) -> None:
        """End the hub; with SIGKILL what it started goes on."""
        if self.process is not None:
            self.process.send_signal(signal_number)
            self.process.wait(SLOW_S)

    def proxy(self) -> psutil.Process:
        """Return the proxy's process."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children()
        return next(it for it in children if it.name() == "traefik")

    def visitor(self) -> "Visitor":
        """Return somebody who is not logged in."""
        visitor = Visitor(self)
        self.visitors.append(visitor)
        return visitor

    def owner(self) -> "Visitor":
        """Return somebody who has spent a login link."""
        visitor = self.visitor()
        answer = visitor.spend(login_link.issue(self.data.login_links))
        assert answer.is_success, answer.text
        return visitor

    def call(self, method: str, path: str, json: object = None) -> httpx.Response:
        """Call the REST API as an administrator."""
        return ask(method, f"{self.url}/hub/api{path}", token=ADMIN_TOKEN, json=json)

    def census(self) -> Iterator[str]:
        """Describe the users and servers that the hub knows, for the guard."""
        return known_people(self.call)


def known_people(call: Callable[[str, str], httpx.Response]) -> Iterator[str]:
    """Describe the users, their named servers and what runs, by the REST API."""
    for user in call("GET", "/users?include_stopped_servers").json():
        yield f"user {user['name']}"
        for name, server in user["servers"].items():
            if name or not server["stopped"]:
                state = "stopped" if server["stopped"] else "running"
                yield f"{state} server “{name}” of {user['name']}"


def forget(call: Callable[[str, str], httpx.Response], name: str) -> None:
    """Remove a user once everything that runs for them has ended."""
    path = f"/users/{name}"

    def has_none() -> bool:
        servers = call("GET", path).json()["servers"]
        # One that still starts is refused to be stopped.
        return not [call("DELETE", f"{path}/servers/{it}") for it in servers]

    until(has_none, f"the servers of {name} have ended")
    call("DELETE", path).raise_for_status()


class Visitor:
    """A browser without scripts: cookies, redirects and forms."""

    def __init__(self, hub: RunningHub) -> None:
        self.hub = hub
        self.http = client(hub.url)

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def submit(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """Send the only form of a page, with its hidden fields."""
        (form,) = re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)
        action = re.search(r'<form[^>]*\baction="([^"]+)"', form)
        hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
        url = action[1].replace("&amp;", "&") if action else str(page.url)
        return self.http.post(url, data=dict(hidden) | fields)

    def spend(self, token: str, **fields: str) -> httpx.Response:
        """Open a login link and press its button."""
        page = self.get(f"/hub/login-link?token={token}")
        return self.submit(page, **fields)

    def log_out(self) -> httpx.Response:
        """Press the button of the logout's page."""
        return self.submit(self.get("/hub/logout"))

    def start_server(self, **fields: str) -> httpx.Response:
        """Send the start form, and wait until the start is over."""
        return self.start("/hub/spawn", **fields)

    def start(self, path: str, **fields: str) -> httpx.Response:
        """Send the form of one of the start pages, and wait likewise."""
        answer = self.submit(self.get(path), **fields)
        if "spawn-pending" not in answer.url.path:
            return answer
        return until(lambda: self._ended_start(answer), "the start is over")

    def _ended_start(self, pending: httpx.Response) -> httpx.Response | None:
        page = self.get(pending.url.path)
        waiting = ("Starting your server", "Your server is stopping")
        return None if any(f"<h1>{it}</h1>" in page.text for it in waiting) else page

    def headline(self, path: str) -> str:
        """Return the heading of a page."""
        return heading(self.get(path))


def heading(page: httpx.Response) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    assert found, page.text
    return " ".join(found[1].split())


def make_hub(directory: Path, extra: str = "", **fields: object) -> RunningHub:
    """Prepare a hub below a directory."""
    port, hub_port, api_port = free_ports(3)
    data_dir, root_dir = directory / "data", directory / "work"
    for it in (data_dir, root_dir):
        it.mkdir(parents=True, exist_ok=True)
    values = {
        "data_dir": data_dir,
        "root_dir": root_dir,
        "port": port,
        "hub_port": hub_port,
        "proxy_api_port": api_port,
        "api_token": SecretStr("the-token-of-the-command-line"),
        # A process more for each hub, of which few tests say anything.
        "sharing": False,
    }
    chosen = Settings.model_validate(values | fields)
    return RunningHub(chosen, extra, environment=apart(directory))


@contextmanager
def running(hub: RunningHub) -> Generator[RunningHub]:
    """Run a hub; nothing of it outlives the block."""
    try:
        hub.start()
        with watching(hub.census):
            yield hub
    finally:
        for visitor in hub.visitors:
            visitor.http.close()
        hub.stop()
        recovery.end_started(hub.data)
        assert not hub.server_pids, "the notebook server outlived its hub"


@contextmanager
def running_hub(
    directory: Path, extra: str = "", **fields: object
) -> Generator[RunningHub]:
    """Run a hub of its own below a directory."""
    with running(make_hub(directory, extra, **fields)) as hub:
        yield hub


def tests_environment(directory: Path) -> dict[str, str]:
    """Return variables that keep this machine's Jupyter files out of a test."""
    return {**os.environ, **apart(directory)}


def apart(directory: Path) -> dict[str, str]:
    """Return variables that say where else Jupyter's files of a person are."""
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    return {it: str(directory / it.lower()) for it in names}
