"""How the hub finds its PostgreSQL, with a resolver that the tests speak for."""

import socket
import threading
import time
from typing import Any

import psycopg2
import pytest
from cygnet_hub.pages import database, postgresql
from cygnet_hub.pages.database import Patience
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

ADDRESSES = {"one": ("10.0.0.1", "fd00::1"), "two": ("10.0.0.2",)}


@pytest.fixture
def enough(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Give what the resolver waits for."""
    enough = threading.Event()

    def resolve(name: str, *_: object, **_options: object) -> list[tuple[Any, ...]]:
        enough.wait()
        if name not in ADDRESSES:
            raise socket.gaierror(-2, "Name or service not known")
        return [(0, 0, 0, "", (it, 0)) for it in ADDRESSES[name]]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(postgresql, "_asked", {})
    return enough


def test_silent_resolver_is_waited_for_less_than_a_second_and_asked_once(
    enough: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "PATIENCE", Patience(is_bounded=True, spent=0.7))
    begun, threads = time.monotonic(), threading.active_count()

    for _ in range(3):
        with pytest.raises(psycopg2.OperationalError, match="no answer in time"):
            postgresql.find("one")

    assert time.monotonic() - begun < 1
    assert threading.active_count() == threads + 1
    enough.set()
    monkeypatch.setattr(postgresql, "PATIENCE", Patience())
    assert postgresql.find("one") == ADDRESSES["one"]
    with pytest.raises(psycopg2.OperationalError, match="Name or service not known"):
        postgresql.find("three")


@pytest.mark.parametrize(
    ("url", "where"),
    [
        (
            "postgresql+psycopg2://u@one:5433/d",
            ("one,one", "5433,5433", "10.0.0.1,fd00::1"),
        ),
        (
            "postgresql+psycopg2://u@/d?host=one:5433&host=two:5434",
            ("one,one,two", "5433,5433,5434", "10.0.0.1,fd00::1,10.0.0.2"),
        ),
        ("postgresql+psycopg2://u@one/d", ("one,one", ",", "10.0.0.1,fd00::1")),
        # A replica whose pod is not there has no name.
        (
            "postgresql+psycopg2://u@/d?host=gone:5433&host=two:5434",
            ("two", "5434", "10.0.0.2"),
        ),
        ("postgresql+psycopg2://u@/d?host=/run/postgresql", ("/run/postgresql",)),
        ("postgresql+psycopg2://u@one/d?hostaddr=10.9.9.9", ("one", "10.9.9.9")),
    ],
)
def test_each_host_is_tried_at_each_of_its_addresses(
    enough: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    where: tuple[str, ...],
) -> None:
    asked: list[dict[str, object]] = []

    def connect(*_: object, **parameters: object) -> None:
        asked.append(parameters)
        raise psycopg2.OperationalError

    monkeypatch.setattr(psycopg2, "connect", connect)
    monkeypatch.setattr(database, "PATIENCE", Patience())
    enough.set()
    postgresql.configure()

    # Twice, as what was found is not kept.
    for _ in range(2):
        with pytest.raises(OperationalError):
            create_engine(url).connect()

    names = ("host", "port", "hostaddr")
    for one in asked:
        assert tuple(str(one[it]) for it in names if it in one) == where
    assert len(asked) == 2


def test_silent_host_leaves_time_for_the_next_one(
    enough: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []
    resolve = socket.getaddrinfo

    def silent(name: str, *_: object, **_options: object) -> object:
        if name == "silent":
            threading.Event().wait(5)
        return resolve(name, None)

    def connect(*_: object, **parameters: object) -> None:
        asked.append(parameters)
        raise psycopg2.OperationalError

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    monkeypatch.setattr(psycopg2, "connect", connect)
    bounded = Patience(is_bounded=True, spent=0.7)
    monkeypatch.setattr(database, "PATIENCE", Patience())
    monkeypatch.setattr(postgresql, "PATIENCE", bounded)
    enough.set()
    postgresql.configure()

    with pytest.raises(OperationalError):
        create_engine("postgresql+psycopg2://u@/d?host=silent&host=two").connect()

    assert [it["hostaddr"] for it in asked] == ["10.0.0.2"]


def test_lookup_that_could_not_begin_is_begun_again(
    enough: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **_options: object) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    enough.set()
    with monkeypatch.context() as patch:
        patch.setattr(postgresql, "Thread", refuse)
        with pytest.raises(psycopg2.OperationalError, match="new thread"):
            postgresql.find("two")

    assert postgresql.find("two") == ADDRESSES["two"]
