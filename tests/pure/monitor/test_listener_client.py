from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from py4j.clientserver import ClientServer, JavaParameters
from py4j.protocol import Py4JError

from spark_monitor import cells
from spark_monitor.cells import CellRun
from spark_monitor.interrupt import Interrupts
from spark_monitor.listener_client import Marker

NOBODY_LISTENS = 1


@dataclass
class StoppedContext:
    """A Spark context after its stop, whose JVM is gone too."""

    _gateway: ClientServer
    _jsc: None = None


@pytest.fixture
def gateway() -> Iterator[Any]:
    """Give py4j's side of a JVM that does not answer."""
    made = ClientServer(JavaParameters(port=NOBODY_LISTENS))
    cells.enter(CellRun("cell-a", "execution-1"))
    yield made
    cells.enter(None)
    made.shutdown()


@pytest.mark.parametrize("command", ["anything", "setLocalProperties"])
def test_command_to_a_dead_jvm_fails_as_without_us(gateway: Any, command: str) -> None:  # noqa: ANN401 - py4j has no types.
    interrupts = Interrupts(lambda _: 0)
    marker = Marker(cast("Any", StoppedContext(gateway)), interrupts)
    client = vars(gateway)["_gateway_client"]

    with pytest.raises((Py4JError, OSError)):
        client.send_command(command)

    marker.close()
