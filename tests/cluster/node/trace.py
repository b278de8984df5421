"""Looks for what a cluster could leave behind on its machine.

Only what Kubernetes and this project make is looked at where a machine changes by
itself (processes, control groups, files); links, routes and rules are compared whole.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.cluster.node.machine import CGROUPS, SETTINGS, SYS
from tests.cluster.node.place import CACHE, RUN
from tests.cluster.node.program import run

MARKS = (str(RUN), str(CACHE), "tests.cluster.node", "containerd-shim")
GROUPS = ("kubepods", "k8s.io", "cygnet")
FILES = (
    *(str(RUN), "/run/containerd", "/run/cilium", "/run/netns", "/opt/containerd"),
    *("/var/lib/kubelet", "/var/lib/cni", "/var/lib/containerd", "/var/lib/cilium"),
    *("/var/log/pods", "/var/log/containers", "/sys/fs/bpf/tc", "/sys/fs/bpf/cilium"),
)
LISTINGS = (
    ("ip", "-oneline", "link"),
    ("ip", "route", "show", "table", "all"),
    ("ip", "rule"),
    ("iptables-save",),
    ("nft", "--stateless", "list", "ruleset"),
)


def look() -> set[str]:
    """Give all that is there now, each as one line that names its kind."""
    return {
        *_processes(),
        *_mounts(),
        *_groups(),
        *_lines(),
        *(f"file {it}" for it in FILES if Path(it).exists()),
        *(f"setting {it} {(SYS / it).read_text()}" for it in _settings()),
    }


def _processes() -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            network = (folder / "ns/net").readlink()
        except OSError:
            continue
        is_here = network == Path("/proc/self/ns/net").readlink()
        is_own = folder.name == str(os.getpid())
        if not is_own and (not is_here or any(it in command for it in MARKS)):
            yield f"process {folder.name} {command}"


def _mounts() -> Iterator[str]:
    for line in Path("/proc/self/mounts").read_text().splitlines():
        yield f"mount {line}"


def _groups() -> Iterator[str]:
    for folder, names, _ in os.walk(CGROUPS):
        yield from (
            f"group {folder}/{it}" for it in names if any(mark in it for mark in GROUPS)
        )


def _lines() -> Iterator[str]:
    for command in LISTINGS:
        if shutil.which(command[0]):
            for line in run(*command).splitlines():
                if not line.startswith(("#", ":")):
                    yield f"{command[0]} {line}"


def _settings() -> Iterator[str]:
    wanted = (*SETTINGS, "net/ipv4/ip_forward")
    yield from (it for it in wanted if (SYS / it).exists())
