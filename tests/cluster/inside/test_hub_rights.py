"""What somebody who has taken over the hub cannot do to the cluster."""

from typing import Any

import pytest

from tests.support.executor import APART, changed, executor
from tests.support.scene import Scene

pytestmark = pytest.mark.xdist_group("people")

DRY = "?dryRun=All"
REFUSED = {403, 422}
ADMINISTRATOR = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "administrator"},
    "roleRef": {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "cluster-admin",
    },
    "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}],
}
PORT = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "outside"},
    "spec": {"type": "NodePort", "ports": [{"port": 80}], "selector": {"a": "b"}},
}
TOKEN = {
    "apiVersion": "v1",
    "kind": "Secret",
    "type": "kubernetes.io/service-account-token",
    "metadata": {
        "name": "token",
        "annotations": {"kubernetes.io/service-account.name": "cygnet-spark"},
    },
}
MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a-map"}}
BINDINGS = "/apis/rbac.authorization.k8s.io/v1/namespaces/{own}/rolebindings"
CASES: dict[str, tuple[str, str, object]] = {
    "a pod of the system": (
        "POST",
        f"/api/v1/namespaces/kube-system/pods{DRY}",
        executor("anything"),
    ),
    "a pod beside itself": (
        "POST",
        f"/api/v1/namespaces/{{release}}/pods{DRY}",
        executor("anything"),
    ),
    "another namespace": (
        "POST",
        f"/api/v1/namespaces{DRY}",
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "another"}},
    ),
    "labels of the system": (
        "PATCH",
        f"/api/v1/namespaces/kube-system{DRY}",
        {"metadata": {"labels": {"cygnet.org/release": "mine"}}},
    ),
    "an open namespace": (
        "PATCH",
        f"/api/v1/namespaces/{{own}}{DRY}",
        {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}},
    ),
    "the end of a namespace": ("DELETE", f"/api/v1/namespaces/{{own}}{DRY}", None),
    "an administrator": ("POST", f"{BINDINGS}{DRY}", ADMINISTRATOR),
    "a port of every node": ("POST", f"/api/v1/namespaces/{{own}}/services{DRY}", PORT),
    "a token": ("POST", f"/api/v1/namespaces/{{own}}/secrets{DRY}", TOKEN),
    "its users' secrets": ("GET", "/api/v1/namespaces/{own}/secrets", None),
    "everybody's secrets": ("GET", "/api/v1/secrets", None),
    "its own secret, by a change of nothing": (
        "PATCH",
        f"/api/v1/namespaces/{{release}}/secrets/{{name}}-hub{DRY}",
        {},
    ),
    "commands in a server": (
        "POST",
        "/api/v1/namespaces/{own}/pods/{server}/exec?command=id&stdout=1",
        None,
    ),
    "the end of a home": (
        "DELETE",
        f"/api/v1/namespaces/{{own}}/persistentvolumeclaims/home{DRY}",
        None,
    ),
}


def ask(scene: Scene, *requests: tuple[str, str, object]) -> list[dict[str, Any]]:
    """Send requests with the hub's token, in their order, and give the answers."""
    questions = []
    for method, path, body in requests:
        kind = "strategic-merge-patch+json" if method == "PATCH" else "json"
        question = {
            "method": method,
            "path": path.format(name=scene.name, **scene.names),
            "body": body,
            "kind": f"application/{kind}",
        }
        questions.append(("kubernetes", question))
    return [dict(it) for it in scene.hub.ask(*questions)]


@pytest.fixture(scope="module")
def cases(scene: Scene) -> dict[str, dict[str, Any]]:
    """Send each request that is refused, and give the answers."""
    return dict(zip(CASES, ask(scene, *CASES.values()), strict=True))


def test_hub_writes_in_namespaces_of_its_users(scene: Scene) -> None:
    path = f"/api/v1/namespaces/{{own}}/configmaps{DRY}"

    [answer] = ask(scene, ("POST", path, MAP))

    assert answer["status"] == 201, answer


@pytest.mark.parametrize("name", CASES)
def test_hub_is_refused(name: str, cases: dict[str, dict[str, Any]]) -> None:
    answer = cases[name]

    assert answer["status"] in REFUSED, answer
    assert "is forbidden" in answer["text"] or "denied" in answer["text"], answer


def test_quota_permits_no_pod_that_keeps_other_namespaces_from_its_node(
    scene: Scene,
) -> None:
    path = f"/api/v1/namespaces/{{own}}/pods{DRY}"
    one = executor(scene.image, "one", scene.alice.name, scene.names["uid"])
    apart = changed(one, ("spec", "affinity"), APART)

    permitted, refused = ask(scene, ("POST", path, one), ("POST", path, apart))

    assert permitted["status"] == 201, permitted
    assert refused["status"] == 403, refused
    assert "exceeded quota: cygnet-apart" in refused["text"]
