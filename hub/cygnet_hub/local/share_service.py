"""The sharing service of one machine: where it is, and what it is started with."""

import sys

from cygnet_hub.local import process_tree, settings
from cygnet_hub.local.settings import Settings
from cygnet_hub.sharing import SharingService

KEPT = (
    "DYLD_LIBRARY_PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONPATH",
    "TMPDIR",
    "TZ",
)
"""What it has of the hub's environment: Python and its libraries need no more."""


def service(chosen: Settings) -> SharingService:
    """Return the service; the hub starts it, and starts it again when it dies."""
    data, environment = chosen.data, settings.hub_environment(chosen)
    return SharingService(
        target=f"http://127.0.0.1:{chosen.share_port}",
        command=(sys.executable, "-P", "-m", process_tree.SHARING, str(data)),
        environment={
            **{it: environment[it] for it in KEPT if it in environment},
            process_tree.SERVICE_VARIABLE: str(data),
            "CYGNET_SHARE_DIR": str(data.share),
            "CYGNET_SHARE_SETTINGS": str(data.share_settings),
        },
    )
