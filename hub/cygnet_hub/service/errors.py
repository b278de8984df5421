"""What can go wrong in a command.

HubError
├── BusyError          another command is at work on the same service
├── NotRunningError    there is no service to talk to
├── StartError         the hub did not come up
├── StopError          a process could not be ended
└── JavaError          there is no Java that Spark can use
"""

from collections.abc import Sequence
from pathlib import Path

from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.errors import HubError


class BusyError(HubError):
    """Another command is starting or stopping the same service now."""

    def __init__(self, data: DataDirectory) -> None:
        super().__init__(
            f"Another command is starting or stopping the service of {data}",
            "wait until it has ended, or choose another place with --data-dir",
        )


class NotRunningError(HubError):
    """The command needs a running service and there is none."""

    def __init__(self, data: DataDirectory, start: str) -> None:
        super().__init__(f"No service of {data} is running", f"start it with `{start}`")


class StartError(HubError):
    """The hub ended, or did not answer, while it was being started.

    The reason is a verb that follows "The hub".
    """

    def __init__(self, reason: str, log: Path) -> None:
        super().__init__(
            f"The hub {reason} while it was being started",
            f"read the end of {log}, or ask `cygnet doctor`",
        )
        self.log = log


class StopError(HubError):
    """Some processes of the service could not be ended."""

    def __init__(self, pids: Sequence[int]) -> None:
        numbers = ", ".join(map(str, pids))
        super().__init__(
            f"Some processes could not be ended ({numbers})",
            "see what they wait for, mostly a disk or a network file system",
        )
        self.pids = tuple(pids)


class JavaError(HubError):
    """There is no Java that Spark can use."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Java does not work for Spark ({reason.rstrip('.')})",
            "set JAVA_HOME to Java 17 or newer, or unset it to use the one from PyPI",
        )
