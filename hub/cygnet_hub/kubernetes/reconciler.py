"""Removes the pods that the hub does not know: its background loop.

`orphan` decides; here the hub's database and Kubernetes are read, once shortly
after the hub's start and then from time to time. What namespaces say of executors is
brought up to date with it, for servers that an older hub has started.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from jupyterhub import orm
from jupyterhub.app import JupyterHub
from sqlalchemy.exc import SQLAlchemyError

from cygnet_hub.errors import HubError
from cygnet_hub.kubernetes import allowance, namespace_note, orphan
from cygnet_hub.kubernetes.api import KubernetesApi
from cygnet_hub.kubernetes.manifest import NAME, Manifest, get
from cygnet_hub.kubernetes.orphan import Orphan, PodName
from cygnet_hub.kubernetes.settings import KubernetesSettings

FIRST_SECONDS = 20
"""How long after the hub's start the first look is taken."""
EVERY_SECONDS = 60
"""How long after one look the next is taken."""
Connect = Callable[[], KubernetesApi]
"""Opens the connection to Kubernetes, or shares one."""
SHOWN = timedelta(days=1)
"""How long the owner of executors without a server is shown that they were ended."""
_log = logging.getLogger("cygnet_hub")
_ended: dict[str, list[tuple[datetime, str]]] = {}
_tasks: set[asyncio.Task[None]] = set()


def begin(settings: KubernetesSettings, connect: Connect) -> None:
    """Start the loop, which JupyterHub ends with all other tasks.

    Notes
    -----
    JupyterHub 6.1 reads its configuration inside its running event loop, and this is
    the only moment it gives us before there is a user.
    """
    task = asyncio.get_running_loop().create_task(_keep(settings, connect))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def sweep(
    api: KubernetesApi, hub: JupyterHub, settings: KubernetesSettings
) -> int:
    """Delete this service's pods that belong to no server.

    Returns
    -------
    int
        How many were deleted.

    Raises
    ------
    HubError
        When Kubernetes refuses or does not answer.
    """
    release = settings.release
    places = await api.listed("Namespace", orphan.namespaces(release))
    executors = await api.listed("Pod", orphan.EXECUTORS)
    servers = await api.listed("Pod", orphan.selector(release))
    found = orphan.strangers(servers, frozenset(_known(hub)))
    for it in found:
        await api.delete_pod(it.namespace, it.name)
        _log.warning("Unknown pod deleted namespace=%s name=%s", it.namespace, it.name)
    names = {str(get(it, "metadata", "name")) for it in places}
    orphans = orphan.orphans(executors, servers, names)
    await _end(api, orphans)
    for place in places:
        _note(place, orphans)
        await _renew(api, hub, settings, place, servers)
    return len(found) + len(orphans)


async def _end(api: KubernetesApi, orphans: Iterable[Orphan]) -> None:
    """End executors that no server has, however long they want to take."""
    for it in orphans:
        place, name = it.pod.namespace, it.pod.name
        longest = orphan.LONGEST_GRACE
        await api.delete_pod(place, name, longest, is_held=it.has_finalizers)
        _log.warning("Executor of no server ended namespace=%s name=%s", place, name)


def ended(user: str) -> tuple[str, ...]:
    """Return the executors of a user that were ended because no server had them.

    Returns
    -------
    tuple of str
        Names of pods of the last day, oldest first.
    """
    since = datetime.now(UTC) - SHOWN
    kept = [it for it in _ended.pop(user, []) if it[0] > since]
    if kept:
        _ended[user] = kept
    return tuple(name for _, name in kept)


def _note(place: Manifest, orphans: Iterable[Orphan]) -> None:
    """Remember for the owner of a namespace what was ended there."""
    namespace = get(place, "metadata", "name")
    user = str(get(place, "metadata", "annotations", NAME))
    for it in orphans:
        if it.pod.namespace == namespace:
            _ended.setdefault(user, []).append((datetime.now(UTC), it.pod.name))


async def _renew(
    api: KubernetesApi,
    hub: JupyterHub,
    settings: KubernetesSettings,
    place: Manifest,
    servers: Iterable[Manifest],
) -> None:
    """Write what executors may be, unless a namespace says it already."""
    namespace = str(get(place, "metadata", "name"))
    noted = get(place, "metadata", "annotations")
    before = noted if isinstance(noted, Mapping) else {}
    own = [it for it in servers if get(it, "metadata", "namespace") == namespace]
    if not own and not before.get(allowance.SERVERS):
        return
    user = orm.User.find(hub.db, str(before.get(NAME)))
    groups = frozenset(it.name for it in user.groups) if user else frozenset()
    allowed = allowance.allow(settings, groups)
    wanted = allowance.annotations(allowed, own)
    if not wanted.items() <= before.items():
        await namespace_note.write(api, settings.release, namespace, allowed)


async def _keep(settings: KubernetesSettings, connect: Connect) -> None:
    """Look again and again."""
    pause = FIRST_SECONDS
    while True:
        await asyncio.sleep(pause)
        pause = EVERY_SECONDS
        hub = JupyterHub.instance()
        try:
            await sweep(connect(), hub, settings)
        except HubError as error:
            _log.warning("Unknown pods not looked for reason=%s", error)
        except SQLAlchemyError as error:
            _log.warning("The database does not answer reason=%s", error)
            hub.db.rollback()


def _known(hub: JupyterHub) -> Iterator[PodName]:
    """Return the pods of all servers that run, start or stop."""
    with_server = orm.Spawner.server != None  # noqa: E711 - SQLAlchemy's
    for row in hub.db.query(orm.Spawner).filter(with_server):
        if (name := orphan.of_state(row.state or {})) is not None:
            yield name
