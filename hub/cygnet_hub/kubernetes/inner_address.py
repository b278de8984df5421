"""Which of the blocks that users may reach are addresses of the cluster's own.

A decision without side effects. A policy's address blocks are for what is outside of
the cluster: whether they match pods is left to the network plugin, and Cilium matches
neither pods nor nodes unless it is set up to (`policy-cidr-match-mode`). Services'
addresses are gone, replaced by those of pods, before most plugins look.
https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
https://docs.cilium.io/en/stable/security/policy/language/#cidr-based
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
    """Whether the cluster's API has Cilium's resources."""


def seen(
    pods: Iterable[Mapping[str, object]],
    services: Iterable[Mapping[str, object]],
    groups: Iterable[Mapping[str, object]],
) -> Inner:
    """Read addresses of pods, Services and nodes.

    Parameters
    ----------
    pods
        All pods of a cluster, as the API lists them; nodes are known by them alone.
    services
        All Services.

    Returns
    -------
    Inner
        Ranges that are not in use yet are not among them.
    """
    of_pods: set[str] = set()
    of_nodes: set[str] = set()
    for it in pods:
        of_nodes.update(_ips(it, "status", "hostIPs"))
        if get(it, "spec", "hostNetwork") is not True:
            of_pods.update(_ips(it, "status", "podIPs"))
    return Inner(
        frozenset(of_pods),
        frozenset(ip for it in services for ip in _ips(it, "spec", "clusterIPs")),
        frozenset(of_nodes),
        any(it.get("name") == CILIUM for it in groups),
    )


def judge(allowed: Sequence[str], inner: Inner) -> Item | None:
    """Judge the blocks of the settings.

    Parameters
    ----------
    allowed
        Those that users may reach.

    Returns
    -------
    Item or None
        A note, as it is unknown which of a block's addresses are meant; ``None`` when
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
    "Cilium's resources are here: unless its policy-cidr-match-mode says otherwise, "
    "no block counts for pods and nodes with it, and users do not reach these "
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


def _ips(one: Mapping[str, object], *path: str) -> Iterator[str]:
    """Return addresses, which stand alone or below `ip`; not every Service has one."""
    listed = get(one, *path)
    for entry in listed if isinstance(listed, list) else []:
        text = get(entry, "ip") if isinstance(entry, Mapping) else entry
        if text and text != "None":
            yield str(text)
