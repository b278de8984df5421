"""The settings of the service on Kubernetes: the chart's `config` values.

The chart writes them unchanged, together with what it alone knows (`Release`), into
one JSON file, and its Secret into a directory of files; `load` reads both. The
chart's schema and `docs/reference/settings.md` are generated from these classes.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from cygnet_hub.auth.settings import Oidc
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.errors import Problem, SettingsError
from cygnet_hub.scalar import (
    Cidr,
    Count,
    Extended,
    Image,
    Name,
    ObjectName,
    Quantity,
    Spark,
)
from cygnet_hub.settings_model import FILE, Label, SettingsModel
from spark_connector.grant import ExecutorGrant

DATA = DataDirectory(Path("/var/lib/cygnet"))
"""Where the hub's pod has its volume."""
SECRETS = Path("/etc/cygnet/secrets")
"""Where the hub's pod has its Secret, a file for each key."""

Groups = Annotated[
    tuple[str, ...],
    Field(description="The groups that it is offered to; all users when empty."),
]


class ImageOffer(SettingsModel):
    """A user image that the form offers."""

    name: Name = Field(description="The value in forms and links.")
    label: Label = Field(description="The words in the form.")
    description: str = Field(default="", description="A sentence below them.")
    image: Image = Field(
        default="",
        description="The image; the release's own user image when empty.",
    )
    spark: Spark = Field(
        default="4.3", description="The version of Spark in it, e.g. 4.3."
    )
    groups: Groups = ()


class SizeOffer(SettingsModel):
    """A size of server that the form offers."""

    name: Name = Field(description="The value in forms and links.")
    label: Label = Field(description="The words in the form.")
    cpu: Quantity = Field(default="1", description="CPUs that the server may use.")
    memory: Quantity = Field(default="2Gi", description="Memory that it may use.")
    cpu_request: Quantity | None = Field(
        default=None, description="CPUs that are reserved; a quarter of `cpu` if unset."
    )
    memory_request: Quantity | None = Field(
        default=None, description="Memory that is reserved; half of `memory` if unset."
    )
    disk: Quantity = Field(
        default="10Gi",
        description="Disk of the node that `/tmp` and logs may take; a tenth of it is "
        "reserved. The home directory has a volume of its own.",
    )
    resources: dict[Extended, Count] = Field(
        default_factory=dict,
        description="Extended resources, e.g. `nvidia.com/gpu: 1`.",
    )
    groups: Groups = ()


class ClusterOffer(SettingsModel):
    """A place for Spark that the form offers."""

    name: Name = Field(description="The value in forms and links.")
    label: Label = Field(description="The words in the form.")
    type: Literal["local", "kubernetes"] = Field(
        description="Inside the server, or executors next to it."
    )
    spark: tuple[Spark, ...] = Field(
        default=(),
        description="The versions of Spark that fit; every version when empty.",
    )
    max_executors: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=2, description="The most executors of one session."
    )
    executor_cores: Annotated[int, Field(ge=1, le=64)] = Field(
        default=1, description="The cores of each executor."
    )
    executor_cpu_request: Quantity = Field(
        default=ExecutorGrant().cpu_request,
        description="The CPUs reserved for each executor.",
    )
    executor_memory: Annotated[str, Field(pattern=r"^[1-9][0-9]*[mg]$")] = Field(
        default=ExecutorGrant().memory,
        description="The heap of each executor, e.g. 1g.",
    )
    executor_disk: Quantity = Field(
        default="10Gi",
        description="Disk of the node that each executor may take for shuffle data, "
        "`/tmp` and logs; a tenth of it is reserved.",
    )
    groups: Groups = ()


class LandingPageOffer(SettingsModel):
    """A file or folder that the form offers to open first."""

    name: Name = Field(description="The value in forms and links.")
    label: Label = Field(description="The words in the form.")
    path: Annotated[str, Field(pattern=r"^[^./][^/]*(/[^./][^/]*)*$")] = Field(
        description="A file or folder below the home directory, e.g. "
        "`course/week1.ipynb`; nothing hidden."
    )
    groups: Groups = ()


