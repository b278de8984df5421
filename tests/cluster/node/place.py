"""Where the test cluster keeps its things: what lasts in a cache, the rest apart."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[3]
CACHE = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cygnet/cluster"
)
TOOLS = ROOT / "tests/cluster/tools"
ADDONS = Path(__file__).with_name("addons")
RUN = Path("/var/tmp/cygnet-cluster")  # noqa: S108 - Made by root, for root alone.
LOG = RUN / "log"
CERTIFICATES = RUN / "certificates"
KUBECONFIG = RUN / "admin.kubeconfig"
SOCKET = RUN / "containerd.sock"
NETWORKS = RUN / "networks"
PLUGINS = RUN / "plugins"
CILIUM = RUN / "cilium"
HIDDEN = RUN / "hidden"
PID = RUN / "node.pid"


def make_run_folder() -> None:
    """Make the folder of one run, which others may not read."""
    RUN.mkdir(mode=0o700, exist_ok=True)
    if RUN.stat().st_uid != os.geteuid():
        message = f"{RUN} belongs to somebody else: remove it."
        raise PermissionError(message)
    for folder in (LOG, CERTIFICATES, NETWORKS, PLUGINS, CILIUM):
        folder.mkdir(exist_ok=True)
