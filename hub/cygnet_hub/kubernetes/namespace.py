"""The objects of a user's namespace, which exist before its first pod does.

A decision without side effects: settings in, objects out. They are applied before
every start, so that changed settings reach a namespace that was made long ago.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cygnet_hub.kubernetes import network_policy, quantity
from cygnet_hub.kubernetes.allowance import Allowance
from cygnet_hub.kubernetes.manifest import NAME, Manifest, UserNamespace
from cygnet_hub.kubernetes.settings import KubernetesSettings, Quota

SPARK_ACCOUNT = "cygnet-spark"
"""The service account of servers that start executors."""
BUNDLES = "cygnet-bundles"
"""The ConfigMap with the service's own bundles."""
AUTHORITIES = "cygnet-ca"
"""The ConfigMap with additional certificate authorities."""
APART = "cygnet-apart"
"""The quota of pods that keep other namespaces' pods from a node."""
HOME = "home"
"""The volume claim of the home directory."""


@dataclass(frozen=True, slots=True)
class PullSecret:
    """Credentials of an image registry, copied from the release's namespace."""

    name: str
    """The Secret's name."""
    type: str
    """Its type, e.g. `api.io/dockerconfigjson`."""
    data: Mapping[str, str]
    """Its content, base64."""


def namespace(owner: UserNamespace) -> Manifest:
    """Write the namespace itself.

    Returns
    -------
    Manifest
        It lets in pods only that keep to the Pod Security level `restricted`, and
        says whose it is in full: names can differ that are alike in labels.
    """
    levels = {
        f"pod-security.kubernetes.io/{mode}": "restricted"
        for mode in ("enforce", "audit", "warn")
    }
    labels = {**owner.labels(), **levels}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": owner.namespace,
            "labels": labels,
            "annotations": {NAME: owner.name},
        },
    }


def objects(
    owner: UserNamespace,
    settings: KubernetesSettings,
    allowance: Allowance,
    api_server: Sequence[str] = (),
    pull_secrets: Sequence[PullSecret] = (),
) -> tuple[Manifest, ...]:
    """Write what is inside the namespace, except pods and the home directory.

    Parameters
    ----------
    allowance
        What the user's executors may be.

    Returns
    -------
    tuple of Manifest
        Policies first: what comes later is never without them.
    """
    release = settings.release
    texts = {BUNDLES: settings.bundles}
    if release.extra_ca:
        texts[AUTHORITIES] = {"ca.crt": release.extra_ca}
    return (
        *network_policy.policies(owner, settings, api_server),
        owner.manifest(
            *("v1", "ResourceQuota", "cygnet"),
            spec={"hard": _hard(settings.quota, allowance)},
        ),
        owner.manifest("v1", "ResourceQuota", APART, spec=_apart(settings)),
        owner.manifest("v1", "LimitRange", "cygnet", spec=_limits(settings, allowance)),
        owner.manifest(
            "v1", "ServiceAccount", SPARK_ACCOUNT, automountServiceAccountToken=False
        ),
        _binding(owner),
        *(
            owner.manifest("v1", "ConfigMap", name, data=dict(data))
            for name, data in texts.items()
        ),
        *(
            owner.manifest("v1", "Secret", it.name, type=it.type, data=dict(it.data))
            for it in pull_secrets
        ),
    )


def home(owner: UserNamespace, settings: KubernetesSettings) -> Manifest:
    """Write the claim of the home directory, which is made once.

    Returns
    -------
    Manifest
        A PersistentVolumeClaim. One that exists is only ever enlarged: `home_claim`.
    """
    storage = settings.storage
    spec: Manifest = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": storage.size}},
    }
    if storage.storage_class:
        spec["storageClassName"] = storage.storage_class
    return owner.manifest("v1", "PersistentVolumeClaim", HOME, spec=spec)


def _hard(quota: Quota, allowance: Allowance) -> dict[str, str]:
    """Write the quota; a user's services never open ports of nodes."""
    return {
        "limits.cpu": quota.cpu,
        "limits.memory": quota.memory,
        "limits.ephemeral-storage": allowance.quota_disk,
        "pods": str(allowance.pods),
        "requests.storage": quota.storage,
        "persistentvolumeclaims": str(quota.volumes),
        "services.nodeports": "0",
        "services.loadbalancers": "0",
        **{f"requests.{key}": str(value) for key, value in quota.resources.items()},
    }


def _apart(settings: KubernetesSettings) -> Manifest:
    """Permit no pod that stays away from pods of other namespaces, or goes to them.

    One that must not share a node with the hub's pod keeps that from the node, too.
    https://kubernetes.io/docs/concepts/policy/resource-quotas/#cross-namespace-pod-affinity-quota
    """
    is_wanted = _crosses(settings.placement.affinity)
    count = settings.quota.pods if is_wanted else 0
    return {"hard": {"pods": str(count)}, "scopes": ["CrossNamespacePodAffinity"]}


def _crosses(part: object) -> bool:
    """Return whether the service's own affinity is about other namespaces."""
    if isinstance(part, Mapping):
        named = {"namespaces", "namespaceSelector"} & part.keys()
        return bool(named) or any(map(_crosses, part.values()))
    return isinstance(part, Sequence) and any(
        _crosses(it) for it in part if not isinstance(it, str)
    )


def _limits(settings: KubernetesSettings, allowance: Allowance) -> Manifest:
    """Give containers limits that have none: the quota would refuse them."""
    disk = max(allowance.disk, settings.sizes[0].disk, key=quantity.parse)
    limit: Manifest = {
        "type": "Container",
        "default": {"cpu": "1", "memory": "1Gi", "ephemeral-storage": disk},
        "defaultRequest": {
            "cpu": "100m",
            "memory": "256Mi",
            "ephemeral-storage": quantity.tenth(disk),
        },
    }
    return {"limits": [limit]}


def _binding(owner: UserNamespace) -> Manifest:
    """Let servers with executors manage these, in this namespace alone."""
    account = {
        "kind": "ServiceAccount",
        "name": SPARK_ACCOUNT,
        "namespace": owner.namespace,
    }
    role = {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": owner.release.executor_role,
    }
    return owner.manifest(
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        SPARK_ACCOUNT,
        roleRef=role,
        subjects=[account],
    )
