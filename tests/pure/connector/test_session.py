"""What a new session does with the Java process of a stopped one, without Java."""

import socket
import subprocess
import sys
from collections.abc import Generator
from types import SimpleNamespace
from typing import Any

import pytest
from pyspark import SparkContext

from spark_connector import session
from spark_connector.errors import StartError

WAITS = "input()"
IGNORES = "import signal; signal.pause()"


class Gateway:
    """As pyspark leaves it: a client, and the process that pyspark has started."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.proc = process
        self._gateway_client = SimpleNamespace(deque=())
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def port() -> Generator[int]:
    """A port on which no Java process listens, though the system does."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize(("code", "ends_with"), [(WAITS, 1), (IGNORES, -9)])
def test_process_of_a_stopped_session_ends_before_the_next_one(
    port: int, monkeypatch: pytest.MonkeyPatch, code: str, ends_with: int
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=-1, stderr=subprocess.DEVNULL
    ) as stale:
        gateway = Gateway(stale)
        monkeypatch.setattr(SparkContext, "_gateway", gateway)
        monkeypatch.setattr(session, "_GRACE_SECONDS", 20 if code == WAITS else 0.1)
        jvm: Any = SimpleNamespace(port=port, token="", process=None)

        try:
            with pytest.raises(StartError):
                session.open_session(jvm)
            assert stale.wait(10) == ends_with
        finally:
            stale.kill()

    assert gateway.is_closed
