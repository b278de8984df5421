"""The cluster of the lane: started unless it runs, and ended by the last user."""

import os
import shutil
from collections.abc import Generator

import pytest

from tests.cluster.node import image, lease, requirement, tool
from tests.support import helm
from tests.support.cluster import Cluster, external, is_external, own
from tests.support.oidc_pod import OidcPod
from tests.support.people import signed_service
from tests.support.way import way_into

NEEDED = ("KUBECONFIG", "CYGNET_TEST_REGISTRY")


@pytest.fixture(scope="session")
def programs() -> Cluster:
    """Give the programs of a cluster, which need no node while they only render."""
    if is_external():
        missing = [it for it in NEEDED if it not in os.environ]
        missing += [it for it in ("kubectl", "helm") if shutil.which(it) is None]
        if missing:
            pytest.skip(f"An external cluster needs {' and '.join(missing)}.")
        return external()
    if lack := requirement.lack():
        pytest.skip(lack)
    tool.build()
    return own()


@pytest.fixture(scope="session")
def cluster(programs: Cluster) -> Generator[Cluster]:
    """Give a cluster: one that runs, one of our own, or anybody's.

    One that runs is taken as it is: `make cluster-up` brings it what changed.
    """
    if programs.is_external:
        yield programs
        return
    with lease.leased():
        yield programs


@pytest.fixture(scope="session")
def images(cluster: Cluster) -> Generator[Cluster]:
    """Give the cluster with the project's images in it, and a way to its addresses."""
    names = [image.full_name(it) for it in image.NAMES]
    if not cluster.is_external:
        cluster.bring(*names)
        yield cluster
        return
    # Those that were built elsewhere are in the registry already.
    cluster.bring(*filter(image.is_built, names))
    with way_into(cluster):
        yield cluster


@pytest.fixture(scope="session")
def own_node(cluster: Cluster) -> Cluster:
    """Give the cluster if its node is our own, to be entered and changed."""
    if cluster.is_external:
        pytest.skip("This enters the node, which is done to our own alone.")
    return cluster


@pytest.fixture(scope="session")
def service(images: Cluster) -> Generator[helm.Service]:
    """Give the chart installed, for one session of tests."""
    name = os.environ.get("CYGNET_TEST_RELEASE", "cygnet-test")
    with helm.installed(images, name, name, helm.small(images)) as service:
        yield service


@pytest.fixture(scope="session")
def signed_in(images: Cluster) -> Generator[tuple[helm.Service, OidcPod]]:
    """Give the chart installed with a provider, whose people are alice and bob."""
    with signed_service(images) as found:
        yield found


@pytest.fixture(scope="session")
def signed_in_service(signed_in: tuple[helm.Service, OidcPod]) -> helm.Service:
    """Give that service."""
    return signed_in[0]


@pytest.fixture(scope="session")
def provider_of_people(signed_in: tuple[helm.Service, OidcPod]) -> OidcPod:
    """Give the provider of that service."""
    return signed_in[1]
