"""What the test cluster gives: without these, the other tests would prove nothing."""

import json
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.node import image, trace
from tests.cluster.node.machine import CGROUPS
from tests.support.cluster import Cluster

NAMESPACE = "cygnet-test-node"
SERVE = "from http.server import *; HTTPServer(('', 8080), BaseHTTPRequestHandler)"
PYTHON = "/opt/cygnet/lab/bin/python"
# A refused or dropped connection ends the program; an open one is silent.
CONNECT = "import socket; socket.create_connection(('{0}', 8080), timeout=3)"


@pytest.fixture(scope="module")
def namespace(images: Cluster) -> Generator[Cluster]:
    """Give the cluster with two pods, one of which listens."""
    with images.namespace(NAMESPACE):
        images.kubectl("apply", "-f", "-", stdin=json.dumps(pod(images, "server")))
        images.kubectl("apply", "-f", "-", stdin=json.dumps(pod(images, "client")))
        wait(images, "pod/server", "pod/client")
        yield images


def test_namespace_that_is_there_is_not_taken(namespace: Cluster) -> None:
    before = namespace.kubectl("get", "namespace", NAMESPACE, "-o", "yaml")

    taken = namespace.namespace(NAMESPACE)
    with pytest.raises(AssertionError, match="AlreadyExists"), taken:
        pytest.fail("It was taken.")

    assert namespace.kubectl("get", "namespace", NAMESPACE, "-o", "yaml") == before


def test_namespace_that_ends_is_waited_for(cluster: Cluster) -> None:
    name = f"{NAMESPACE}-again"
    for _ in range(2):
        with cluster.namespace(name):
            phase = ("get", "namespace", name, "-o", "jsonpath={.status.phase}")
            assert cluster.kubectl(*phase) == "Active"


def pod(cluster: Cluster, name: str, **volume: dict[str, str]) -> dict[str, Any]:
    mounts = [{"name": "volume", "mountPath": "/volume"}] if volume else []
    container = {
        "name": "main",
        "image": image.full_name("user", cluster.registry),
        "imagePullPolicy": cluster.pull_policy,
        "command": [PYTHON, "-c", f"{SERVE}.serve_forever()"],
        "readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1},
        "volumeMounts": mounts,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"name": name}},
        "spec": {
            "containers": [container],
            "volumes": [{"name": "volume", **volume}] if volume else [],
            "securityContext": {"runAsUser": 1000, "fsGroup": 1000},
            "terminationGracePeriodSeconds": 0,
        },
    }


def wait(cluster: Cluster, *names: str) -> None:
    ready = ("wait", "--for=condition=Ready", "--timeout=90s")
    cluster.kubectl("-n", NAMESPACE, *ready, *names)


def address(cluster: Cluster) -> str:
    where = ("-o", "jsonpath={.status.podIP}")
    return cluster.kubectl("-n", NAMESPACE, "get", "pod", "server", *where)


def run_in(cluster: Cluster, name: str, program: str, *, check: bool = True) -> str:
    inside = ("exec", name, "--", PYTHON, "-c", program)
    return cluster.kubectl("-n", NAMESPACE, *inside, check=check)


def policy(name: str, **spec: list[Any]) -> str:
    return json.dumps(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"], **spec},
        }
    )


def test_policy_is_enforced_and_only_while_it_is_there(namespace: Cluster) -> None:
    connect = CONNECT.format(address(namespace))
    assert run_in(namespace, "client", connect) == ""

    namespace.kubectl("apply", "-f", "-", stdin=policy("deny"))
    until_it_is(namespace, connect, is_open=False)

    peer = {"podSelector": {"matchLabels": {"name": "client"}}}
    allowed = policy("allow", ingress=[{"from": [peer], "ports": [{"port": 8080}]}])
    namespace.kubectl("apply", "-f", "-", stdin=allowed)
    until_it_is(namespace, connect, is_open=True)

    namespace.kubectl("-n", NAMESPACE, "delete", "networkpolicy", "allow")
    until_it_is(namespace, connect, is_open=False)
    # The kubelet's probes are no pod's traffic and must go on.
    wait(namespace, "pod/server")

    namespace.kubectl("-n", NAMESPACE, "delete", "networkpolicy", "deny")
    until_it_is(namespace, connect, is_open=True)


