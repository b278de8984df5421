"""The spawner without a cluster: its API is a port that nobody listens on."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from cygnet_hub.kubernetes import spawner as pod_spawner
from cygnet_hub.kubernetes.api import KubernetesApi
from cygnet_hub.kubernetes.errors import OutageError
from cygnet_hub.kubernetes.spawner import PodSpawner
from kubernetes_asyncio.client import Configuration
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from typing_extensions import override

from tests.support.kubernetes_api import FakeClient, refusal
from tests.support.pod_request import site

NAME = "Not//a_Name"


@pytest.fixture(autouse=True)
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a Kubernetes that does not answer."""
    monkeypatch.setattr(pod_spawner, "load_config", _use_nothing)
    monkeypatch.setattr("kubespawner.spawner.load_config", _use_nothing)
    monkeypatch.setattr(PodSpawner, "reflectors", {})


def _use_nothing(**_options: object) -> None:
    Configuration.set_default(Configuration(host="http://127.0.0.1:1"))


class Lab(RequestHandler):
    """A notebook server."""

    @override
    def get(self) -> None:
        self.set_header("X-JupyterHub-Version", "6")


@asynccontextmanager
async def lab() -> AsyncIterator[int]:
    """Give the port of a notebook server."""
    sockets = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([("/user/ada/api", Lab)]))
    server.add_sockets(sockets)
    yield sockets[0].getsockname()[1]
    server.stop()
    await server.close_all_connections()


def pod(place: str, phase: str, port: int = 1, **status: object) -> dict[str, Any]:
    """Give a pod as a watch sees it."""
    namespace, name = place.split("/")
    ports = [{"name": "notebook-port", "containerPort": port}]
    return {
        "metadata": {"namespace": namespace, "name": name, "uid": "1"},
        "spec": {"containers": [{"name": "notebook", "ports": ports}]},
        "status": {"phase": phase, **status},
    }


def container(**state: object) -> dict[str, Any]:
    """Give the status of a pod's container."""
    status = {"name": "notebook", "image": NAME, "state": state, "ready": True}
    return {"containerStatuses": [status], "podIP": "127.0.0.1"}


def found_again(it: Any, port: int, *, is_seen: bool = True) -> dict[str, Any]:  # noqa: ANN401 - As `spawner` gives it.
    """Have a new hub look for a server; return the pods that its watch knows."""
    pods: dict[str, Any] = {}
    if is_seen:
        key = it._get_reflector_key("pods")  # noqa: SLF001 - KubeSpawner's name.
        it.reflectors[key] = SimpleNamespace(pods=pods)
    place = f"/api/v1/namespaces/{it.namespace}"
    known: dict[str, dict[str, object]] = {f"{place}/events": {}}
    known[f"{place}/persistentvolumeclaims/home"] = {"status": {"phase": "Bound"}}
    it.kubernetes = KubernetesApi(FakeClient(known))
    it._check_pending = True  # noqa: SLF001 - As JupyterHub does at its start.
    it.server = SimpleNamespace(
        host=f"http://127.0.0.1:{port}",
        url=f"http://127.0.0.1:{port}/user/ada/",
        base_url="/user/ada/",
    )
    return pods


@asynccontextmanager
async def spawner(release: str = "cygnet") -> AsyncIterator[Any]:
    """Give a spawner as JupyterHub makes one."""
    settings = site({"name": release})
    made = PodSpawner(_mock=True, settings=settings, enable_user_namespaces=True)
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


async def test_start_that_a_killed_hub_began_is_waited_for() -> None:
    async with spawner() as it, lab() as port:
        pods, place = found_again(it, port=1), f"{it.namespace}/{it.pod_name}"
        pods[place] = pod(place, "Pending")
        polled = asyncio.create_task(it.poll())
        # JupyterHub forgets, without an end, a server that has no address yet.
        await asyncio.sleep(2 * pod_spawner._LOOK_SECONDS)  # noqa: SLF001 - Its pace.
        assert not polled.done()

        pods[place] = pod(place, "Running", port, **container(running={}))

        assert await asyncio.wait_for(polled, 10) is None
        assert await it.get_url() == f"http://127.0.0.1:{port}/user/ada/"


