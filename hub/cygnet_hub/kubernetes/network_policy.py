"""What a user's pods may talk to, as NetworkPolicies of the user's namespace.

Everything is denied first. Servers reach DNS, the hub, the sharing service, their own
executors and what the settings name; the hub and the proxy reach servers; nothing else
is reachable.
Ports are listed one by one, because not every network plugin knows `endPort`.
"""

from collections.abc import Iterable, Sequence
from ipaddress import ip_network

from cygnet_hub.kubernetes.manifest import COMPONENT, SPARK, Manifest, UserNamespace
from cygnet_hub.kubernetes.settings import KubernetesSettings
from spark_connector.grant import BLOCK_PORTS, DRIVER_PORTS

SERVER_PORT = 8888
"""Where a notebook server listens."""
HUB_PORT = 8081
"""Where the hub listens."""
SHARE_PORT = 8082
"""Where the sharing service listens."""
_DRIVER = (*DRIVER_PORTS, *BLOCK_PORTS)
_EXECUTOR = (BLOCK_PORTS[0],)
DNS_NAMESPACE = "kube-system"
"""Where cluster DNS runs."""
DNS_PORTS = (53, 1053, 5353, 8053)
"""Where DNS pods listen: without the right to low ports elsewhere than on 53."""
EVERYWHERE = "0.0.0.0/0"
"""All addresses of version 4."""
EVERYWHERE_6 = "2000::/3"
"""All public addresses of version 6."""


def policies(
    owner: UserNamespace, settings: KubernetesSettings, api_server: Sequence[str]
) -> tuple[Manifest, ...]:
    """Write the policies of a user's namespace.

    Parameters
    ----------
    api_server
        Address blocks of the Kubernetes API, for servers with executors.

    Returns
    -------
    tuple of Manifest
        The general denial first, so that there is no moment without it.
    """
    server, executor = {COMPONENT: "server"}, {COMPONENT: "executor"}
    outside = [*_dns(), *_outside(settings)]
    hub = _peer(owner, "hub")
    share = [_peer(owner, "share")] if settings.release.share_url else []
    return (
        _policy(owner, "cygnet-default-deny", {}, [], []),
        _policy(
            owner,
            "cygnet-server",
            server,
            [
                _rule("from", [hub, _peer(owner, "proxy")], [SERVER_PORT]),
                _rule("from", [_pods(executor)], _DRIVER),
            ],
            [
                *outside,
                _rule("to", [hub], [HUB_PORT]),
                *(_rule("to", [it], [SHARE_PORT]) for it in share),
                _rule("to", [_pods(executor)], _EXECUTOR),
            ],
        ),
        _policy(
            owner,
            "cygnet-executor",
            executor,
            [_rule("from", [_pods(server), _pods(executor)], _EXECUTOR)],
            [
                *outside,
                _rule("to", [_pods(server)], _DRIVER),
                _rule("to", [_pods(executor)], _EXECUTOR),
            ],
        ),
        _policy(
            owner,
            "cygnet-server-spark",
            {**server, SPARK: "kubernetes"},
            [],
            [_rule("to", _blocks(api_server), [443, 6443])] if api_server else [],
        ),
    )


def _policy(
    owner: UserNamespace,
    name: str,
    selected: dict[str, str],
    ingress: list[Manifest],
    egress: list[Manifest],
) -> Manifest:
    """Write one policy for both directions; an empty list denies."""
    spec = {
        "podSelector": {"matchLabels": selected} if selected else {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": ingress,
        "egress": egress,
    }
    return owner.manifest("networking.k8s.io/v1", "NetworkPolicy", name, spec=spec)


def _rule(direction: str, peers: list[Manifest], ports: Iterable[int]) -> Manifest:
    """Allow TCP to ports."""
    listed = [{"protocol": "TCP", "port": port} for port in ports]
    return {direction: peers, "ports": listed}


def _peer(owner: UserNamespace, component: str) -> Manifest:
    """Select pods of the release itself."""
    return {
        "namespaceSelector": {
            "matchLabels": {"kubernetes.io/metadata.name": owner.release.namespace}
        },
        "podSelector": {
            "matchLabels": {
                "app.kubernetes.io/instance": owner.release.name,
                COMPONENT: component,
            }
        },
    }


def _pods(labels: dict[str, str]) -> Manifest:
    """Select pods of the same namespace."""
    return {"podSelector": {"matchLabels": labels}}


def _dns() -> list[Manifest]:
    """Allow to look names up; policies see the port of the pod, not the Service's."""
    peer = {
        "namespaceSelector": {
            "matchLabels": {"kubernetes.io/metadata.name": DNS_NAMESPACE}
        },
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    ports = [
        {"protocol": protocol, "port": port}
        for protocol in ("UDP", "TCP")
        for port in DNS_PORTS
    ]
    return [{"to": [peer], "ports": ports}]


def _outside(settings: KubernetesSettings) -> list[Manifest]:
    """Allow what the settings name, on every port."""
    network = settings.network
    rules: list[Manifest] = []
    if network.internet:
        rules.append({"to": _internet(network.blocked)})
    if network.allowed:
        rules.append({"to": _blocks(network.allowed)})
    if network.allowed_pods:
        rules.append({"to": [dict(it) for it in network.allowed_pods]})
    return rules


def _internet(blocked: Sequence[str]) -> list[Manifest]:
    """Allow public addresses; private ones of version 6 are outside 2000::/3."""
    found = [ip_network(it, strict=False) for it in blocked]
    by_version = {
        version: [str(it) for it in found if it.version == version]
        for version in (4, 6)
    }
    inside = ip_network(EVERYWHERE_6)
    public = [it for it in by_version[6] if ip_network(it).overlaps(inside)]
    return [_block(EVERYWHERE, by_version[4]), _block(EVERYWHERE_6, public)]


def _blocks(blocks: Sequence[str]) -> list[Manifest]:
    return [_block(it, []) for it in blocks]


def _block(block: str, excepted: list[str]) -> Manifest:
    """Select addresses."""
    return {"ipBlock": {"cidr": block, **({"except": excepted} if excepted else {})}}
