"""What can go wrong in the hub, as one tree.

HubError
├── SettingsError                every problem of the settings at once
├── PlatformError                this operating system is not supported
├── DirectoryError               a directory that somebody named cannot be used
├── DataDirectoryError           a file of ours cannot be written
├── DiskFullError                a write failed for want of space
├── PortError                    a port cannot be bound
├── BusyError                    another command is at work on the same service
├── NotRunningError              there is no service to talk to
├── StartError                   the hub did not come up
├── StopError                    a process could not be ended
├── LoginError                   somebody cannot be logged in, or not now
│   ├── DownError                the identity provider does not answer
│   ├── AnswerError              the identity provider's answer is not acceptable
│   ├── GrantError               the identity provider has ended somebody's login
│   └── RefusedError             who was named may not come in
├── ProviderError                login links are of no use here
├── KubernetesError              the Kubernetes API refused something
├── OutageError                  the Kubernetes API does not answer
├── JavaError                    there is no Java that Spark can use
└── KernelEnvironmentError       the environment of the kernels cannot be made
    ├── NotInstalledError        there is nothing to install into it
    └── UvError                  uv failed

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
    """The operating system is none that the service runs on.

    Parameters
    ----------
    system
        Its name as Python gives it.
    """

    def __init__(self, system: str) -> None:
        super().__init__(
            f"Cygnet does not run on {system}",
            "use Linux or macOS, on Windows the Windows Subsystem for Linux",
        )
        self.system = system


class DirectoryError(HubError):
    """A directory that somebody named cannot be used.

    Parameters
    ----------
    role
        What it was to be, such as "The directory to show".
    path
        The directory.
    reason
        Why not, after "it".
    """

    def __init__(self, role: str, path: Path, reason: str) -> None:
        super().__init__(f"{role}, {path}, {reason}", "name another one")
        self.path = path


class DataDirectoryError(HubError):
    """The data directory, or a file of ours, cannot be written.

    Parameters
    ----------
    path
        What was being written.
    reason
        What the operating system said.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"Cannot write {path} ({reason})",
            "choose directories that you may write, as DIR and with --data-dir",
        )
        self.path = path


class DiskFullError(HubError):
    """A write failed because there is no space left.

    Parameters
    ----------
    path
        What was being written.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The disk that holds {path} is full",
            "free some space there, or choose another place with --data-dir",
        )
        self.path = path


class PortError(HubError):
    """A port may not be bound, or none is free.

    Parameters
    ----------
    port
        The port that was asked for.
    reason
        Why not.
    """

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(
            f"Cannot listen on port {port} of 127.0.0.1 ({reason})",
            "choose a port from 1024 on with --port",
        )
        self.port = port


class BusyError(HubError):
    """Another command is starting or stopping the same service now.

    Parameters
    ----------
    data_dir
        The data directory of the service.
    """

    def __init__(self, data_dir: Path) -> None:
        super().__init__(
            f"Another command is starting or stopping the service of {data_dir}",
            "wait until it has ended, or choose another place with --data-dir",
        )
        self.data_dir = data_dir


class NotRunningError(HubError):
    """The command needs a running service and there is none.

    Parameters
    ----------
    data_dir
        The data directory of the service.
    start
        The command that starts it.
    """

    def __init__(self, data_dir: Path, start: str) -> None:
        super().__init__(
            f"No service of {data_dir} is running", f"start it with `{start}`"
        )


class StartError(HubError):
    """The hub ended, or did not answer, while it was being started.

    Parameters
    ----------
    reason
        What it did, after "it".
    log
        Where the hub's own words are.
    """

    def __init__(self, reason: str, log: Path) -> None:
        super().__init__(
            f"The hub {reason} while it was being started",
            f"read the end of {log}, or ask `cygnet doctor`",
        )
        self.log = log


class StopError(HubError):
    """Some processes of the service could not be ended.

    Parameters
    ----------
    pids
        Their numbers, at least one.
    """

    def __init__(self, pids: Sequence[int]) -> None:
        numbers = ", ".join(map(str, pids))
        super().__init__(
            f"Some processes could not be ended ({numbers})",
            "see what they wait for, mostly a disk or a network file system",
        )
        self.pids = tuple(pids)


class LoginError(HubError):
    """Somebody cannot be logged in, or not now.

    Parameters
    ----------
    reason
        What happened, without a full stop; it is shown to that person.
    remedy
        What that person can do, without a full stop.
    detail
        For the operator's log alone, without any secret.
    """

    status = 400
    """The page's status."""
    title = "This login was not finished"
    """The page's heading."""

    def __init__(self, reason: str, remedy: str, detail: str = "") -> None:
        super().__init__(reason, remedy)
        self.detail = detail


class DownError(LoginError):
    """The identity provider does not answer."""

    status = 503
    title = "Nobody can log in at the moment"


class AnswerError(LoginError):
    """The identity provider's answer is not acceptable."""

    status = 502
    title = "The login was not accepted"


class GrantError(LoginError):
    """The identity provider has ended somebody's login."""

    status = 403
    title = "Your login has ended"


class RefusedError(LoginError):
    """Who was named by the identity provider may not come in."""

    status = 403
    title = "You cannot log in here"


class ProviderError(HubError):
    """People log in at an identity provider, so login links are of no use.

    Parameters
    ----------
    label
        What the provider is called.
    """

    def __init__(self, label: str) -> None:
        super().__init__(
            f"People log in to this service at {label}, not by links",
            "open the service's address in a browser",
        )


class KubernetesError(HubError):
    """The Kubernetes API refused something.

    Parameters
    ----------
    status
        The HTTP status.
    message
        What it said.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(
            f"Kubernetes refused: {message.rstrip('.')}", "read what it says"
        )
        self.status = status
        self.message = message


class OutageError(HubError):
    """The Kubernetes API does not answer.

    Parameters
    ----------
    told
        What the connection said.
    """

    def __init__(self, told: str) -> None:
        super().__init__(f"Kubernetes does not answer ({told})", "try again later")
        self.told = told


class JavaError(HubError):
    """There is no Java that Spark can use.

    Parameters
    ----------
    reason
        What was found instead.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Java does not work for Spark ({reason.rstrip('.')})",
            "set JAVA_HOME to Java 17 or newer, or unset it to use the one from PyPI",
        )


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
    """uv, which makes the environment, failed.

    Parameters
    ----------
    environment
        The directory that it was working on.
    code
        Its exit code.
    """

    def __init__(self, environment: Path, code: int) -> None:
        super().__init__(
            f"uv could not make {environment} (exit code {code}, it says why above)",
            "remove the cause, often a missing network, and run the command again",
        )
        self.environment = environment
        self.code = code
