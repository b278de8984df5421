"""Runs the sharing service until it is asked to end."""

import asyncio
import secrets
import signal
from concurrent.futures import ThreadPoolExecutor

from jupyterhub.services.auth import HubOAuth
from tornado.httpserver import HTTPServer
from tornado.web import Application

from cygnet_share import compare_call, pages, schema
from cygnet_share.call import Service
from cygnet_share.chunk_store import LocalChunks
from cygnet_share.database import Database, connect
from cygnet_share.hub_people import HubPeople
from cygnet_share.news import Bell
from cygnet_share.routes import routes
from cygnet_share.settings import Settings, from_environment
from cygnet_share.tree import CHUNK_BYTES
from cygnet_share.viewer.viewer import Viewer

MAX_BODY_BYTES = 2 * CHUNK_BYTES
"""The largest call: a publication of 10,000 paths is smaller."""

_THREADS = 8


async def serve(settings: Settings) -> None:
    """Serve until a signal."""
    settings.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    everyone = settings.operator.everyone
    database = Database(connect(settings.url), everyone=everyone)
    schema.metadata.create_all(database.engine)
    people = HubPeople(database, HubOAuth.instance(), settings.fresh_seconds)
    with ThreadPoolExecutor(_THREADS) as threads:
        service = Service(
            database,
            LocalChunks(settings.directory / "chunks"),
            people.identify,
            people.person_of,
            threads,
            Bell(),
            settings.limits,
            people.names,
            settings.pages,
            settings.operator,
        )
        viewer = Viewer()
        calls = [
            *routes(settings.prefix, service),
            *compare_call.routes(settings.prefix, service, viewer),
        ]
        shown = pages.routes(settings.prefix, service, viewer)
        application = Application(
            [*calls, *shown], cookie_secret=secrets.token_bytes(32)
        )
        server = HTTPServer(application, max_body_size=MAX_BODY_BYTES)
        server.listen(settings.port, settings.address)
        await _asked_to_end()
        server.stop()
        await server.close_all_connections()
        await viewer.close()
    database.engine.dispose()


async def _asked_to_end() -> None:
    """Wait for the signal of the hub, of Kubernetes, or of a terminal."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()


if __name__ == "__main__":
    asyncio.run(serve(from_environment()))
