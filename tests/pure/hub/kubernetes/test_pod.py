import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from cygnet_hub.kubernetes import namespace, network_policy, pod
from cygnet_hub.kubernetes.manifest import Manifest
from cygnet_hub.kubernetes.namespace import PullSecret
from cygnet_hub.kubernetes.settings import KubernetesSettings

from tests.support.pod_request import allowed, owner, pod_request, site
from tests.support.source import ROOT

DATA = ROOT / "tests/data/pod"
FULL = {
    "release": {
        "extraCa": "PEM",
        "imagePullSecrets": ["registry"],
        "shareUrl": "http://cygnet-share.hub.svc:8082",
    },
    "bundles": {"site.yaml": "name: site\n"},
    "placement": {
        "nodeSelector": {"pool": "users"},
        "tolerations": [{"key": "users", "operator": "Exists"}],
        "priorityClassName": "users",
    },
    "network": {
        "allowed": ["10.1.0.0/16"],
        "blocked": ["10.0.0.0/8", "2001:db8::/32", "fd00::/8"],
    },
    "quota": {"resources": {"nvidia.com/gpu": 1}},
}
SHARE_API = "http://cygnet-share.hub.svc:8082/services/share/api/"


def full() -> KubernetesSettings:
    return site(**FULL)  # type: ignore[arg-type]  # The values are pydantic's matter.


def golden(
    name: str, made: object, request: pytest.FixtureRequest
) -> tuple[object, object]:
    """Return what was made and what is expected, rewritten if that was asked for."""
    file = DATA / f"{name}.json"
    if request.config.getoption("--update-test-data"):
        file.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")
    return made, json.loads(file.read_text())


def container(manifest: Manifest) -> Mapping[str, Any]:
    made = json.loads(json.dumps(manifest))
    found: Mapping[str, Any] = made["spec"]["containers"][0]
    return found


def env(manifest: Manifest) -> dict[str, str]:
    return {it["name"]: it.get("value", "") for it in container(manifest)["env"]}


def test_pod_without_executors_is_the_known_one(
    request: pytest.FixtureRequest,
) -> None:
    settings = site()
    made, expected = golden(
        "local", pod.build(pod_request(settings), settings), request
    )

    assert made == expected


def test_pod_with_executors_is_the_known_one(request: pytest.FixtureRequest) -> None:
    settings = full()
    asked = pod_request(settings, "kubernetes", "second")
    made, expected = golden("kubernetes", pod.build(asked, settings), request)

    assert made == expected


def test_service_is_the_known_one(request: pytest.FixtureRequest) -> None:
    asked = pod_request(site(), "kubernetes")
    made, expected = golden("service", pod.service(asked, "the-uid"), request)

    assert made == expected


def test_objects_of_the_namespace_are_the_known_ones(
    request: pytest.FixtureRequest,
) -> None:
    settings = full()
    secret = PullSecret("registry", "kubernetes.io/dockerconfigjson", {"a": "Yg=="})
    objects = [
        namespace.namespace(owner(settings)),
        *namespace.objects(
            *(owner(settings), settings, allowed(settings)),
            *(["10.97.0.2/32"], [secret]),
        ),
        namespace.home(owner(settings), settings),
    ]
    made, expected = golden("namespace", objects, request)

    assert made == expected


@pytest.mark.parametrize("cluster", ["local", "kubernetes"])
def test_token_is_there_for_executors_only_and_short(cluster: str) -> None:
    settings = site()
    text = json.dumps(pod.build(pod_request(settings, cluster), settings))

    assert ("serviceAccountToken" in text) == (cluster == "kubernetes")
    assert '"automountServiceAccountToken": false' in text
    lives = [int(it) for it in re.findall(r'"expirationSeconds": (\d+)', text)]
    assert len(lives) == (cluster == "kubernetes")
    assert all(it <= 3600 for it in lives)


def test_pod_meets_the_restricted_level() -> None:
    settings = site()
    made = pod.build(pod_request(settings), settings)
    spec = json.loads(json.dumps(made["spec"]))
    inside = spec["containers"][0]["securityContext"]

    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert inside["capabilities"] == {"drop": ["ALL"]}
    assert not inside["allowPrivilegeEscalation"]
    assert inside["readOnlyRootFilesystem"]
    assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()


def test_own_packages_can_be_left_out() -> None:
    settings = site()
    without = pod_request(settings, without_packages=True)

    assert env(pod.build(without, settings))["PYTHONNOUSERSITE"] == "1"
    assert "PYTHONNOUSERSITE" not in env(pod.build(pod_request(settings), settings))


