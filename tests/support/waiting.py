"""How tests wait: for a condition, never for a time."""

import socket
import time
from collections.abc import Callable
from typing import TypeVar

SLOW_S = 60.0
"""Longer than anything takes that works, on a busy machine too."""
FIRST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 0.2
Found = TypeVar("Found")


def until(
    condition: Callable[[], Found | None], what: str, timeout: float = SLOW_S
) -> Found:
    """Wait until the condition returns something true, and return that.

    The pauses between two looks grow, so that looking does not slow down what is
    waited for.
    """
    deadline, pause = time.monotonic() + timeout, FIRST_PAUSE_S
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {timeout:.0f} s: {what}"
        time.sleep(pause)
        pause = min(1.5 * pause, LONGEST_PAUSE_S)
    return found


def listens(port: int) -> bool:
    """Tell whether a program listens on a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
