"""Has one node for all test processes that want it at the same time.

The first one starts it and the last one ends it. The kernel counts them by a lock
that all of them hold, so one that is killed is counted no more.
"""

import fcntl
import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

from tests.cluster.node import build, image, node, trace
from tests.cluster.node.place import CACHE, RUN
from tests.cluster.node.program import phase
from tests.support.lock import alone

USERS = CACHE / "lock-node-users"
"""Everybody who has the node holds this together with the others."""
CHANGE = CACHE / "lock-node-change"
"""Who starts the node, ends it or joins the others holds this alone."""
BEFORE = RUN / "before.json"
"""What the machine was like before a test started the node; none for another's."""


@contextmanager
def leased() -> Generator[None]:
    """Have a node for as long as the block lasts.

    One that runs is taken as it is, and one that no test started stays afterwards.

    Raises
    ------
    AssertionError
        When the node's end left something behind on the machine.
    """
    USERS.parent.mkdir(parents=True, exist_ok=True)
    with USERS.open("w") as users:
        with alone(CHANGE):
            if not node.is_up():
                _start()
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield
        finally:
            with alone(CHANGE):
                if _is_last(users):
                    _end()


def _start() -> None:
    with phase("building what the cluster runs"):
        build.build()
    node.down()
    before = trace.look()
    node.up(*map(image.full_name, image.NAMES))
    BEFORE.write_text(json.dumps(sorted(before)))


def _is_last(users: TextIO) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end() -> None:
    if not BEFORE.exists():
        return
    before = set(json.loads(BEFORE.read_text()))
    with phase("ending the cluster"):
        node.down()
    # Shown as an error of the last test: nothing can be asked of a node after it.
    left = sorted(map(str, trace.look() - before))
    assert not left, "The cluster left:\n" + "\n".join(left)
