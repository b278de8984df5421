"""What a user's pod reaches, each with somebody who reaches what it does not."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.scene import Scene

pytestmark = pytest.mark.xdist_group("people")

REACHED = {"open", "refused"}
"""A refusal comes from the place itself; what a policy drops is silent."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address and who of the scene reaches it."""

    host: Callable[[Scene], str]
    port: int
    by: tuple[str, ...]
    """Who reaches it; for a place that nobody should reach, the control."""
    not_by: tuple[str, ...]


USERS = ("alice", "bob", "executor")
CONFINED = (*USERS, "share")
"""The pods whose policies say where they may go."""
METADATA = "169.254.169.254"
CLOUD = "the cloud's metadata"
PLACES = {
    "its own executor": Place(
        lambda it: it.executor.ip, 7200, ("alice",), ("bob", "bare", "hub")
    ),
    "an executor's other ports": Place(
        lambda it: it.executor.ip, 22, ("executor",), ("bob", "bare")
    ),
    "the driver of its executors": Place(
        lambda it: it.alice.ip, 7100, ("executor",), ("bob", "bare", "hub")
    ),
    "the blocks of the driver": Place(
        lambda it: it.alice.ip, 7200, ("executor",), ("bob", "bare", "hub")
    ),
    "a server": Place(lambda it: it.alice.ip, 8888, ("hub",), ("bob", "bare", "share")),
    "a server, from its executors": Place(
        lambda it: it.alice.ip, 8888, ("hub",), ("executor",)
    ),
    "another's server": Place(
        lambda it: it.bob.ip, 8888, ("hub",), ("alice", "executor", "bare", "share")
    ),
    "the hub's API": Place(
        lambda it: it.hub.ip, 8081, ("alice", "bob", "share"), ("executor", "bare")
    ),
    "the hub's other ports": Place(
        lambda it: it.hub.ip, 8080, ("hub",), (*USERS, "share")
    ),
    "the sharing service": Place(
        lambda it: it.share.ip, 8082, ("alice", "bob"), ("executor", "bare", "hub")
    ),
    "the sharing service's other ports": Place(
        lambda it: it.share.ip, 8080, ("share",), (*USERS, "hub")
    ),
    "the proxy's API": Place(
        lambda it: it.address("service", it.release, f"{it.name}-proxy-api"),
        8001,
        ("hub",),
        (*USERS, "bare", "share"),
    ),
    "the kubelet": Place(lambda it: it.node, 10250, ("bare",), CONFINED),
    "the node": Place(lambda it: it.node, 22, ("bare",), CONFINED),
    "the Kubernetes API": Place(
        lambda it: it.api_server, 443, ("alice", "bare"), ("bob", "executor", "share")
    ),
    CLOUD: Place(lambda _: METADATA, 80, ("bare",), CONFINED),
    "a stranger": Place(lambda it: it.bare.ip, 7200, ("neighbour",), CONFINED),
}


Tries = dict[str, dict[str, str]]
"""How the tries of each place ended, by who of the scene tried."""


def tried(scene: Scene, names: Iterable[str]) -> Tries:
    """Let everybody try everything at once, for silence takes its time."""
    places = [(name, PLACES[name]) for name in names]
    by: dict[str, list[str]] = {}
    for name, place in places:
        for who in (*place.by, *place.not_by):
            by.setdefault(who, []).append(name)
    address = {name: (place.host(scene), place.port) for name, place in places}

    def ask(who: str) -> list[str]:
        question = {"places": [address[it] for it in by[who]]}
        return list(getattr(scene, who).ask(("reach_all", question))[0])

    with ThreadPoolExecutor(len(by)) as pool:
        ends = dict(zip(by, pool.map(ask, by), strict=True))
    found: Tries = {name: {} for name in address}
    for who, asked in by.items():
        for name, end in zip(asked, ends[who], strict=True):
            found[name][who] = end
    return found


@pytest.fixture(scope="module")
def tries(scene: Scene) -> Tries:
    """How everything ended but the cloud's metadata, which not every cluster has."""
    return tried(scene, (it for it in PLACES if it != CLOUD))


@pytest.mark.parametrize("name", PLACES)
def test_place_is_reached_by_some_and_by_no_others(
    name: str, scene: Scene, tries: Tries, request: pytest.FixtureRequest
) -> None:
    if name == CLOUD:
        request.getfixturevalue("metadata")
        tries = tried(scene, [CLOUD])
    place = PLACES[name]

    reached = {it: tries[name][it] for it in place.by}
    dropped = {it: tries[name][it] for it in place.not_by}

    assert set(reached.values()) <= REACHED, reached
    assert set(dropped.values()) == {"silent"}, dropped


@pytest.mark.parametrize("name", ["/hub/home", "/hub/admin", "/hub/spawn"])
def test_hub_shows_a_pod_no_page_but_the_login(name: str, scene: Scene) -> None:
    [answer] = scene.alice.ask(("ask", {"url": f"http://{scene.hub.ip}:8081{name}"}))

    assert answer["status"] == 302, answer


HUB_CALLS = {
    "everybody": ("GET", "/users"),
    "somebody else": ("GET", "/users/bob"),
    "somebody else's start": ("POST", "/users/bob/server"),
    "a token of somebody else": ("POST", "/users/bob/tokens"),
    "a new user": ("POST", "/users/mallory"),
    "the routes": ("GET", "/proxy"),
    "the services": ("GET", "/services"),
    "the end of the hub": ("POST", "/shutdown"),
}


@pytest.fixture(scope="module")
def calls(scene: Scene) -> dict[str, dict[str, Any]]:
    """Call the hub with the token of Alice's server, and give the answers."""
    return dict(zip(HUB_CALLS, scene.call_hub(*HUB_CALLS.values()), strict=True))


@pytest.mark.parametrize("name", HUB_CALLS)
def test_token_of_a_server_is_not_good_for(
    name: str, calls: dict[str, dict[str, Any]]
) -> None:
    answer = calls[name]

    refused = answer["status"] in {403, 404}
    assert refused or answer["text"] in {"[]", "{}"}, answer


def test_token_of_a_server_is_good_for_its_owner(scene: Scene) -> None:
    [answer] = scene.call_hub(("GET", "/user"))

    assert answer["status"] == 200
    assert '"alice"' in answer["text"]
