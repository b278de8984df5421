"""The settings of a session whose executors are pods next to the notebook's pod.

Pure: from the pod's facts and the merged settings to Spark's settings. The keys are
those of https://spark.apache.org/docs/latest/running-on-kubernetes.html.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import yaml

from spark_connector.capacity import Capacity
from spark_connector.cluster import KubernetesCluster, Range
from spark_connector.grant import (
    AUTHORITIES,
    BLOCK_PORTS,
    DRIVER_PORTS,
    OVERHEAD_TENTHS,
    ExecutorGrant,
)
from spark_connector.pod import Pod
from spark_connector.problem import Problem
from spark_connector.rules import CODE, Protection, forced, only, refused
from spark_connector.setting import Setting
from spark_connector.size import format_size, parse_size, spoken_size
from spark_connector.text import counted

PLUGIN = "org.apache.spark.cygnet.SettingsPlugin"
DRIVER_PORT, BLOCK_PORT = DRIVER_PORTS.start, BLOCK_PORTS.start
PORT_RETRIES = len(DRIVER_PORTS) - 1
"""The service's network policies open so many ports after the first, no more."""

_DRIVER_HEAP = "1g"
# Spark takes a volume of such a name for its local directories.
_LOCAL = "spark-local-dir-1"
_MAX = "spark.dynamicAllocation.maxExecutors"
_MIN = "spark.dynamicAllocation.minExecutors"
_INITIAL = "spark.dynamicAllocation.initialExecutors"
# What the hub calls them in a user's namespace.
_AUTHORITIES = "cygnet-ca"
_TEMPLATE = "spark.kubernetes.executor.podTemplateFile"
_PORTS = "The service's network policies open these ports to your own executors alone."
_PLACE = "The service decides where executors run and from which image."
_ELASTIC = "Executors come when there is work and are returned after it."

# Anybody may set these differently. An idle executor is gone within two minutes: one
# that is needed no more gets 45 s, 15 s to hand its data on, and its pod's last grace.
_DEFAULTS = {
    "spark.dynamicAllocation.executorIdleTimeout": "45s",
    "spark.dynamicAllocation.shuffleTracking.timeout": "45s",
    "spark.dynamicAllocation.cachedExecutorIdleTimeout": "30min",
    "spark.executor.decommission.forceKillTimeout": "15s",
    # Spark takes an executor that is handed shuffle data for one in use until the next
    # job ends, so the last ones would stay; lost data is computed again when needed.
    "spark.storage.decommission.shuffleBlocks.enabled": "false",
    # Room for the Python workers next to the heap.
    "spark.executor.memoryOverheadFactor": f"0.{OVERHEAD_TENTHS}",
    # The notebook is there at once; a job waits for its executors anyway.
    "spark.scheduler.minRegisteredResourcesRatio": "0",
    # Executors that fail, and pods that the quota refuses, appear in the panel; Spark
    # would end the session after a few of either.
    "spark.executor.maxNumFailures": str(2**31 - 1),
}


@dataclass(frozen=True, slots=True)
class Limited:
    """Settings within the limits."""

    settings: dict[str, Setting]
    """Those that replace what was asked for."""

    notices: tuple[str, ...]
    """Sentences about what was reduced."""


def check_pod(pod: Pod | None) -> list[Problem]:
    """Return why there can be no executors here; `pod` is None outside of a pod."""
    if pod is None:
        reason = "This notebook does not run in a pod of the service, so it cannot have"
        remedy = "Choose a bundle whose cluster is 'local'."
        return [Problem("this kernel", None, f"{reason} executors.", remedy)]
    problems = []
    if not pod.has_token or not pod.api:
        chosen = (
            f": it was started with “{pod.cluster}” for Spark" if pod.cluster else ""
        )
        reason = f"This server may not start executors{chosen}."
        remedy = "Stop it, and choose Executors for Spark in the start form."
        problems.append(Problem("this server", None, reason, remedy))
    if not pod.image or not pod.template:
        lacks = "name" if pod.template else "description of an executor's pod"
        reason = f"The image of this server has no {lacks}."
        remedy = (
            "Ask your administrator to mend the image; "
            "docs/administering/images.md says what it needs."
        )
        problems.append(Problem("this server", None, reason, remedy))
    return problems


