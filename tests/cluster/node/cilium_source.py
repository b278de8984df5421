"""Lays out Cilium's source as it is built: fit for the newest Kubernetes' libraries.

Cilium 1.15 asks for those of Kubernetes 1.29; the few places that differ are changed,
so that one version of them is compiled for all programs. What only serves Amazon's
machines and Envoy, neither of which is here, is left out: a third of what the agent
is made of.
"""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.cluster.node.program import ClusterError

NEEDED = (
    *("api", "cilium-health", "daemon", "operator", "pkg", "plugins"),
    *("go.mod", "go.sum"),
)
"""The folders with its Go packages, which are a part of the module."""
LEFT_OUT = (
    "pkg/aws/eni/eni_gc.go",
    "pkg/aws/eni/instances.go",
    "pkg/aws/eni/node.go",
)
# It names every kind of message that Envoy knows.
EMPTY = ("pkg/envoy/resource/envoy.go",)
HANDLER = "func(_ context.Context, err error, _ string, _ ...any)"
CHANGED: Mapping[str, Iterable[tuple[str, str]]] = {
    "pkg/k8s/resource/resource.go": [("\t\tRetryOnError:     false,\n", "")],
    "pkg/k8s/informer/informer.go": [
        ("\t\tRetryOnError:     false,\n", ""),
        ("func(r interface{}) {", "func(_ context.Context, r interface{}) {"),
        ("import (\n", 'import (\n\t"context"\n'),
    ],
    "pkg/k8s/watchers/watcher.go": [
        ("[]func(error){\n", f"[]runtime.ErrorHandler{{{HANDLER} {{\n"),
        ("\tk8s.K8sErrorHandler,\n\t}", "\tk8s.K8sErrorHandler(err)\n\t}}"),
    ],
}


def lay_out(source: Path, target: Path) -> None:
    """Copy the module with its changes.

    Raises
    ------
    ClusterError
        When it is not the version that the changes were written for.
    """
    target.mkdir()
    for name in NEEDED:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, copy_function=shutil.copyfile)
        elif (source / name).exists():
            shutil.copyfile(source / name, target / name)
    for folder in (target, *target.rglob("*/")):
        folder.chmod(0o755)
    for name in LEFT_OUT:
        (target / name).unlink()
    for name in EMPTY:
        (target / name).write_text(f"package {Path(name).parent.name}\n")
    for name, changes in CHANGED.items():
        file = target / name
        text = file.read_text()
        for old, new in changes:
            if text.count(old) != 1:
                message = f"{name} of {source.name} has not once what is changed: {old}"
                raise ClusterError(message)
            text = text.replace(old, new)
        file.write_text(text)
