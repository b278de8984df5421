"""The files in a service's data directory.

Their names stay from version to version: a newer one finds what an older one left.
"""

from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """Where a service keeps its database, secrets, logs and kernels."""

    path: Path
    """The directory, readable by its owner alone."""

    @override
    def __str__(self) -> str:
        """Return the path, by which messages and processes name the service."""
        return str(self.path)

    @property
    def settings(self) -> Path:
        """The settings of the service that runs, or ran last."""
        return self.path / "settings.json"

    @property
    def record(self) -> Path:
        """What was started and not stopped."""
        return self.path / "service.json"

    @property
    def lock(self) -> Path:
        """Held by the command that is starting or stopping the service."""
        return self.path / "lock"

    @property
    def database(self) -> Path:
        """The hub's."""
        return self.path / "hub.sqlite"

    @property
    def cookie_secret(self) -> Path:
        """The hub's, which signs the cookies of logins."""
        return self.path / "cookie_secret"

    @property
    def login_links(self) -> Path:
        """The folder of the links that are not used yet."""
        return self.path / "login-links"

    @property
    def hub_log(self) -> Path:
        """Where hub and proxy write."""
        return self.path / "logs" / "hub.log"

    @property
    def server_log(self) -> Path:
        """Where the notebook server writes."""
        return self.path / "logs" / "server.log"

    @property
    def share(self) -> Path:
        """The folder of shares and versions."""
        return self.path / "share"

    @property
    def share_settings(self) -> Path:
        """What the sharing service is set to."""
        return self.path / "share.json"

    @property
    def share_log(self) -> Path:
        """Where the sharing service writes."""
        return self.path / "logs" / "share.log"

    @property
    def proxy(self) -> Path:
        """The folder of the proxy's configuration."""
        return self.path / "proxy"

    @property
    def kernels(self) -> Path:
        """The Python environment that kernels run in."""
        return self.path / "kernels" / "python"

    @property
    def jupyter(self) -> Path:
        """A folder of Jupyter's search path, with the kernel that is offered."""
        return self.path / "jupyter"

    @property
    def lab(self) -> Path:
        """The folder of JupyterLab's defaults."""
        return self.path / "lab"

    @property
    def runtime(self) -> Path:
        """The folder of the kernels' connection files."""
        return self.path / "runtime"

    @property
    def rescue(self) -> Path:
        """Where a rescue start has its settings."""
        return self.path / "rescue"
