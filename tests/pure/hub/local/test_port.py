import socket
import statistics

import pytest
from cygnet_hub.local import port
from cygnet_hub.local.errors import PortError


def test_free_port_is_taken_as_wished() -> None:
    wanted = port.any_free()

    assert port.next_free(wanted) == wanted


@pytest.mark.parametrize("address", ["127.0.0.1", ""])
def test_taken_port_gives_way(address: str) -> None:
    with socket.create_server((address, 0)) as other:
        wanted = other.getsockname()[1]

        assert not port.is_free(wanted)
        assert port.next_free(wanted) > wanted


def test_nothing_after_the_last_port() -> None:
    with socket.create_server(("127.0.0.1", 65535)), pytest.raises(PortError) as caught:
        port.next_free(65535)

    assert "--port" in str(caught.value)


def test_free_port_is_none_that_is_meant_for_something_else() -> None:
    # Every second answer would be one of the excluded half.
    middle = statistics.median_low(port.any_free() for _ in range(15))

    assert {port.any_free(but=range(middle)) < middle for _ in range(20)} == {False}
    assert {port.any_free(but=range(middle, 65536)) < middle for _ in range(20)} == {
        True
    }