def asked_for(
    cluster: KubernetesCluster, pod: Pod | None, place: str
) -> dict[str, Setting]:
    """Return what a bundle's cluster asks for, before options and limits.

    The pod gives what the bundle leaves open; `place` is the bundle's file.
    """
    most = pod.max_executors if pod else 1
    bounds = cluster.executors
    if not isinstance(bounds, Range):
        bounds = Range(max=most if bounds == "all" else bounds)
    values = {
        "spark.driver.memory": _DRIVER_HEAP,
        "spark.executor.cores": str(
            cluster.cores or (pod.executor_cores if pod else 1)
        ),
        "spark.executor.memory": cluster.memory
        or (pod.executor_memory if pod else ExecutorGrant().memory),
        _MIN: str(bounds.min),
        _MAX: str(bounds.max),
    }
    return {key: Setting(key, value, place) for key, value in values.items()}


def left_open(cluster: KubernetesCluster) -> frozenset[str]:
    """Return the keys of `asked_for` that the bundle leaves open to other origins."""
    decided = {
        "spark.executor.cores": cluster.cores is not None,
        "spark.executor.memory": cluster.memory is not None,
        _MIN: isinstance(cluster.executors, Range),
        _MAX: "executors" in cluster.model_fields_set,
        "spark.driver.memory": False,
    }
    return frozenset(key for key, is_decided in decided.items() if not is_decided)


def defaults(jar: str, origin: str) -> dict[str, Setting]:
    """Return defaults of every session with executors, which any origin may change.

    Cygnet's jar has the same path in every pod of the image.
    """
    paths = ("spark.driver.extraClassPath", "spark.executor.extraClassPath")
    values = {**_DEFAULTS, **dict.fromkeys(paths, jar)}
    return {key: Setting(key, value, origin) for key, value in values.items()}


def protections(pod: Pod, scratch: str) -> tuple[Protection, ...]:
    """Return what no user may set otherwise in a session with executors.

    These come on top of those that hold everywhere. No other key of Spark on Kubernetes
    is left to users: they could bring another image, account or volume.
    """
    path, _ = template_file(pod, scratch)
    label = "spark.kubernetes.executor.label."
    fixed = {
        "spark.kubernetes.namespace": pod.namespace,
        "spark.kubernetes.container.image": pod.image,
        "spark.kubernetes.driver.pod.name": pod.name,
        _TEMPLATE: path,
        f"{label}app.kubernetes.io/component": "executor",
        f"{label}cygnet.org/user": pod.user,
        "spark.kubernetes.executor.request.cores": pod.executor_cpu_request,
        # It would hold a copy of the settings, which executors ask the driver for.
        "spark.kubernetes.executor.disableConfigMap": "true",
        # Executors find the driver by its name.
        "spark.kubernetes.executor.useDriverPodIP": "false",
        # Neither is used; asking for either would need more rights.
        "spark.kubernetes.driver.ownPersistentVolumeClaim": "false",
        "spark.kubernetes.driver.reusePersistentVolumeClaim": "false",
        "spark.kubernetes.driver.service.deleteOnTermination": "false",
        # Hands an executor's data on before a node is drained.
        "spark.kubernetes.decommission.script": "/opt/cygnet/bin/decommission",
    }
    if pod.pull_secrets:
        secrets = ",".join(pod.pull_secrets)
        fixed["spark.kubernetes.container.image.pullSecrets"] = secrets
    return (
        forced("spark.plugins", PLUGIN, CODE),
        forced("spark.driver.bindAddress", pod.ip, _PORTS),
        forced("spark.driver.host", pod.host, _PORTS),
        forced("spark.driver.port", str(DRIVER_PORT), _PORTS),
        forced("spark.driver.blockManager.port", str(BLOCK_PORT), _PORTS),
        forced("spark.blockManager.port", str(BLOCK_PORT), _PORTS),
        forced("spark.port.maxRetries", str(PORT_RETRIES), _PORTS),
        forced("spark.dynamicAllocation.enabled", "true", _ELASTIC),
        forced("spark.dynamicAllocation.shuffleTracking.enabled", "true", _ELASTIC),
        forced("spark.decommission.enabled", "true", _ELASTIC),
        forced("spark.storage.decommission.enabled", "true", _ELASTIC),
        *(forced(key, value, _PLACE) for key, value in fixed.items()),
        only("spark.kubernetes.allocation.pods.allocator", "direct", _PLACE),
        refused("spark.kubernetes.", _PLACE),
    )


