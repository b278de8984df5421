"""What goes on, and what is reported, when server, proxy or hub are killed.

Each test has a hub that runs and no server, whatever the one before it has killed.
"""

import signal
from collections.abc import Generator

import pytest

from tests.support.client import ask
from tests.support.hub import RunningHub, Visitor, heading, running_hub
from tests.support.spawned import (
    answered_by_hub,
    api,
    end_server,
    has_ended,
    lab,
    owner_with_server,
    server,
)
from tests.support.waiting import until


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("survival")) as hub:
        yield hub


@pytest.fixture
def hub(shared: RunningHub) -> Generator[RunningHub]:
    yield shared
    if not shared.answers():
        shared.start()
    end_server(shared)


@pytest.fixture
def person(hub: RunningHub) -> Visitor:
    """The owner, with a server that this test alone has had."""
    return owner_with_server(hub)


@pytest.fixture
def idle(hub: RunningHub) -> Visitor:
    """The owner, without a server."""
    return hub.owner()


def test_killed_server_is_noticed_and_reported(
    hub: RunningHub, person: Visitor
) -> None:
    api(hub, person, "POST", "kernels")
    root = server(hub)
    kernel = until(root.children, "the kernel has started")[0]

    root.kill()

    until(lambda: "not running" in person.headline("/hub/home"), "it is noticed", 10)
    page = person.get("/hub/home")
    assert "was killed by SIGKILL" in page.text
    assert "memory runs out" in page.text
    asked = until(lambda: answered_by_hub(person, lab(hub, "lab")), "the route is gone")
    assert asked.status_code == 424
    assert "was killed by SIGKILL" in asked.text
    until(lambda: has_ended(kernel), "its kernel has ended")

    person.start_server()
    assert "SIGKILL" not in person.get("/hub/home").text


def test_killed_proxy_is_back_with_its_routes(hub: RunningHub, person: Visitor) -> None:
    killed = hub.proxy()
    root = server(hub)

    killed.kill()

    until(lambda: not killed.is_running() and hub.answers(), "the proxy is back")
    assert "The proxy died and is started again" in hub.log
    assert heading(person.get("/hub/home")) == "Your server is running"
    assert person.get(lab(hub, "lab")).is_success
    assert server(hub) == root


def test_hub_that_was_killed_finds_its_server_again(
    hub: RunningHub, person: Visitor
) -> None:
    api(hub, person, "POST", "kernels")
    root = server(hub)
    kernels = api(hub, person, "GET", "kernels")

    hub.stop(signal.SIGKILL)
    assert root.is_running()
    hub.start()

    assert heading(person.get("/hub/home")) == "Your server is running"
    assert server(hub) == root
    found = api(hub, person, "GET", "kernels")
    assert isinstance(found, list)
    assert isinstance(kernels, list)
    assert [it["id"] for it in found] == [it["id"] for it in kernels]
    token = root.environ()["JUPYTERHUB_API_TOKEN"]
    me = f"{hub.url}/hub/api/user"
    assert ask("GET", me, token=token).is_success

    root.kill()
    until(lambda: "not running" in person.headline("/hub/home"), "it is noticed", 10)
    # JupyterHub forgets at its restart which token that was.
    assert ask("GET", me, token=token).status_code == 403
    assert "without a request to stop" in person.get("/hub/home").text


def test_server_that_died_without_a_hub_is_reported(
    hub: RunningHub, person: Visitor
) -> None:
    root = server(hub)

    hub.stop(signal.SIGKILL)
    root.kill()
    hub.start()

    assert person.headline("/hub/home") == "Your server is not running"
    assert "without a request to stop" in person.get("/hub/home").text


def test_hub_that_was_killed_while_a_server_started_finds_it(
    hub: RunningHub, idle: Visitor
) -> None:
    idle.submit(idle.get("/hub/spawn"))
    until(lambda: hub.server_pids, "the server's process exists")

    hub.stop(signal.SIGKILL)
    hub.start()

    until(
        lambda: idle.headline("/hub/home") == "Your server is running",
        "the server is adopted",
    )
    assert idle.get(lab(hub, "lab")).is_success


def test_hub_that_is_stopped_ends_its_server(hub: RunningHub, person: Visitor) -> None:
    assert person.get("/hub/home").is_success
    assert hub.server_pids

    hub.stop()

    assert not hub.server_pids
    hub.start()
