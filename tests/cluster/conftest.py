"""The cluster of the lane: started here unless it runs, ended by who started it."""

import os
import shutil
from collections.abc import Generator

import pytest

from tests.cluster.node import build, image, node, requirement, trace
from tests.cluster.node.program import phase
from tests.support import helm
from tests.support.cluster import Cluster, external, is_external, own
from tests.support.people import signed_service
from tests.support.way import way_into

NEEDED = ("KUBECONFIG", "CYGNET_TEST_REGISTRY")


@pytest.fixture(scope="session")
def cluster() -> Generator[Cluster]:
    """Give a cluster: one that runs, one of our own, or anybody's.

    One that runs is taken as it is: `make cluster-up` brings it what changed.
    """
    if is_external():
        missing = [it for it in NEEDED if it not in os.environ]
        missing += [it for it in ("kubectl", "helm") if shutil.which(it) is None]
        if missing:
            pytest.skip(f"An external cluster needs {' and '.join(missing)}.")
        yield external()
        return
    if lack := requirement.lack():
        pytest.skip(lack)
    if node.is_up():
        yield own()
        return
    with phase("building what the cluster runs"):
        build.build()
    node.down()
    before = trace.look()
    node.up()
    yield own()
    with phase("ending the cluster"):
        node.down()
    # Shown as an error of the last test: nothing can be asked of a node after it.
    assert trace.look() - before == set()


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
def signed_in_service(images: Cluster) -> Generator[helm.Service]:
    """Give the chart installed with a provider, whose people are alice and bob."""
    with signed_service(images) as (service, _):
        yield service
