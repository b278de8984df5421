"""A service on Kubernetes with a provider, and the people who work there."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager

from tests.cluster.node.image import full_name
from tests.support import helm
from tests.support.cluster import Cluster
from tests.support.cluster_user import ClusterUser, heading
from tests.support.helm import Service
from tests.support.oidc_pod import OidcPod, oidc_pod, sign_in
from tests.support.provider import PEOPLE
from tests.support.values import merged

RELEASE = "cygnet-people"
PROVIDER = "cygnet-people-oidc"
MORE = {
    name: {
        "sub": f"subject-of-{name}",
        "preferred_username": name,
        "groups": ["staff"],
    }
    for name in ("bob", "carol")
}
"""Bob is beside Alice, and Carol has a browser."""


def another_image(image: str) -> str:
    """Name an image that the service offers to others than its people."""
    return f"{image.rpartition(':')[0]}:of-another-group"


@contextmanager
def signed_service(cluster: Cluster) -> Generator[tuple[Service, OidcPod]]:
    """Install a release whose people come from a provider."""
    small = merged(helm.small(cluster), {"sharing": {"enabled": True}})
    own = full_name("user", cluster.registry)
    small["config"]["images"] = [
        {"name": "standard", "label": "Python and Spark"},
        {
            "name": "other",
            "label": "Other",
            "groups": ["others"],
            "image": another_image(own),
        },
    ]
    # Two servers and their executors share two cores.
    small["config"]["clusters"] = [
        {"name": "local", "label": "Inside the server", "type": "local"},
        {
            "name": "kubernetes",
            "label": "Executors",
            "type": "kubernetes",
            "executorCpuRequest": "50m",
            "executorMemory": "600m",
        },
        {
            "name": "wide",
            "label": "Wide",
            "groups": ["others"],
            "type": "kubernetes",
            "executorCores": 4,
            "executorMemory": "4g",
        },
    ]
    with (
        helm.installed(cluster, RELEASE, RELEASE, small) as service,
        oidc_pod(cluster, service, PROVIDER) as provider,
    ):
        service.upgrade(merged(small, provider.values(service)))
        provider.order("people", {**PEOPLE, **MORE})
        yield service, provider


@contextmanager
def person(service: Service, name: str) -> Iterator[ClusterUser]:
    """Log somebody in."""
    with ClusterUser(service.url, name) as user:
        home = sign_in(user.http, name)
        assert home.url.path == "/hub/home", heading(home)
        yield user
