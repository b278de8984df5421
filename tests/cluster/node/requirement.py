"""Tells what a machine lacks for running the test cluster."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.cluster.node import tool
from tests.cluster.node.component import DEBIAN_PLUGINS

# A person who is not root has no such folder in the path.
PLACES = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
# What Debian's packages bring, by package. Where a machine has a program from
# elsewhere, such as Docker's runc, that one serves.
PROGRAMS = {
    "buildah": "buildah",
    "clang-16": "/usr/lib/llvm-16/bin/clang",
    "containerd": "ctr",
    "containernetworking-plugins": str(DEBIAN_PLUGINS / "loopback"),
    "bpftool": "bpftool",
    "busybox-static": "/bin/busybox",
    "conntrack": "conntrack",
    "debootstrap": "debootstrap",
    "iproute2": "ip",
    "iptables": "iptables",
    "nftables": "nft",
    "openssl": "openssl",
    "postgresql": "pg_ctlcluster",
    "runc": "runc",
    "socat": "socat",
}


def missing_packages() -> list[str]:
    """Give the Debian packages that are not installed."""
    return [it for it, name in PROGRAMS.items() if not shutil.which(name, path=PLACES)]


def lack() -> str:
    """Say in one sentence what is missing, or nothing."""
    if packages := missing_packages():
        names = " ".join(packages)
        return f"Programs are missing: `apt-get install {names}` as root."
    if not tool.is_go_new_enough():
        return "Go 1.26 or newer is missing: see https://go.dev/doc/install."
    if os.geteuid() != 0 or not _may_make_namespaces():
        return "A node needs root, with the right to make namespaces and mounts."
    if not Path("/sys/fs/bpf").is_dir():
        return "This kernel has no BPF, which Cilium needs."
    return ""


def _may_make_namespaces() -> bool:
    command = ["unshare", "--mount", "--net", "--pid", "--uts", "--fork", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
