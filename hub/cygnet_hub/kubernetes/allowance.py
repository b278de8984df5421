"""What executors may be in one user's namespace, as annotations that policies read.

A decision without side effects. An admission policy knows the namespace but neither the
user's groups nor other pods, so the hub writes down there what follows from both.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cygnet_hub.kubernetes import offer, quantity
from cygnet_hub.kubernetes.manifest import Manifest, get
from cygnet_hub.kubernetes.settings import KubernetesSettings, Quota
from spark_connector.grant import DRIVER_PORTS

IMAGES = "cygnet.org/executor-images"
"""The annotation with the images of executors, with spaces between them."""
CPU = "cygnet.org/executor-cpu"
"""The annotation with the most CPUs of an executor."""
MEMORY = "cygnet.org/executor-memory"
"""The annotation with the most memory of an executor."""
DISK = "cygnet.org/executor-disk"
"""The annotation with the most ephemeral storage of an executor."""
SERVERS = "cygnet.org/servers"
"""The annotation with the uids of the servers that run, which own executors."""
CLASSES = "cygnet.org/priority-classes"
"""The annotation with the priority classes of these servers."""
ENDED = frozenset({"Succeeded", "Failed"})
"""The phases of a pod that has ended."""
_MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the executors of one user may be, and how many."""

    images: tuple[str, ...]
    """The images that the user's groups may have."""
    cpu: int
    """The most CPUs of an executor; 0 when there are none."""
    memory_mib: int
    """The most memory of an executor's pod."""
    disk: str
    """The most ephemeral storage of an executor."""
    pods: int
    """Servers and executors at once."""
    quota_disk: str
    """The ephemeral storage of all of them together."""


def allow(settings: KubernetesSettings, groups: frozenset[str]) -> Allowance:
    """Decide what the executors of one user may be.

    Returns
    -------
    Allowance
        The largest of what the clusters of these groups offer. An executor's memory
        has room for twice its heap and 1 GiB: Spark adds four tenths for Python, and a
        bundle may ask for more.
    """
    offers = offer.offers(settings, groups)
    clusters = [
        it.item for it in offers.clusters if it.item.type == "kubernetes" and it.is_open
    ]
    images = [
        it.item.image or settings.release.user_image
        for it in offers.images
        if it.is_open
    ]
    heaps = [quantity.parse(f"{it.executor_memory.upper()}i") for it in clusters]
    disks = [it.executor_disk for it in clusters]
    servers = 1 + settings.named_servers
    most = max((it.max_executors for it in clusters), default=0)
    # Every session of every server may have so many.
    executors = most * servers * len(DRIVER_PORTS)
    if settings.quota.executors is not None:
        executors = min(executors, settings.quota.executors)
    pods = min(settings.quota.pods, servers + executors)
    return Allowance(
        images=tuple(dict.fromkeys(images)) if clusters else (),
        cpu=max((it.executor_cores for it in clusters), default=0),
        memory_mib=max((math.ceil(2 * it / _MIB) + 1024 for it in heaps), default=0),
        disk=max(disks, key=quantity.parse, default="0"),
        pods=pods,
        quota_disk=_quota_disk(settings, settings.quota, disks),
    )


def annotations(
    allowance: Allowance, servers: Iterable[Mapping[str, object]]
) -> dict[str, str]:
    """Write what the policy of executors reads.

    Parameters
    ----------
    allowance
        What the executors may be.
    servers
        The pods of the user's servers as the API lists them.

    Returns
    -------
    dict of str to str
        Annotations of the namespace. The priority class is the one that Kubernetes has
        given to servers, which may be the cluster's default.
    """
    living = [it for it in servers if is_living(it)]
    classes = {str(get(it, "spec", "priorityClassName") or "") for it in living}
    return {
        IMAGES: " ".join(allowance.images),
        CPU: str(allowance.cpu),
        MEMORY: f"{allowance.memory_mib}Mi",
        DISK: allowance.disk,
        SERVERS: " ".join(sorted(str(get(it, "metadata", "uid")) for it in living)),
        CLASSES: " ".join(sorted(classes)),
    }


def is_living(pod: Mapping[str, object]) -> bool:
    """Return whether a server can still have executors.

    Returns
    -------
    bool
        False once it has ended.
    """
    return get(pod, "status", "phase") not in ENDED


def note(namespace: str, notes: Mapping[str, str]) -> Manifest:
    """Write the part of a namespace that has the annotations.

    Parameters
    ----------
    notes
        From `annotations`.

    Returns
    -------
    Manifest
        To be applied under a manager of its own, so that nothing else of it is touched.
    """
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": namespace, "annotations": dict(notes)},
    }


def _quota_disk(
    settings: KubernetesSettings, quota: Quota, executors: list[str]
) -> str:
    """Return the disk of all pods together: as much as they may have one by one."""
    if quota.disk is not None:
        return quota.disk
    largest = max((it.disk for it in settings.sizes), key=quantity.parse)
    most = max(quantity.parse(it) for it in [largest, *executors])
    return f"{math.ceil(quota.pods * most / _MIB)}Mi"
