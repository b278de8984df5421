"""Makes a user's namespace ready, before its first pod and before every other one.

The order matters: the namespace, then its policies, then what may use the network.
"""

import asyncio
import logging
from http import HTTPStatus

from cygnet_hub.kubernetes import home_claim, namespace
from cygnet_hub.kubernetes.allowance import Allowance
from cygnet_hub.kubernetes.api import KubernetesApi
from cygnet_hub.kubernetes.errors import KubernetesError, OutageError
from cygnet_hub.kubernetes.manifest import NAME, Manifest, UserNamespace, get
from cygnet_hub.kubernetes.settings import KubernetesSettings

_log = logging.getLogger("cygnet_hub")
STORAGE = "storage.k8s.io/v1"
"""The API of storage classes."""
_FIRST = "NetworkPolicy"


async def prepare(
    api: KubernetesApi,
    owner: UserNamespace,
    settings: KubernetesSettings,
    allowance: Allowance,
) -> None:
    """Apply everything that a user's pods need.

    Parameters
    ----------
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
        await api.pull_secret(release.namespace, it)
        for it in release.image_pull_secrets
    ]
    addresses = await _api_server(api, settings)
    objects = namespace.objects(owner, settings, allowance, addresses, secrets)
    await _take(api, owner)
    await _together(api, [it for it in objects if it["kind"] == _FIRST])
    await _together(api, [it for it in objects if it["kind"] != _FIRST])
    claim = await api.ensure(namespace.home(owner, settings))
    await _enlarge(api, claim, settings.storage.size)


async def _enlarge(api: KubernetesApi, claim: Manifest, size: str) -> None:
    """Give a home that exists the size of the settings, where that can be.

    A home that stays as it is is as good as before: nothing here stops a start.
    """
    place, has = get(claim, "metadata", "namespace"), home_claim.requested(claim)
    try:
        storage_class = await _storage_class(api, claim, size)
        found = home_claim.growth(claim, size, storage_class)
        if found is None:
            return
        if found.is_wanted:
            await api.apply(home_claim.request(claim, size))
            _log.info("Home asked to grow namespace=%s from=%s to=%s", place, has, size)
            return
        reason = found.reason
    except KubernetesError as error:
        reason = error.message
    except OutageError as error:
        reason = error.detail
    _log.log(
        # Who lowers the size for new homes wants nothing of those that exist.
        logging.INFO if reason == home_claim.KEPT else logging.WARNING,
        "Home keeps its size namespace=%s has=%s config.storage.size=%s reason=%s",
        *(place, has, size, reason),
    )


async def _storage_class(
    api: KubernetesApi, claim: Manifest, size: str
) -> Manifest | None:
    """Read the storage class of a home, where that decides anything."""
    name = get(claim, "spec", "storageClassName")
    if not name or home_claim.growth(claim, size, None) is None:
        return None
    metadata = {"name": name}
    return await api.find(
        {"apiVersion": STORAGE, "kind": "StorageClass", "metadata": metadata}
    )


async def _take(api: KubernetesApi, owner: UserNamespace) -> None:
    """Make the namespace, unless it is another user's.

    Its name ends in 32 bits of a hash where the user's is not fit for it, and a user
    who can choose a name at the provider can search for one with the same hash.
    """
    wanted = namespace.namespace(owner)
    found = await api.find(wanted) or {}
    if get(found, "metadata", "annotations", NAME) not in {None, owner.name}:
        reason = f"the namespace {owner.namespace} belongs to another user"
        raise KubernetesError(HTTPStatus.FORBIDDEN, reason)
    await api.apply(wanted)


async def _together(api: KubernetesApi, objects: list[Manifest]) -> None:
    """Apply objects that do not depend on each other."""
    await asyncio.gather(*map(api.apply, objects))


async def _api_server(
    api: KubernetesApi, settings: KubernetesSettings
) -> tuple[str, ...]:
    """Return where the Kubernetes API is; nowhere when that cannot be found."""
    if settings.network.api_server:
        return settings.network.api_server
    if all(it.type != "kubernetes" for it in settings.clusters):
        return ()
    try:
        return await api.api_server()
    except KubernetesError as error:
        # Executors then cannot be started, and nothing is open that should not be.
        _log.warning("Address of the Kubernetes API not found reason=%s", error.message)
        return ()
