"""The way to the addresses of a cluster from a machine that has no routes to them.

A pod of the cluster runs `tests.support.relay`, kubectl forwards a port of this
machine to it, and the environment says so to all that speak HTTP here: httpx, urllib,
websocket-client, Chromium. So tests ask the same addresses on every cluster.
"""

import json
import secrets
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.node import image
from tests.support import helm, relay
from tests.support.cluster import Cluster
from tests.support.lone_pod import CONFINED, RESTRICTED
from tests.support.port import free_ports
from tests.support.waiting import listens, until

NAME = "way"
PORT = 3128
PYTHON = "/opt/cygnet/lab/bin/python"
CONNECT = f"import socket; socket.create_connection(('127.0.0.1', {PORT}))"
PATIENCE = "600s"
"""The first pod of a cluster waits for a large image."""


@contextmanager
def way_into(cluster: Cluster) -> Generator[None]:
    """Let this process and its children reach what pods of the cluster reach."""
    with cluster.namespace(f"cygnet-test-way-{secrets.token_hex(4)}") as namespace:
        place = ("--namespace", namespace)
        cluster.kubectl(*place, "apply", "-f", "-", stdin=json.dumps(_pod(cluster)))
        ready = ("wait", "--for=condition=Ready", f"--timeout={PATIENCE}")
        cluster.kubectl(*place, *ready, f"pod/{NAME}")
        with _forwarded(cluster, namespace) as port, pytest.MonkeyPatch.context() as it:
            images = cluster.registry.partition("/")[0]
            it.setenv("http_proxy", f"http://127.0.0.1:{port}")
            it.setenv("no_proxy", f"127.0.0.1,localhost,{images}")
            yield


@contextmanager
def _forwarded(cluster: Cluster, namespace: str) -> Generator[int]:
    """Forward a port, and say which one."""
    (port,) = free_ports(1)
    command = [cluster.kubectl_program, f"--kubeconfig={cluster.kubeconfig}"]
    command += ["--namespace", namespace, "port-forward", f"pod/{NAME}"]
    # It tells of every connection, and would stop when nobody reads that.
    process = subprocess.Popen([*command, f"{port}:{PORT}"], stdout=subprocess.DEVNULL)
    try:
        until(lambda: listens(port), "the port is forwarded")
        yield port
    finally:
        process.terminate()
        process.wait()


def _pod(cluster: Cluster) -> dict[str, Any]:
    container = {
        "name": NAME,
        "image": image.full_name("user", cluster.registry),
        "imagePullPolicy": cluster.pull_policy,
        "command": [PYTHON, "-c", Path(relay.__file__).read_text(), str(PORT)],
        "securityContext": CONFINED,
        # It listens within the pod alone, where a probe by the network gets nowhere.
        "startupProbe": {
            "exec": {"command": [PYTHON, "-c", CONNECT]},
            "periodSeconds": 1,
            "timeoutSeconds": 5,
            "failureThreshold": 60,
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": NAME, "labels": helm.WAY},
        "spec": {
            **RESTRICTED,
            "terminationGracePeriodSeconds": 1,
            "containers": [container],
        },
    }
