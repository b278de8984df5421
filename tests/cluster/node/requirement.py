"""Tells what a machine lacks for running the test cluster.

Everything is looked at before anything is built, with what Python has itself: nothing
is installed by then.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from scripts.make_venv import fault
from tests.cluster.node import tool
from tests.cluster.node.component import DEBIAN_PLUGINS
from tests.cluster.node.machine import CGROUPS
from tests.cluster.node.place import CACHE, PID, ROOT, RUN

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
    "mount": "mount",
    "nftables": "nft",
    "openssl": "openssl",
    "postgresql": "pg_ctlcluster",
    "runc": "runc",
    "socat": "socat",
    "util-linux": "unshare",
}

FILE_SYSTEMS = ("bpf", "overlay", "tmpfs")
GIB = 2**30
# From nothing, and when the programs are built or, for a run's folder, it is up.
ROOM_GIB = {
    CACHE: (6, 1),
    RUN: (4, 1),
    Path("/var/lib/containers"): (5, 2),
    ROOT: (2, 1),
}
APART = ("unshare", "--mount", "--net", "--pid", "--uts", "--fork")
# Tried in namespaces that end with it.
KERNEL = {
    "pairs of network links (veth)": (
        *("ip", "link", "add", "one0", "type", "veth", "peer", "name", "two0"),
    ),
    "nftables": ("nft", "list", "ruleset"),
}


def missing_packages() -> list[str]:
    """Give the Debian packages that are not installed."""
    return [it for it, name in PROGRAMS.items() if not shutil.which(name, path=PLACES)]


def lack() -> str:
    """Say in one paragraph what a node lacks here, or nothing."""
    return " ".join(_lacks())


def problems() -> list[str]:
    """Give all that is missing, room on disks included, each with what to do."""
    found = [*_lacks(), *_room()]
    return [fault(), *found] if fault() else found


def _lacks() -> Iterator[str]:
    if platform.system() != "Linux":
        yield "A node needs Linux: start it in a virtual machine."
        return
    if packages := missing_packages():
        names = " ".join(packages)
        yield f"Programs are missing: `apt-get install {names}` as root."
    if not tool.is_go_new_enough():
        yield "Go 1.26 or newer is missing: see https://go.dev/doc/install."
    if os.geteuid() != 0 or not _succeeds(*APART, "mount", "-t", "tmpfs", "a", "/run"):
        yield "A node needs root, with the right to make namespaces and mounts."
    else:
        for what, command in KERNEL.items():
            # A program that is missing is named above.
            if shutil.which(command[0], path=PLACES) and not _succeeds(
                *APART, *command
            ):
                yield f"This kernel has no {what}, or not as a module that it can load."
    if not Path("/sys/fs/bpf").is_dir():
        yield "This kernel has no BPF, which Cilium needs."
    if systems := [it for it in FILE_SYSTEMS if not _has_file_system(it)]:
        yield f"This kernel cannot mount {' and '.join(systems)}."
    unified = (CGROUPS / "cgroup.controllers", CGROUPS / "unified/cgroup.controllers")
    if not any(it.exists() for it in unified):
        yield f"Version 2 of control groups is not mounted at {CGROUPS}: mount it."


def _has_file_system(name: str) -> bool:
    """Tell whether the kernel can mount it, perhaps after it has loaded a module."""
    known = Path("/proc/filesystems").read_text().split()
    modprobe = shutil.which("modprobe", path=PLACES)
    if name in known or modprobe is None:
        return name in known
    return _succeeds(modprobe, "--dry-run", "--quiet", name)


def _room() -> Iterator[str]:
    """Compare the room of each file system with what will be written there."""
    is_built, is_up = tool.folder().is_dir(), PID.exists()
    wanted: dict[int, float] = defaultdict(float)
    places: dict[int, list[Path]] = defaultdict(list)
    for place, (first, later) in ROOM_GIB.items():
        near = next(it for it in (place, *place.parents) if it.exists())
        device = near.stat().st_dev
        is_there = is_up if place == RUN else is_built
        wanted[device] += later if is_there else first
        places[device].append(near)
    for device, needed in wanted.items():
        free = shutil.disk_usage(places[device][0]).free / GIB
        if free < needed:
            names = ", ".join(dict.fromkeys(map(str, places[device])))
            yield (
                f"{needed:.0f} GiB are needed below {names}, and {free:.1f} GiB are "
                "free: make room there."
            )


def _succeeds(*command: str) -> bool:
    environment = {**os.environ, "PATH": PLACES}
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, env=environment
        )
    except OSError:
        return False
    return done.returncode == 0


def main() -> int:
    """Print all that is missing; runs before anything is installed or built."""
    found = problems()
    if not found:
        return 0
    lines = "\n".join(f"  - {it}" for it in found)
    sys.stderr.write(f"This machine lacks what the test cluster needs:\n{lines}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
