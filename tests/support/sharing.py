"""The sharing service in this process, with people who call it.

A stand-in for the hub alone: it says who a token is. The rest is the service itself.
"""

import hashlib
from collections.abc import AsyncGenerator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path

import httpx
from cygnet_share import people
from cygnet_share.call import Service
from cygnet_share.chunk_store import LocalChunks
from cygnet_share.database import Database, connect
from cygnet_share.mark import OwnChunks
from cygnet_share.migration import migrate
from cygnet_share.news import Bell
from cygnet_share.right import Person
from cygnet_share.routes import all_routes
from cygnet_share.settings import OperatorSettings
from cygnet_share.snapshot_rule import Limits
from cygnet_share.turn import Memory
from cygnet_share.viewer.viewer import Viewer
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.netutil import bind_sockets
from tornado.web import Application

PREFIX = "/services/share/"


@dataclass
class People:
    """What the hub says of names and tokens; a token is `token-of-NAME`."""

    database: Database
    groups: dict[str, list[str]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of each call that has come."""

    is_away: bool = False
    """Whether the hub does not answer."""

    async def identify(self, request: HTTPServerRequest) -> Person | None:
        """Give the person of a request's token."""
        self.calls.append((str(request.method), request.path))
        if self.is_away:
            raise ConnectionRefusedError
        _, _, name = request.headers.get("Authorization", "").partition("token-of-")
        return await self.person_of(name)

    async def administrator(self, request: HTTPServerRequest) -> Person | None:
        """Give the administrator of a request's token."""
        caller = await self.identify(request)
        return caller if caller and caller.name == "root" else None

    async def person_of(self, name: str) -> Person | None:
        """Give the person of a name."""
        if name not in self.groups:
            return None
        return people.person(self.database, name, "2029", self.groups[name])

    async def names(self, prefix: str, most: int) -> tuple[list[str], list[str]]:
        """Find people and groups."""
        groups = {group for of in self.groups.values() for group in of}
        names, groups_found = (
            sorted(it for it in kind if it.casefold().startswith(prefix))[:most]
            for kind in (set(self.groups), groups)
        )
        return names, groups_found


@dataclass(frozen=True)
class Sharing:
    """A running service."""

    url: str
    port: int
    people: People
    chunks: Path

    def as_(self, name: str) -> httpx.AsyncClient:
        """Call it as somebody."""
        self.people.groups.setdefault(name, [])
        return httpx.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"token token-of-{name}"},
            timeout=60,
        )


@asynccontextmanager
async def sharing(
    place: Path,
    limits: Limits | None = None,
    port: int = 0,
    operator: OperatorSettings | None = None,
    memory: Memory | None = None,
) -> AsyncGenerator[Sharing]:
    """Run the service in this event loop, at a port of its own or a given one."""
    chosen = operator or OperatorSettings()
    engine = connect(f"sqlite:///{place}/share.sqlite")
    database = Database(engine, identity=migrate(engine), everyone=chosen.everyone)
    known = People(database)
    with ThreadPoolExecutor(4) as threads:
        service = Service(
            database,
            OwnChunks(database, LocalChunks(place / "chunks")),
            known.identify,
            known.person_of,
            threads,
            Bell(),
            limits or Limits(),
            known.names,
            operator=chosen,
            memory=memory or Memory(),
        )
        viewer = Viewer()
        administration = replace(service, identify=known.administrator)
        answered = all_routes(PREFIX, service, administration, viewer)
        server = HTTPServer(Application(answered))
        sockets = bind_sockets(port, "127.0.0.1")
        server.add_sockets(sockets)
        bound = sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{bound}{PREFIX}api/"
        try:
            yield Sharing(url, bound, known, place / "chunks")
        finally:
            server.stop()
            await server.close_all_connections()
            await viewer.close()
            database.engine.dispose()


async def publish(
    client: httpx.AsyncClient,
    share: int,
    parent: int,
    files: Mapping[str, bytes | None],
) -> httpx.Response:
    """Send what is missing of some files, and publish them."""
    changes: dict[str, object] = {}
    for path, data in files.items():
        if data is None:
            changes[path] = None
            continue
        chunk = hashlib.sha256(data).hexdigest()
        asked = await client.post(f"shares/{share}/missing", json={"chunks": [chunk]})
        for lacking in asked.json().get("chunks", []):
            await client.put(f"shares/{share}/chunks/{lacking}", content=data)
        changes[path] = {"kind": "file", "size": len(data), "chunks": [chunk]}
    body = {"parent": parent, "changes": changes}
    return await client.post(f"shares/{share}/snapshots", json=body)


async def share_of(client: httpx.AsyncClient, title: str = "Week 1") -> int:
    """Make a share, and give its id."""
    made = await client.post("shares", json={"title": title})
    assert made.status_code == HTTPStatus.CREATED
    return int(made.json()["id"])
