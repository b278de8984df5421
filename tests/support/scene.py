"""Whom the tests from inside a user's pod ask: two people's servers and a stranger."""

import json
import secrets
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.support.cluster import Cluster
from tests.support.executor import PYTHON, executor
from tests.support.inside import Pod
from tests.support.people import another_image

READY_S = 120
HUB_PYTHON = "/opt/cygnet/bin/python"


@dataclass(frozen=True, slots=True)
class Scene:
    """Pods that can be asked, and the addresses that they are asked about."""

    kubectl: Callable[..., str]
    name: str
    """The release."""
    release: str
    """The release's namespace."""
    image: str
    """The user image."""
    alice: Pod
    """A server with executors."""
    bob: Pod
    """Another person's server, without Spark on Kubernetes."""
    executor: Pod
    """An executor of Alice's, made with her token; it listens on 7200."""
    bare: Pod
    """A pod that no policy rules, in a namespace of its own; it listens on 7200."""
    neighbour: Pod
    """Another such pod, in the same namespace."""
    hub: Pod
    """The hub."""
    node: str
    """The address of the node that all of them are on."""
    node_name: str
    """Its name."""
    uid: str
    """The identity of Alice's server, which owns executors."""

    @property
    def share(self) -> Pod:
        """The sharing service's pod of this moment."""
        chosen = "app.kubernetes.io/component=share"
        return pod_of(self.kubectl, self.release, chosen, HUB_PYTHON)

    @property
    def api_server(self) -> str:
        """The address of the Kubernetes API for pods."""
        return self.address("service", "default", "kubernetes")

    def address(self, kind: str, namespace: str, name: str) -> str:
        """Return the address of a service or pod."""
        path = "clusterIP" if kind == "service" else "podIP"
        part = "spec" if kind == "service" else "status"
        return self.kubectl(
            *("get", kind, "-n", namespace, name),
            *("-o", f"jsonpath={{.{part}.{path}}}"),
        ).strip()

    def call_hub(self, *calls: tuple[str, str]) -> list[dict[str, Any]]:
        """Call the hub's API from Alice's pod, with the token that her server has."""
        names = ("JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN")
        url, token = self.alice.ask(*(("variable", {"name": it}) for it in names))
        headers = {"Authorization": f"token {token}"}
        questions = (
            ("ask", {"url": f"{url}{path}", "method": method, "headers": headers})
            for method, path in calls
        )
        return [dict(it) for it in self.alice.ask(*questions)]

    @property
    def names(self) -> dict[str, str]:
        """What requests call the parts of the scene."""
        return {
            "own": self.alice.namespace,
            "server": self.alice.name,
            "uid": self.uid,
            "executor": self.executor.name,
            "other": self.bob.namespace,
            "others": self.bob.name,
            "release": self.release,
            "image": self.image,
            "another_image": another_image(self.image),
            "node": self.node_name,
        }


@contextmanager
def strangers(cluster: Cluster, image: str) -> Generator[list[Pod]]:
    """Run two pods in a namespace without labels, policies and quota."""
    kubectl = cluster.kubectl
    with cluster.namespace(f"cygnet-stranger-{secrets.token_hex(4)}") as namespace:
        # Pods that name the account of executors are refused for want of it.
        kubectl("create", "serviceaccount", "cygnet-spark", "-n", namespace)
        pods = [Pod(kubectl, namespace, it, PYTHON) for it in ("bare", "neighbour")]
        for it in pods:
            pod = executor(image, it.name)
            for part in ("labels", "ownerReferences"):
                del pod["metadata"][part]
            kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(pod))
        for it in pods:
            wait_ready(it)
        yield pods


@contextmanager
def executor_of(server: Pod, image: str) -> Generator[Pod]:
    """Run an executor that was made by a server's own token."""
    name = f"by-hand-{secrets.token_hex(4)}"
    path = f"/api/v1/namespaces/{server.namespace}/pods"
    uid = server.object()["metadata"]["uid"]
    made = executor(image, name, server.name, uid)
    question = {"path": path, "method": "POST", "body": made}
    [answer] = server.ask(("kubernetes", question))
    assert answer["status"] == 201, answer
    pod = Pod(server.kubectl, server.namespace, name, PYTHON)
    try:
        wait_ready(pod)
        yield pod
    finally:
        server.ask(("kubernetes", {"path": f"{path}/{name}", "method": "DELETE"}))


def wait_ready(pod: Pod) -> None:
    """Wait until a pod is ready and its port answers."""
    pod.kubectl(
        *("wait", "pod", pod.name, "-n", pod.namespace),
        *("--for=condition=Ready", f"--timeout={READY_S}s"),
    )
    deadline = time.monotonic() + READY_S
    while pod.reach("127.0.0.1", 7200) != "open":
        assert time.monotonic() < deadline, f"{pod.name} does not listen"


def pod_of(
    kubectl: Callable[..., str], namespace: str, selector: str, python: str
) -> Pod:
    """Return the only running pod of a namespace that has some labels."""
    text = kubectl(
        *("get", "pods", "-n", namespace, "-l", selector),
        *("--field-selector=status.phase=Running", "-o", "json"),
    )
    items: list[dict[str, Any]] = json.loads(text)["items"]
    [name] = [it["metadata"]["name"] for it in items]
    return Pod(kubectl, namespace, name, python)
