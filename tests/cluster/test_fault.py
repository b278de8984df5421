"""What dies on Kubernetes takes nothing with it, and the pages say what happened."""

import json
import re
from collections.abc import Generator

import pytest

from tests.support.cluster_user import ClusterUser, heading, until
from tests.support.executor import changed
from tests.support.helm import Service

pytestmark = pytest.mark.xdist_group("service")

POD = "server-owner"
RECONCILED_S = 120
EVICTED_S = 120
FILL = """
with open("/tmp/much", "wb") as file:
    for _ in range(300):
        file.write(bytes(2**20))
"""


@pytest.fixture(scope="module")
def user(service: Service) -> Generator[ClusterUser]:
    with ClusterUser(service.url) as user:
        yield user.log_in(service.login_link())


@pytest.fixture(scope="module")
def namespace(service: Service) -> str:
    return f"{service.release}-user-owner"


@pytest.fixture
def kernel(user: ClusterUser) -> str:
    """Give a kernel that remembers something."""
    if user.model() is None:
        page = user.start(cluster="local")
        assert "<title>JupyterLab</title>" in page.text, page.text
    kernel = user.kernel()
    assert not user.run(kernel, "remembered = 42").error
    return kernel


def remembers(user: ClusterUser, kernel: str) -> bool:
    """Tell whether the kernel is the same process."""
    answer = user.lab(f"api/kernels/{kernel}")
    if not answer.is_success:
        return False
    return user.run(kernel, "remembered").text == "42"


def test_kernel_outlives_the_hub(
    service: Service, user: ClusterUser, kernel: str
) -> None:
    service.kill("hub")

    until(user.model, "the hub finds the server again")
    assert remembers(user, kernel)


def test_start_outlives_the_hub(
    service: Service, user: ClusterUser, namespace: str
) -> None:
    if user.model() is not None:
        user.stop()
    user.ask_to_start(cluster="local")
    place = ("--namespace", namespace, "get", "pods", "-o", "name")
    until(lambda: POD in service.cluster.kubectl(*place), "there is a pod")

    service.kill("hub")

    # The page logs in at the new server, whose cookies differ from the former one's.
    until(lambda: "<title>JupyterLab</title>" in user.lab("lab").text, "its page")
    assert user.run(user.kernel(), "6 * 7").text == "42"


def test_kernel_outlives_the_proxy_and_its_route_comes_back(
    service: Service, user: ClusterUser, kernel: str
) -> None:
    service.kill("proxy")

    until(lambda: remembers(user, kernel), "the route is back", 60)


def test_server_outlives_a_killed_kernel(user: ClusterUser, kernel: str) -> None:
    with user.channels(kernel) as socket:
        socket.close()
    pid = user.run(kernel, "import os; os.getpid()").text
    user.run(user.kernel(), f"import os; os.kill({pid}, 9)")

    until(lambda: user.run(kernel, "1 + 1").text == "2", "the kernel is back", 60)
    assert user.model() is not None


@pytest.mark.usefixtures("kernel")
def test_page_says_that_the_pod_is_gone(
    service: Service, user: ClusterUser, namespace: str
) -> None:
    service.cluster.kubectl(
        "--namespace", namespace, "delete", "pod", POD, "--grace-period=0", "--force"
    )

    until(lambda: user.model() is None, "the hub notices", 30)
    page = user.get("/hub/home")
    assert "The pod of your server is gone" in page.text
    assert "<title>JupyterLab</title>" in user.start().text


def test_server_that_fills_its_nodes_disk_is_ended_and_the_page_says_why(
    user: ClusterUser,
) -> None:
    if user.model() is not None:
        user.stop()
    user.start(cluster="local", size="medium")
    kernel = user.kernel()
    written = user.run(kernel, FILL)
    assert not written.error, written.error

    until(lambda: user.model() is None, "the server is ended", EVICTED_S)
    until(lambda: "Not running" in user.get("/hub/home").text, "it has stopped")
    told = re.findall(r'role="alert">(.*?)</p>', user.get("/hub/home").text)
    assert told, "The page does not say why."
    assert "it wrote more to /tmp" in told[0]
    assert "<title>JupyterLab</title>" in user.start(size="small").text


@pytest.mark.usefixtures("kernel")
def test_unknown_pod_is_removed_and_missing_one_noticed(
    service: Service, user: ClusterUser, namespace: str
) -> None:
    cluster, hub = service.cluster, f"deployment/{service.release}-hub"
    pod = json.loads(
        cluster.kubectl("--namespace", namespace, "get", "pod", POD, "-o", "json")
    )
    stranger = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "server-stranger",
            "namespace": namespace,
            "labels": pod["metadata"]["labels"],
        },
        "spec": {k: v for k, v in pod["spec"].items() if k != "nodeName"},
    }
    label = {"app.kubernetes.io/component": "executor", "cygnet.org/user": "owner"}
    orphan = changed(stranger, ("metadata", "labels"), label)
    orphan["metadata"] |= {"name": "exec-orphan", "finalizers": ["example.org/never"]}
    service.kubectl("scale", hub, "--replicas=0")
    service.kubectl(
        "wait",
        "--for=delete",
        "pod",
        "--selector=app.kubernetes.io/component=hub",
        "--timeout=60s",
    )
    account = f"system:serviceaccount:{service.namespace}:{service.release}-hub"
    for it in (stranger, orphan):
        create = ("create", f"--as={account}", "-f", "-")
        cluster.kubectl(*create, stdin=json.dumps(it))
    cluster.kubectl(
        "--namespace", namespace, "delete", "pod", POD, "--grace-period=0", "--force"
    )

    service.kubectl("scale", hub, "--replicas=1")
    service.await_rollout("hub")

    def pods() -> str:
        return cluster.kubectl("--namespace", namespace, "get", "pods", "-o", "name")

    until(lambda: user.model() is None, "the missing server is noticed", RECONCILED_S)
    until(lambda: "stranger" not in pods(), "the stranger is removed", RECONCILED_S)
    until(lambda: "orphan" not in pods(), "the executor is ended", RECONCILED_S)
    assert "exec-orphan" in user.get("/hub/home").text
    assert cluster.kubectl("get", "namespace", namespace)
    assert heading(user.get("/hub/home"))
