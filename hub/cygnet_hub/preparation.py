"""Makes a user's namespace ready, before its first pod and before every other one.

The order matters: the namespace, then its policies, then what may use the network.
"""

import asyncio
import logging
from http import HTTPStatus

from cygnet_hub import namespace
from cygnet_hub.allowance import Allowance
from cygnet_hub.cluster_settings import ClusterSettings
from cygnet_hub.errors import KubernetesError
from cygnet_hub.kubernetes import Cluster
from cygnet_hub.manifest import NAME, Manifest, Owner, get

_log = logging.getLogger("cygnet_hub")
_FIRST = "NetworkPolicy"


async def prepare(
    cluster: Cluster, owner: Owner, settings: ClusterSettings, allowance: Allowance
) -> None:
    """Apply everything that a user's pods need.

    Parameters
    ----------
    cluster
        The Kubernetes API.
    owner
        Whose namespace.
    settings
        The service's settings.
    allowance
        What the user's executors may be.

    Raises
    ------
    KubernetesError
        When something was refused.
    OutageError
        When the API does not answer.
    """
    release = settings.release
    secrets = [
        await cluster.pull_secret(release.namespace, it)
        for it in release.image_pull_secrets
    ]
    addresses = await _api_server(cluster, settings)
    objects = namespace.objects(owner, settings, allowance, addresses, secrets)
    await _take(cluster, owner)
    await _together(cluster, [it for it in objects if it["kind"] == _FIRST])
    await _together(cluster, [it for it in objects if it["kind"] != _FIRST])
    await cluster.ensure(namespace.home(owner, settings))


async def _take(cluster: Cluster, owner: Owner) -> None:
    """Make the namespace, unless it is somebody else's.

    Its name ends in 32 bits of a hash where the user's is not fit for it, and whoever
    can choose a name at the provider can look for one with the same.
    """
    wanted = namespace.namespace(owner)
    found = await cluster.find(wanted) or {}
    if get(found, "metadata", "annotations", NAME) not in {None, owner.name}:
        reason = f"the namespace {owner.namespace} belongs to another user"
        raise KubernetesError(HTTPStatus.FORBIDDEN, reason)
    await cluster.apply(wanted)


async def _together(cluster: Cluster, objects: list[Manifest]) -> None:
    """Apply objects that do not depend on each other."""
    await asyncio.gather(*map(cluster.apply, objects))


async def _api_server(cluster: Cluster, settings: ClusterSettings) -> tuple[str, ...]:
    """Return where the Kubernetes API is; nowhere when that cannot be found."""
    if settings.network.api_server:
        return settings.network.api_server
    if all(it.type != "kubernetes" for it in settings.clusters):
        return ()
    try:
        return await cluster.api_server()
    except KubernetesError as error:
        # Executors then cannot be started, and nothing is open that should not be.
        _log.warning("Address of the Kubernetes API not found reason=%s", error.message)
        return ()
