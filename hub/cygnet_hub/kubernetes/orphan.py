"""Which pods the hub no longer knows, after an outage or the loss of its database.

A decision without side effects. Servers whose pod is gone are JupyterHub's own
matter: it asks every spawner when it starts, and every few seconds after.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from cygnet_hub.kubernetes.allowance import is_living
from cygnet_hub.kubernetes.manifest import COMPONENT, RELEASE, USER, get, release_label
from cygnet_hub.kubernetes.settings import Release

EXECUTORS = f"{COMPONENT}=executor,{USER}"
"""The labels of executors, of every service: theirs do not name it."""
LONGEST_GRACE = 60
"""How many seconds an executor may take to end, by the admission policy."""


@dataclass(frozen=True, slots=True)
class PodName:
    """Where a pod is."""

    namespace: str
    """The user's namespace."""
    name: str
    """The pod's name."""


def selector(release: Release) -> str:
    """Return the labels of this service's servers.

    Returns
    -------
    str
        A label selector. Executors are left out: they are owned by their server's
        pod, and Kubernetes removes them with it.
    """
    return f"{namespaces(release)},{COMPONENT}=server"


def namespaces(release: Release) -> str:
    """Return the label of this service's namespaces and of the objects in them."""
    return f"{RELEASE}={release_label(release)}"


@dataclass(frozen=True, slots=True)
class Orphan:
    """An executor without a server that runs."""

    pod: PodName
    """Where it is."""
    has_finalizers: bool
    """Whether its finalizers have to be removed before it can end."""


def orphans(
    executors: Iterable[Mapping[str, object]],
    servers: Iterable[Mapping[str, object]],
    places: Collection[str],
) -> tuple[Orphan, ...]:
    """Find the executors whose server does not run any more, or never did.

    Parameters
    ----------
    executors
        As the API lists them, read before the servers.

    Returns
    -------
    tuple of Orphan
        To be ended. One that is being deleted is among them when it takes its time.
    """
    owners = {get(it, "metadata", "uid") for it in servers if is_living(it)}
    return tuple(
        Orphan(_name(it), bool(get(it, "metadata", "finalizers")))
        for it in executors
        if get(it, "metadata", "namespace") in places
        and not owners.intersection(_owners(it))
        and not _is_ending(it)
    )


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


def _owners(pod: Mapping[str, object]) -> Iterator[object]:
    """Return the uids of a pod's owners."""
    listed = get(pod, "metadata", "ownerReferences")
    for it in listed if isinstance(listed, list) else []:
        yield get(it, "uid")


def _is_ending(pod: Mapping[str, object]) -> bool:
    """Return whether Kubernetes removes a pod within the minute."""
    if not get(pod, "metadata", "deletionTimestamp"):
        return False
    grace = get(pod, "metadata", "deletionGracePeriodSeconds")
    is_slow = isinstance(grace, int) and grace > LONGEST_GRACE
    return not is_slow and not get(pod, "metadata", "finalizers")


def _name(pod: Mapping[str, object]) -> PodName:
    """Return where a pod is."""
    place, name = get(pod, "metadata", "namespace"), get(pod, "metadata", "name")
    return PodName(str(place), str(name))
