"""The processes of a service: which of them run, and how they are ended.

Kernels, terminals and JVMs start sessions of their own and outlive a killed parent,
so neither the process group nor the parent finds them all. They inherit two
variables: `SERVICE_VARIABLE` names the service by its data directory, and `MARK` says
that the process is a notebook server or was started by one. A stranger who got the
number of a process that has ended has neither.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import psutil

from cygnet_hub.data_directory import DataDirectory

SERVICE_VARIABLE = "CYGNET_SERVICE"
"""Names the data directory in the environment of every process of a service."""
MARK = "CYGNET_NOTEBOOK_SERVER"
"""Set for a notebook server and what it starts; what it holds makes no difference."""
SHARING = "cygnet_hub.local.share_program"
"""The module that runs the sharing service."""
_INTERVAL_SECONDS = 0.02


class Role(StrEnum):
    """What a process is to the service."""

    HUB = "hub"
    PROXY = "proxy"
    SHARING = "sharing service"
    SERVER = "notebook server"
    KERNEL = "kernel"
    JVM = "Java"
    OTHER = "program"


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """One process of the service."""

    process: psutil.Process
    """A handle that a later process with the same number does not share."""
    role: Role
    """What it is to the service."""
    folder: Path
    """Its working directory; the root when that cannot be read."""
    is_inside: bool
    """Whether it is a notebook server or was started by one."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """All processes of a service at one moment."""

    members: tuple[ServiceProcess, ...]
    """Sorted by number, without the calling process."""

    def of(self, role: Role) -> tuple[ServiceProcess, ...]:
        """Return the members with a role, usually one hub and one proxy."""
        return tuple(it for it in self.members if it.role is role)

    @property
    def inside(self) -> tuple[ServiceProcess, ...]:
        """The notebook server and all that it started."""
        return tuple(it for it in self.members if it.is_inside)

    @property
    def pids(self) -> frozenset[int]:
        """The numbers of all members."""
        return frozenset(it.process.pid for it in self.members)


@dataclass(frozen=True, slots=True)
class Identity:
    """A process that cannot be confused with a later one of the same number."""

    pid: int
    """Its number."""
    created: float
    """When it was made, in seconds since the epoch as psutil gives them."""

    def is_running(self) -> bool:
        """Return whether this very process runs; a zombie does not."""
        try:
            process = psutil.Process(self.pid)
            return process.create_time() == self.created and _runs(process)
        except psutil.NoSuchProcess:
            return False


def identify(pid: int) -> Identity:
    """Return the identity of a running process.

    One that has gone already gets a creation time of 0, which never matches.
    """
    try:
        return Identity(pid, psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return Identity(pid, 0)


def take(data: DataDirectory) -> Inventory:
    """Look at all processes of this account.

    What a notebook server's process started belongs to the service even if it has
    dropped its environment, as long as its parent lives. Zombies are left out: they
    hold nothing, and their parent will reap them.
    """
    found = [(it, _environment(it)) for it in psutil.process_iter()]
    ours = {
        it: MARK in variables
        for it, variables in found
        if variables.get(SERVICE_VARIABLE) == str(data)
    }
    servers = [it for it, is_inside in ours.items() if is_inside]
    unmarked = [it for it, variables in found if SERVICE_VARIABLE not in variables]
    ours |= dict.fromkeys(_descendants(servers, unmarked), True)
    ours.pop(psutil.Process(), None)
    members = (_member(it, is_inside=is_inside) for it, is_inside in ours.items())
    known = [it for it in members if it is not None]
    return Inventory(tuple(sorted(known, key=lambda it: it.process.pid)))


def end(processes: Iterable[psutil.Process], grace: timedelta) -> None:
    """End processes: with SIGTERM, and after the grace with SIGKILL.

    Those that have gone are ignored. Blocks for at most the grace and a second.
    """
    rest = list(processes)
    for process in rest:
        _try(process.terminate)
    rest = await_end(rest, grace)
    for process in rest:
        _try(process.kill)
    await_end(rest, timedelta(seconds=1))


def await_end(
    processes: Iterable[psutil.Process], patience: timedelta
) -> list[psutil.Process]:
    """Wait until processes have ended, and return those that still run.

    A zombie has ended: who reaps it, and when, is the matter of its parent, and there
    are containers where that never happens.
    """
    deadline = time.monotonic() + patience.total_seconds()
    rest = list(filter(_runs, processes))
    while rest and time.monotonic() < deadline:
        time.sleep(_INTERVAL_SECONDS)
        rest = list(filter(_runs, rest))
    return rest


def _runs(process: psutil.Process) -> bool:
    """Return whether a process runs, which a zombie does not."""
    try:
        if not process.is_running():
            return False
        # The first thread can be a zombie while others still end, and hold ports.
        is_zombie = process.status() == psutil.STATUS_ZOMBIE
        return not is_zombie or process.num_threads() > 1
    except psutil.NoSuchProcess:
        return False


def _environment(process: psutil.Process) -> Mapping[str, str]:
    """Return the variables of a process; none when they cannot be read."""
    try:
        return process.environ()
    except psutil.Error:
        # Another account's, or gone, or a zombie: not marked in each case.
        return {}


def _descendants(
    ancestors: Sequence[psutil.Process], candidates: Iterable[psutil.Process]
) -> list[psutil.Process]:
    """Return the candidates that were started by an ancestor, or by one of these."""
    if not ancestors:
        return []
    children: defaultdict[int, list[psutil.Process]] = defaultdict(list)
    for it in candidates:
        try:
            if _runs(it):
                children[it.ppid()].append(it)
        except psutil.Error:
            # Gone, or of another account on a system that hides what others run.
            continue
    found = []
    parents = list(ancestors)
    while parents:
        started = children.pop(parents.pop().pid, [])
        found += started
        parents += started
    return found


def _member(process: psutil.Process, *, is_inside: bool) -> ServiceProcess | None:
    """Describe a process, ``None`` when it has just gone."""
    try:
        with process.oneshot():
            role = _role(process.cmdline(), is_inside=is_inside)
            return ServiceProcess(process, role, _folder(process), is_inside)
    except psutil.Error:
        return None


def _role(command: list[str], *, is_inside: bool) -> Role:
    """Return the role from the command line, whose first word is the program."""
    program = Path(command[0]).name if command else ""
    if is_inside:
        return _role_inside(program, " ".join(command))
    if program == "traefik":
        return Role.PROXY
    # First, as the folder that all of this is installed in may be named anything.
    if SHARING in command:
        return Role.SHARING
    return Role.HUB if "jupyterhub" in " ".join(command) else Role.OTHER


def _role_inside(program: str, words: str) -> Role:
    """Return the role of a notebook server, or of what it has started."""
    if program == "java":
        return Role.JVM
    if "ipykernel_launcher" in words:
        return Role.KERNEL
    return Role.SERVER if "singleuser" in words else Role.OTHER


def _folder(process: psutil.Process) -> Path:
    """Return the working directory."""
    try:
        return Path(process.cwd())
    except psutil.Error:
        return Path("/")


def _try(signal: Callable[[], None]) -> None:
    """Send a signal to a process that may have gone, or be another account's."""
    try:
        signal()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return
