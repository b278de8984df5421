"""A notebook server as a pod, with the service that names it to its executors.

A decision without side effects: who, where and what was chosen in, objects out.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from cygnet_hub.kubernetes import namespace, quantity, share_service
from cygnet_hub.kubernetes.choice import PodChoice
from cygnet_hub.kubernetes.manifest import (
    COMPONENT,
    SERVER,
    SPARK,
    Manifest,
    UserNamespace,
)
from cygnet_hub.kubernetes.network_policy import (
    SERVER_PORT,
)
from cygnet_hub.kubernetes.settings import KubernetesSettings, Placement, SizeOffer
from cygnet_hub.spawn import rescue
from cygnet_hub.spawn.rescue import Start
from spark_connector import grant
from spark_connector.grant import BLOCK_PORTS, DRIVER_PORTS, ExecutorGrant, Grant

CONTAINER = "notebook"
"""The name of the pod's container."""
HOME = "/home/cygnet"
"""Where the home directory is."""
USER_ID = 1000
"""Whom every image of ours runs as."""
TOKEN_SECONDS = 3600
"""How long a service-account token of a server lives; kubelet renews it."""
_TOKENS = "/var/run/secrets/kubernetes.io/serviceaccount"
_RESCUE = "/tmp/rescue"  # noqa: S108 - the pod's own volume
_BUNDLES = "/etc/cygnet/bundles"
_AUTHORITIES = "/etc/cygnet/ca"
_DISK = "ephemeral-storage"
_MIB = 1024**2


@dataclass(frozen=True, slots=True)
class PodRequest:
    """A server that is to be started."""

    owner: UserNamespace
    """Whose it is, and where."""
    name: str
    """The pod's name."""
    server: str
    """The named server's name, safe in labels; empty for the default one."""
    choice: PodChoice
    """What was chosen."""
    environment: Mapping[str, str]
    """The variables of JupyterHub, the server's own token included."""
    arguments: tuple[str, ...] = ("jupyterhub-singleuser",)
    """The program and its arguments."""
    start: Start = Start.USUAL
    """What of the owner's settings, packages and kernels it sees."""

    @property
    def image(self) -> str:
        """The image of the server and of its executors."""
        return self.choice.image.image or self.owner.release.user_image

    @property
    def has_executors(self) -> bool:
        """Whether Spark on Kubernetes was chosen."""
        return self.choice.cluster.type == "kubernetes"

    @property
    def service(self) -> str:
        """The name of the headless service."""
        return f"{self.name}-spark"

    def labels(self) -> dict[str, str]:
        """Return the pod's labels.

        Returns
        -------
        dict of str to str
            Label and value; policies and the hub's watch select by them.
        """
        spark = {SPARK: "kubernetes"} if self.has_executors else {}
        return {
            **self.owner.labels(),
            "app.kubernetes.io/name": "cygnet",
            COMPONENT: "server",
            SERVER: self.server,
            **spark,
        }


def build(request: PodRequest, settings: KubernetesSettings) -> Manifest:
    """Write the pod.

    Returns
    -------
    Manifest
        It passes the Pod Security level `restricted`, cannot write its root file
        system, and has no token unless executors were chosen.
    """
    release = settings.release
    spec: Manifest = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "serviceAccountName": (
            namespace.SPARK_ACCOUNT if request.has_executors else "default"
        ),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER_ID,
            "runAsGroup": USER_ID,
            "fsGroup": USER_ID,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "terminationGracePeriodSeconds": 30,
        "containers": [_container(request, settings)],
        "volumes": _volumes(request, settings),
        **placement(settings.placement),
    }
    if release.image_pull_secrets:
        spec["imagePullSecrets"] = [{"name": it} for it in release.image_pull_secrets]
    manifest = request.owner.manifest("v1", "Pod", request.name, request.labels())
    return {**manifest, "spec": spec}


def service(request: PodRequest, uid: str) -> Manifest:
    """Write the headless service by which executors find the driver.

    Parameters
    ----------
    uid
        The pod's identity: the service goes when the pod does.

    Returns
    -------
    Manifest
        It answers before the pod is ready, as drivers can be early.
    """
    reference = {"apiVersion": "v1", "kind": "Pod", "name": request.name, "uid": uid}
    chosen = ("cygnet.org/release", "cygnet.org/user", SERVER, COMPONENT)
    labels = request.labels()
    manifest = request.owner.manifest("v1", "Service", request.service, labels)
    metadata = manifest["metadata"]
    spec = {
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": {key: labels[key] for key in chosen},
        "ports": [
            {"name": f"port-{port}", "port": port, "protocol": "TCP"}
            for port in (*DRIVER_PORTS, *BLOCK_PORTS)
        ],
    }
    owned = {**_mapping(metadata), "ownerReferences": [reference]}
    return {**manifest, "metadata": owned, "spec": spec}


def placement(place: Placement) -> Manifest:
    """Write where pods are scheduled.

    Returns
    -------
    Manifest
        Parts of a pod's `spec`; only those that were set.
    """
    parts: Manifest = {
        "nodeSelector": dict(place.node_selector),
        "tolerations": [dict(it) for it in place.tolerations],
        "affinity": dict(place.affinity),
        "priorityClassName": place.priority_class_name,
    }
    return {key: value for key, value in parts.items() if value}


def environment(request: PodRequest, settings: KubernetesSettings) -> dict[str, str]:
    """Return the variables of connector and image.

    Returns
    -------
    dict of str to str
        No secret but the server's own token from JupyterHub.
    """
    env = {
        **request.environment,
        "HOME": HOME,
        **grant.write(granted(request, settings)),
    }
    if request.choice.without_packages:
        env["PYTHONNOUSERSITE"] = "1"
    if request.start is Start.RESET:
        env["CYGNET_MOVE_ASIDE"] = ":".join(rescue.MOVED)
    return env | rescue.environment(request.start, _RESCUE)


