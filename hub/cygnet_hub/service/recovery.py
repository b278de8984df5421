"""Recovers from a crash: ends what holds ports, takes over running notebook servers.

Its proxy and its sharing service are ended, because they hold ports, and keep nothing
in memory that is not on the disk. Its notebook servers are kept: the
new hub finds them through its database, and they find the new hub as long as it
gets the port that they know.
"""

import contextlib
from datetime import timedelta

import psutil

from cygnet_hub.console import Say
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import port, process_tree, settings
from cygnet_hub.local.process_tree import Role, ServiceProcess
from cygnet_hub.local.settings import Settings

STARTED_BY_HUB = (Role.PROXY, Role.SHARING)
"""What a hub starts along with itself, and a killed one leaves behind."""
GRACE = timedelta(seconds=10)
"""How long a process of the last run may take to end."""


def clean_up(data: DataDirectory, say: Say) -> Settings | None:
    """End what a former service left, except what can be taken over.

    No hub that answers uses the directory. The former service's settings are returned.
    """
    former = settings.saved(data.settings)
    left = process_tree.take(data)
    # A hub that does not answer is killed, not asked: asked, it would end the
    # notebook servers, and they have done nothing wrong.
    for role in (Role.HUB, *STARTED_BY_HUB):
        for member in left.of(role):
            _kill(member, say)
    servers = left.of(Role.SERVER)
    if servers and (former is None or not port.is_free(former.hub_port)):
        say("The notebook servers of the last run could not reach a new hub.")
        servers = ()
    if not servers:
        _end_all(data, say)
    for member in servers:
        say(f"Taking over the notebook server {member.process.pid} with its kernels.")
    return former


def end_started(data: DataDirectory) -> None:
    """End proxy and sharing service of a hub that did not come up."""
    left = process_tree.take(data)
    for role in STARTED_BY_HUB:
        for member in left.of(role):
            _kill(member, lambda _line: None)


def _kill(member: ServiceProcess, say: Say) -> None:
    """End a process that keeps nothing in its memory."""
    say(f"Ending a process of the last run: {member.role} {member.process.pid}.")
    with contextlib.suppress(psutil.Error):
        member.process.kill()
        process_tree.await_end([member.process], GRACE)


def _end_all(data: DataDirectory, say: Say) -> None:
    """End kernels, and programs that they started, without a notebook server."""
    left = process_tree.take(data)
    for member in left.members:
        say(f"Ending a process of the last run: {member.role} {member.process.pid}.")
    process_tree.end([member.process for member in left.members], GRACE)
