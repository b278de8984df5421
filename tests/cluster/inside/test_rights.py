"""What a user's token is good for, and what it is not."""

import json
from typing import Any

import pytest

from tests.support.executor import FORBIDDEN, changed, executor
from tests.support.scene import Scene

pytestmark = pytest.mark.xdist_group("people")

DRY = "?dryRun=All"
REFUSED = {403, 422}
# Words of admission policies, Pod Security, LimitRange, quota and RBAC.
REASONS = ("denied request", "violates PodSecurity", "is forbidden", "exceeded quota")
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "another"},
    "spec": {"ports": [{"port": 80}], "selector": {"a": "b"}},
}
POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "open"},
    "spec": {"podSelector": {}, "ingress": [{}], "egress": [{}]},
}
REVIEW = {
    "apiVersion": "authentication.k8s.io/v1",
    "kind": "TokenRequest",
    "spec": {"expirationSeconds": 86400},
}
OWN = "/api/v1/namespaces/{own}"
POLICIES = "/apis/networking.k8s.io/v1/namespaces/{own}/networkpolicies"
CASES: dict[str, tuple[str, str, object]] = {
    "own secrets": ("GET", f"{OWN}/secrets", None),
    "commands in its own executor": (
        "POST",
        f"{OWN}/pods/{{executor}}/exec?command=id&stdout=1",
        None,
    ),
    "a container in its own server": (
        "PATCH",
        f"{OWN}/pods/{{server}}/ephemeralcontainers",
        {"spec": {"ephemeralContainers": [{"name": "x", "image": "x"}]}},
    ),
    "another image for its own server": (
        "PATCH",
        f"{OWN}/pods/{{server}}{DRY}",
        {"spec": {"containers": [{"name": "notebook", "image": "debian:12"}]}},
    ),
    "another label for its own server": (
        "PATCH",
        f"{OWN}/pods/{{server}}{DRY}",
        {"metadata": {"labels": {"app.kubernetes.io/component": "hub"}}},
    ),
    "a longer token": (
        "POST",
        f"{OWN}/serviceaccounts/cygnet-spark/token",
        REVIEW,
    ),
    "an open network": (
        "POST",
        f"{POLICIES}{DRY}",
        POLICY,
    ),
    "no network policy": (
        "DELETE",
        f"{POLICIES}/cygnet-default-deny{DRY}",
        None,
    ),
    "more quota": (
        "PATCH",
        f"{OWN}/resourcequotas/cygnet{DRY}",
        {"spec": {"hard": {"pods": "1000"}}},
    ),
    "no quota": ("DELETE", f"{OWN}/resourcequotas/cygnet{DRY}", None),
    "no limits": ("DELETE", f"{OWN}/limitranges/cygnet{DRY}", None),
    "its namespace's labels": (
        "PATCH",
        f"/api/v1/namespaces/{{own}}{DRY}",
        {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}},
    ),
    "what its executors may be": (
        "PATCH",
        f"/api/v1/namespaces/{{own}}{DRY}",
        {"metadata": {"annotations": {"cygnet.org/executor-images": "debian:12"}}},
    ),
    "more rights": (
        "POST",
        f"/apis/rbac.authorization.k8s.io/v1/namespaces/{{own}}/rolebindings{DRY}",
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "more"},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "admin",
            },
            "subjects": [
                {"kind": "ServiceAccount", "name": "cygnet-spark", "namespace": "{own}"}
            ],
        },
    ),
    "a load balancer": (
        "POST",
        f"{OWN}/services{DRY}",
        changed(SERVICE, ("spec", "type"), "LoadBalancer"),
    ),
    "a port of every node": (
        "POST",
        f"{OWN}/services{DRY}",
        changed(SERVICE, ("spec", "type"), "NodePort"),
    ),
    "somebody's address": (
        "POST",
        f"{OWN}/services{DRY}",
        changed(SERVICE, ("spec", "externalIPs"), ["10.96.0.1"]),
    ),
    "another name": (
        "POST",
        f"{OWN}/services{DRY}",
        {**SERVICE, "spec": {"type": "ExternalName", "externalName": "x.example.org"}},
    ),
    "another volume": (
        "POST",
        f"{OWN}/persistentvolumeclaims{DRY}",
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "another"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
            },
        },
    ),
    "no home": ("DELETE", f"{OWN}/persistentvolumeclaims/home{DRY}", None),
    "a year for its own executor's end": (
        "DELETE",
        f"{OWN}/pods/{{executor}}{DRY}&gracePeriodSeconds=31536000",
        None,
    ),
    "another's pods": ("GET", "/api/v1/namespaces/{other}/pods", None),
    "another's server": ("GET", "/api/v1/namespaces/{other}/pods/{others}", None),
    "another's end": (
        "DELETE",
        f"/api/v1/namespaces/{{other}}/pods/{{others}}{DRY}",
        None,
    ),
    "another's secrets": ("GET", "/api/v1/namespaces/{other}/secrets", None),
    "another's bundles": ("GET", "/api/v1/namespaces/{other}/configmaps", None),
    "an executor at another's": (
        "POST",
        f"/api/v1/namespaces/{{other}}/pods{DRY}",
        executor("{image}"),
    ),
    "the hub's pods": ("GET", "/api/v1/namespaces/{release}/pods", None),
    "the hub's secrets": ("GET", "/api/v1/namespaces/{release}/secrets", None),
    "the hub's settings": ("GET", "/api/v1/namespaces/{release}/configmaps", None),
    "everybody's namespaces": ("GET", "/api/v1/namespaces", None),
    "everybody's pods": ("GET", "/api/v1/pods", None),
    "the nodes": ("GET", "/api/v1/nodes", None),
    "the kubelet through the API": ("GET", "/api/v1/nodes/{node}/proxy/pods", None),
}


