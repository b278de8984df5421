import threading
from typing import Any

import pytest

from spark_connector import lock_watch
from spark_connector.errors import StartError
from spark_connector.lock import NO_SESSION, Lock, LockState
from spark_connector.lock_watch import LockWatch
from spark_connector.problem import Problem


class Reader:
    """A session that fails to answer, each time in the same way."""

    newest = NO_SESSION
    is_over = False

    def __init__(self, error: Exception) -> None:
        self.error = error

    def read(self) -> Lock:
        raise self.error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (StartError(Problem("driver", None, "It is busy.", "Wait.")), "It is busy."),
        (ValueError("secret"), "could not be asked how it is protected"),
    ],
)
def test_lock_opens_when_it_cannot_be_read(
    error: Exception, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_watch, "EVERY_SECONDS", 0.01)
    reader: Any = Reader(error)
    watch = LockWatch(reader)
    told: list[Lock] = []
    has_told = threading.Event()

    def on_lock(lock: Lock) -> None:
        told.append(lock)
        has_told.set()

    watch.follow(on_lock)

    assert has_told.wait(30)
    watch.stop()
    assert told[0].state is not LockState.CLOSED
    assert reason in str(told[0])
    assert "secret" not in str(told[0])
