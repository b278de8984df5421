"""A server of somebody's that is to be started, without a cluster."""

from collections.abc import Mapping

from cygnet_hub.kubernetes import allowance
from cygnet_hub.kubernetes.allowance import Allowance
from cygnet_hub.kubernetes.choice import PodChoice
from cygnet_hub.kubernetes.manifest import Owner
from cygnet_hub.kubernetes.pod import Order
from cygnet_hub.kubernetes.settings import ClusterSettings
from cygnet_hub.spawn.landing import LAUNCHER

RELEASE: Mapping[str, object] = {
    "name": "cygnet",
    "namespace": "hub",
    "version": "0.1.0",
    "userImage": "example.org/cygnet-user:0.1.0",
    "hubUrl": "http://cygnet-hub.hub.svc:8081",
    "proxyApiUrl": "http://cygnet-proxy-api.hub.svc:8001",
    "executorRole": "cygnet-executor",
}


def site(
    release: Mapping[str, object] | None = None, **values: object
) -> ClusterSettings:
    """Give settings of a service."""
    merged = {**RELEASE, **(release or {})}
    return ClusterSettings.model_validate({**values, "release": merged})


def owner(settings: ClusterSettings, name: str = "ada") -> Owner:
    """Give somebody's place in it."""
    return Owner(settings.release, "ada", "cygnet-user-ada", name)


def allowed(settings: ClusterSettings, *groups: str) -> Allowance:
    """Give what somebody's executors may be."""
    return allowance.allow(settings, frozenset(groups))


def order(
    settings: ClusterSettings, cluster: str = "local", server: str = "", **more: bool
) -> Order:
    """Give a server with the first image and size, and a cluster by its name."""
    found = next(it for it in settings.clusters if it.name == cluster)
    choice = PodChoice(settings.images[0], settings.sizes[0], found, LAUNCHER, **more)
    name = f"server-ada--{server}" if server else "server-ada"
    token = {"JUPYTERHUB_API_TOKEN": "own", "JUPYTERHUB_USER": "ada"}
    return Order(owner(settings), name, server, choice, token)