def fill(text: str, scene: Scene) -> str:
    """Put the scene's names into a request."""
    for key, name in scene.names.items():
        text = text.replace(f"{{{key}}}", name)
    return text


def ask(scene: Scene, *requests: tuple[str, str, object]) -> list[dict[str, Any]]:
    """Send requests with Alice's token, in their order, and give the answers."""
    questions = []
    for method, path, body in requests:
        kind = "strategic-merge-patch+json" if method == "PATCH" else "json"
        question = {
            "method": method,
            "path": fill(path, scene),
            "body": json.loads(fill(json.dumps(body), scene)),
            "kind": f"application/{kind}",
        }
        questions.append(("kubernetes", question))
    return [dict(it) for it in scene.alice.ask(*questions)]


@pytest.fixture(scope="module")
def pods(scene: Scene) -> dict[str, dict[str, Any]]:
    """Ask for each pod that is forbidden, and give the answers."""
    path = f"{OWN}/pods{DRY}"
    made = (changed(executor("{image}"), *it) for it in FORBIDDEN.values())
    answers = ask(scene, *(("POST", path, it) for it in made))
    return dict(zip(FORBIDDEN, answers, strict=True))


@pytest.fixture(scope="module")
def cases(scene: Scene) -> dict[str, dict[str, Any]]:
    """Send each request that is forbidden, and give the answers."""
    return dict(zip(CASES, ask(scene, *CASES.values()), strict=True))


@pytest.fixture(scope="module")
def made(scene: Scene) -> str:
    """Make each forbidden pod where nothing forbids it, and say what was made."""
    names = [f"pod-{number}" for number, _ in enumerate(FORBIDDEN)]
    items = [
        changed(executor("{image}", name), *change)
        for name, change in zip(names, FORBIDDEN.values(), strict=True)
    ]
    listed = {"apiVersion": "v1", "kind": "List", "items": items}
    return scene.kubectl(
        *("create", "--dry-run=server", "-n", scene.bare.namespace, "-f", "-"),
        stdin=fill(json.dumps(listed), scene),
        check=False,
    )


def test_token_lists_the_pods_of_its_own_namespace(scene: Scene) -> None:
    [answer] = ask(scene, ("GET", f"{OWN}/pods?limit=1", None))

    assert answer["status"] == 200, answer


def test_token_makes_an_executor_in_its_own_namespace(scene: Scene) -> None:
    [answer] = ask(scene, ("POST", f"{OWN}/pods{DRY}", executor("{image}")))

    assert answer["status"] == 201, answer


@pytest.mark.parametrize("name", FORBIDDEN)
def test_token_makes_no_pod_with(name: str, pods: dict[str, dict[str, Any]]) -> None:
    answer = pods[name]

    assert answer["status"] in REFUSED, answer
    assert any(it in answer["text"] for it in REASONS), answer["text"]


@pytest.mark.parametrize(("number", "name"), list(enumerate(FORBIDDEN)))
def test_pod_is_well_formed_where_nothing_forbids_it(
    number: int, name: str, made: str
) -> None:
    assert f"pod/pod-{number} created (server dry run)" in made, f"{name}: {made}"


@pytest.mark.parametrize("name", CASES)
def test_token_is_not_good_for(name: str, cases: dict[str, dict[str, Any]]) -> None:
    answer = cases[name]

    assert answer["status"] in REFUSED, answer
    # A name that does not exist would be refused in other words.
    assert "cannot" in answer["text"] or "denied request" in answer["text"], answer


def test_administrator_may_what_the_token_may_not(scene: Scene) -> None:
    for method, path, _ in CASES.values():
        if method == "GET" and "proxy" not in path:
            assert scene.kubectl("get", "--raw", fill(path, scene))


def test_request_without_a_token_is_anonymous(scene: Scene) -> None:
    [answer] = scene.alice.ask(
        ("ask", {"url": f"https://{scene.api_server}/api/v1/namespaces"})
    )

    assert answer["status"] in {401, 403}, answer


def test_server_without_spark_has_no_token(scene: Scene) -> None:
    with_spark, without = (it.ask(("claims", {}))[0] for it in (scene.alice, scene.bob))

    assert without is None
    assert with_spark["exp"] - with_spark["iat"] <= 3607
    assert with_spark["kubernetes.io"]["namespace"] == scene.alice.namespace
    assert with_spark["kubernetes.io"]["pod"]["name"] == scene.alice.name
