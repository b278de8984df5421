"""The pod that a notebook runs in, as far as Spark's executors depend on it.

Pure: `read_pod` makes one value of the variables that the hub sets in the pod.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from spark_connector import grant
from spark_connector.grant import ExecutorGrant

TOKEN_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - a place, no secret.
"""Where a pod with a service account has its token, which changes every hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """The notebook's pod, and what its owner may ask for beside it."""

    name: str
    """The pod's name; it owns the executors."""

    namespace: str
    """The user's namespace, where the executors are too."""

    ip: str
    """The pod's address, where the driver listens."""

    host: str
    """The name by which executors find the driver."""

    image: str
    """The pod's image, which the executors use too."""

    user: str
    """The user's safe name, a label of every executor."""

    api: str
    """The address of the Kubernetes API, such as `https://10.96.0.1:443`."""

    has_token: bool
    """Whether the start form's choice allows executors."""

    cluster: str = ""
    """What the settings call the place that was chosen for Spark."""

    max_executors: int = 1
    """The most executors of one session."""

    executor_cores: int = 1
    """The most cores of each."""

    executor_cpu_request: str = "250m"
    """The CPUs reserved for each, as Kubernetes writes it."""

    executor_memory: str = "1g"
    """The largest heap of each."""

    executor_disk: str = ""
    """The node's disk that each may take, as Kubernetes writes it; empty if unknown."""

    executor_disk_request: str = ""
    """As much of it as is reserved."""

    pull_secrets: tuple[str, ...] = ()
    """Secrets of the namespace that the image is pulled with."""

    placement: Mapping[str, object] = field(default_factory=dict)
    """Where executors are scheduled, keys of Kubernetes' pod specification."""

    authorities: str = ""
    """Where the site's authorities (PEM) are mounted; empty where it has none."""

    template: str = ""
    """The image's own description of an executor's pod (YAML); empty without one."""


def read_pod(env: Mapping[str, str], *, has_token: bool, template: str) -> Pod | None:
    """Return the pod that the variables describe; None outside of a pod of the service.

    Limits that cannot be read are the smallest ones.
    """
    names = ("POD_NAME", "POD_NAMESPACE", "POD_IP")
    name, namespace, ip = (env.get(f"CYGNET_{key}", "") for key in names)
    if not name or not namespace or not ip:
        return None
    server, port = (
        env.get(f"KUBERNETES_SERVICE_{key}", "") for key in ("HOST", "PORT")
    )
    server = f"[{server}]" if ":" in server else server
    granted = grant.read(env)
    executors = granted.executors or ExecutorGrant()
    return Pod(
        name=name,
        namespace=namespace,
        ip=ip,
        host=granted.host or ip,
        image=granted.image,
        user=granted.user,
        cluster=granted.cluster,
        api=f"https://{server}:{port or '443'}" if server else "",
        has_token=has_token,
        max_executors=executors.most,
        executor_cores=executors.cores,
        executor_cpu_request=executors.cpu_request,
        executor_memory=executors.memory,
        executor_disk=executors.disk,
        executor_disk_request=executors.disk_request,
        pull_secrets=granted.pull_secrets,
        placement=executors.placement,
        authorities=granted.authorities,
        template=template,
    )
