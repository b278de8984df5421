"""Kubernetes objects as Kubernetes writes them, and the labels that all of ours have.

Kubernetes' objects have no classes here: an object is its JSON. This module decides
how ours are marked, so that hub, policies and administrators find them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from cygnet_hub.kubernetes.settings import Release

Manifest: TypeAlias = dict[str, object]
"""An object for the Kubernetes API: `apiVersion`, `kind`, `metadata` and more."""

RELEASE = "cygnet.org/release"
"""The label that says whose an object is: `<namespace>.<name>` of the release."""
USER = "cygnet.org/user"
"""The label with the user's name as it stands in namespaces."""
NAME = "cygnet.org/user-name"
"""The annotation of a namespace with the user's whole name."""
SERVER = "cygnet.org/server"
"""The label with the named server's name; empty for the default one."""
SPARK = "cygnet.org/spark"
"""The label of servers that may start executors; its value is `api`."""
COMPONENT = "app.kubernetes.io/component"
"""The label that is different on servers and executors."""

PLURALS = {
    "ConfigMap": "configmaps",
    "LimitRange": "limitranges",
    "Namespace": "namespaces",
    "NetworkPolicy": "networkpolicies",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "Pod": "pods",
    "ResourceQuota": "resourcequotas",
    "RoleBinding": "rolebindings",
    "Secret": "secrets",
    "Service": "services",
    "ServiceAccount": "serviceaccounts",
    "StorageClass": "storageclasses",
}
"""What the API calls objects of a kind in its paths."""


@dataclass(frozen=True, slots=True)
class UserNamespace:
    """The namespace of one user, in which all of the user's objects are made."""

    release: Release
    """The service."""
    user: str
    """The user's name, safe in labels and names."""
    namespace: str
    """The user's namespace."""
    name: str
    """The user's name as the hub knows it."""

    def labels(self) -> dict[str, str]:
        """Return what every object of the user carries."""
        return {
            "app.kubernetes.io/managed-by": "cygnet",
            "app.kubernetes.io/part-of": "cygnet",
            RELEASE: release_label(self.release),
            USER: self.user,
        }

    def manifest(
        self,
        version: str,
        kind: str,
        name: str,
        labels: Mapping[str, str] | None = None,
        **parts: object,
    ) -> Manifest:
        """Write an object of the user's namespace.

        Parameters
        ----------
        parts
            The rest of the object, e.g. `spec`.
        """
        metadata = {
            "name": name,
            "namespace": self.namespace,
            "labels": {**self.labels(), **(labels or {})},
        }
        return {"apiVersion": version, "kind": kind, "metadata": metadata, **parts}


def release_label(release: Release) -> str:
    """Return the value of the label `RELEASE`.

    Returns
    -------
    str
        Unique in the cluster, as a namespace cannot hold two releases of one name.
    """
    return f"{release.namespace}.{release.name}"


def get(manifest: Mapping[str, object], *path: str) -> object:
    """Look something up in an object.

    Returns
    -------
    object
        ``None`` where a key is missing.
    """
    found: object = manifest
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def api_path(manifest: Mapping[str, object]) -> str:
    """Return where the API has an object.

    Parameters
    ----------
    manifest
        At least what it is, where, and what it is called.
    """
    version, kind = str(manifest["apiVersion"]), str(manifest["kind"])
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    namespace = get(manifest, "metadata", "namespace")
    place = f"{root}/namespaces/{namespace}" if namespace else root
    return f"{place}/{PLURALS[kind]}/{get(manifest, 'metadata', 'name')}"
