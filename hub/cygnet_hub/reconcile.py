"""Which pods nobody knows any more, after the hub was away or has lost its database.

A decision without side effects. Servers whose pod is gone are JupyterHub's own
matter: it asks every spawner when it starts, and every few seconds after.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from cygnet_hub.cluster_settings import Release
from cygnet_hub.manifest import COMPONENT, RELEASE, get, release_label


@dataclass(frozen=True, slots=True)
class PodName:
    """Where a pod is."""

    namespace: str
    """The user's namespace."""
    name: str
    """The pod's name."""


def selector(release: Release) -> str:
    """Return the labels of this service's servers.

    Parameters
    ----------
    release
        The service.

    Returns
    -------
    str
        A label selector. Executors are left out: they are owned by their server's
        pod, and Kubernetes removes them with it.
    """
    return f"{RELEASE}={release_label(release)},{COMPONENT}=server"


def strangers(
    pods: Iterable[Mapping[str, object]], known: Collection[PodName]
) -> tuple[PodName, ...]:
    """Find the pods that belong to no server.

    Parameters
    ----------
    pods
        This service's servers as the API lists them, read before `known` was: what
        is started in between is then known.
    known
        The pods of all servers that run, start or stop.

    Returns
    -------
    tuple of PodName
        To be deleted; those that are being deleted already are not among them.
    """
    found = (_name(it) for it in pods if not get(it, "metadata", "deletionTimestamp"))
    return tuple(it for it in found if it not in known)


def of_state(state: Mapping[str, object]) -> PodName | None:
    """Read which pod a server of the hub's database has.

    Parameters
    ----------
    state
        What its spawner remembered.

    Returns
    -------
    PodName or None
        ``None`` when it never had one.
    """
    namespace, name = state.get("namespace"), state.get("pod_name")
    if isinstance(namespace, str) and isinstance(name, str):
        return PodName(namespace, name)
    return None


def _name(pod: Mapping[str, object]) -> PodName:
    """Return where a pod is."""
    place, name = get(pod, "metadata", "namespace"), get(pod, "metadata", "name")
    return PodName(str(place), str(name))
