"""A server is started on Kubernetes: what is told, what is made, what is kept."""

import base64
import json
import re
from collections.abc import Generator, Mapping
from typing import Any

import pytest

from tests.support.cluster_user import ClusterUser
from tests.support.helm import Service

pytestmark = pytest.mark.xdist_group("service")
POD = "server-owner"
PREPARE = """
import asyncio, logging, sys
from cygnet_hub.kubernetes import (
    allowance,
    settings,
    spawner,
    provision,
)
from cygnet_hub.kubernetes.manifest import UserNamespace

logging.basicConfig(level="INFO", format="%(message)s", stream=sys.stdout)
loaded = settings.load()

async def prepare(size):
    storage = loaded.storage.model_copy(update={"size": size})
    chosen = loaded.model_copy(update={"storage": storage})
    place = f"{loaded.release.name}-user-owner"
    owner = UserNamespace(loaded.release, "owner", place, "owner")
    allowed = allowance.allow(chosen, frozenset())
    await provision.prepare(spawner.connect(), owner, chosen, allowed)

for size in sys.argv[1:]:
    asyncio.run(prepare(size))
"""
"""What the hub does before a start, with its account and another size of homes."""


@pytest.fixture(scope="module")
def user(service: Service) -> Generator[ClusterUser]:
    with ClusterUser(service.url) as user:
        yield user.log_in(service.login_link())


@pytest.fixture(scope="module")
def namespace(service: Service) -> str:
    return f"{service.release}-user-owner"


@pytest.fixture(scope="module")
def told(user: ClusterUser) -> list[str]:
    """Start the server once, and return what the waiting page said."""
    if user.model() is not None:
        user.stop()
    answer = user.ask_to_start(cluster="local")
    assert "spawn-pending" in answer.url.path, answer.text
    return [str(it["message"]) for it in user.progress()]


def get(service: Service, namespace: str, *what: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        service.cluster.kubectl("--namespace", namespace, "get", *what, "-o", "json")
    )
    return found


def names(service: Service, namespace: str, kind: str) -> set[str]:
    items = get(service, namespace, kind)["items"]
    return {it["metadata"]["name"] for it in items}


def claims(token: str) -> Mapping[str, Any]:
    part = token.split(".")[1]
    text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    found: Mapping[str, Any] = json.loads(text)
    return found


def test_page_shows_progress_in_plain_words(told: list[str]) -> None:
    assert "Preparing your namespace…" in told
    assert "A machine was found for your server." in told
    assert "The notebook server is starting…" in told
    assert told[-1].startswith("Server ready")


@pytest.mark.usefixtures("told")
def test_lab_answers(user: ClusterUser) -> None:
    assert "<title>JupyterLab</title>" in user.lab("lab").text
    assert user.lab("api/status").json()["kernels"] == 0


@pytest.mark.usefixtures("told")
def test_namespace_was_ready_before_the_pod(service: Service, namespace: str) -> None:
    pod = get(service, namespace, "pod", POD)
    made = pod["metadata"]["creationTimestamp"]

    assert names(service, namespace, "networkpolicy") == {
        "cygnet-default-deny",
        "cygnet-executor",
        "cygnet-server",
        "cygnet-server-spark",
    }
    assert "cygnet" in names(service, namespace, "resourcequota")
    assert "cygnet" in names(service, namespace, "limitrange")
    assert "cygnet-spark" in names(service, namespace, "rolebinding")
    for kind in ("networkpolicy", "resourcequota", "limitrange"):
        for it in get(service, namespace, kind)["items"]:
            assert it["metadata"]["creationTimestamp"] <= made


