"""No secret of the hub or of others lies in a user's pod."""

import base64
import json

import pytest

from tests.support.scene import Scene

pytestmark = pytest.mark.xdist_group("people")

Hunted = dict[str, dict[str, list[str]]]
"""Where each value is, by pod and by value."""
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


@pytest.fixture(scope="module")
def hunted(scene: Scene) -> Hunted:
    """Look for everything in every pod, once: where what is, by pod and by value."""
    values = {it for it in stored(scene) if len(it) >= SHORTEST}
    wanted = sorted(values | given(scene, "alice") | given(scene, "bob"))
    found = {}
    for pod in ("alice", "bob", "executor"):
        [places] = getattr(scene, pod).ask(
            ("hunt", {"values": wanted, "plant": PLANTED if pod == "alice" else None})
        )
        names = [*wanted, PLANTED] if pod == "alice" else wanted
        found[pod] = dict(zip(names, places, strict=True))
    return found


@pytest.mark.parametrize(
    ("place", "owner"), [("alice", "bob"), ("bob", "alice"), ("executor", "bob")]
)
def test_pod_holds_no_secret_of_others(
    place: str, owner: str, scene: Scene, hunted: Hunted
) -> None:
    values = {it for it in stored(scene) if len(it) >= SHORTEST}
    others = values | given(scene, owner)
    assert len(others) >= 5

    found = [one for it in others for one in hunted[place][it]]

    assert found == []


def test_executor_has_no_token_of_its_servers_hub(scene: Scene, hunted: Hunted) -> None:
    [token] = given(scene, "alice")

    assert hunted["executor"][token] == []


def test_search_finds_what_was_planted(
    hunted: Hunted,
) -> None:
    found = hunted["alice"][PLANTED]

    assert {"environ of a process", "cmdline of a process"} < set(found)
    assert any(it.endswith("planted") for it in found)


def test_search_finds_what_the_pod_really_has(scene: Scene, hunted: Hunted) -> None:
    [token] = given(scene, "alice")

    assert "environ of a process" in hunted["alice"][token]


def test_namespace_holds_no_secret_of_the_hub(scene: Scene) -> None:
    values = {it for it in stored(scene) if len(it) >= SHORTEST}
    kinds = "configmaps,secrets,pods,services"
    written = scene.kubectl("get", kinds, "-n", scene.alice.namespace, "-o", "json")

    encoded = {base64.b64encode(it.encode()).decode() for it in values}
    assert [it for it in values | encoded if it in written] == []
    assert next(iter(given(scene, "alice"))) in written
