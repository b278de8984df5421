"""Which processes of a service run now.

Every process of a service inherits a variable that names its data directory, so
that those are found whose parent was killed, and a stranger who got an old number
is never taken for one of them.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from cygnet_hub.local import process_tree
from cygnet_hub.local.settings import SERVICE_VARIABLE


class Role(StrEnum):
    """What a process is to the service."""

    HUB = "hub"
    PROXY = "proxy"
    SERVER = "notebook server"
    KERNEL = "kernel"
    JVM = "Java"
    OTHER = "program"


@dataclass(frozen=True, slots=True)
class Member:
    """One process of the service."""

    process: psutil.Process
    """A handle that a process with the same number later does not share."""
    role: Role
    """What it is to the service."""
    folder: Path
    """Its working directory; the root when that cannot be read."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """All processes of a service at one moment."""

    members: tuple[Member, ...]
    """Sorted by number, without the process that asks."""

    def of(self, role: Role) -> tuple[Member, ...]:
        """Return the members with a role.

        Parameters
        ----------
        role
            The role.

        Returns
        -------
        tuple of Member
            Sorted by number; usually one hub and one proxy.
        """
        return tuple(it for it in self.members if it.role is role)

    @property
    def pids(self) -> frozenset[int]:
        """The numbers of all members."""
        return frozenset(it.process.pid for it in self.members)


def take(data_dir: Path) -> Inventory:
    """Look at all processes of this account.

    Parameters
    ----------
    data_dir
        The service's data directory.

    Returns
    -------
    Inventory
        Zombies are left out: they hold nothing and their parent will reap them.
    """
    found = (_member(it, str(data_dir)) for it in psutil.process_iter())
    members = [member for member in found if member is not None]
    return Inventory(tuple(sorted(members, key=lambda it: it.process.pid)))


def _member(candidate: psutil.Process, data_dir: str) -> Member | None:
    """Return the process as a member, ``None`` for a stranger."""
    try:
        with candidate.oneshot():
            variables = candidate.environ()
            is_ours = variables.get(SERVICE_VARIABLE) == data_dir
            if not is_ours or candidate.pid == psutil.Process().pid:
                return None
            command = candidate.cmdline()
            role = _role(command, is_inside=process_tree.MARK in variables)
            return Member(candidate, role, _folder(candidate))
    except psutil.Error:
        # Another account's, or just gone.
        return None


def _role(command: list[str], *, is_inside: bool) -> Role:
    """Tell the role from the command line.

    Parameters
    ----------
    command
        The arguments, the program first.
    is_inside
        Whether the process is a notebook server or was started by one.
    """
    words = " ".join(command)
    program = Path(command[0]).name if command else ""
    match is_inside, program:
        case False, "traefik":
            return Role.PROXY
        case False, _ if "jupyterhub" in words:
            return Role.HUB
        case True, "java":
            return Role.JVM
        case True, _ if "ipykernel_launcher" in words:
            return Role.KERNEL
        case True, _ if "singleuser" in words:
            return Role.SERVER
        case _:
            return Role.OTHER


def _folder(candidate: psutil.Process) -> Path:
    """Return the working directory."""
    try:
        return Path(candidate.cwd())
    except psutil.Error:
        return Path("/")
