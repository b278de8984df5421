"""The hub's look for pods that it does not know, with its real database."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from cygnet_hub.kubernetes import allowance, reconciler
from cygnet_hub.kubernetes.api import KubernetesApi
from jupyterhub import orm
from jupyterhub.app import JupyterHub
from sqlalchemy.exc import OperationalError

from tests.support.kubernetes_api import FakeClient
from tests.support.pod_request import site

PLACE = "/api/v1/namespaces/cygnet-user-ada/pods"
SETTINGS = site()
SPACE = "/api/v1/namespaces/cygnet-user-ada"


LABELS = {"cygnet.org/release": "hub.cygnet", "cygnet.org/user": "ada"}
COMPONENT = "app.kubernetes.io/component"


def server(name: str) -> dict[str, Any]:
    """Give a server's pod of Ada's, whose uid is its name."""
    labels = {**LABELS, COMPONENT: "server"}
    found = {"namespace": "cygnet-user-ada", "name": name, "uid": name}
    return {"metadata": {**found, "labels": labels}}


def executor(name: str, server: str, **metadata: object) -> dict[str, Any]:
    """Give an executor of Ada's, which does not name the release."""
    labels = {"cygnet.org/user": "ada", COMPONENT: "executor"}
    found = {"namespace": "cygnet-user-ada", "name": name, "labels": labels}
    owners = [{"uid": server}]
    return {"metadata": {**found, "ownerReferences": owners, **metadata}}


def cluster(*found: dict[str, Any]) -> FakeClient:
    """Have pods of Ada's."""
    metadata = {"name": "cygnet-user-ada", "labels": LABELS}
    metadata["annotations"] = {"cygnet.org/user-name": "ada"}
    known: dict[str, dict[str, object]] = {
        "/api/v1/pods": {"items": list(found)},
        "/api/v1/namespaces": {"items": [{"metadata": metadata}]},
        PLACE: {"items": list(found)},
    }
    names = (it["metadata"]["name"] for it in found)
    return FakeClient(known | {f"{PLACE}/{it}": {} for it in names})


def pods(*names: str) -> FakeClient:
    """Have servers of Ada's."""
    return cluster(*map(server, names))


def left(api: FakeClient) -> list[str]:
    """Name the pods that are left."""
    start = f"{PLACE}/"
    return [it.removeprefix(start) for it in api.objects if it.startswith(start)]


@pytest.fixture
def db() -> Iterator[Any]:
    """A database with one server that runs."""
    session = orm.new_session_factory("sqlite:///:memory:")()
    user = orm.User(name="ada")
    server = orm.Spawner(name="", server=orm.Server())
    server.state = {"namespace": "cygnet-user-ada", "pod_name": "server-ada"}
    session.add(user)
    user._orm_spawners.append(server)  # noqa: SLF001 - JupyterHub's name.
    session.commit()
    yield session
    session.close()


class Failing:
    """A database that does not answer when it is asked first."""

    def __init__(self, db: Any) -> None:  # noqa: ANN401 - JupyterHub has no types.
        self._db = db
        self.asked = self.undone = 0

    def query(self, what: object) -> object:
        self.asked += 1
        if self.asked == 1:
            statement = "SELECT"
            raise OperationalError(statement, {}, OSError("the server went away"))
        assert self.undone, "nothing can be asked before the failure is undone"
        return self._db.query(what)

    def rollback(self) -> None:
        self.undone += 1


async def test_pod_that_no_server_has_is_deleted(db: Any) -> None:  # noqa: ANN401
    api = pods("server-ada", "server-stranger")

    count = await reconciler.sweep(KubernetesApi(api), SimpleNamespace(db=db), SETTINGS)

    assert count == 1
    assert left(api) == ["server-ada"]


async def test_executor_that_no_server_has_is_ended(db: Any) -> None:  # noqa: ANN401
    stuck = {"deletionTimestamp": "now", "finalizers": ["example.org/never"]}
    api = cluster(
        server("server-ada"),
        executor("exec-1", "server-ada"),
        executor("exec-2", "gone"),
        executor("exec-3", "gone", **stuck),
    )

    count = await reconciler.sweep(KubernetesApi(api), SimpleNamespace(db=db), SETTINGS)

    assert count == 2
    assert left(api) == ["server-ada", "exec-1"]
    assert reconciler.ended("ada") == ("exec-2", "exec-3")
    assert [it for it in api.log if it[0] == "PATCH" and "exec" in it[1]] == [
        ("PATCH", f"{PLACE}/exec-3")
    ]


def test_user_is_shown_for_a_day_what_was_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long_ago = datetime.now(UTC) - 2 * reconciler.SHOWN
    found = {"ada": [(long_ago, "old"), (datetime.now(UTC), "new")]}
    monkeypatch.setattr(reconciler, "_ended", found)

    assert reconciler.ended("ada") == ("new",)
    assert reconciler.ended("bob") == ()


async def test_namespace_of_an_older_version_says_what_executors_may_be(
    db: Any,  # noqa: ANN401
) -> None:
    api = cluster(server("server-ada"))
    hub = SimpleNamespace(db=db)

    await reconciler.sweep(KubernetesApi(api), hub, SETTINGS)

    noted: Any = api.objects[SPACE]["metadata"]
    assert noted["annotations"][allowance.SERVERS] == "server-ada"
    assert noted["annotations"][allowance.IMAGES] == SETTINGS.release.user_image

    api.objects["/api/v1/namespaces"]["items"][0]["metadata"]["annotations"] |= noted[  # type: ignore[index]  # JSON.
        "annotations"
    ]
    api.log.clear()
    await reconciler.sweep(KubernetesApi(api), hub, SETTINGS)
    assert {method for method, _ in api.log} == {"GET"}


async def test_looks_go_on_after_the_database_was_away(
    db: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api, hub = pods("server-stranger"), SimpleNamespace(db=Failing(db))
    monkeypatch.setattr(JupyterHub, "instance", lambda: hub)
    for pause in ("FIRST_SECONDS", "EVERY_SECONDS"):
        monkeypatch.setattr(reconciler, pause, 0.01)
    reconciler.begin(SETTINGS, lambda: KubernetesApi(api))
    (task,) = reconciler._tasks  # noqa: SLF001 - JupyterHub would end it.

    async with asyncio.timeout(10):
        while f"{PLACE}/server-stranger" in api.objects:
            assert not task.done(), task
            await asyncio.sleep(0.01)
    task.cancel()
