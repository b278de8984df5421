"""The hub's look for pods that it does not know, with its real database."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from cygnet_hub import sweep
from cygnet_hub.kubernetes import Cluster
from jupyterhub import orm
from jupyterhub.app import JupyterHub
from sqlalchemy.exc import OperationalError

from tests.support.kubernetes_api import KubernetesApi
from tests.support.pod_order import site

PLACE = "/api/v1/namespaces/cygnet-user-ada/pods"
RELEASE = site().release


def pods(*names: str) -> KubernetesApi:
    """Have pods of Ada's."""
    found = [
        {"metadata": {"namespace": "cygnet-user-ada", "name": name}} for name in names
    ]
    listed: dict[str, dict[str, object]] = {"/api/v1/pods": {"items": found}}
    return KubernetesApi(listed | {f"{PLACE}/{it}": {} for it in names})


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

    count = await sweep.sweep(Cluster(api), SimpleNamespace(db=db), RELEASE)

    assert count == 1
    assert [it for it in api.objects if it.startswith(PLACE)] == [f"{PLACE}/server-ada"]


async def test_looks_go_on_after_the_database_was_away(
    db: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api, hub = pods("server-stranger"), SimpleNamespace(db=Failing(db))
    monkeypatch.setattr(JupyterHub, "instance", lambda: hub)
    for pause in ("FIRST_SECONDS", "EVERY_SECONDS"):
        monkeypatch.setattr(sweep, pause, 0.01)
    sweep.begin(RELEASE, lambda: Cluster(api))
    (task,) = sweep._tasks  # noqa: SLF001 - JupyterHub would end it.

    async with asyncio.timeout(10):
        while f"{PLACE}/server-stranger" in api.objects:
            assert not task.done(), task
            await asyncio.sleep(0.01)
    task.cancel()
