"""The values of the chart that its templates read, and the hub does not.

Nothing here runs in a service: the chart's schema, its `values.yaml` and
`docs/reference/settings.md` are generated from these classes. Parts that Kubernetes
defines (resources, affinity, network peers) are passed on as they are.
"""

from typing import Annotated, Literal

from pydantic import Field

from cygnet_hub.kubernetes.chart_sharing import Sharing
from cygnet_hub.kubernetes.settings import Placement, ServiceConfig
from cygnet_hub.scalar import Block, Image, ObjectName, Quantity, Registry
from cygnet_hub.settings_model import SettingsModel

Shape = dict[str, object]
"""A part of an object that Kubernetes checks."""
_WORD = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
Host = Annotated[str, Field(pattern=rf"^({_WORD}(\.{_WORD})*)?$")]
"""A host name alone, without scheme and port; empty for none."""
Port = Annotated[int, Field(ge=1, le=65535)]


class Images(SettingsModel):
    """Where the images come from."""

    registry: Registry = Field(
        default="",
        description="What stands before the names `cygnet-hub`, `cygnet-proxy` and "
        "`cygnet-user`, e.g. `registry.example.org/team`.",
    )
    pull_policy: Literal["IfNotPresent", "Always", "Never"] = Field(
        default="IfNotPresent", description="When nodes fetch images."
    )
    pull_secrets: tuple[ObjectName, ...] = Field(
        default=(),
        description="Secrets of this namespace with credentials of the registry; "
        "users' namespaces get copies.",
    )
    hub: Image = Field(default="", description="The hub's image, if it is another one.")
    proxy: Image = Field(
        default="", description="The proxy's image, if it is another one."
    )
    user: Image = Field(
        default="", description="The user image of this release, if it is another one."
    )


class HubStorage(SettingsModel):
    """The volume with the hub's database, unless a database server has that."""

    size: Quantity = Field(default="1Gi", description="How large it is made.")
    storage_class: ObjectName = Field(
        default="", description="Its storage class; the cluster's default when empty."
    )
    existing_claim: ObjectName = Field(
        default="", description="A volume claim that is there already."
    )


class Hub(SettingsModel):
    """The hub's pod."""

    resources: Shape = Field(
        default={
            "requests": {"cpu": "100m", "memory": "256Mi"},
            "limits": {"memory": "2Gi"},
        },
        description="Its resources, as Kubernetes writes them.",
    )
    storage: HubStorage = HubStorage()
    placement: Placement = Placement()
    pod_disruption_budget: bool = Field(
        default=False,
        description="Block node drains until the hub is moved (PodDisruptionBudget).",
    )


class Service(SettingsModel):
    """The proxy's service; only `ClusterIP` while there is no identity provider."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = Field(
        default="ClusterIP", description="How it is reached."
    )
    port: Port = Field(default=80, description="Its port.")
    node_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=0, description="The nodes' port; chosen by Kubernetes when 0."
    )
    annotations: dict[str, str] = Field(
        default_factory=dict, description="Its annotations."
    )
    load_balancer_source_ranges: tuple[Block, ...] = Field(
        default=(), description="Whom a load balancer lets in (CIDR)."
    )


class Proxy(SettingsModel):
    """The proxy's pod and service."""

    resources: Shape = Field(
        default={
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "limits": {"memory": "1Gi"},
        },
        description="Its resources, as Kubernetes writes them.",
    )
    service: Service = Service()
    placement: Placement = Placement()
    pod_disruption_budget: bool = Field(
        default=False,
        description="Block node drains until the proxy is moved (PodDisruptionBudget).",
    )


class Ingress(SettingsModel):
    """An Ingress for browsers."""

    enabled: bool = Field(
        default=False, description="Make it; needs an identity provider."
    )
    host: Host = Field(default="", description="The host name that browsers use.")
    class_name: ObjectName = Field(default="", description="The Ingress class.")
    annotations: dict[str, str] = Field(
        default_factory=dict,
        description="Its annotations, e.g. `cert-manager.io/cluster-issuer`.",
    )
    tls: bool = Field(default=True, description="Use TLS.")
    tls_secret: ObjectName = Field(
        default="",
        description="The Secret with certificate and key; `<release>-tls` when empty, "
        "which an issuer named by an annotation fills.",
    )
    person_tls_secret: ObjectName = Field(
        default="",
        description="The Secret with the wildcard certificate of users' host names, "
        "when the one of `tlsSecret` does not have them.",
    )


