"""Runs Cilium's agent, which gives pods their network and enforces its policies.

Version 1.15, the newest that builds from the Go module proxy alone, is at its end
of life and serves tests only. It needs no operator on one node.
"""

import os
import shutil
import sys
import urllib.request
from pathlib import Path

from tests.cluster.node.certificate import kubeconfig
from tests.cluster.node.component import NODE
from tests.cluster.node.network import LARGEST_PACKET, POD_RANGE, UPLINK
from tests.cluster.node.place import CILIUM, NETWORKS
from tests.cluster.node.program import run
from tests.cluster.node.tool import CILIUM as MODULE
from tests.cluster.node.tool import program, source

DEFINITIONS = "pkg/k8s/apis/cilium.io/client/crds"
HEALTH = "http://127.0.0.1:9879/healthz"
NETWORK = '{"cniVersion":"0.3.1","name":"cilium","plugins":[{"type":"cilium-cni"}]}\n'
# The agent calls these by name; newer ones than 16 make programs it cannot load.
COMPILERS = {"clang": "clang-16", "llc": "llc-16"}


def prepare() -> None:
    """Lay out what the agent compiles from, and with what."""
    shutil.copytree(source(MODULE) / "bpf", CILIUM / "lib/bpf")
    run("chmod", "--recursive", "u+w", CILIUM / "lib")
    (CILIUM / "bin").mkdir()
    for name, real in COMPILERS.items():
        found = shutil.which(real) or f"/usr/lib/llvm-16/bin/{name}"
        (CILIUM / "bin" / name).symlink_to(found)


def define() -> None:
    """Add Cilium's own kinds of object, which its operator would do."""
    crds = source(MODULE) / DEFINITIONS
    run(
        *(program("kubectl"), f"--kubeconfig={kubeconfig('admin')}"),
        *("apply", "--server-side"),
        *("--filename", crds / "v2", "--filename", crds / "v2alpha1"),
    )


def mount() -> None:
    """Mount what the agent keeps its state in; runs within the node."""
    Path("/run/cilium").mkdir()
    run("mount", "-t", "bpf", "bpf", "/sys/fs/bpf")


def command() -> list[str]:
    """Give the agent's command, in a mount namespace of its own."""
    apart = ["unshare", "--mount", sys.executable, "-m", "tests.cluster.node.own_proc"]
    return [
        *apart,
        str(program("daemon")),
        f"--k8s-kubeconfig-path={kubeconfig('admin')}",
        f"--lib-dir={CILIUM}/lib",
        "--state-dir=/run/cilium",
        f"--cgroup-root={_cgroup()}",
        "--ipam=kubernetes",
        "--identity-allocation-mode=crd",
        "--enable-ipv4=true",
        "--enable-ipv6=false",
        "--enable-ipv4-masquerade=false",
        "--routing-mode=native",
        f"--ipv4-native-routing-cidr={POD_RANGE}",
        f"--devices={UPLINK}",
        f"--mtu={LARGEST_PACKET}",
        "--kube-proxy-replacement=false",
        "--bpf-lb-sock=false",
        "--enable-l7-proxy=false",
        "--enable-hubble=false",
        "--enable-health-checking=false",
        "--enable-endpoint-health-checking=false",
        "--allow-localhost=always",
        "--policy-cidr-match-mode=nodes",
        "--preallocate-bpf-maps=false",
        "--cni-exclusive=false",
    ]


def environment() -> dict[str, str]:
    """Give the agent's environment."""
    search = f"{CILIUM / 'bin'}:{os.environ['PATH']}"
    return {**os.environ, "PATH": search, "K8S_NODE_NAME": NODE}


def is_healthy() -> bool:
    """Tell whether the agent serves; runs within the node."""
    try:
        with urllib.request.urlopen(HEALTH, timeout=1):
            return True
    except OSError:
        return False


def offer_network() -> None:
    """Tell containerd of the network, by a write: it misses a rename."""
    (NETWORKS / "05-cilium.conflist").write_text(NETWORK)


def _cgroup() -> Path:
    """Give where the machine has version 2 of control groups."""
    hybrid = Path("/sys/fs/cgroup/unified")
    return hybrid if hybrid.is_dir() else hybrid.parent
