"""Which of the blocks that users may reach are addresses of the cluster's own.

A decision without side effects. A policy's address blocks are for what is outside of
the cluster: whether they match pods is left to the network plugin, and Cilium matches
neither pods nor, unless told to, nodes. Services' addresses are gone, replaced by
those of pods, before most plugins look.
https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
https://docs.cilium.io/en/stable/security/policy/language/#cidr-based
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from cygnet_hub.kubernetes.manifest import get
from cygnet_hub.kubernetes.preflight import Item

CILIUM = "cilium.io"
"""The API group that Cilium defines, wherever its agents run."""
_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Inner:
    """Addresses that a cluster has given out, as far as they were seen."""

    pods: frozenset[str] = frozenset()
    """Of pods, but those that share their node's."""
    services: frozenset[str] = frozenset()
    """Of Services."""
    nodes: frozenset[str] = frozenset()
    """Of nodes on which pods run."""
    has_cilium: bool = False
    """Whether the network plugin is Cilium."""


def seen(
    pods: Sequence[Mapping[str, object]],
    services: Sequence[Mapping[str, object]],
    groups: Sequence[Mapping[str, object]],
) -> Inner:
    """Read addresses of pods, Services and nodes.

    Parameters
    ----------
    pods
        All pods of a cluster, as the API lists them; nodes are known by them alone.
    services
        All Services.
    groups
        The groups of the cluster's API.

    Returns
    -------
    Inner
        Ranges that nobody uses yet are not among them.
    """
    own = [it for it in pods if get(it, "spec", "hostNetwork") is not True]
    return Inner(
        frozenset(_ips(own, "status", "podIPs")),
        frozenset(_ips(services, "spec", "clusterIPs")),
        frozenset(_ips(pods, "status", "hostIPs")),
        any(it.get("name") == CILIUM for it in groups),
    )


def judge(allowed: Sequence[str], inner: Inner) -> Item | None:
    """Judge the blocks of the settings.

    Parameters
    ----------
    allowed
        Those that users may reach.
    inner
        What the cluster has given out.

    Returns
    -------
    Item or None
        A note, as nobody knows which of a block's addresses are meant; ``None`` when
        there are no blocks.
    """
    if not allowed:
        return None
    kinds = {
        "pods": inner.pods,
        "Services": inner.services,
        "nodes": inner.nodes,
    }
    found = [
        f"{block} has addresses of {kind} ({_some(hits)})"
        for block in allowed
        for kind, addresses in kinds.items()
        if (hits := _inside(block, addresses))
    ]
    name = "config.network.allowed"
    if not found:
        return Item(name, is_good=True, fact="has no address of this cluster's own")
    return Item(
        name,
        is_good=True,
        fact="; ".join(found),
        consequence=f"{_CILIUM if inner.has_cilium else _OTHERS} A Service's address "
        "never counts, only those of its pods. Select pods by their labels, in "
        "config.network.allowedPods. If other addresses of the block are meant, all is "
        "well. Ranges that nothing uses yet cannot be seen.",
        is_note=True,
    )


_CILIUM = (
    "The network plugin here is Cilium, which never lets a block count for pods, and "
    "for nodes only with policy-cidr-match-mode: nodes: users do not reach these "
    "addresses."
)
_OTHERS = (
    "Whether a block counts for pods and nodes is up to the network plugin; with "
    "Cilium it does not, and nothing says so."
)


def _inside(block: str, addresses: Collection[str]) -> list[str]:
    """Return the addresses in a block, in their order."""
    network = ip_network(block, strict=False)
    found = [it for it in map(ip_address, addresses) if it in network]
    return [str(it) for it in sorted(found, key=int)]


def _some(hits: Sequence[str]) -> str:
    """Name a few addresses."""
    more = len(hits) - _SHOWN
    said = ", ".join(hits[:_SHOWN])
    return f"{said} and {more} more" if more > 0 else said


def _ips(objects: Sequence[Mapping[str, object]], *path: str) -> Iterator[str]:
    """Return addresses, which stand alone or below `ip`; not every Service has one."""
    for it in objects:
        listed = get(it, *path)
        for entry in listed if isinstance(listed, list) else []:
            text = get(entry, "ip") if isinstance(entry, Mapping) else entry
            if text and text != "None":
                yield str(text)