def until_it_is(cluster: Cluster, connect: str, *, is_open: bool) -> None:
    for _ in range(20):
        said = run_in(cluster, "client", connect, check=False)
        if (said == "") == is_open:
            return
    pytest.fail(f"Open was to become {is_open}: {said}")


def test_names_of_services_are_known(namespace: Cluster) -> None:
    known = "import socket; print(socket.gethostbyname('kubernetes.default.svc'))"
    unknown = known.replace("kubernetes.", "nobody.")

    assert run_in(namespace, "client", known).count(".") == 3
    assert "gaierror" in run_in(namespace, "client", unknown, check=False)


def test_volume_is_made_on_request_and_writable(namespace: Cluster) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "volume", "namespace": NAMESPACE},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "8Mi"}},
        },
    }
    source = {"persistentVolumeClaim": {"claimName": "volume"}}
    for thing in (claim, pod(namespace, "writer", **source)):
        namespace.kubectl("apply", "-f", "-", stdin=json.dumps(thing))
    wait(namespace, "pod/writer")

    write = "open('/volume/x', 'w').write('kept')"
    read = "print(open('/volume/x').read())"
    run_in(namespace, "writer", write)
    delete = ("delete", "pod", "writer", "--wait")
    namespace.kubectl("-n", NAMESPACE, *delete)
    again = json.dumps(pod(namespace, "writer", **source))
    namespace.kubectl("apply", "-f", "-", stdin=again)
    wait(namespace, "pod/writer")

    assert run_in(namespace, "writer", read) == "kept\n"


@pytest.fixture
def left(own_node: Cluster, tmp_path: Path) -> Generator[dict[str, str]]:
    """Leave behind one thing of each kind, as a careless end of a node would."""
    assert own_node
    link = "cygnet-left"
    # A table of its own: iptables would leave the one that it makes for its rule.
    table = ("table", "ip", "cygnet-left")
    chain = (*table[1:], "left")
    # Below each hierarchy of version 1, or once with version 2 alone.
    groups = [it for name in ("*/kubepods", "kubepods") for it in CGROUPS.glob(name)]
    group = groups[0] / "cygnet-left"
    undo = (
        ["ip", "link", "delete", link],
        ["nft", "delete", *table],
        ["umount", str(tmp_path)],
        ["rmdir", str(group)],
    )
    process = subprocess.Popen(["unshare", "--net", "sleep", "600"])
    try:
        run("ip", "link", "add", link, "type", "veth")
        run("ip", "link", "set", link, "up")
        run("ip", "route", "add", "198.51.100.0/24", "dev", link)
        run("nft", "add", *table)
        run("nft", "add", "chain", *chain)
        run("nft", "add", "rule", *chain, "ip", "daddr", "192.0.2.99", "accept")
        run("mount", "-t", "tmpfs", "tmpfs", str(tmp_path))
        group.mkdir()
        yield {
            "link": f"{link}:",
            "route": "198.51.100.0/24",
            "rule": "192.0.2.99",
            "mount": str(tmp_path),
            "group": str(group),
            "process": f"process {process.pid} ",
        }
    finally:
        process.kill()
        process.wait()
        for command in undo:
            subprocess.run(command, check=False)


def run(*command: str) -> None:
    subprocess.run(command, check=True)


def test_what_is_left_behind_is_seen(left: dict[str, str]) -> None:
    # The fixture `cluster` asks the same question after it ended its node.
    seen = trace.look()

    missed = [kind for kind, it in left.items() if not any(it in one for one in seen)]
    assert missed == []
