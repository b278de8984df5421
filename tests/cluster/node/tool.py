"""Builds the programs of the cluster from Go modules, once for each state of them.

Every folder in ``tests/cluster/tools`` is one module that pins its programs. What
was built lies in the cache under the hash of that folder's files.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.cluster.node.place import CACHE, TOOLS
from tests.cluster.node.program import alone, phase, run

MODULES = ("kubernetes", "etcd", "cilium", "helm", "helm3", "coredns", "provisioner")
NEWEST_NEEDED = (1, 26)
VERSION = "k8s.io/component-base/version"
# No debugging data, which the link would drop, and no inlining: half the time to build.
FAST = "all=-dwarf=false -l"


def build() -> None:
    """Build what the cache does not have, one module after the other.

    Notes
    -----
    The Go compiler uses all cores by itself. Who comes second waits, and then has all.
    """
    with alone(CACHE / "lock"):
        for module in MODULES:
            if not folder(module).is_dir():
                with phase(f"building {module}"):
                    _build(module)


def folder(module: str) -> Path:
    """Give where the programs of a module lie, or will lie."""
    digest = hashlib.sha256()
    for file in sorted((TOOLS / module).iterdir()):
        digest.update(file.read_bytes())
    return CACHE / "bin" / f"{module}-{digest.hexdigest()[:16]}"


def program(module: str, name: str) -> Path:
    """Give one program of a module."""
    return folder(module) / name


def source(module: str, package: str) -> Path:
    """Give where the source of a module is that ``module`` requires, fetched if needed.

    Programs may come from our cache where Go's own is empty.
    """
    fetch = ("go", "mod", "download", "-json", package)
    told = run(*fetch, cwd=TOOLS / module, GOFLAGS="", GOWORK="off")
    return Path(json.loads(told)["Dir"])


def is_go_new_enough() -> bool:
    """Tell whether there is a Go that builds these modules."""
    if shutil.which("go") is None:
        return False
    said = subprocess.run(
        ["go", "env", "GOVERSION"],
        capture_output=True,
        text=True,
        check=False,
        cwd=TOOLS / "kubernetes",
    ).stdout
    numbers = re.match(r"go(\d+)\.(\d+)", said)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= NEWEST_NEEDED


def _build(module: str) -> None:
    """Build beside the cache and move it in whole, so that no half is ever used."""
    target = folder(module)
    half = target.with_name(f".{target.name}-{os.getpid()}")
    half.mkdir(parents=True)
    try:
        run(
            *("go", "build", "-trimpath", "-gcflags", FAST),
            *("-ldflags", _link_flags(module)),
            *("-o", f"{half}/", "tool"),
            cwd=TOOLS / module,
            CGO_ENABLED="0",
            GOFLAGS="-mod=readonly",
            GOWORK="off",
        )
        half.rename(target)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _link_flags(module: str) -> str:
    """Strip symbols, and tell Kubernetes its version, which it has from its build."""
    if module != "kubernetes":
        return "-s -w"
    pinned = (TOOLS / module / "go.mod").read_text()
    found = re.search(r"k8s\.io/kubernetes v((\d+)\.(\d+)\.\d+)", pinned)
    if found is None:
        message = "tests/cluster/tools/kubernetes/go.mod names no version."
        raise ValueError(message)
    values = {
        "gitVersion": f"v{found[1]}",
        "gitMajor": found[2],
        "gitMinor": found[3],
    }
    return " ".join(["-s -w", *(f"-X {VERSION}.{k}={v}" for k, v in values.items())])
