"""Finds or builds the programs of a release, and names those that are missing.

Syft, which writes the SBOMs, is pinned by the Go module in `tools` and built once for
each state of it.
"""

import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from scripts.make_venv import fault
from scripts.release.problem import Problem
from tests.cluster.node import tool as cluster
from tests.cluster.node.place import CACHE
from tests.cluster.node.requirement import PLACES

TOOLS = Path(__file__).with_name("tools")
SYFT = "github.com/anchore/syft/cmd/syft"
PACKAGES = {"buildah": "buildah", "debootstrap": "debootstrap", "unshare": "util-linux"}
"""Debian's package of each program that builds images."""
ROOM_GIB = (12, 4)
"""What images, their archives and Syft take from nothing, and once Syft is built."""


def problems() -> list[Problem]:
    """Give all that this machine lacks."""
    if platform.system() != "Linux":
        remedy = "Release in a virtual machine."
        return [Problem("the machine", "Images are built on Linux.", remedy)]
    return list(_lacks())


def helm() -> Path:
    """Give Helm: that of the machine, else that of the test cluster, if it is built."""
    return Path(shutil.which("helm") or cluster.program("helm"))


def syft() -> Path:
    """Give the program Syft, built if the cache does not have it."""
    target = _place()
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_name(f"syft-{os.getpid()}")
        command = ("go", "build", "-trimpath", "-ldflags=-s -w", "-o", half, SYFT)
        more = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
        subprocess.run(command, cwd=TOOLS, env={**os.environ, **more}, check=True)
        half.rename(target)
    return target


def _place() -> Path:
    """Give where Syft is, or will be, for this state of the Go module."""
    text = b"".join(it.read_bytes() for it in sorted(TOOLS.iterdir()))
    state = hashlib.sha256(text).hexdigest()[:16]
    return CACHE.parent / "release" / state / "syft"


def _lacks() -> Iterator[Problem]:
    if fault():
        yield Problem("Python", fault(), "Then run `make release` again.")
    missing = {it for name, it in PACKAGES.items() if not _is_there(name)}
    if missing:
        names = " ".join(sorted(missing))
        reason = f"Programs that build images are missing: {names}."
        yield Problem("PATH", reason, f"Run `apt-get install {names}` as root.")
    if not cluster.is_go_new_enough():
        reason = "Go 1.26 or newer is missing, which builds Syft."
        yield Problem("PATH", reason, "See https://go.dev/doc/install.")
    if not helm().is_file():
        reason = "Helm 4 is missing."
        remedy = "See https://helm.sh/docs/intro/install; `make cluster-up` brings one."
        yield Problem("PATH", reason, remedy)
    if os.geteuid() != 0:
        reason = "Images are built by root here."
        yield Problem("the machine", reason, "Run `make release` as root.")
    free = shutil.disk_usage(TOOLS).free / 2**30
    needed = ROOM_GIB[_place().is_file()]
    if free < needed:
        reason = f"{needed} GiB are needed, and {free:.1f} GiB are free."
        yield Problem(str(TOOLS.parents[2]), reason, "Make room there.")


def _is_there(program: str) -> bool:
    return shutil.which(program, path=PLACES) is not None
