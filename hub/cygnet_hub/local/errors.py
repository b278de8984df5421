"""What can go wrong on one machine alone.

HubError
├── PortError                    a port cannot be bound
├── LaunchError                  the notebook server did not come up
└── KernelEnvironmentError       the environment of the kernels cannot be made
    ├── NotInstalledError        there is nothing to install into it
    └── UvError                  uv failed
"""

from pathlib import Path

from cygnet_hub.errors import HubError
from cygnet_hub.spawn.failure import Failure


class PortError(HubError):
    """A port may not be bound, or none is free."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(
            f"Cannot listen on port {port} of 127.0.0.1 ({reason})",
            "choose a port from 1024 on with --port",
        )
        self.port = port


class LaunchError(HubError):
    """The server could not be started, or did not come up."""

    def __init__(self, why: Failure) -> None:
        super().__init__(why.reason.rstrip("."), why.remedy.rstrip("."))
        self.why = why


class KernelEnvironmentError(HubError):
    """The environment that kernels run in cannot be made."""


class NotInstalledError(KernelEnvironmentError):
    """The program runs without having been installed."""

    def __init__(self) -> None:
        super().__init__(
            "Cygnet is not installed here, so it cannot be installed for kernels",
            "install it with pip, in a clone with `make up`",
        )


class UvError(KernelEnvironmentError):
    """uv, which makes the environment, failed."""

    def __init__(self, environment: Path, code: int) -> None:
        super().__init__(
            f"uv could not make {environment} (exit code {code}, it says why above)",
            "remove the cause, often a missing network, and run the command again",
        )
        self.environment = environment
        self.code = code