class Gateway(SettingsModel):
    """An HTTPRoute of the Gateway API for browsers."""

    enabled: bool = Field(
        default=False, description="Make it; needs an identity provider."
    )
    parent_refs: tuple[Shape, ...] = Field(
        default=(), description="The Gateways, as the Gateway API writes them."
    )
    person_parent_refs: tuple[Shape, ...] = Field(
        default=(),
        description="The Gateways, or their listeners, for users' host names; those "
        "of `parentRefs` when empty.",
    )
    hostnames: tuple[Host, ...] = Field(
        default=(), description="The host names that browsers use."
    )
    annotations: dict[str, str] = Field(
        default_factory=dict, description="Its annotations."
    )


class SecretKey(SettingsModel):
    """A key of a Secret that is there already, in this namespace."""

    name: ObjectName = Field(
        default="", description="The Secret's name; none when empty."
    )
    key: str = Field(default="", description="The key.")


class Secrets(SettingsModel):
    """Secrets. Values left empty are generated once and reused."""

    existing: ObjectName = Field(
        default="",
        description="A Secret that replaces the generated one, with the keys "
        "`cookie-secret`, `crypt-key`, `api-token`, `share-token` (64 hexadecimal "
        "digits each) and `proxy-token`. For tools that render without a cluster.",
    )
    oidc_client_secret: str = Field(
        default="", description="The client's secret at the identity provider."
    )
    oidc_client_secret_from: SecretKey = SecretKey()
    database_url: str = Field(
        default="",
        description="A PostgreSQL database, `postgresql+psycopg2://user:password"
        "@host/name`, in place of SQLite on a volume.",
    )
    database_url_from: SecretKey = SecretKey()
    share_database_url: str = Field(
        default="",
        description="A PostgreSQL database of the sharing service's own, in place of "
        "SQLite on its volume.",
    )
    share_database_url_from: SecretKey = SecretKey()


class NetworkPolicies(SettingsModel):
    """Network policies of the release's own pods."""

    proxy_from: tuple[Shape, ...] = Field(
        default=(),
        description="Who may reach the proxy (network policy peers). When empty: "
        "all clients with an identity provider, and without one only a "
        "port-forward.",
    )
    hub_egress: tuple[Shape, ...] = Field(
        default=(),
        description="What the hub may reach (network policy rules); everything when "
        "empty. It needs DNS, the Kubernetes API, the proxy, user pods, and the "
        "identity provider.",
    )
    share_egress: tuple[Shape, ...] = Field(
        default=(),
        description="Where the sharing service's database and object store are "
        "(network policy rules), if it has them. It reaches the hub and DNS in any "
        "case, and nothing else.",
    )


class Priority(SettingsModel):
    """The priority class of hub, proxy and sharing service, above users' pods.

    It does not hold where `placement.priorityClassName` names another one.
    """

    create: bool = Field(default=True, description="Make it.")
    value: Annotated[int, Field(ge=1, le=1_000_000_000)] = Field(
        default=1_000_000,
        description="Its value; that of users' pods has to be lower, and is 0 unless "
        "`config.placement.priorityClassName` or a default of the cluster says "
        "otherwise.",
    )
    preemption_policy: Literal["Never", "PreemptLowerPriority"] = Field(
        default="Never",
        description="Whether users' pods are ended when a node has no room for hub, "
        "proxy and sharing service. With `Never` these are the first to get room.",
    )


class Values(SettingsModel):
    """All values of the chart."""

    image: Images = Images()
    config: ServiceConfig = ServiceConfig()
    secrets: Secrets = Secrets()
    public_url: Annotated[str, Field(pattern=r"^(https?://[^?#]+)?$")] = Field(
        default="",
        description="Where browsers reach the service, if neither Ingress nor route "
        "say it.",
    )
    prefix: Annotated[str, Field(pattern=r"^/([-A-Za-z0-9._~]+/?)*$")] = Field(
        default="/", description="The path of the service at that address."
    )
    accept_one_origin: bool | None = Field(
        default=None,
        description="Whether all servers share the host name of the service, so that "
        "a user who opens a page of another user's server hands over the own login. "
        "`false`: each user's servers have a host name below it. When empty, an "
        "installation has host names and an upgrade leaves things as they are.",
    )
    extra_ca: str = Field(
        default="",
        description="Certificates (PEM) of additional authorities, for hub and users.",
    )
    ingress: Ingress = Ingress()
    gateway: Gateway = Gateway()
    hub: Hub = Hub()
    proxy: Proxy = Proxy()
    sharing: Sharing = Sharing()
    network_policy: NetworkPolicies = NetworkPolicies()
    priority: Priority = Priority()