class Quota(SettingsModel):
    """The most that one user's namespace may hold; servers and executors together."""

    cpu: Quantity = Field(default="16", description="CPU limits together.")
    memory: Quantity = Field(default="32Gi", description="Memory limits together.")
    pods: Annotated[int, Field(ge=0, le=5000)] = Field(
        default=20, description="Pods, finished ones not counted."
    )
    executors: Annotated[int, Field(ge=0, le=5000)] | None = Field(
        default=None,
        description="Executors together; as many as `pods` has room for if unset.",
    )
    disk: Quantity | None = Field(
        default=None,
        description="Limits of the nodes' disk together; if unset, what `pods` of the "
        "largest size or executor take.",
    )
    storage: Quantity = Field(default="100Gi", description="Requested storage.")
    volumes: Annotated[int, Field(ge=0, le=100)] = Field(
        default=5, description="Volume claims."
    )
    resources: dict[Extended, Count] = Field(
        default_factory=dict,
        description="Extended resources, e.g. `nvidia.com/gpu: 1`.",
    )


class Storage(SettingsModel):
    """The home directory's volume, one for each user."""

    size: Quantity = Field(
        default="10Gi",
        description="How large it is made. A larger value reaches a home that exists "
        "when its owner next starts a server, if the storage class has "
        "`allowVolumeExpansion`; none is made smaller.",
    )
    storage_class: ObjectName = Field(
        default="", description="Its storage class; the cluster's default when empty."
    )


class Network(SettingsModel):
    """What user pods may reach besides their own executors, the hub and DNS."""

    internet: bool = Field(
        default=True,
        description="Addresses outside private, link-local and metadata ranges.",
    )
    api_server: tuple[Cidr, ...] = Field(
        default=(),
        description="Address blocks (CIDR) of the Kubernetes API, for servers with "
        "Spark on Kubernetes; found by the hub when empty.",
    )
    allowed: tuple[Cidr, ...] = Field(
        default=(),
        description="More address blocks (CIDR) that are reachable, outside of the "
        "cluster.",
    )
    allowed_pods: tuple[dict[str, object], ...] = Field(
        default=(),
        description="Pods of the cluster that are reachable, by their labels and their "
        "namespaces' (network policy peers); those behind a Service, for a Service.",
    )
    blocked: tuple[Cidr, ...] = Field(
        default=(
            "10.0.0.0/8",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
        ),
        description="Address blocks (CIDR) that count as not the internet.",
    )


class Placement(SettingsModel):
    """Where and how user pods and executors are scheduled, as Kubernetes writes it."""

    node_selector: dict[str, str] = Field(
        default_factory=dict, description="Labels that a node must have."
    )
    tolerations: tuple[dict[str, object], ...] = Field(
        default=(), description="Taints that are tolerated."
    )
    affinity: dict[str, object] = Field(
        default_factory=dict, description="Kubernetes' affinity."
    )
    priority_class_name: ObjectName = Field(
        default="", description="The pods' priority class."
    )


class Release(SettingsModel):
    """What the chart alone knows."""

    name: str = Field(description="The Helm release.")
    namespace: str = Field(description="The release's namespace.")
    version: str = Field(description="The chart's appVersion.")
    user_image: str = Field(description="The release's own user image.")
    image_pull_policy: str = Field(default="IfNotPresent", description="For pods.")
    image_pull_secrets: tuple[str, ...] = Field(
        default=(),
        description="Secrets of the release's namespace that users' namespaces copy.",
    )
    extra_ca: str = Field(
        default="",
        description="The key-value text (PEM) of additional certificate authorities.",
    )
    hub_url: str = Field(description="The hub's API as user pods reach it.")
    proxy_api_url: str = Field(description="The proxy's API.")
    share_url: str = Field(
        default="",
        description="The sharing service as user pods reach it, without a path; empty "
        "where there is none.",
    )
    share_storage_class: str | None = Field(
        default=None,
        description="The storage class of the volume that the chart makes for it; the "
        "cluster's default when empty.",
    )
    public_url: str = Field(default="", description="Where browsers reach it.")
    host_per_person: bool = Field(
        default=False,
        description="Whether each user's servers have a host name of their own.",
    )
    prefix: str = Field(default="/", description="The path of the service.")
    executor_role: str = Field(
        description="The ClusterRole that servers with executors are bound to."
    )


