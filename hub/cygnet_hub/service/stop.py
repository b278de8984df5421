"""Ends the service: hub, proxy, notebook servers, kernels and their JVMs."""

import contextlib
import signal
from collections.abc import Iterator
from datetime import timedelta

import psutil

from cygnet_hub.console import Say
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import process_tree
from cygnet_hub.local.process_tree import Inventory, Role
from cygnet_hub.service import lock_file, state_file
from cygnet_hub.service.errors import StopError

HUB_GRACE = timedelta(seconds=45)
"""How long the hub may take: it ends the notebook servers, which save first."""
GRACE = timedelta(seconds=10)
"""How long what the hub did not end may take."""
_ROUNDS = 3


def end(data: DataDirectory, say: Say) -> None:
    """End everything that belongs to the service.

    An impatient Ctrl-C takes the graces away and ends the rest at once.
    """
    with lock_file.hold(data), _undisturbed():
        try:
            _end(data, say, HUB_GRACE, GRACE)
        except KeyboardInterrupt:
            say("Ending the rest at once.")
            _end(data, say, timedelta(), timedelta())
        left = process_tree.take(data)
        if left.members:
            raise StopError(sorted(left.pids))
        state_file.forget(data.record)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Finish although the terminal goes away, which may be one of those ended."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(data: DataDirectory, say: Say, hub_grace: timedelta, grace: timedelta) -> None:
    """Ask the hub, which knows the order, and end what is left then."""
    hubs = [it.process for it in process_tree.take(data).of(Role.HUB)]
    if hubs:
        say("Ending the hub and its notebook servers …")
    for hub in hubs:
        with contextlib.suppress(psutil.NoSuchProcess):
            hub.terminate()
    process_tree.await_end(hubs, hub_grace)
    # Each round finds what a dying process had just started.
    for _ in range(_ROUNDS):
        left = process_tree.take(data)
        if not left.members:
            return
        _end_rest(left, say, grace)


def _end_rest(left: Inventory, say: Say, grace: timedelta) -> None:
    """End notebook servers first: they save, and end their kernels themselves."""
    servers = [it.process for it in left.of(Role.SERVER)]
    say(f"Ending the remaining processes: {describe(left)}.")
    process_tree.end(servers, grace)
    # A JVM ends by itself when it notices that its kernel has gone.
    rest = [it.process for it in left.members]
    process_tree.end(
        process_tree.await_end(rest, min(grace, timedelta(seconds=1))), grace
    )


def describe(left: Inventory) -> str:
    """Name processes, e.g. "hub 12, kernel 34"."""
    return ", ".join(f"{it.role} {it.process.pid}" for it in left.members)
