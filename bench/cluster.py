"""What a user of the service on Kubernetes waits for, and what the hub needs.

A release of its own is installed on the cluster of the tests, which is started unless
it runs. Its owner starts a server again and again with the image on the node: from the
click to the page of JupyterLab, followed as a browser would, and on to a kernel that
has answered. Then sessions with executors are made, and their listener says when each
executor has registered.
"""

import json
import math
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.cluster.node import build, image, node
from tests.support import helm
from tests.support.cluster import Cluster, own
from tests.support.cluster_user import ClusterUser
from tests.support.helm import Service

RELEASE = "cygnet-bench"
IMAGES = tuple(f"cygnet-{it}" for it in image.NAMES)
MEGABYTE = 1e6
SESSION = """
import json, time
from spark_connector import connect
spark = connect()
context = spark.sparkContext
asked = time.time()
spark.range(0, 40, 1, 40).foreach(lambda _: time.sleep(0.5))
found = context._jsc.sc().statusStore().executorList(True)
every = [found.apply(number) for number in range(found.size())]
print("\\nREGISTERED", json.dumps([
    it.addTime().getTime() / 1000 - asked for it in every if it.id() != "driver"
]))
"""
MEMORY = """
import pathlib
pages = [
    line.split()[1]
    for status in pathlib.Path("/proc").glob("[0-9]*/status")
    if "jupyterhub" in status.with_name("cmdline").read_text()
    for line in status.read_text().splitlines()
    if line.startswith("VmRSS")
]
print(sum(map(int, pages)))
"""


@dataclass(frozen=True, slots=True)
class Waits:
    """What was measured on a cluster."""

    labs_s: list[float]
    """From the click to JupyterLab's page."""
    kernels_s: list[float]
    """From the click to the answer of a first kernel."""
    executors_s: list[list[float]]
    """From the first job to the registration of each executor, by session."""
    image_mb: dict[str, float]
    """The size of each image on the node."""
    hub_mb: float
    """The hub's resident memory after all of that."""


def measure(spawns: int, sessions: int = 3) -> Waits:
    """Install a release, use it, remove it, and give what it took."""
    with running() as cluster:
        values = helm.small(cluster)
        with (
            helm.installed(cluster, RELEASE, RELEASE, values) as service,
            ClusterUser(service.url) as user,
        ):
            user.log_in(service.login_link())
            starts = [start(user, number) for number in range(spawns + 1)][1:]
            executors = [registered(user) for _ in range(sessions)]
            return Waits(
                [it[0] for it in starts],
                [it[1] for it in starts],
                executors,
                sizes(cluster),
                hub_memory(service),
            )


@contextmanager
def running() -> Iterator[Cluster]:
    """Give the cluster of the tests; end it again if it was started for this."""
    build.build()
    is_ours = not node.is_up()
    if is_ours:
        node.down()
        node.up()
    try:
        image.load(*map(image.full_name, image.NAMES))
        yield own()
    finally:
        if is_ours:
            node.down()


def start(user: ClusterUser, number: int) -> tuple[float, float]:
    """Start the server, wait for a kernel, stop it; the first start makes the home."""
    began = time.perf_counter()
    user.start(size="medium", cluster="local")
    lab = time.perf_counter() - began
    user.run(user.kernel(), "1 + 1")
    kernel = time.perf_counter() - began
    user.stop()
    print(f"start {number}: lab {lab:.1f} s, kernel {kernel:.1f} s", flush=True)
    return lab, kernel


def registered(user: ClusterUser) -> list[float]:
    """Make a session with executors in a new server, and give when each was there."""
    user.start(size="medium", cluster="kubernetes")
    executed = user.run(user.kernel(), SESSION, timeout=600)
    user.stop()
    if executed.error:
        raise RuntimeError(executed.error)
    # The connector's progress is shown in the same place.
    found = re.search(r"^REGISTERED (.*)$", executed.text, re.MULTILINE)
    if found is None:
        message = f"The session told no times: {executed.text}"
        raise RuntimeError(message)
    seconds: list[float] = json.loads(found[1])
    print(f"executors: {seconds}", flush=True)
    return seconds


def sizes(cluster: Cluster) -> dict[str, float]:
    """Ask the node how large the project's images are."""
    nodes = json.loads(cluster.kubectl("get", "nodes", "-o", "json"))["items"]
    return {
        name: it["sizeBytes"] / MEGABYTE
        for it in nodes[0]["status"]["images"]
        for name in IMAGES
        if any(f"/{name}:" in full for full in it["names"])
    }


def hub_memory(service: Service) -> float:
    """Ask the hub's pod how much memory the hub's process has."""
    hub = f"deploy/{RELEASE}-hub"
    python = ("/opt/cygnet/bin/python", "-c", MEMORY)
    return int(service.kubectl("exec", hub, "--", *python)) * 1024 / MEGABYTE


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that at least this share does not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]
