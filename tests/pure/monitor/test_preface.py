from collections.abc import Callable, Iterator
from threading import Thread
from threading import current_thread as current
from types import SimpleNamespace
from typing import Any

import pytest
from py4j.clientserver import ClientServer, JavaParameters
from py4j.protocol import Py4JError

from spark_monitor.preface import Preface

NOBODY_LISTENS = 1


class Java:
    """The threads of a Java process, as py4j's client sees them."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - py4j has no types.
        self._client = client
        self._connections: dict[Thread, SimpleNamespace] = {}
        self.heard: list[str] = []
        client.send_command = self._send
        client.get_thread_connection = lambda: self._connections.get(current())

    def command(self, text: str) -> None:
        self._client.send_command(text)

    def call_back(self) -> None:
        """Let Java be the one that began the connection of this thread."""
        self._connections[current()] = SimpleNamespace(initiated_from_client=False)

    def _send(self, command: str) -> None:
        new = SimpleNamespace(initiated_from_client=True)
        self._connections.setdefault(current(), new)
        self.heard.append(command)


@pytest.fixture
def gateway() -> Iterator[Any]:
    made = ClientServer(JavaParameters(port=NOBODY_LISTENS))
    yield made
    made.shutdown()


@pytest.fixture
def java(gateway: Any) -> Java:  # noqa: ANN401 - py4j has no types.
    return Java(vars(gateway)["_gateway_client"])


def test_each_thread_of_java_is_reported_once(gateway: Any, java: Java) -> None:  # noqa: ANN401
    for name in ("one", "two"):
        Preface(gateway, name, lambda: True, teller(java, name))

    java.command("a")
    java.command("b")
    in_thread(lambda: java.command("c"))

    def called_back() -> None:
        java.call_back()
        java.command("d")

    in_thread(called_back)

    # What is said goes through the other preface, too.
    assert java.heard == ["one", "two", "a", "b", "one", "two", "c", "d"]


def test_thread_is_reported_what_is_new_or_forgotten(gateway: Any, java: Java) -> None:  # noqa: ANN401
    wanted: list[object] = [None]
    preface = Preface(
        gateway,
        "name",
        lambda: wanted[0],
        lambda it: java.command(f"say {it}"),
        forgotten_at="forget",
    )
    java.command("a")
    for value in (1, 2, None):
        wanted[0] = value
        java.command("b")
    wanted[0] = 3
    java.command("forget")
    java.command("c")
    preface.close()
    wanted[0] = 4
    java.command("d")

    told = ["say 1", "b", "say 2", "b", "say None", "b", "say 3", "forget"]
    assert java.heard == ["a", *told, "say 3", "c", "d"]


def test_what_cannot_be_said_is_tried_again(gateway: Any, java: Java) -> None:  # noqa: ANN401
    errors: list[Exception] = [Py4JError("gone"), OSError("gone")]

    def say(_: object) -> None:
        if errors:
            raise errors.pop()
        java.command("said")

    Preface(gateway, "name", lambda: True, say)
    for text in "abc":
        java.command(text)

    assert java.heard == ["a", "b", "said", "c"]


def test_shared_threads_of_java_are_reported_nothing() -> None:
    assert not Preface(object(), "name", lambda: True, print).is_said


def teller(java: Java, text: str) -> Callable[[object], None]:
    return lambda _: java.command(text)


def in_thread(work: Callable[[], object]) -> None:
    thread = Thread(target=work)
    thread.start()
    thread.join(30)
