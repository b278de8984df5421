"""The executor pod that a user's token may make, and changes that it may not make."""

import copy
from collections.abc import Iterable
from typing import Any

Manifest = dict[str, Any]
OWNER = "alice"
"""Whose executor it is."""
PYTHON = "/opt/cygnet/kernel/bin/python"


def executor(image: str, name: str = "an-executor") -> Manifest:
    """Return a pod like Spark's executors, whose port answers anybody."""
    container = {
        "name": "executor",
        "image": image,
        "command": [PYTHON, "-m", "http.server", "7200", "--directory", "/tmp"],  # noqa: S108 - In a pod.
        "resources": {
            "requests": {"cpu": "50m", "memory": "64Mi"},
            "limits": {"cpu": "1", "memory": "256Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "labels": {
                "app.kubernetes.io/component": "executor",
                "cygnet.org/user": OWNER,
            },
        },
        "spec": {
            "containers": [container],
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 1,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 1000,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "volumes": [{"name": "tmp", "emptyDir": {}}],
        },
    }


def changed(pod: Manifest, place: Iterable[str | int], value: object) -> Manifest:
    """Return a copy with one value put in at a place, or added to a list there."""
    result = copy.deepcopy(pod)
    *steps, last = place
    inner: Any = result
    for step, following in zip(steps, [*steps[1:], last], strict=True):
        if isinstance(inner, dict):
            inner = inner.setdefault(step, [] if following == "+" else {})
        else:
            inner = inner[step]
    if last == "+":
        inner.append(value)
    else:
        inner[last] = value
    return result


def volume(source: Manifest) -> tuple[tuple[str, ...], Manifest]:
    """Return the change that mounts a volume."""
    return ("spec", "volumes", "+"), {"name": "another", **source}


CONTAINER = ("spec", "containers", 0)
PRIVILEGED = {"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}}
TOKEN = {"serviceAccountToken": {"path": "token", "audience": "somebody-else"}}
SECRET = {"secretKeyRef": {"name": "pull-secret", "key": "password", "optional": True}}
FORBIDDEN: dict[str, tuple[Iterable[str | int], object]] = {
    "an image of its own": ((*CONTAINER, "image"), "docker.io/library/debian:12"),
    "an image of its own to begin with": (
        ("spec", "initContainers"),
        [{"name": "first", "image": "docker.io/library/debian:12"}],
    ),
    "a server's label": (
        ("metadata", "labels", "app.kubernetes.io/component"),
        "server",
    ),
    "a hub's label": (("metadata", "labels", "app.kubernetes.io/component"), "hub"),
    "another's label": (("metadata", "labels", "cygnet.org/user"), "bob"),
    "no label": (("metadata", "labels"), {}),
    "a path of the node": volume({"hostPath": {"path": "/"}}),
    "a secret's volume": volume({"secret": {"secretName": "x", "optional": True}}),
    "a token's volume": volume({"projected": {"sources": [TOKEN]}}),
    "a volume made for it": volume(
        {
            "ephemeral": {
                "volumeClaimTemplate": {
                    "spec": {
                        "accessModes": ["ReadWriteOnce"],
                        "resources": {"requests": {"storage": "1Gi"}},
                    }
                }
            }
        }
    ),
    "a driver's volume": volume({"csi": {"driver": "anything.example.org"}}),
    "a server's volume": volume({"nfs": {"server": "10.0.0.1", "path": "/"}}),
    "a secret's variable": (
        (*CONTAINER, "env"),
        [{"name": "X", "valueFrom": SECRET}],
    ),
    "a secret's variables": (
        (*CONTAINER, "envFrom"),
        [{"secretRef": {"name": "pull-secret", "optional": True}}],
    ),
    "the node's network": (("spec", "hostNetwork"), True),
    "the node's processes": (("spec", "hostPID"), True),
    "a port of the node": (
        (*CONTAINER, "ports"),
        [{"containerPort": 7200, "hostPort": 7200}],
    ),
    "root": (("spec", "securityContext", "runAsUser"), 0),
    "privilege": (
        (*CONTAINER, "securityContext"),
        {"privileged": True},
    ),
    "a capability": ((*CONTAINER, "securityContext"), PRIVILEGED),
    "no seccomp": (
        ("spec", "securityContext", "seccompProfile"),
        {"type": "Unconfined"},
    ),
    "an account": (("spec", "serviceAccountName"), "cygnet-spark"),
    "a token": (("spec", "automountServiceAccountToken"), True),
    "a class of the system": (
        ("spec", "priorityClassName"),
        "system-node-critical",
    ),
    "a node of its choice": (("spec", "nodeName"), "node1"),
    "a node of the system": (
        ("spec", "tolerations"),
        [{"operator": "Exists"}],
    ),
    "too much processor": (
        (*CONTAINER, "resources"),
        {"limits": {"cpu": "15", "memory": "256Mi"}},
    ),
    "too much memory": (
        (*CONTAINER, "resources"),
        {"limits": {"cpu": "1", "memory": "31Gi"}},
    ),
}
"""What a user's token must not put into a pod: the place, and the value."""
