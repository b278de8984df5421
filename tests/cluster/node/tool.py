"""Builds the programs of the cluster from Go modules, once for each state of them.

``tests/cluster/tools`` is one module that pins all of them. What was built lies in the
cache under the hash of that folder's files.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.cluster.node import cilium_source
from tests.cluster.node.place import CACHE, TOOLS
from tests.cluster.node.program import phase, run
from tests.support.lock import alone

NEWEST_NEEDED = (1, 26)
VERSION = "k8s.io/component-base/version"
CILIUM = "github.com/cilium/cilium"
KUBERNETES = "k8s.io/kubernetes/cmd"
TOGETHER = (
    *(f"{KUBERNETES}/{it}" for it in ("kubectl", "kubelet")),
    *(f"{KUBERNETES}/kube-{it}" for it in ("apiserver", "proxy", "scheduler")),
    f"{KUBERNETES}/kube-controller-manager",
    *(f"{CILIUM}/{it}" for it in ("daemon", "plugins/cilium-cni")),
    "go.etcd.io/etcd/server/v3",
    "helm.sh/helm/v4/cmd/helm",
    "./coredns",
)
# Helm 3 has the name of Helm 4, and the provisioner writes the name of a module in
# capitals that others write in small letters: no one command builds both.
ALONE = {
    "helm3": "helm.sh/helm/v3/cmd/helm",
    "local-path-provisioner": "github.com/rancher/local-path-provisioner",
}
# No debugging data, which the link would drop, and no inlining: half the time to build.
FAST = "all=-dwarf=false -l"


def build() -> None:
    """Build the programs unless the cache has them.

    Notes
    -----
    The Go compiler uses all cores by itself. Who comes second waits, and then has all.
    """
    with alone(CACHE / "lock"):
        if not folder().is_dir():
            with phase("building the programs"):
                _build()


def folder() -> Path:
    """Give where the programs lie, or will lie."""
    digest = hashlib.sha256()
    files = [it for it in TOOLS.rglob("*") if it.is_file()]
    for file in (*sorted(files), Path(cilium_source.__file__)):
        digest.update(file.read_bytes())
    return CACHE / "bin" / digest.hexdigest()[:16]


def program(name: str) -> Path:
    """Give one program."""
    return folder() / name


def source(module: str) -> Path:
    """Give where the source of a module is, fetched if needed.

    Programs may come from our cache where Go's own is empty.
    """
    fetch = ("go", "mod", "download", "-json", module)
    told = run(*fetch, cwd=TOOLS, GOFLAGS="", GOWORK="off")
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
        cwd=TOOLS,
    ).stdout
    numbers = re.match(r"go(\d+)\.(\d+)", said)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= NEWEST_NEEDED


def _build() -> None:
    """Build beside the cache and move it in whole, so that no half is ever used."""
    target = folder()
    half = target.with_name(f".{target.name}-{os.getpid()}")
    module = half / "module"
    half.mkdir(parents=True)
    try:
        shutil.copytree(TOOLS, module)
        cilium_source.lay_out(source(CILIUM), module / "cilium")
        _go(module, "mod", "edit", f"-replace={CILIUM}=./cilium")
        flags = ("-trimpath", "-gcflags", FAST, "-ldflags", _link_flags())
        _go(module, "build", *flags, "-o", f"{half}/", *TOGETHER)
        for name, package in ALONE.items():
            _go(module, "build", *flags, "-o", f"{half}/{name}", package)
        shutil.rmtree(module)
        half.rename(target)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _go(module: Path, *arguments: str) -> None:
    run(
        "go",
        *arguments,
        cwd=module,
        CGO_ENABLED="0",
        GOFLAGS="-mod=readonly",
        GOWORK="off",
    )


def _link_flags() -> str:
    """Strip symbols, and tell Kubernetes its version, which it has from its build."""
    pinned = (TOOLS / "go.mod").read_text()
    found = re.search(r"k8s\.io/kubernetes v((\d+)\.(\d+)\.\d+)", pinned)
    if found is None:
        message = "tests/cluster/tools/go.mod names no version of Kubernetes."
        raise ValueError(message)
    values = {
        "gitVersion": f"v{found[1]}",
        "gitMajor": found[2],
        "gitMinor": found[3],
    }
    return " ".join(["-s -w", *(f"-X {VERSION}.{k}={v}" for k, v in values.items())])