@pytest.mark.usefixtures("told")
def test_namespace_is_labelled_and_restricted(service: Service, namespace: str) -> None:
    labels = get(service, namespace, "namespace", namespace)["metadata"]["labels"]

    assert labels["app.kubernetes.io/managed-by"] == "cygnet"
    assert labels["cygnet.org/user"] == "owner"
    assert labels["cygnet.org/release"] == f"{service.namespace}.{service.release}"
    for mode in ("enforce", "audit", "warn"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"


@pytest.mark.usefixtures("told")
def test_server_has_no_token_and_cannot_write_its_system(user: ClusterUser) -> None:
    kernel = user.kernel()
    code = """
import os
print(os.getuid(), os.path.exists("/var/run/secrets/kubernetes.io"))
for place in ("/opt/cygnet/x", "/etc/x"):
    try:
        open(place, "w")
    except OSError as error:
        print(error.errno)
"""

    assert user.run(kernel, code).text.split() == ["1000", "False", "30", "30"]


@pytest.mark.usefixtures("told", "own_node")
def test_home_in_use_grows_where_its_storage_class_lets_it(
    service: Service, namespace: str
) -> None:
    def prepare(*sizes: str) -> list[str]:
        hub = f"deploy/{service.release}-hub"
        command = ("exec", hub, "--", "/opt/cygnet/bin/python", "-c", PREPARE, *sizes)
        said = service.kubectl(*command).splitlines()
        return [it for it in said if it.startswith("Home ")]

    def patch(*, expands: bool) -> None:
        body = json.dumps({"allowVolumeExpansion": expands})
        service.cluster.kubectl("patch", "storageclass", kind, f"--patch={body}")

    def size() -> str:
        claim = get(service, namespace, "pvc", "home")
        return str(claim["spec"]["resources"]["requests"]["storage"])

    kind = get(service, namespace, "pvc", "home")["spec"]["storageClassName"]
    before = size()

    fixed = prepare("3Gi")
    kept = size()
    patch(expands=True)
    try:
        grown = prepare("3Gi", "2Gi")
        # More than the quota of the namespace permits.
        refused = prepare("900Gi")
    finally:
        patch(expands=False)

    assert kept == before
    assert f"the storage class {kind} has no allowVolumeExpansion" in fixed[0]
    assert grown[0].endswith(f"from={before} to=3Gi")
    assert grown[1].endswith("reason=a home is never made smaller")
    assert "exceeded quota" in refused[0]
    assert size() == "3Gi"


@pytest.mark.usefixtures("told")
def test_command_in_the_hubs_pod_speaks_of_the_release(service: Service) -> None:
    script = "for it in status doctor stop; do cygnet $it 2>&1; echo code $?; done"
    hub = f"deploy/{service.release}-hub"

    seen = service.kubectl("exec", hub, "--", "sh", "-c", script)

    status, doctor, stop, _ = re.split(r"code (\d)\n", seen)[::2]
    assert f"is the release {service.release} in the namespace" in status
    assert "  database: answers\n" in status
    assert "  proxy: answers, with " in status
    assert "  servers: 1 running, of 1 user" in status
    assert "good   admission policies confine the hub: they do" in doctor
    assert "fault" not in doctor
    assert f"scale deployment/{service.release}-hub --replicas=0" in stop
    assert re.findall(r"code (\d)\n", seen) == ["0", "0", "2"]


@pytest.mark.usefixtures("told")
def test_server_with_executors_has_a_short_token_of_its_namespace(
    user: ClusterUser, service: Service, namespace: str
) -> None:
    page = user.start("second", cluster="kubernetes")
    assert "<title>JupyterLab</title>" in page.text, page.text
    kernel = user.kernel("second")
    place = "/var/run/secrets/kubernetes.io/serviceaccount/"
    found = user.run(kernel, f"print(open('{place}token').read())", "second")
    token = claims(found.text.strip())

    assert token["exp"] - token["iat"] <= 3607  # kubelet's own grace of 7 seconds
    assert token["kubernetes.io"]["namespace"] == namespace
    assert token["kubernetes.io"]["serviceaccount"]["name"] == "cygnet-spark"
    service_of = get(service, namespace, "service", f"{POD}--second-spark")
    assert service_of["spec"]["clusterIP"] == "None"
    user.stop("second")


@pytest.mark.usefixtures("told")
def test_home_and_namespace_outlive_the_server(
    user: ClusterUser, service: Service, namespace: str
) -> None:
    kernel = user.kernel()
    user.run(kernel, "open('/home/cygnet/kept', 'w').write('kept')")

    user.stop()

    assert POD not in names(service, namespace, "pod")
    assert "home" in names(service, namespace, "persistentvolumeclaim")
    user.start()
    kernel = user.kernel()
    assert user.run(kernel, "open('/home/cygnet/kept').read()").text == "'kept'"
