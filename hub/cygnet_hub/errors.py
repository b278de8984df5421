"""What can go wrong in the hub, as one tree; each room draws its branches.

HubError
├── SettingsError          every problem of the settings at once
├── PlatformError          this operating system is not supported
├── DirectoryError         a directory that the user named cannot be used
├── DataDirectoryError     a file of ours cannot be written
├── DiskFullError          a write failed because there is no space left
├── auth.errors            a user cannot be logged in
├── kubernetes.errors      the Kubernetes API refused something, or does not answer
├── local.errors           ports, the notebook server's process, kernels' environment
└── service.errors         why a command failed

The command line prints ``str(error)`` and ends with code 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override


class HubError(Exception):
    """An error that a user can do something about.

    The reason says what happened and where, without a full stop; the remedy is an
    imperative without a full stop.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}: {remedy}.")
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the settings."""

    file: str
    """Where it was written: a path, or a source, e.g. "the command line"."""
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

    There is at least one, in the order of the file.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        super().__init__(f"The settings have {count} {noun}", "correct each of them")

    @override
    def __str__(self) -> str:
        """Return each problem, with its remedy, on a line of its own."""
        return "\n".join((f"{self.reason}:", *(f"  {it}" for it in self.problems)))


class PlatformError(HubError):
    """The service does not run on this operating system."""

    def __init__(self, system: str) -> None:
        super().__init__(
            f"Cygnet does not run on {system}",
            "use Linux or macOS, on Windows the Windows Subsystem for Linux",
        )
        self.system = system


class DirectoryError(HubError):
    """A directory that the user named cannot be used.

    The role is a noun, e.g. "The directory to show"; the reason is a verb that follows
    it.
    """

    def __init__(self, role: str, path: Path, reason: str) -> None:
        super().__init__(f"{role}, {path}, {reason}", "name another one")
        self.path = path


class DataDirectoryError(HubError):
    """The data directory, or a file of ours, cannot be written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"Cannot write {path} ({reason})",
            "choose directories that you may write, as DIR and with --data-dir",
        )
        self.path = path


class DiskFullError(HubError):
    """A write failed because there is no space left."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The disk that holds {path} is full",
            "free some space there, or choose another place with --data-dir",
        )
        self.path = path
