"""Gives Cilium's agent a ``/proc`` of its own, then becomes the agent.

The agent insists on ``/proc/modules``, which a kernel without modules lacks, and
writes two settings of the whole machine. In its own mount namespace, ``/proc`` is
a folder of links to the real one, in which these three are plain files.
"""

import os
import sys
from pathlib import Path

from tests.cluster.node.program import run

PROC = Path("/proc")
REAL = Path("/run/cilium/proc")
KEPT = ("unprivileged_bpf_disabled", "timer_migration")
MODULES = (
    *("ip_set", "ip_tables", "iptable_filter", "iptable_mangle", "iptable_nat"),
    *("iptable_raw", "xt_socket"),
)


def replace() -> None:
    """Put the folder of links in place of ``/proc``."""
    REAL.mkdir(exist_ok=True)
    run("mount", "--make-rslave", "/")
    run("mount", "--rbind", PROC, REAL)
    run("mount", "-t", "tmpfs", "tmpfs", PROC)
    others = [it.name for it in REAL.iterdir() if it.name.isdigit()]
    _link(Path(), without=("sys", "modules", *others))
    (PROC / str(os.getpid())).symlink_to(REAL / str(os.getpid()))
    _link(Path("sys"), without=("kernel",))
    _link(Path("sys/kernel"), without=KEPT)
    for name in KEPT:
        (PROC / "sys/kernel" / name).write_text("1\n")
    lines = [f"{it} 16384 0 - Live 0x0000000000000000\n" for it in MODULES]
    (PROC / "modules").write_text("".join(lines))


def _link(folder: Path, without: tuple[str, ...]) -> None:
    (PROC / folder).mkdir(exist_ok=True)
    for real in (REAL / folder).iterdir():
        if real.name not in without:
            (PROC / folder / real.name).symlink_to(real)


if __name__ == "__main__":
    # `replace` hides what /proc/self is until the links stand.
    replace()
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - The agent takes this place.
