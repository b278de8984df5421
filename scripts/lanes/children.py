"""Starts the lanes' programs, and ends them with everything that they have started.

Each program has a process group of its own. On Linux this process also adopts what
outlives its parent, a detached hub for instance, and so finds it again at the end.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

PR_SET_CHILD_SUBREAPER = 36
"""Of prctl(2): orphans below this process become its children."""
TERM_S = 3.0
"""How long a process may take to end after SIGTERM."""
MAKE_VARIABLES = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")


@dataclass(slots=True)
class Child:
    """One program that was started."""

    process: subprocess.Popen[bytes]
    """Its first process, which leads its group."""
    signal: signal.Signals
    """What asks it to end."""
    began: float = field(default_factory=time.monotonic)
    """When it was started."""
    exit_code: int | None = None
    """As subprocess gives it; None while it runs."""
    seconds: float = 0.0
    """How long it took."""
    processor_s: float = 0.0
    """The processor time of its processes, as far as each parent has waited."""

    def note_end(self, status: int, processor_s: float) -> None:
        """Take what wait4(2) gives."""
        self.exit_code = os.waitstatus_to_exitcode(status)
        # The process is gone, and Popen must not ask for it.
        self.process.returncode = self.exit_code
        self.seconds = time.monotonic() - self.began
        self.processor_s = processor_s


class Children:
    """All programs of a run; one object per process."""

    def __init__(self) -> None:
        self._running: dict[int, Child] = {}
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def start(
        self,
        command: Sequence[str],
        folder: Path,
        log: Path,
        *,
        variables: Mapping[str, str] | None = None,
        asked_by: signal.Signals = signal.SIGTERM,
    ) -> Child:
        """Start a program whose output goes to a file, from its beginning.

        The variables are added to this environment. `asked_by` is the signal that asks
        its first process to end.
        """
        inherited = {k: v for k, v in os.environ.items() if k not in MAKE_VARIABLES}
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env={**inherited, **(variables or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        child = Child(process, asked_by)
        self._running[process.pid] = child
        return child

    def reap(self) -> None:
        """Note each program that has ended, and bury adopted processes."""
        with suppress(ChildProcessError):
            while True:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
                if not pid:
                    return
                child = self._running.pop(pid, None)
                if child is not None:
                    child.note_end(status, usage.ru_utime + usage.ru_stime)

    def ask(self) -> None:
        """Ask each running program to end; pytest then ends its fixtures."""
        for child in self._running.values():
            with suppress(ProcessLookupError):
                if child.signal is signal.SIGINT:
                    child.process.send_signal(signal.SIGINT)
                else:
                    os.killpg(child.process.pid, child.signal)

    def hurry(self, child: Child) -> None:
        """Let a program that takes what no other wants compete for processors.

        On Linux it gets the ordinary policy with all that it has started; only root may
        do that.
        """
        if sys.platform != "linux" or child.exit_code is not None:
            return
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(child.process.pid)
            # What starts meanwhile has the policy of its parent.
            while idle := [it for it in _threads(first) if _is_idle(it)]:
                try:
                    for it in idle:
                        os.sched_setscheduler(it, os.SCHED_OTHER, os.sched_param(0))
                except PermissionError:
                    return
                except ProcessLookupError:
                    continue

    @property
    def are_running(self) -> bool:
        """Whether a program that was started has not ended yet."""
        return bool(self._running)

    def end(self) -> list[str]:
        """End everything that is below this process.

        The names of the processes that were still there are returned, without the
        programs that this object has started.
        """
        left = psutil.Process().children(recursive=True)
        names = [_name(it) for it in left if it.pid not in self._running]
        _each(left, psutil.Process.terminate)
        deadline = time.monotonic() + TERM_S
        while psutil.Process().children() and time.monotonic() < deadline:
            self.reap()
            time.sleep(0.02)
        for child in self._running.values():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)
        deadline = time.monotonic() + TERM_S
        while left := psutil.Process().children(recursive=True):
            _each(left, psutil.Process.kill)
            self.reap()
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        self.reap()
        return [it for it in names if it]


def _each(
    processes: Iterable[psutil.Process], action: Callable[[psutil.Process], None]
) -> None:
    """Do something to each process that is there and is ours."""
    for it in processes:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            action(it)


def _threads(first: psutil.Process) -> list[int]:
    """Return the ids of all threads of a process and of those below it.

    Each has a policy of its own: sched_setscheduler(2) changes one thread.
    """
    found: list[int] = []
    for process in (first, *first.children(recursive=True)):
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            found += [it.id for it in process.threads()]
    return found


def _is_idle(thread: int) -> bool:
    """Report whether a thread takes only what no other wants."""
    with suppress(ProcessLookupError):
        return os.sched_getscheduler(thread) == os.SCHED_IDLE
    return False


def _name(process: psutil.Process) -> str:
    """Return the command line of a process in brief; empty for one that has ended."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        return " ".join(process.cmdline())[:100] or process.name()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ""