class ServiceConfig(SettingsModel):
    """The settings of one service on Kubernetes: the chart's `config`."""

    oidc: Oidc | None = Field(
        default=None,
        description="The identity provider; without one there are login links for "
        "`owner` only, and the chart refuses to publish the service.",
    )
    owner: Name = Field(
        default="owner", description="Who logs in by a link while there is no provider."
    )
    images: tuple[ImageOffer, ...] = Field(
        default=(ImageOffer(name="standard", label="Python and Spark"),),
        min_length=1,
        description="The images of the form, the proposed one first.",
    )
    sizes: tuple[SizeOffer, ...] = Field(
        default=(
            SizeOffer(name="small", label="Small", cpu="2", memory="4Gi"),
            SizeOffer(name="large", label="Large", cpu="4", memory="8Gi"),
        ),
        min_length=1,
        description="The sizes of the form, the proposed one first.",
    )
    clusters: tuple[ClusterOffer, ...] = Field(
        default=(
            ClusterOffer(name="local", label="Inside the server", type="local"),
            ClusterOffer(name="kubernetes", label="Executors", type="kubernetes"),
        ),
        min_length=1,
        description="The places for Spark of the form, the proposed one first.",
    )
    openings: tuple[LandingPageOffer, ...] = Field(
        default=(),
        description="Files and folders that the form offers to open first, besides "
        "JupyterLab itself and the examples.",
    )
    named_servers: Annotated[int, Field(ge=0, le=20)] = Field(
        default=2, description="How many named servers a user may have at once."
    )
    bundles: dict[str, str] = Field(
        default_factory=dict,
        description="Bundles (YAML) of this service, by their file names.",
    )
    storage: Storage = Storage()
    quota: Quota = Quota()
    network: Network = Network()
    placement: Placement = Placement()
    start_seconds: Annotated[int, Field(ge=10, le=3600)] = Field(
        default=300, description="How long a start may take before it has failed."
    )


class KubernetesSettings(ServiceConfig):
    """What the hub reads: `config`, and what the chart alone knows."""

    release: Release = Field(description="Written by the chart.")


def load(file: Path = FILE) -> KubernetesSettings:
    """Read the settings that the chart has written.

    Parameters
    ----------
    file
        JSON: the chart's `config` with `release`.

    Returns
    -------
    KubernetesSettings
        Checked values.

    Raises
    ------
    SettingsError
        With every problem of the file.
    """
    try:
        return KubernetesSettings.model_validate(json.loads(file.read_text()))
    except OSError as error:
        problems = [Problem(str(file), None, f"cannot be read: {error}", "mount it")]
    except ValidationError as error:
        problems = [
            Problem(str(file), _key(it["loc"]), it["msg"], "correct the chart's values")
            for it in error.errors()
        ]
    except ValueError as error:
        problems = [Problem(str(file), None, f"is not JSON: {error}", "correct it")]
    raise SettingsError(problems)


def secret(key: str, directory: Path = SECRETS) -> str | None:
    """Read one key of the hub's Secret.

    Parameters
    ----------
    key
        `cookie-secret`, `crypt-key` (both hexadecimal), `proxy-token`, `api-token`,
        `share-token`, `oidc-client-secret` or `database-url`.
    directory
        Where the Secret is mounted.

    Returns
    -------
    str or None
        ``None`` when there is no such key.
    """
    try:
        return (directory / key).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def _key(place: Sequence[int | str]) -> str:
    """Write a place as the values file does, below `config`."""
    return ".".join(("config", *map(str, place)))
