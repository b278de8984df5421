"""Puts the machine back: settings and control groups that Kubernetes leaves behind.

The kubelet sets a few settings of the whole kernel, since it takes the machine to
be its own (``kubernetes/pkg/kubelet/cm/container_manager_linux.go``).
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.cluster.node.place import RUN
from tests.cluster.node.program import ClusterError, wait_for

SETTINGS = (
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
)
SAVED = RUN / "settings.json"
SYS = Path("/proc/sys")
CGROUPS = Path("/sys/fs/cgroup")


def save() -> None:
    """Note the settings, and refuse a machine on which Kubernetes runs already."""
    if found := [str(it) for it in _cgroups()]:
        message = f"This machine runs Kubernetes already: there is {found[0]}."
        raise ClusterError(message)
    values = {it: (SYS / it).read_text() for it in SETTINGS if (SYS / it).exists()}
    SAVED.write_text(json.dumps(values))


def restore() -> None:
    """Set the settings back and remove the control groups."""
    if SAVED.exists():
        for name, value in json.loads(SAVED.read_text()).items():
            if (SYS / name).read_text() != value:
                (SYS / name).write_text(value)
    wait_for("the control groups to be empty", _are_cgroups_gone)


def _are_cgroups_gone() -> bool:
    for top in _cgroups():
        folders = sorted(top.rglob("*/"), key=lambda it: len(it.parts), reverse=True)
        for folder in (*folders, top):
            # Its processes may still be ending, or it went by itself.
            with suppress(OSError):
                folder.rmdir()
    return not any(_cgroups())


def _cgroups() -> Iterator[Path]:
    for name in ("kubepods", "k8s.io"):
        yield from (it for it in CGROUPS.glob(f"*/{name}") if it.is_dir())
        yield from (it for it in CGROUPS.glob(name) if it.is_dir())
