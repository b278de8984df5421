"""Runs the sharing service until it is asked to end."""

import asyncio
import logging
import secrets
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

from jupyterhub.services.auth import HubOAuth
from tornado.httpserver import HTTPServer
from tornado.web import Application

from cygnet_share import clock, command, store
from cygnet_share.call import Service
from cygnet_share.database import Database, connect
from cygnet_share.errors import ShareError
from cygnet_share.hub_accounts import HubAccounts
from cygnet_share.hub_administrator import HubAdministrators
from cygnet_share.hub_people import HubPeople
from cygnet_share.mark import OwnChunks
from cygnet_share.migration import migrate
from cygnet_share.news import Bell
from cygnet_share.routes import all_routes
from cygnet_share.settings import Settings, from_environment, place_from_environment
from cygnet_share.tree import CHUNK_BYTES
from cygnet_share.upkeep import Upkeep
from cygnet_share.viewer.viewer import Viewer

MAX_BODY_BYTES = 2 * CHUNK_BYTES
"""The largest call: a publication of 10,000 paths is smaller."""

_THREADS = 8

_log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Serve until a signal."""
    settings.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = connect(settings.url)
    identity = migrate(engine)
    if ahead := clock.ahead(engine, datetime.now(UTC)):
        _log.warning("%s", ahead)
    database = Database(
        engine,
        clock.Clock(clock.last_time(engine)),
        identity,
        everyone=settings.operator.everyone,
    )
    hub = HubOAuth.instance()
    people = HubPeople(database, hub, settings.fresh_seconds)
    with ThreadPoolExecutor(_THREADS) as threads:
        service = Service(
            database,
            OwnChunks(database, store.chunks(settings)),
            people.identify,
            people.person_of,
            threads,
            Bell(),
            settings.limits,
            people.names,
            people.visitor,
            settings.pages,
            settings.operator,
        )
        viewer = Viewer()
        administrators = HubAdministrators(hub, people.person_of)
        theirs = replace(service, identify=administrators.identify)
        upkeep = Upkeep(service, HubAccounts(database, hub).look)
        answered = all_routes(settings.prefix, service, theirs, viewer)
        application = Application(answered, cookie_secret=secrets.token_bytes(32))
        server = HTTPServer(application, max_body_size=MAX_BODY_BYTES)
        server.listen(settings.port, settings.address)
        running = asyncio.create_task(upkeep.run(), name="upkeep")
        await _asked_to_end()
        running.cancel()
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


def main(arguments: Sequence[str]) -> int:
    """Run the service, or a command of who runs it; give the status to exit with."""
    try:
        if arguments:
            return command.run(arguments, place_from_environment())
        asyncio.run(serve(from_environment()))
    except ShareError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
