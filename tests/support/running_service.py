"""The whole service as a person starts it: `cygnet up` in a directory of their own."""

import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import process_tree
from cygnet_hub.local.process_tree import Role

CYGNET = str(Path(sys.executable).with_name("cygnet"))
UP_S = 600
"""How long the first start may take: it makes the kernels' environment."""


@dataclass(frozen=True, slots=True)
class RunningService:
    """A detached service with everything of its own."""

    root: Path
    """What JupyterLab shows."""
    bundles: Path
    """A folder of bundles that the service reads."""
    data: Path
    """The service's data directory."""
    environment: Mapping[str, str]
    """What its commands are started with."""
    said: str
    """What `cygnet up` printed."""

    @property
    def link(self) -> str:
        """The login link that `cygnet up` printed."""
        return next(word for word in self.said.split() if "/hub/login-link" in word)

    def notebook_server(self) -> psutil.Process:
        """Return the process of the person's notebook server."""
        [server] = process_tree.take(DataDirectory(self.data)).of(Role.SERVER)
        return server.process

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the same service."""
        return subprocess.run(
            [CYGNET, *arguments, "--data-dir", str(self.data)],
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=UP_S,
            check=False,
        )


@contextmanager
def running_service(directory: Path) -> Generator[RunningService]:
    """Start a service below a directory, and stop it when the block ends."""
    root, bundles, data = (directory / it for it in ("work", "bundles", "data"))
    for it in (root, bundles):
        it.mkdir(parents=True)
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(directory / "config"),
        "JUPYTER_DATA_DIR": str(directory / "share"),
        "JUPYTER_RUNTIME_DIR": str(directory / "runtime"),
        "IPYTHONDIR": str(directory / "ipython"),
    }
    start = [CYGNET, "up", str(root), "--data-dir", str(data), "--detach"]
    start += ["--bundles", str(bundles)]
    # Most often uv has fetched all of it for the tests' own environment.
    for network in ({"UV_OFFLINE": "1"}, {}):
        done = subprocess.run(
            start,
            env={**environment, **network},
            capture_output=True,
            text=True,
            timeout=UP_S,
            check=False,
        )
        if done.returncode == 0:
            break
    service = RunningService(
        root, bundles, data, environment, done.stdout + done.stderr
    )
    try:
        assert done.returncode == 0, service.said
        yield service
    finally:
        service.run("stop", "--yes")
