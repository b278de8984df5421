"""A server of somebody's that is to be started, without a cluster."""

from collections.abc import Mapping

from cygnet_hub.kubernetes import allowance
from cygnet_hub.kubernetes.allowance import Allowance
from cygnet_hub.kubernetes.choice import PodChoice
from cygnet_hub.kubernetes.manifest import UserNamespace
from cygnet_hub.kubernetes.pod import PodRequest
from cygnet_hub.kubernetes.settings import KubernetesSettings
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
) -> KubernetesSettings:
    """Give settings of a service."""
    merged = {**RELEASE, **(release or {})}
    return KubernetesSettings.model_validate({**values, "release": merged})


def owner(settings: KubernetesSettings, name: str = "ada") -> UserNamespace:
    """Give somebody's place in it."""
    return UserNamespace(settings.release, "ada", "cygnet-user-ada", name)


def allowed(settings: KubernetesSettings, *groups: str) -> Allowance:
    """Give what somebody's executors may be."""
    return allowance.allow(settings, frozenset(groups))


def pod_request(
    settings: KubernetesSettings, cluster: str = "local", server: str = "", **more: bool
) -> PodRequest:
    """Give a server with the first image and size, and a cluster by its name."""
    found = next(it for it in settings.clusters if it.name == cluster)
    choice = PodChoice(settings.images[0], settings.sizes[0], found, LAUNCHER, **more)
    name = f"server-ada--{server}" if server else "server-ada"
    token = {"JUPYTERHUB_API_TOKEN": "own", "JUPYTERHUB_USER": "ada"}
    return PodRequest(owner(settings), name, server, choice, token)
