"""What can go wrong in the hub, as one tree.

HubError
├── SettingsError            every problem of the settings at once
├── PlatformError            this operating system is not supported
├── DataDirectoryError       the data directory cannot be used
├── DiskFullError            a write failed for want of space
├── PortError                a port cannot be bound
├── AlreadyRunningError      another process is using the data directory
├── NotRunningError          there is no service to talk to
├── StartError               the hub did not come up
└── KernelEnvironmentError   the environment of the kernels cannot be made

The command line prints ``str(error)`` and ends with code 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override


class HubError(Exception):
    """Something that a person has to know: what happened and what to do.

    Parameters
    ----------
    reason
        What happened and where, without a full stop.
    remedy
        What to do about it, as an imperative without a full stop.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}: {remedy}.")
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with what somebody wrote."""

    file: str
    """Where it was written: a path, or words such as "the command line"."""
    key: str | None
    """The setting's name as it was written, ``None`` for the whole file."""
    reason: str
    """What is wrong with it."""
    remedy: str
    """What to do about it, as an imperative."""

    @override
    def __str__(self) -> str:
        """Return the problem as one line."""
        place = self.file if self.key is None else f"{self.file}, {self.key}"
        return f"{place}: {self.reason}; {self.remedy}"


class SettingsError(HubError):
    """The settings were refused, with every problem that they have.

    Parameters
    ----------
    problems
        At least one, in the order of the file.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"The settings have {count} {noun}", "see below")
        self.args = (f"The settings have {count} {noun}:\n{lines}",)


class PlatformError(HubError):
    """The operating system is none that the service runs on."""


class DataDirectoryError(HubError):
    """The data directory cannot be made, read or written."""


class DiskFullError(HubError):
    """A write failed because there is no space left.

    Parameters
    ----------
    place
        The file or directory that was being written.
    """

    def __init__(self, place: Path) -> None:
        super().__init__(
            f"The disk that holds {place} is full",
            "free some space there or choose another place with --data-dir",
        )
        self.place = place


class PortError(HubError):
    """No usable port, or no permission to bind the one that was asked for."""


class AlreadyRunningError(HubError):
    """Another command is starting or stopping the same service now."""


class NotRunningError(HubError):
    """The command needs a running service and there is none."""


class StartError(HubError):
    """The hub ended, or said nothing, while it was being started."""


class KernelEnvironmentError(HubError):
    """The environment that kernels run in could not be made."""