def test_value_with_a_dollar_refers_to_no_variable() -> None:
    settings = site(sizes=[{"name": "s", "label": "S"}])
    asked = pod_request(settings)
    tricky = pod.PodRequest(asked.owner, "n", "", asked.choice, {"A": "$(HOME) $x"})

    assert env(pod.build(tricky, settings))["A"] == "$$(HOME) $x"


def test_spark_gets_half_the_memory_and_whole_cores() -> None:
    size = {"name": "s", "label": "S", "cpu": "1500m", "memory": "3Gi"}
    settings = site(sizes=[size])
    made = env(pod.build(pod_request(settings), settings))

    assert made["CYGNET_SPARK_CORES"] == "1"
    assert made["CYGNET_SPARK_MEMORY"] == "1536m"


def test_reserved_amounts_can_be_set() -> None:
    size = {"name": "s", "label": "S", "cpuRequest": "10m", "memoryRequest": "64Mi"}
    settings = site(sizes=[size])
    resources = container(pod.build(pod_request(settings), settings))["resources"]

    assert resources["requests"]["cpu"] == "10m"
    assert resources["requests"]["memory"] == "64Mi"


def crosses(affinity: dict[str, object]) -> bool:
    """Say whether pods may choose by pods of other namespaces."""
    settings = site(placement={"affinity": affinity})
    made = namespace.objects(owner(settings), settings, allowed(settings))
    (quota,) = (
        it["spec"]
        for it in json.loads(json.dumps(made))
        if it["metadata"]["name"] == namespace.APART
    )
    assert quota["scopes"] == ["CrossNamespacePodAffinity"]
    return bool(quota["hard"]["pods"] != "0")


def test_pods_choose_by_pods_of_other_namespaces_if_the_service_says_so() -> None:
    kind = "preferredDuringSchedulingIgnoredDuringExecution"
    near = {"labelSelector": {}, "topologyKey": "kubernetes.io/hostname"}
    far = {**near, "namespaceSelector": {}}

    assert not crosses({})
    assert not crosses({"podAffinity": {kind: [{"podAffinityTerm": near}]}})
    assert crosses({"podAffinity": {kind: [{"podAffinityTerm": far}]}})


def test_tmp_and_the_whole_container_take_so_much_of_the_nodes_disk() -> None:
    settings = site(sizes=[{"name": "s", "label": "S", "disk": "5Gi"}])
    made = pod.build(pod_request(settings), settings)
    resources = container(made)["resources"]

    assert {"name": "tmp", "emptyDir": {"sizeLimit": "5Gi"}} in made["spec"]["volumes"]  # type: ignore[index]  # JSON.
    assert resources["limits"]["ephemeral-storage"] == "5Gi"
    assert resources["requests"]["ephemeral-storage"] == "512Mi"


def test_denial_comes_first() -> None:
    settings = site()
    made = namespace.objects(owner(settings), settings, allowed(settings))

    assert json.loads(json.dumps(made[0]))["metadata"]["name"] == "cygnet-default-deny"
    assert made[0]["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [],
        "egress": [],
    }


def test_api_server_is_open_to_servers_with_executors_only() -> None:
    settings = site()
    made = network_policy.policies(owner(settings), settings, ["10.97.0.2/32"])
    opened = [it for it in made if "10.97.0.2" in json.dumps(it)]

    (only,) = json.loads(json.dumps(opened))
    assert (
        only["spec"]["podSelector"]["matchLabels"]["cygnet.org/spark"] == "kubernetes"
    )


def test_nothing_outside_is_reachable_without_internet() -> None:
    settings = site(network={"internet": False})

    assert "ipBlock" not in json.dumps(
        network_policy.policies(owner(settings), settings, [])
    )


def test_servers_alone_know_and_reach_the_sharing_service_where_there_is_one() -> None:
    with_it, without = full(), site()

    for settings in (with_it, without):
        made = network_policy.policies(owner(settings), settings, [])
        opened = [it for it in made if str(network_policy.SHARE_PORT) in json.dumps(it)]
        names = [it["metadata"]["name"] for it in json.loads(json.dumps(opened))]
        url = env(pod.build(pod_request(settings), settings)).get("CYGNET_SHARE_URL")

        assert names == (["cygnet-server"] if settings is with_it else [])
        assert url == (SHARE_API if settings is with_it else None)


def test_no_policy_uses_a_range_of_ports() -> None:
    settings = full()

    assert "endPort" not in json.dumps(
        network_policy.policies(owner(settings), settings, ["10.97.0.2/32"])
    )
