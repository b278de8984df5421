"""A hand-made pod of a user with executors, for tests without the hub.

It has what the hub gives: a restricted namespace with quota, limits and policies, the
account, the token, the headless service and the variables. What the hub really makes is
tested elsewhere; this shows what Spark needs of it.
"""

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cygnet_hub.kubernetes import allowance

from tests.support.cluster import Cluster
from tests.support.executor import executor
from tests.support.pod_request import site
from tests.support.waiting import until

EXECUTORS = {"name": "executors", "label": "Executors", "type": "kubernetes"}
_DRIVER_PORTS = tuple(range(7100, 7108))
_BLOCK_PORTS = tuple(range(7200, 7208))
_COMPONENT = "app.kubernetes.io/component"
_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - a place.
_PLAIN = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_RESTRICTED = {
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "runAsGroup": 1000,
    "fsGroup": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}


@dataclass(frozen=True)
class SparkPod:
    """A pod in a namespace of its own; `make` and `remove` it."""

    cluster: Cluster
    namespace: str
    image: str
    api_server: str
    """Address and port of the API server behind its service, for the policy."""
    max_executors: int = 2
    memory: str = "12Gi"
    """The namespace's quota."""
    variables: Mapping[str, str] = field(default_factory=dict)
    authority: str = ""
    """A certificate authority of the site (PEM)."""
    name: str = "server-ada"

    def kubectl(self, *words: str, text: str | None = None) -> str:
        """Run kubectl in the namespace; a failure fails the test with its words."""
        return self.cluster.kubectl("-n", self.namespace, *words, stdin=text)

    def make(self) -> None:
        """Make everything and wait until the pod is ready."""
        self.apply(self._namespace())
        self.limit(self.memory)
        self.apply(*self._policies(), *self._access())
        if self.authority:
            data = {"ca.crt": self.authority}
            self.apply(_object("v1", "ConfigMap", "cygnet-ca", data=data))
        self.start()

    def limit(self, memory: str) -> None:
        """Set the quota for memory of the namespace."""
        hard = {"limits.memory": memory, "pods": "20"}
        limits = [{"type": "Container", "default": {"cpu": "2", "memory": "1Gi"}}]
        self.apply(
            _object("v1", "ResourceQuota", "cygnet", spec={"hard": hard}),
            _object("v1", "LimitRange", "cygnet", spec={"limits": limits}),
        )

    def confine(self, policies: Iterable[Mapping[str, Any]], release: str) -> None:
        """Have a release's policies hold for what is made from now on."""
        settings = site(
            {"userImage": self.image},
            clusters=[{**EXECUTORS, "executorMemory": "600m"}],
        )
        found = json.loads(self.kubectl("get", "pods", "-o", "json"))
        allowed = allowance.allow(settings, frozenset())
        notes = allowance.annotations(allowed, found["items"])
        self.apply(*policies)
        given = (f"{name}={value}" for name, value in notes.items())
        self.kubectl("annotate", "namespace", self.namespace, *given)
        labels = (f"cygnet.org/release={release}", "cygnet.org/user=ada")
        self.kubectl("label", "namespace", self.namespace, *labels)
        until(self._is_confined, "the policies hold", 60)

    def _is_confined(self) -> bool:
        """Tell whether the API server has taken the policies up, some time later."""
        stranger = executor(self.image, server=self.name, uid="none")
        try_it = ("-n", self.namespace, "create", "--dry-run=server", "-f", "-")
        refusal = self.cluster.kubectl(*try_it, stdin=json.dumps(stranger), check=False)
        return "denied" in refusal

    def start(self) -> None:
        """Make the pod with its service, and wait until it is ready."""
        self.apply(self._pod())
        pod = json.loads(self.kubectl("get", "pod", self.name, "-o", "json"))
        self.apply(self._service(pod["metadata"]["uid"]))
        self.kubectl(
            "wait", "--for=condition=Ready", f"pod/{self.name}", "--timeout=120s"
        )

    def remove(self) -> None:
        """Have the namespace removed with all that is in it."""
        self.kubectl("delete", "namespace", self.namespace, "--wait=false")

    def apply(self, *items: Mapping[str, Any]) -> None:
        """Create or update objects."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(items)}
        self.kubectl("apply", "-f", "-", text=json.dumps(listed))

    def run(self, code: str) -> str:
        """Run Python code in the pod and give what it printed."""
        return self.kubectl("exec", "-i", self.name, "--", *_started("-"), text=code)

    def begin(self, code: str) -> subprocess.Popen[str]:
        """Run Python code in the pod that goes on; its lines can be read."""
        command = [
            self.cluster.kubectl_program,
            f"--kubeconfig={self.cluster.kubeconfig}",
        ]
        command += ["-n", self.namespace, "exec", "-i", self.name]
        command += ["--", *_started("-u", "-")]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(code)
        process.stdin.close()
        return process

    def executors(self) -> list[dict[str, Any]]:
        """Give the pods of executors that have not ended."""
        found = self.kubectl(
            "get", "pods", "-l", f"{_COMPONENT}=executor", "-o", "json"
        )
        pods: list[dict[str, Any]] = json.loads(found)["items"]
        ended = {"Succeeded", "Failed"}
        return [pod for pod in pods if pod["status"].get("phase") not in ended]

    def _namespace(self) -> dict[str, Any]:
        level = "pod-security.kubernetes.io"
        labels = {f"{level}/{mode}": "restricted" for mode in ("enforce", "warn")}
        return _object("v1", "Namespace", self.namespace, labels=labels)

    def _access(self) -> Iterable[dict[str, Any]]:
        group = "rbac.authorization.k8s.io"
        verbs = ["get", "list", "watch", "create", "delete", "deletecollection"]
        rule = {"apiGroups": [""], "resources": ["pods"], "verbs": verbs}
        yield _object("v1", "ServiceAccount", "cygnet-spark")
        yield _object(f"{group}/v1", "Role", "cygnet-spark", rules=[rule])
        yield _object(
            f"{group}/v1",
            "RoleBinding",
            "cygnet-spark",
            roleRef={"apiGroup": group, "kind": "Role", "name": "cygnet-spark"},
            subjects=[{"kind": "ServiceAccount", "name": "cygnet-spark"}],
        )

    def _policies(self) -> Iterable[dict[str, Any]]:
        address, _, port = self.api_server.rpartition(":")
        dns = [
            {"protocol": kind, "port": port}
            for kind in ("UDP", "TCP")
            for port in (53, 1053, 5353)
        ]
        to_dns = {"to": [{"namespaceSelector": {}}], "ports": dns}
        to_api = {
            "to": [{"ipBlock": {"cidr": f"{address}/32"}}],
            "ports": _tcp([int(port)]),
        }
        drivers, blocks = _tcp([*_DRIVER_PORTS, *_BLOCK_PORTS]), _tcp(_BLOCK_PORTS[:1])
        yield _policy("cygnet-default-deny", {}, [], [])
        yield _policy(
            "cygnet-server",
            _labels("server"),
            [{"from": [_peer("executor")], "ports": drivers}],
            [to_dns, to_api, {"to": [_peer("executor")], "ports": blocks}],
        )
        both = [_peer("executor"), _peer("server")]
        yield _policy(
            "cygnet-executor",
            _labels("executor"),
            [{"from": both, "ports": blocks}],
            [
                to_dns,
                {"to": [_peer("server")], "ports": drivers},
                {"to": [_peer("executor")], "ports": blocks},
            ],
        )

    def _service(self, uid: str) -> dict[str, Any]:
        owner = {"apiVersion": "v1", "kind": "Pod", "name": self.name, "uid": uid}
        made = _object(
            "v1",
            "Service",
            f"{self.name}-spark",
            spec={
                "clusterIP": "None",
                "publishNotReadyAddresses": True,
                "selector": _labels("server"),
            },
        )
        made["metadata"]["ownerReferences"] = [owner]
        return made

    def _pod(self) -> dict[str, Any]:
        token = {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}}
        ca = {
            "configMap": {
                "name": "kube-root-ca.crt",
                "items": [{"key": "ca.crt", "path": "ca.crt"}],
            }
        }
        container: dict[str, Any] = {
            "name": "notebook",
            "image": self.image,
            "imagePullPolicy": self.cluster.pull_policy,
            "args": ["sleep", "infinity"],
            "env": self._environment(),
            "securityContext": _PLAIN,
            "resources": {
                "limits": {"cpu": "2", "memory": "3Gi"},
                "requests": {"cpu": "250m", "memory": "1Gi"},
            },
            "volumeMounts": [
                {"name": "home", "mountPath": "/home/cygnet"},
                {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - in the pod.
                {"name": "token", "mountPath": _TOKEN, "readOnly": True},
            ],
        }
        if self.authority:
            mount = {"name": "ca", "mountPath": "/etc/cygnet/ca", "readOnly": True}
            container["volumeMounts"].append(mount)
        spec: dict[str, Any] = {
            "serviceAccountName": "cygnet-spark",
            "automountServiceAccountToken": False,
            "securityContext": _RESTRICTED,
            "terminationGracePeriodSeconds": 5,
            "containers": [container],
            "volumes": [
                {"name": "home", "emptyDir": {}},
                {"name": "tmp", "emptyDir": {}},
                {"name": "token", "projected": {"sources": [token, ca]}},
            ],
        }
        if self.authority:
            volume = {"name": "ca", "configMap": {"name": "cygnet-ca"}}
            spec["volumes"].append(volume)
        labels = {**_labels("server"), "cygnet.org/user": "ada"}
        return _object("v1", "Pod", self.name, labels=labels, spec=spec)

    def _environment(self) -> list[dict[str, Any]]:
        values = {
            "CYGNET_POD_NAME": self.name,
            "CYGNET_POD_NAMESPACE": self.namespace,
            "CYGNET_SPARK_HOST": f"{self.name}-spark.{self.namespace}.svc",
            "CYGNET_IMAGE": self.image,
            "CYGNET_USER": "ada",
            "CYGNET_CLUSTER": "kubernetes",
            "CYGNET_CLUSTER_TYPE": "kubernetes",
            "CYGNET_MAX_EXECUTORS": str(self.max_executors),
            "CYGNET_EXECUTOR_CORES": "1",
            "CYGNET_EXECUTOR_CPU_REQUEST": "100m",
            "CYGNET_EXECUTOR_MEMORY": "600m",
            "CYGNET_EXECUTOR_DISK": "10Gi",
            "CYGNET_EXECUTOR_DISK_REQUEST": "1Gi",
            "CYGNET_SPARK_MEMORY": "1g",
            **({"CYGNET_EXTRA_CA": "/etc/cygnet/ca/ca.crt"} if self.authority else {}),
            **self.variables,
        }
        listed: list[dict[str, Any]] = [
            {"name": name, "value": value} for name, value in values.items()
        ]
        where = {"fieldRef": {"fieldPath": "status.podIP"}}
        return [*listed, {"name": "CYGNET_POD_IP", "valueFrom": where}]


def _started(*options: str) -> tuple[str, ...]:
    """Give Python as the server's start leaves the environment to kernels."""
    start = '. /opt/cygnet/bin/trust && exec python "$@"'
    return ("sh", "-c", start, "sh", *options)


def _object(version: str, kind: str, name: str, **parts: Any) -> dict[str, Any]:  # noqa: ANN401 - Kubernetes' own shapes.
    metadata: dict[str, Any] = {"name": name, "labels": parts.pop("labels", {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **parts}


def _labels(component: str) -> dict[str, str]:
    return {_COMPONENT: component}


def _peer(component: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": _labels(component)}}


def _tcp(ports: Iterable[int]) -> list[dict[str, Any]]:
    return [{"protocol": "TCP", "port": port} for port in ports]


def _policy(
    name: str,
    labels: Mapping[str, str],
    ingress: list[dict[str, Any]],
    egress: list[dict[str, Any]],
) -> dict[str, Any]:
    spec = {
        "podSelector": {"matchLabels": dict(labels)} if labels else {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": ingress,
        "egress": egress,
    }
    return _object("networking.k8s.io/v1", "NetworkPolicy", name, spec=spec)