async def test_start_that_a_killed_hub_began_and_that_fails_says_why() -> None:
    async with spawner() as it:
        pods, place = found_again(it, port=1), f"{it.namespace}/{it.pod_name}"
        waiting = container(waiting={"reason": "InvalidImageName"})
        pods[place] = pod(place, "Pending", **waiting)

        assert await it.poll() == 1
        assert f"“{NAME}” is not a valid image name." in it.ending
        assert it.ending in it.get_state()["ending"]


async def test_start_that_a_killed_hub_began_has_its_time() -> None:
    async with spawner() as it:
        it.settings = it.settings.model_copy(update={"start_seconds": 0})
        pods, place = found_again(it, port=1), f"{it.namespace}/{it.pod_name}"
        pods[place] = pod(place, "Pending")

        assert await it.poll() == 1
        assert "The pod did not start within 0 seconds." in it.ending


async def test_running_server_is_found_by_a_hub_without_the_api() -> None:
    async with spawner() as it, lab() as port:
        found_again(it, port, is_seen=False)

        assert await it.poll() is None
        assert await it.get_url() == f"http://127.0.0.1:{port}/user/ada/"


async def test_trouble_of_the_api_is_no_end_of_a_start() -> None:
    async with spawner() as it, lab() as port:
        pods, place = found_again(it, port), f"{it.namespace}/{it.pod_name}"
        pods[place] = pod(place, "Running", port, **container(running={}))
        it.kubernetes = KubernetesApi(
            FakeClient(refused={"events": refusal(403, "no")})
        )

        answer = await it._await_answer(pods[place])  # noqa: SLF001 - A start's end.

        assert answer == f"http://127.0.0.1:{port}"


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


async def test_end_is_reported_as_first_seen_and_not_before_its_reason() -> None:
    ended = container(terminated={"exitCode": 137})
    evicted: dict[str, Any] = {"reason": "Evicted"}
    evicted["message"] = "Usage of EmptyDir volume exceeds the limit"
    async with spawner() as it:
        pods, place = found_again(it, port=1), f"{it.namespace}/{it.pod_name}"
        it.delete_stopped_pods = it._check_pending = False  # noqa: SLF001 - As it runs.
        pods[place] = pod(place, "Running", **ended)
        assert await it.poll() is None

        pods[place] = pod(place, "Failed", **ended, **evicted)
        assert await it.poll() == 137
        # KubeSpawner deletes it then, and JupyterHub asks once more.
        del pods[place]
        assert await it.poll() == 1

    assert "it wrote more to /tmp" in it.ending


async def test_eviction_that_only_an_event_shows_is_reported() -> None:
    event: dict[str, Any] = {"reason": "Evicted", "message": "It exceeds the limit"}
    event["involvedObject"] = {"kind": "Pod", "uid": "1"}
    async with spawner() as it:
        pods, place = found_again(it, port=1), f"{it.namespace}/{it.pod_name}"
        events = f"/api/v1/namespaces/{it.namespace}/events"
        it.kubernetes = KubernetesApi(FakeClient({events: {"items": [event]}}))
        it.delete_stopped_pods = it._check_pending = False  # noqa: SLF001 - As it runs.
        pods[place] = pod(place, "Succeeded", **container(terminated={"exitCode": 0}))

        assert await it.poll() == 0

    assert "it wrote more to /tmp" in it.ending


async def test_server_that_answers_at_once_is_shown_to_start() -> None:
    async with spawner() as it, lab() as port:
        pods, place = found_again(it, port), f"{it.namespace}/{it.pod_name}"
        pods[place] = pod(place, "Running", port, **container(running={}))

        await it._await_answer(pods[place])  # noqa: SLF001 - What start calls.

        async with asyncio.timeout(5), aclosing(it.progress()) as lines:
            assert "is starting" in (await anext(lines))["message"]


async def test_line_is_shown_once_and_progress_never_goes_back() -> None:
    async with spawner() as it:
        for progress, message in ((10, "a"), (5, "b"), (20, "a")):
            it.say(progress, message)

        async with aclosing(it.progress()) as lines:
            assert (await anext(lines)) == {"progress": 10, "message": "a"}
            assert (await anext(lines)) == {"progress": 10, "message": "b"}