def limit(settings: Mapping[str, Setting], pod: Pod, capacity: Capacity) -> Limited:
    """Return the settings that the start form's limits change.

    There are never more or larger executors than the form allows; a number that cannot
    be read counts as the limit.
    """
    changed: dict[str, Setting] = {}
    notices: list[str] = []

    def put(key: str, value: str, notice: str = "") -> None:
        before = settings.get(key)
        origin = f"{before.origin}, limited" if before else "the start form"
        changed[key] = Setting(key, value, origin)
        if notice:
            notices.append(f"The start form limits {notice}.")

    most = _whole(settings[_MAX].value, pod.max_executors)
    if most > pod.max_executors:
        most = pod.max_executors
        put(_MAX, str(most), f"a session to {counted(most, 'executor')}")
    least = min(_whole(settings[_MIN].value, most), most)
    if settings[_MIN].value != str(least):
        put(_MIN, str(least))
    given = settings.get(_INITIAL) or settings.get("spark.executor.instances")
    # The first executor is on its way while the first cell is still being written.
    first = _whole(given.value if given else "1", 1)
    put(_INITIAL, str(min(max(first, least), most)))
    if "spark.executor.instances" in settings:
        put("spark.executor.instances", changed[_INITIAL].value)
    cores = _whole(settings["spark.executor.cores"].value, pod.executor_cores)
    if cores > pod.executor_cores:
        cores = pod.executor_cores
        put(
            "spark.executor.cores",
            str(cores),
            f"an executor to {counted(cores, 'core')}",
        )
    _limit_memory(settings, "spark.executor.memory", pod.executor_memory, put)
    _limit_memory(settings, "spark.driver.memory", capacity.memory_limit, put)
    put("spark.kubernetes.executor.limit.cores", str(cores))
    put("spark.kubernetes.allocation.batch.size", str(most))
    return Limited(changed, tuple(notices))


def template_file(pod: Pod, scratch: str) -> tuple[str, str]:
    """Return path and text of the file that describes an executor's pod.

    It is the image's description with placement and bounds. Every session of the pod
    has the same file, in `scratch`, and it goes with the pod.
    """
    description = yaml.safe_load(pod.template or "{}")
    spec = {**(description.get("spec") or {}), **pod.placement}
    if pod.executor_disk:
        spec |= _bounded(spec, pod)
    if pod.authorities:
        spec |= _trusting(spec, PurePath(pod.authorities))
    text = json.dumps({**description, "spec": spec}, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return str(PurePath(scratch) / f"cygnet-executor-{digest}.yaml"), text


def _bounded(spec: Mapping[str, object], pod: Pod) -> dict[str, object]:
    """Bound what an executor writes on its node, which Spark has no setting for."""
    disk = {"ephemeral-storage": pod.executor_disk}
    kept = {"ephemeral-storage": pod.executor_disk_request or pod.executor_disk}
    resources = {"limits": disk, "requests": kept}
    local = {"name": _LOCAL, "mountPath": f"/var/data/{_LOCAL}"}
    containers = [
        {
            **it,
            "resources": resources,
            "volumeMounts": [*(it.get("volumeMounts") or []), local],
        }
        for it in _mappings(spec.get("containers"))
    ]
    named = [*_mappings(spec.get("volumes")), {"name": _LOCAL, "emptyDir": {}}]
    volumes = [
        {**it, "emptyDir": {"sizeLimit": pod.executor_disk}} if "emptyDir" in it else it
        for it in named
    ]
    return {"containers": containers, "volumes": volumes}


def _mappings(part: object) -> list[Mapping[str, Any]]:
    """Narrow a list of a pod's description."""
    return [it for it in part if isinstance(it, dict)] if isinstance(part, list) else []


def _trusting(spec: Mapping[str, object], authorities: PurePath) -> dict[str, object]:
    """Let an executor trust the site's authorities, as its server does."""
    config_map = {"name": "ca", "configMap": {"name": _AUTHORITIES}}
    mount = {"name": "ca", "mountPath": str(authorities.parent), "readOnly": True}
    variable = {"name": AUTHORITIES, "value": str(authorities)}
    containers = [
        {
            **it,
            "env": [*(it.get("env") or []), variable],
            "volumeMounts": [*(it.get("volumeMounts") or []), mount],
        }
        for it in _mappings(spec.get("containers"))
    ]
    volumes = [*_mappings(spec.get("volumes")), config_map]
    return {"containers": containers, "volumes": volumes}


def _limit_memory(
    settings: Mapping[str, Setting],
    key: str,
    most: str | None,
    put: Callable[[str, str, str], None],
) -> None:
    if most is not None and parse_size(settings[key].value) > parse_size(most):
        who = "Spark's own memory" if key == "spark.driver.memory" else "an executor"
        put(key, format_size(parse_size(most)), f"{who} to {spoken_size(most)}")


def _whole(text: str, default: int) -> int:
    text = text.strip()
    return int(text) if text.isdecimal() else default
