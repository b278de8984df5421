"""A notebook server in this process, with the calls of the sharing panel."""

import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from cygnet_lab.share.call_routes import register
from cygnet_lab.share.contents import listen
from cygnet_lab.share.sharing import Sharing as Folders
from jupyter_server.serverapp import ServerApp
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from traitlets.config import Config

from tests.support.following import Home, home
from tests.support.sharing import Sharing

TOKEN = "of-the-page"  # noqa: S105 - Of a server that lives for seconds.


@dataclass(frozen=True)
class Server:
    """A running notebook server."""

    url: str
    home: Home
    page: httpx.AsyncClient
    """Calls as the user's page does."""

    async def state(self, since: int | None = None) -> dict[str, Any]:
        """Ask for what the panel shows."""
        asked = {} if since is None else {"since": since}
        return dict((await self.page.get("state", params=asked)).json())

    async def folder(self) -> dict[str, Any]:
        """Give the only folder as the panel shows it."""
        [found] = (await self.state())["folders"]
        return dict(found)

    async def contents(self, path: str) -> Mapping[str, Any]:
        """Read a file as JupyterLab does."""
        found = await self.page.get(f"{self.url}api/contents/{path}")
        return dict(found.json())


async def answers(
    found: httpx.Response, status: HTTPStatus = HTTPStatus.OK
) -> dict[str, Any]:
    """Give what a call has answered, which has a status."""
    assert found.status_code == status, found.text
    return dict(found.json()) if found.content else {}


@asynccontextmanager
async def serving(folders: Folders) -> AsyncGenerator[str]:
    """Run a notebook server over folders that follow shares, and give its address."""
    hidden = folders.root.parent / f"{folders.root.name}-jupyter"
    hidden.mkdir(exist_ok=True)
    config = Config()
    config.ServerApp.root_dir = str(folders.root)
    config.ServerApp.base_url = "/user/x/"
    config.ServerApp.allow_root = True
    config.ServerApp.open_browser = False
    config.ServerApp.terminals_enabled = False
    config.ServerApp.config_file = str(hidden / "none")
    config.ServerApp.runtime_dir = str(hidden)
    config.IdentityProvider.token = TOKEN
    config.NotebookNotary.data_dir = str(hidden)
    handlers = {it: signal.getsignal(it) for it in (signal.SIGINT, signal.SIGTERM)}
    app: Any = ServerApp(config=config)
    app.initialize([], find_extensions=False, new_httpserver=False)
    register(app.web_app, folders)
    stop = listen(app.event_logger, folders.notice)
    http = HTTPServer(app.web_app)
    sockets = bind_sockets(0, "127.0.0.1")
    http.add_sockets(sockets)
    try:
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}/user/x/"
    finally:
        stop()
        http.stop()
        await http.close_all_connections()
        await app._cleanup()  # noqa: SLF001 - It has no other end in a running loop.
        ServerApp.clear_instance()
        for number, handler in handlers.items():
            signal.signal(number, handler)


@asynccontextmanager
async def server(service: Sharing, name: str, root: Path) -> AsyncGenerator[Server]:
    """Run the notebook server of a user."""
    async with home(service, name, root) as own, serving(own.folders) as url:
        headers = {"Authorization": f"token {TOKEN}"}
        async with httpx.AsyncClient(
            base_url=f"{url}cygnet/share/", headers=headers, timeout=60
        ) as page:
            yield Server(url, own, page)
