"""Removes the pods that the hub does not know: its background loop.

`reconcile` decides; here the hub's database and Kubernetes are read, once shortly
after the hub's start and then from time to time.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator

from jupyterhub import orm
from jupyterhub.app import JupyterHub
from sqlalchemy.exc import SQLAlchemyError

from cygnet_hub import reconcile
from cygnet_hub.cluster_settings import Release
from cygnet_hub.errors import HubError
from cygnet_hub.kubernetes import Cluster
from cygnet_hub.reconcile import PodName

FIRST_SECONDS = 20
"""How long after the hub's start the first look is taken."""
EVERY_SECONDS = 60
"""How long after one look the next is taken."""
Connect = Callable[[], Cluster]
"""Opens the connection to Kubernetes, or shares one."""
_log = logging.getLogger("cygnet_hub")
_tasks: set[asyncio.Task[None]] = set()


def begin(release: Release, connect: Connect) -> None:
    """Start the loop, which JupyterHub ends with all other tasks.

    Parameters
    ----------
    release
        Whose pods are looked after.
    connect
        Opens the connection to Kubernetes.

    Notes
    -----
    JupyterHub 6.1 reads its configuration inside its running event loop, and this is
    the only moment it gives us before there is a user.
    """
    task = asyncio.get_running_loop().create_task(_keep(release, connect))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def sweep(cluster: Cluster, hub: JupyterHub, release: Release) -> int:
    """Delete this service's pods that belong to no server.

    Parameters
    ----------
    cluster
        The Kubernetes API.
    hub
        Has the database.
    release
        Whose pods.

    Returns
    -------
    int
        How many were deleted.

    Raises
    ------
    HubError
        When Kubernetes refuses or does not answer.
    """
    pods = await cluster.pods(reconcile.selector(release))
    found = reconcile.strangers(pods, frozenset(_known(hub)))
    for it in found:
        await cluster.delete_pod(it.namespace, it.name)
        _log.warning("Unknown pod deleted namespace=%s name=%s", it.namespace, it.name)
    return len(found)


async def _keep(release: Release, connect: Connect) -> None:
    """Look again and again."""
    pause = FIRST_SECONDS
    while True:
        await asyncio.sleep(pause)
        pause = EVERY_SECONDS
        hub = JupyterHub.instance()
        try:
            await sweep(connect(), hub, release)
        except HubError as error:
            _log.warning("Unknown pods not looked for reason=%s", error)
        except SQLAlchemyError as error:
            _log.warning("The database does not answer reason=%s", error)
            hub.db.rollback()


def _known(hub: JupyterHub) -> Iterator[PodName]:
    """Return the pods of all servers that run, start or stop."""
    with_server = orm.Spawner.server != None  # noqa: E711 - SQLAlchemy's
    for row in hub.db.query(orm.Spawner).filter(with_server):
        if (name := reconcile.of_state(row.state or {})) is not None:
            yield name
