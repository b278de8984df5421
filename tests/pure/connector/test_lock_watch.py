import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from spark_connector import executor_monitor, lock_watch
from spark_connector.errors import StartError
from spark_connector.executor_monitor import ExecutorMonitor
from spark_connector.lock import Lock, LockState
from spark_connector.lock_watch import Asked, LockWatch
from spark_connector.problem import Problem
from spark_connector.session import ExecutorReport

CLOSED = Lock(LockState.CLOSED)
ERRORS = [
    (StartError(Problem("driver", None, "It is busy.", "Wait.")), "It is busy."),
    (ValueError("secret"), "could not be asked how it is protected"),
]


class Reader:
    """A session, as a reader of its lock sees it."""

    is_over = False
    session = None

    def __init__(self, answer: Callable[[], Lock]) -> None:
        self.read = answer
        self.jvm = SimpleNamespace(on_line=print)


def failing(error: Exception) -> Callable[..., Any]:
    def answer(*_: object) -> Lock:
        raise error

    return answer


def first_told(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> Lock:
    """Follow a closed lock until it changes."""
    monkeypatch.setattr(lock_watch, "EVERY_SECONDS", 0.01)
    watch = LockWatch(asked, CLOSED)
    told: list[Lock] = []
    has_told = threading.Event()

    def on_lock(lock: Lock) -> None:
        told.append(lock)
        has_told.set()

    watch.follow(on_lock)
    try:
        assert has_told.wait(30)
    finally:
        watch.stop()
    return told[0]


@pytest.mark.parametrize(("error", "reason"), ERRORS)
def test_lock_opens_when_it_cannot_be_read(
    error: Exception, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = first_told(Reader(failing(error)), monkeypatch)

    assert lock.state is LockState.UNVERIFIABLE
    assert reason in str(lock)
    assert "secret" not in str(lock)


@pytest.mark.parametrize("silent", ["driver", "executors"])
@pytest.mark.parametrize(("error", "reason"), ERRORS)
def test_lock_with_executors_opens_when_it_cannot_be_read(
    silent: str, error: Exception, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(_: object) -> ExecutorReport:
        return ExecutorReport(0, {})

    is_driver = silent == "driver"
    read = answer if is_driver else failing(error)
    monkeypatch.setattr(executor_monitor, "read_executors", read)
    reader: Any = Reader(failing(error) if is_driver else lambda: CLOSED)
    pod: Any = None

    lock = first_told(ExecutorMonitor(reader, pod, "spark-1"), monkeypatch)

    assert lock.state is LockState.UNVERIFIABLE
    assert reason in str(lock)


def test_lock_of_executors_is_reported_also_when_kubernetes_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = ExecutorReport(2, {"1": {"spark.authenticate": "false"}})
    monkeypatch.setattr(executor_monitor, "read_executors", lambda _: report)
    monkeypatch.setattr(executor_monitor, "list_executors", failing(OSError("gone")))
    reader: Any = Reader(lambda: CLOSED)
    pod: Any = None

    lock = first_told(ExecutorMonitor(reader, pod, "spark-1"), monkeypatch)

    assert lock.state is LockState.OPEN
