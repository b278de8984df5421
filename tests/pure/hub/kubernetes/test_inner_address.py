"""A block that users may reach can have addresses of the cluster's own."""

from typing import Any

from cygnet_hub.kubernetes import inner_address, network_policy, preflight
from cygnet_hub.kubernetes.inner_address import Inner

from tests.support.pod_request import owner, site

INNER = Inner(
    pods=frozenset({"10.244.0.9", "10.244.0.10", "10.244.1.2", "fd00::7"}),
    services=frozenset({"10.96.0.1"}),
    nodes=frozenset({"192.0.2.1"}),
)


def pod(ip: str, host: str = "192.0.2.1", **spec: object) -> dict[str, Any]:
    status = {"podIPs": [{"ip": ip}], "hostIPs": [{"ip": host}]}
    return {"metadata": {"labels": {"app": "a"}}, "spec": spec, "status": status}


def test_addresses_are_those_of_pods_services_and_nodes() -> None:
    agent = pod("192.0.2.2", "192.0.2.2", hostNetwork=True)
    waiting: dict[str, Any] = {"metadata": {}, "spec": {}, "status": {}}
    services = [{"spec": {"clusterIPs": it}} for it in (["10.96.0.1"], ["None"])]

    seen = inner_address.seen([pod("10.244.0.9"), agent, waiting], services, [])

    assert seen == Inner(
        frozenset({"10.244.0.9"}),
        frozenset({"10.96.0.1"}),
        frozenset({"192.0.2.1", "192.0.2.2"}),
    )
    assert inner_address.seen([], [], [{"name": "cilium.io"}]).has_cilium


def test_block_within_the_cluster_is_noted_with_what_to_do() -> None:
    blocks = ("10.244.0.0/16", "10.96.0.0/12", "192.0.2.0/24", "fd00::/8")

    item = inner_address.judge(blocks, INNER)

    assert item is not None
    assert item.fact.split("; ") == [
        "10.244.0.0/16 has addresses of pods (10.244.0.9, 10.244.0.10 and 1 more)",
        "10.96.0.0/12 has addresses of Services (10.96.0.1)",
        "192.0.2.0/24 has addresses of nodes (192.0.2.1)",
        "fd00::/8 has addresses of pods (fd00::7)",
    ]
    lines = preflight.report([item]).splitlines()
    assert lines[0].startswith("see config.network.allowed: 10.244.0.0/16 has")
    assert "with Cilium it does not" in lines[1]
    assert "config.network.allowedPods" in lines[1]
    # What was meant is not known, so the preflight does not fail for it.
    assert item.is_good


def test_cilium_that_was_seen_is_named() -> None:
    item = inner_address.judge(["10.0.0.0/8"], Inner(pods=INNER.pods, has_cilium=True))

    assert item is not None
    assert "unless its policy-cidr-match-mode says otherwise" in item.consequence


def test_block_outside_of_the_cluster_is_good() -> None:
    item = inner_address.judge(["198.51.100.0/24", "2001:db8::/32"], INNER)

    assert item is not None
    assert not item.is_note
    assert preflight.report([item]).startswith("ok  config.network.allowed: has no")
    assert inner_address.judge([], INNER) is None


def test_pods_are_allowed_by_their_labels_to_servers_and_executors() -> None:
    peer = {"namespaceSelector": {"matchLabels": {"name": "data"}}, "podSelector": {}}
    settings = site(network={"internet": False, "allowedPods": [peer]})

    made = network_policy.policies(owner(settings), settings, [])

    opened = [
        it["metadata"]["name"]  # type: ignore[index]  # JSON
        for it in made
        if {"to": [peer]} in it["spec"]["egress"]  # type: ignore[index]  # JSON
    ]
    assert opened == ["cygnet-server", "cygnet-executor"]
