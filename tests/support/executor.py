"""The executor pod that a user's token may make, and changes that it may not make."""

import copy
from collections.abc import Iterable
from typing import Any

Manifest = dict[str, Any]
OWNER = "alice"
"""Whose executor it is."""
PYTHON = "/opt/cygnet/kernel/bin/python"


def executor(
    image: str, name: str = "an-executor", server: str = "{server}", uid: str = "{uid}"
) -> Manifest:
    """Return a pod like Spark's executors, whose port answers anybody."""
    owner = {"apiVersion": "v1", "kind": "Pod", "name": server, "uid": uid}
    container = {
        "name": "executor",
        "image": image,
        "command": [PYTHON, "-m", "http.server", "7200", "--directory", "/tmp"],  # noqa: S108 - In a pod.
        "resources": {
            "requests": {"cpu": "50m", "memory": "256Mi"},
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
            "ownerReferences": [{**owner, "controller": True}],
        },
        "spec": {
            "containers": [container],
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
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
# Whoever keeps the hub's pod, or all pods, from a node by this keeps them out.
APART = {
    "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {
                "labelSelector": {},
                "namespaceSelector": {},
                "topologyKey": "kubernetes.io/hostname",
            }
        ]
    }
}
NAMED = {"key": "metadata.name", "operator": "In", "values": ["node1"]}
NODE = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [
                {
                    "matchFields": [
                        {"key": "metadata.name", "operator": "In", "values": ["node1"]}
                    ]
                },
            ]
        }
    }
}
SPREAD = {
    "maxSkew": 1,
    "topologyKey": "kubernetes.io/hostname",
    "whenUnsatisfiable": "DoNotSchedule",
    "labelSelector": {},
}
PROBE = {"httpGet": {"host": "10.96.0.1", "port": 443, "scheme": "HTTPS"}}
CLAIM = {"name": "gpu", "resourceClaimName": "somebody-s"}
YEAR = 365 * 24 * 3600
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
    "no owner": (("metadata", "ownerReferences"), []),
    "an owner that does not run": (("metadata", "ownerReferences", 0, "uid"), "none"),
    "an owner of another kind": (
        ("metadata", "ownerReferences", 0, "kind"),
        "ConfigMap",
    ),
    "a second owner": (
        ("metadata", "ownerReferences", "+"),
        {"apiVersion": "v1", "kind": "Pod", "name": "another", "uid": "another"},
    ),
    "a hold on its owner": (
        ("metadata", "ownerReferences", 0, "blockOwnerDeletion"),
        True,
    ),
    "a finalizer": (("metadata", "finalizers"), ["example.org/never"]),
    "a bandwidth": (
        ("metadata", "annotations"),
        {"kubernetes.io/egress-bandwidth": "1k"},
    ),
    "another's label of its own": (
        ("metadata", "labels", "sidecar.example.org/inject"),
        "true",
    ),
    "a year to end": (("spec", "terminationGracePeriodSeconds"), YEAR),
    "a node without the hub": (("spec", "affinity"), APART),
    "a node by its name": (("spec", "affinity"), NODE),
    "a label of a node": (("spec", "nodeSelector"), {"kubernetes.io/os": "linux"}),
    "an even spread": (("spec", "topologySpreadConstraints"), [SPREAD]),
    "a taint of the system": (
        ("spec", "tolerations"),
        [{"key": "node.kubernetes.io/disk-pressure", "operator": "Exists"}],
    ),
    "a node that is lost, for ever": (
        ("spec", "tolerations"),
        [{"key": "node.kubernetes.io/unreachable", "operator": "Exists"}],
    ),
    "a device": (("spec", "resourceClaims"), [CLAIM]),
    "names of its own": (("spec", "dnsConfig"), {"nameservers": ["192.0.2.1"]}),
    "the node's names": (("spec", "dnsPolicy"), "Default"),
    "another host's name": (
        ("spec", "hostAliases"),
        [{"ip": "192.0.2.1", "hostnames": ["hub"]}],
    ),
    "a new start for ever": (("spec", "restartPolicy"), "Always"),
    "a gate": (("spec", "schedulingGates"), [{"name": "example.org/wait"}]),
    "a probe that the node sends": ((*CONTAINER, "livenessProbe"), PROBE),
    "a hook that the node sends": ((*CONTAINER, "lifecycle"), {"preStop": PROBE}),
    "a second container": (
        ("spec", "containers", "+"),
        {"name": "second", "image": "{image}"},
    ),
    "a volume in memory": volume({"emptyDir": {"medium": "Memory"}}),
    "a profile of the node": (
        ("spec", "securityContext", "seccompProfile"),
        {"type": "Localhost", "localhostProfile": "any.json"},
    ),
    "a group of its choice": (("spec", "securityContext", "supplementalGroups"), [4]),
    "a root that it can write": (
        (*CONTAINER, "securityContext", "readOnlyRootFilesystem"),
        False,
    ),
    "an image of another group": ((*CONTAINER, "image"), "{another_image}"),
    "the size of another group": (
        (*CONTAINER, "resources"),
        {"limits": {"cpu": "4", "memory": "256Mi"}},
    ),
    "the memory of another group": (
        (*CONTAINER, "resources"),
        {"limits": {"cpu": "1", "memory": "3Gi"}},
    ),
    "more memory than it asks for": (
        (*CONTAINER, "resources", "requests", "memory"),
        "1Mi",
    ),
    "too much disk": (
        (*CONTAINER, "resources", "limits", "ephemeral-storage"),
        "1Ti",
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