def granted(request: PodRequest, settings: KubernetesSettings) -> Grant:
    """Decide what the server's Spark may have.

    Returns
    -------
    Grant
        Half of the server's memory for Spark's driver, at least 512 MiB: the other half
        is for Python and the notebook server.
    """
    cluster, size = request.choice.cluster, request.choice.size
    heap = max(512, math.floor(quantity.parse(size.memory) / _MIB / 2))
    executors = ExecutorGrant(
        most=cluster.max_executors,
        cores=cluster.executor_cores,
        cpu_request=cluster.executor_cpu_request,
        memory=cluster.executor_memory,
        disk=cluster.executor_disk,
        disk_request=quantity.tenth(cluster.executor_disk),
        placement=placement(settings.placement),
    )
    share = share_service.service(settings.release)
    return Grant(
        cores=max(1, math.floor(quantity.parse(size.cpu))),
        memory=f"{heap}m",
        bundles=(_BUNDLES,) if settings.bundles else (),
        cluster_type=cluster.type,
        cluster=cluster.name,
        user=request.owner.user,
        image=request.image,
        host=f"{request.service}.{request.owner.namespace}.svc",
        authorities=f"{_AUTHORITIES}/ca.crt" if settings.release.extra_ca else "",
        share_url=share.api if share else "",
        pull_secrets=tuple(settings.release.image_pull_secrets),
        executors=executors if request.has_executors else None,
    )


def _container(request: PodRequest, settings: KubernetesSettings) -> Manifest:
    """Write the container; its last words explain an end."""
    return {
        "name": CONTAINER,
        "image": request.image,
        "imagePullPolicy": settings.release.image_pull_policy,
        # Named, so that an image without it is reported instead of half working.
        "command": ["/opt/cygnet/bin/entrypoint"],
        "args": list(request.arguments),
        "ports": [{"name": "notebook-port", "containerPort": SERVER_PORT}],
        "env": _variables(environment(request, settings)),
        "resources": _resources(request.choice.size),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": _mounts(request, settings),
    }


def _variables(env: Mapping[str, str]) -> list[Manifest]:
    """Write the environment; a dollar of a value refers to no other variable."""
    own = {
        "CYGNET_POD_NAME": "metadata.name",
        "CYGNET_POD_NAMESPACE": "metadata.namespace",
        "CYGNET_POD_IP": "status.podIP",
    }
    written: list[Manifest] = [
        {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
        for name, path in own.items()
    ]
    written += [
        {"name": name, "value": env[name].replace("$(", "$$(")} for name in sorted(env)
    ]
    return written


def _resources(size: SizeOffer) -> Manifest:
    """Write limits, and reserve a part of them: notebooks idle most of the time."""
    cpu = quantity.parse(size.cpu)
    memory = quantity.parse(size.memory)
    extended = {key: str(value) for key, value in size.resources.items()}
    reserved = {
        "cpu": size.cpu_request or f"{max(1, math.floor(cpu * 1000 / 4))}m",
        "memory": size.memory_request or f"{max(1, math.floor(memory / _MIB / 2))}Mi",
        _DISK: quantity.tenth(size.disk),
    }
    limits = {"cpu": size.cpu, "memory": size.memory, _DISK: size.disk}
    return {"limits": {**limits, **extended}, "requests": {**reserved, **extended}}


def _volumes(request: PodRequest, settings: KubernetesSettings) -> list[Manifest]:
    """Write the volumes."""
    volumes: list[Manifest] = [
        {"name": "home", "persistentVolumeClaim": {"claimName": namespace.HOME}},
        {"name": "tmp", "emptyDir": {"sizeLimit": request.choice.size.disk}},
    ]
    maps = {"bundles": namespace.BUNDLES} if settings.bundles else {}
    if settings.release.extra_ca:
        maps["ca"] = namespace.AUTHORITIES
    volumes += [{"name": k, "configMap": {"name": v}} for k, v in maps.items()]
    if request.has_executors:
        volumes.append({"name": "token", "projected": {"sources": _token()}})
    return volumes


def _token() -> list[Manifest]:
    """Write what a Kubernetes client looks for in its pod."""
    token = {"path": "token", "expirationSeconds": TOKEN_SECONDS}
    authority = {
        "name": "kube-root-ca.crt",
        "items": [{"key": "ca.crt", "path": "ca.crt"}],
    }
    field = {"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}
    return [
        {"serviceAccountToken": token},
        {"configMap": authority},
        {"downwardAPI": {"items": [field]}},
    ]


def _mounts(request: PodRequest, settings: KubernetesSettings) -> list[Manifest]:
    """Write where the volumes are seen."""
    places = {"home": HOME, "tmp": "/tmp"}  # noqa: S108 - the pod's own volume
    read_only = {"bundles": _BUNDLES} if settings.bundles else {}
    if settings.release.extra_ca:
        read_only["ca"] = _AUTHORITIES
    if request.has_executors:
        read_only["token"] = _TOKENS
    mounts: list[Manifest] = [
        {"name": name, "mountPath": path} for name, path in places.items()
    ]
    mounts += [
        {"name": name, "mountPath": path, "readOnly": True}
        for name, path in read_only.items()
    ]
    return mounts


def _mapping(part: object) -> dict[str, object]:
    """Narrow a part of an object."""
    return dict(part) if isinstance(part, Mapping) else {}
