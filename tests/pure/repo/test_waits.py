"""The reader of waits and locks that a gate stands on."""

import pytest

from tests.support import waits

ENDLESS = [
    "thread.join()",
    "thread.join(None)",
    "event.wait(timeout=None)",
    "event.wait(5 if busy else None)",
    "lock.acquire()",
    "lock.acquire(True)",
    "condition.wait_for(ready)",
    "future.result()",
    "futures.wait(several)",
    "concurrent.futures.as_completed(several)",
    "pool.shutdown()",
    "queue.get()",
    "queue.get(True)",
    "queue.get(block=True)",
    "queue.get(timeout=5 if busy else None)",
    "process.wait()",
    "process.communicate()",
    "process.communicate(b'text')",
    "subprocess.run(command, check=True)",
    "subprocess.check_output(command, timeout=None)",
    "psutil.wait_procs(processes)",
    "os.waitpid(1, 0)",
    "fcntl.flock(file, fcntl.LOCK_EX)",
    "socket.create_connection(address)",
    "server.accept()",
    "urlopen(request)",
    "urllib.request.urlopen(request)",
    "HTTPConnection('localhost', 80)",
]
BOUNDED = [
    "thread.join(5)",
    "event.wait(timeout=5)",
    "','.join(names)",
    "await event.wait()",
    "await queue.get()",
    "lock.acquire(blocking=False)",
    "lock.acquire(False)",
    "lock.acquire(timeout=5)",
    "lock.acquire(True, 5)",
    "condition.wait_for(ready, 5)",
    "futures.wait(several, 5)",
    "pool.shutdown(wait=False)",
    "connection.shutdown(socket.SHUT_RDWR)",
    "current.get()",
    "table.get('key')",
    "table.get('key', None)",
    "queue.get(timeout=5)",
    "queue.get(True, 5)",
    "queue.get(block=False)",
    "process.communicate(timeout=5)",
    "subprocess.run(command, timeout=5)",
    "fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)",
    "socket.create_connection(address, 5)",
    "urlopen(request, timeout=5)",
    "asyncio.run(work())",
]


@pytest.mark.parametrize("line", ENDLESS)
def test_endless_wait_is_found(line: str) -> None:
    assert list(waits.endless_waits(work(line))) == ["work"]


@pytest.mark.parametrize("line", BOUNDED)
def test_bounded_wait_is_none(line: str) -> None:
    assert list(waits.endless_waits(work(line))) == []


def test_socket_with_a_time_waits_for_that() -> None:
    text = work("server.settimeout(5); server.accept()")

    assert list(waits.endless_waits(text)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("self._lock = threading.Lock()", ["_lock"]),
        ("guard: object = threading.Condition(own)", ["guard"]),
        ("from threading import RLock as R\nguard = R()", ["guard"]),
        ("lock: Any = field(default_factory=threading.Lock)", ["lock"]),
        ("its = self.locks.setdefault(key, threading.Semaphore(3))", ["its"]),
        ("lock = asyncio.Lock()", []),
        ("NO_SESSION = Lock(OPEN)", []),
    ],
)
def test_locks_are_found(text: str, found: list[str]) -> None:
    assert waits.locks(text) == found


def work(line: str) -> str:
    return f"current = ContextVar('current')\nasync def work():\n    {line}"
