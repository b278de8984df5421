"""The spawner without a cluster: its API is a port that nobody listens on."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from cygnet_hub import pod_spawner
from cygnet_hub.errors import OutageError
from cygnet_hub.pod_spawner import PodServer
from kubernetes_asyncio.client import Configuration

from tests.support.pod_order import site


@pytest.fixture(autouse=True)
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a Kubernetes that does not answer."""
    monkeypatch.setattr(pod_spawner, "load_config", _use_nothing)
    monkeypatch.setattr("kubespawner.spawner.load_config", _use_nothing)
    monkeypatch.setattr(PodServer, "reflectors", {})


def _use_nothing(**_options: object) -> None:
    Configuration.set_default(Configuration(host="http://127.0.0.1:1"))


@asynccontextmanager
async def spawner(release: str = "cygnet") -> AsyncIterator[Any]:
    """Give a spawner as JupyterHub makes one."""
    settings = site({"name": release})
    made = PodServer(_mock=True, settings=settings, enable_user_namespaces=True)
    try:
        yield made
    finally:
        await made.api.api_client.close()


async def test_server_counts_as_running_while_the_api_is_away() -> None:
    async with spawner() as it:
        assert await it.poll() is None


async def test_watch_that_cannot_start_is_started_again_later() -> None:
    async with spawner() as it:
        with pytest.raises(OutageError):
            await it._start_watching_pods()  # noqa: SLF001 - KubeSpawner's name.

        assert it.reflectors == {}


@pytest.mark.parametrize("name", ["ada", "Ada.Lovelace@example.org", "x" * 200, "ø"])
async def test_namespace_is_valid_whatever_the_name(name: str) -> None:
    async with spawner("r" * 30) as it:
        it.user.name = name

        found = it._namespace()  # noqa: SLF001 - what __init__ sets.

    assert len(found) <= 63
    assert all(it.isascii() and (it.isalnum() or it == "-") for it in found)


async def test_ending_is_remembered_by_the_next_hub() -> None:
    async with spawner() as it:
        it.ending = "The pod of your server is gone."
        state = json.loads(json.dumps(it.get_state()))
        it.ending = ""

        it.load_state(state)

        assert it.ending == "The pod of your server is gone."


async def test_line_is_shown_once_and_progress_never_goes_back() -> None:
    async with spawner() as it:
        for progress, message in ((10, "a"), (5, "b"), (20, "a")):
            it._say(progress, message)  # noqa: SLF001 - what start calls.

        async with aclosing(it.progress()) as lines:
            assert (await anext(lines)) == {"progress": 10, "message": "a"}
            assert (await anext(lines)) == {"progress": 10, "message": "b"}
