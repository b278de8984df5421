"""The foreground loop of `cygnet up`.

The hub lives in a session of its own, so the terminal's signals reach this process
alone, and it decides: Ctrl-C asks and stops, SIGTERM stops, a lost terminal leaves
everything running.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto
from queue import Empty, SimpleQueue
from types import FrameType

from cygnet_hub.console import Say
from cygnet_hub.local import process_tree
from cygnet_hub.local.process_tree import Identity, Role
from cygnet_hub.service import (
    hub_client,
    hub_process,
    state_file,
)
from cygnet_hub.service.hub_client import BusyKernel
from cygnet_hub.service.start import Service

_INTERVAL_SECONDS = 1.0


class Outcome(Enum):
    """Why the watching ended."""

    STOP = auto()
    """The user, or SIGTERM, ends the service."""
    DETACHED = auto()
    """The terminal was lost; the service keeps running."""
    HUB_ENDED = auto()
    """Another command stopped the service."""
    HUB_DIED = auto()
    """The hub died."""


Ask = Callable[[str], bool]
"""Asks a question; True is yes. Ctrl-C raises KeyboardInterrupt, a terminal that
has gone EOFError or OSError."""


def watch(service: Service, say: Say, ask: Ask) -> Outcome:
    """Wait until the user leaves or the hub dies; nothing has been ended then."""
    watched = _Watched(service, say)
    with _signals() as signals:
        while True:
            try:
                caught = signals.get(timeout=_INTERVAL_SECONDS)
            except Empty:
                if (outcome := watched.look()) is not None:
                    return outcome
                continue
            match caught:
                case signal.SIGHUP:
                    return Outcome.DETACHED
                case signal.SIGINT:
                    outcome = confirm(hub_client.busy_kernels(service.settings), ask)
                    if outcome is not None:
                        return outcome
                    say("Cygnet keeps running.")
                case _:
                    return Outcome.STOP


def confirm(busy: tuple[BusyKernel, ...] | None, ask: Ask) -> Outcome | None:
    """Ask once before kernels that are busy are ended; ``None``: the service goes on.

    A second Ctrl-C is a yes, a terminal that goes away in between leaves the service
    running. The kernels are ``None`` when they are not known.
    """
    if busy == ():
        return Outcome.STOP
    try:
        with _default_interrupt():
            return Outcome.STOP if ask(question(busy)) else None
    except KeyboardInterrupt:
        return Outcome.STOP
    except (EOFError, OSError):
        return Outcome.DETACHED


def question(busy: tuple[BusyKernel, ...] | None) -> str:
    """Phrase the question, with the notebooks by name, for a yes or no."""
    if busy is None:
        return "What the kernels are doing is not known. Stop them all?"
    names = ", ".join(kernel.name for kernel in busy)
    if len(busy) == 1:
        return f"A kernel is busy: {names}. Stop it and everything else?"
    return f"{len(busy)} kernels are busy: {names}. Stop them and everything else?"


class _Watched:
    """The hub and the proxy, as they were when last looked at."""

    def __init__(self, service: Service, say: Say) -> None:
        self._service = service
        self._say = say
        self._proxy = self._find_proxy()
        # A service that has started has one, so one that is not there has died.
        self._has_proxy = True

    def look(self) -> Outcome | None:
        """Report what has happened since; return an outcome when the hub is gone."""
        record = self._service.settings.data.record
        hub = self._service.hub
        code = hub.poll() if hub is not None else None
        if code == 0:
            return Outcome.HUB_ENDED
        if code is not None:
            if (known := state_file.read(record)) is not None:
                state_file.write(record, known.model_copy(update={"hub_exit": code}))
            self._say(f"The hub {hub_process.ending(code)}.")
            return Outcome.HUB_DIED
        self._look_at_proxy()
        return None

    def _look_at_proxy(self) -> None:
        """Report that the proxy has died, and that there is a new one."""
        if self._proxy is not None and self._proxy.is_running():
            return
        if self._has_proxy:
            self._has_proxy = False
            self._say("The proxy died. The hub starts it again …")
        self._proxy = self._find_proxy()
        if self._proxy is not None:
            self._has_proxy = True
            self._say("The proxy is back.")

    def _find_proxy(self) -> Identity | None:
        """Look for the proxy."""
        found = process_tree.take(self._service.settings.data).of(Role.PROXY)
        return process_tree.identify(found[0].process.pid) if found else None


@contextmanager
def _signals() -> Iterator["SimpleQueue[signal.Signals]"]:
    """Collect signals instead of being ended by them."""
    caught: SimpleQueue[signal.Signals] = SimpleQueue()

    def catch(number: int, _frame: FrameType | None) -> None:
        # SimpleQueue.put may interrupt itself, which other queues do not survive.
        caught.put(signal.Signals(number))

    before = {}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Under nohup SIGHUP is ignored already, and stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, catch)
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _default_interrupt() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, so that it ends a question."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
