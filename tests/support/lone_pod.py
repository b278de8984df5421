"""One pod of one image, as restricted as the chart's pods, with nothing beside it."""

import json
import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.cluster.node.image import full_name
from tests.support.cluster import Cluster

PATIENCE = "120s"
RESTRICTED = {
    "automountServiceAccountToken": False,
    "enableServiceLinks": False,
    "restartPolicy": "Never",
    "terminationGracePeriodSeconds": 60,
    "securityContext": {
        "runAsNonRoot": True,
        "fsGroup": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
}
CONFINED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


@dataclass(frozen=True, slots=True)
class LonePod:
    """A pod of one container."""

    cluster: Cluster
    name: str
    """Its name, and that of its namespace."""

    def run(self, *command: str, stdin: str | None = None, check: bool = True) -> str:
        """Run a command in it."""
        return self.cluster.kubectl(
            *("exec", "-i", "-n", self.name, self.name, "--", *command),
            stdin=stdin or "",
            check=check,
        )

    def wait(self, condition: str) -> None:
        """Wait until something holds, as `kubectl wait --for` takes it."""
        self.cluster.kubectl(
            *("wait", f"--for={condition}", f"--timeout={PATIENCE}"),
            *("-n", self.name, f"pod/{self.name}"),
        )

    def object(self) -> dict[str, Any]:
        """Return the pod as Kubernetes has it."""
        text = self.cluster.kubectl(
            "get", "pod", "-n", self.name, self.name, "-o", "json"
        )
        return dict(json.loads(text))

    def ending(self) -> dict[str, Any]:
        """Wait until it has ended and return how."""
        self.wait("jsonpath={.status.containerStatuses[0].state.terminated}")
        state = self.object()["status"]["containerStatuses"][0]["state"]
        return dict(state["terminated"])

    def log(self) -> str:
        """Return what it printed."""
        return self.cluster.kubectl("logs", "-n", self.name, self.name)

    def end(self) -> None:
        """End it as Kubernetes does, and wait until it is gone."""
        self.cluster.kubectl("delete", "pod", "-n", self.name, self.name)


@contextmanager
def lone_pod(
    cluster: Cluster,
    image: str,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    folders: tuple[str, ...] = (),
) -> Generator[LonePod]:
    """Run one of the project's images: writable are `/tmp` and `folders` alone."""
    pod = LonePod(cluster, f"cygnet-test-{image}-{secrets.token_hex(4)}")
    places = ("/tmp", *folders)  # noqa: S108 - Of the pod.
    container = {
        "name": "alone",
        "image": full_name(image, cluster.registry),
        "imagePullPolicy": cluster.pull_policy,
        "args": list(arguments),
        "env": [{"name": k, "value": v} for k, v in (env or {}).items()],
        "securityContext": CONFINED,
        "volumeMounts": [
            {"name": f"v{i}", "mountPath": it} for i, it in enumerate(places)
        ],
    }
    volumes = [{"name": f"v{i}", "emptyDir": {}} for i, _ in enumerate(places)]
    namespace = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": pod.name,
            "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
        },
    }
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": pod.name, "namespace": pod.name},
        "spec": {**RESTRICTED, "containers": [container], "volumes": volumes},
    }
    cluster.kubectl("create", "-f", "-", stdin=json.dumps(namespace))
    try:
        cluster.kubectl("create", "-f", "-", stdin=json.dumps(manifest))
        yield pod
    finally:
        cluster.kubectl("delete", "namespace", pod.name, "--wait=false")
