"""The processes that belong to a notebook server, and how they are ended.

Kernels, terminals and JVMs start sessions of their own and outlive a killed
parent, so neither the process group nor the parent finds them all. They inherit
the server's environment: one variable in it marks them.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil

MARK = "CYGNET_NOTEBOOK_SERVER"
"""Names the data directory in the environment of a notebook server."""
_INTERVAL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Identity:
    """A process that cannot be confused with a later one of the same number."""

    pid: int
    """Its number."""
    created: float
    """When it was made, in seconds since the epoch as psutil gives them."""

    def is_running(self) -> bool:
        """Tell whether this very process runs.

        Returns
        -------
        bool
            False for a zombie, which nobody may be left to reap.
        """
        try:
            process = psutil.Process(self.pid)
            return process.create_time() == self.created and _runs(process)
        except psutil.NoSuchProcess:
            return False


def identify(pid: int) -> Identity:
    """Remember a running process.

    Parameters
    ----------
    pid
        Its number.

    Returns
    -------
    Identity
        With a creation time of 0, which never matches, when it has gone already.
    """
    try:
        return Identity(pid, psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return Identity(pid, 0)


def marked(data_dir: Path) -> list[psutil.Process]:
    """Find a notebook server and all that it started.

    Parameters
    ----------
    data_dir
        The service's data directory.

    Returns
    -------
    list of Process
        Those whose environment carries the mark, with their descendants, without
        the calling process; zombies are left out.
    """
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        if _mark(process) == str(data_dir):
            found[process.pid] = process
            found.update((child.pid, child) for child in _children(process))
    found.pop(psutil.Process().pid, None)
    return list(found.values())


def end(processes: Iterable[psutil.Process], grace: timedelta) -> None:
    """End processes: with SIGTERM, and after the grace with SIGKILL.

    Parameters
    ----------
    processes
        What is to end; those that are gone are no problem.
    grace
        How long they may take to end by themselves.

    Notes
    -----
    Blocks for at most the grace and a second.
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
    """Wait until processes have ended.

    Parameters
    ----------
    processes
        What is expected to end.
    patience
        How long at most.

    Returns
    -------
    list of Process
        What still runs. A zombie has ended: who reaps it, and when, is the matter of
        its parent, and there are containers where nobody ever does.
    """
    deadline = time.monotonic() + patience.total_seconds()
    rest = list(filter(_runs, processes))
    while rest and time.monotonic() < deadline:
        time.sleep(_INTERVAL_SECONDS)
        rest = list(filter(_runs, rest))
    return rest


def _runs(process: psutil.Process) -> bool:
    """Tell whether a process runs, which a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _mark(process: psutil.Process) -> str | None:
    """Return the mark of a process, ``None`` without one."""
    try:
        return process.environ().get(MARK)
    except psutil.Error:
        # Of somebody else, or gone, or a zombie: not ours in each case.
        return None


def _children(process: psutil.Process) -> list[psutil.Process]:
    """Return the descendants, which may have dropped their environment."""
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _try(signal: Callable[[], None]) -> None:
    """Send a signal to a process that may have gone."""
    try:
        signal()
    except psutil.NoSuchProcess:
        return
