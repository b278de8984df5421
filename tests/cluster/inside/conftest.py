from collections.abc import Generator

import pytest

from tests.cluster.node import image
from tests.support.cluster import Cluster
from tests.support.helm import Service
from tests.support.inside import Pod
from tests.support.people import person
from tests.support.scene import HUB_PYTHON, Scene, executor_of, pod_of, strangers

METADATA = "169.254.169.254"
SERVE = f"python3 -m http.server --bind {METADATA} 80 >/dev/null 2>&1 & echo $!"


@pytest.fixture(scope="session")
def metadata(own_node: Cluster) -> Generator[str]:
    """An address on the node as clouds have it, with a real listener."""
    shell = own_node.node_shell
    shell(["ip", "address", "replace", f"{METADATA}/32", "dev", "lo"])
    process = shell(["sh", "-c", SERVE]).strip()
    yield METADATA
    shell(["kill", process])
    shell(["ip", "address", "delete", f"{METADATA}/32", "dev", "lo"])


@pytest.fixture(scope="session")
def scene(cluster: Cluster, signed_in_service: Service) -> Generator[Scene]:
    """Alice with executors, Bob without, and strangers in a namespace of their own."""
    service = signed_in_service
    user_image = image.full_name("user", cluster.registry)
    kubectl = cluster.kubectl
    with person(service, "alice") as alice, person(service, "bob") as bob:
        for user, place in ((alice, "kubernetes"), (bob, "local")):
            page = user.start(cluster=place)
            assert user.model(), page.text
        with_executors, without = (
            Pod(kubectl, f"{service.release}-user-{it}", f"server-{it}")
            for it in ("alice", "bob")
        )
        with (
            strangers(cluster, user_image) as (bare, neighbour),
            executor_of(with_executors, user_image) as executor,
        ):
            hub = "app.kubernetes.io/component=hub"
            yield Scene(
                kubectl,
                service.release,
                service.namespace,
                user_image,
                with_executors,
                without,
                executor,
                bare,
                neighbour,
                pod_of(kubectl, service.namespace, hub, HUB_PYTHON),
                bare.object()["status"]["hostIP"],
                bare.object()["spec"]["nodeName"],
                with_executors.object()["metadata"]["uid"],
            )
        for user in (alice, bob):
            user.stop()
