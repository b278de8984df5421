"""No secret of the hub or of others lies in a user's pod."""

import base64
import json

import pytest

from tests.support.scene import Scene

pytestmark = pytest.mark.xdist_group("people")

PLANTED = "a-secret-that-the-test-has-planted"
SHORTEST = 12
"""What is shorter is no secret, such as a user's name."""


def stored(scene: Scene) -> set[str]:
    """Return all values of the release's Secrets, but what Helm keeps there."""
    text = scene.kubectl("get", "secrets", "-n", scene.release, "-o", "json")
    values: set[str] = set()
    for secret in json.loads(text)["items"]:
        if not secret["type"].startswith("helm.sh/"):
            for value in secret.get("data", {}).values():
                values.add(base64.b64decode(value).decode(errors="replace").strip())
    return values


def given(scene: Scene, name: str) -> set[str]:
    """Return the hub's token that somebody's server was given."""
    [token] = getattr(scene, name).ask(("variable", {"name": "JUPYTERHUB_API_TOKEN"}))
    return {token}


@pytest.mark.parametrize(
    ("place", "owner"), [("alice", "bob"), ("bob", "alice"), ("executor", "bob")]
)
def test_pod_holds_no_secret_of_others(place: str, owner: str, scene: Scene) -> None:
    values = {it for it in stored(scene) if len(it) >= SHORTEST}
    others = values | given(scene, owner)
    assert len(others) >= 5

    [found] = getattr(scene, place).ask(("hunt", {"values": sorted(others)}))

    assert found == []


def test_executor_has_no_token_of_its_servers_hub(scene: Scene) -> None:
    [found] = scene.executor.ask(("hunt", {"values": sorted(given(scene, "alice"))}))

    assert found == []


def test_search_finds_what_was_planted(scene: Scene) -> None:
    [found] = scene.alice.ask(("hunt", {"values": [], "plant": PLANTED}))

    assert {"environ of a process", "cmdline of a process"} < set(found)
    assert any(it.endswith("planted") for it in found)


def test_search_finds_what_the_pod_really_has(scene: Scene) -> None:
    own = given(scene, "alice")

    [found] = scene.alice.ask(("hunt", {"values": sorted(own)}))

    assert "environ of a process" in found


def test_namespace_holds_no_secret_of_the_hub(scene: Scene) -> None:
    values = {it for it in stored(scene) if len(it) >= SHORTEST}
    kinds = "configmaps,secrets,pods,services"
    written = scene.kubectl("get", kinds, "-n", scene.alice.namespace, "-o", "json")

    encoded = {base64.b64encode(it.encode()).decode() for it in values}
    assert [it for it in values | encoded if it in written] == []
    assert next(iter(given(scene, "alice"))) in written
