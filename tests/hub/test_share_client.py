import asyncio
import hashlib
from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path

import pytest
import pytest_asyncio
from cygnet_lab.share.client import ATTEMPTS, Client
from cygnet_lab.share.errors import (
    AwayError,
    BusyError,
    FullError,
    NoShareError,
    RefusedError,
    StaleError,
)
from cygnet_lab.share.waiting import AT_ONCE
from cygnet_share.tree import File
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPServerRequest, ResponseStartLine
from tornado.netutil import bind_sockets

from tests.support.following import becomes, home
from tests.support.sharing import PREFIX, Sharing, sharing

PAGE = b"<html>Not found</html>"


class Door:
    """What stands in the service's place, and answers all calls alike."""

    def __init__(self) -> None:
        self.status, self.body = HTTPStatus.OK, b"{}"
        self.calls: list[str] = []
        self.url = ""
        self.is_slow = False
        self.waiting: list[HTTPServerRequest] = []

    def __call__(self, request: HTTPServerRequest) -> None:
        self.calls.append(str(request.uri))
        self.waiting.append(request)
        if not self.is_slow:
            self.answer()

    def answer(self) -> None:
        """Answer all who wait."""
        while self.waiting:
            self._answer(self.waiting.pop())

    def _answer(self, request: HTTPServerRequest) -> None:
        assert request.connection is not None
        line = ResponseStartLine("HTTP/1.1", self.status, "Found")
        headers = {"Content-Length": str(len(self.body))}
        request.connection.write_headers(line, HTTPHeaders(headers), self.body)
        request.connection.finish()


@pytest_asyncio.fixture(loop_scope="function")
async def door() -> AsyncGenerator[Door]:
    made = Door()
    server, sockets = HTTPServer(made), bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    made.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}{PREFIX}api/"
    yield made
    server.stop()
    await server.close_all_connections()


@pytest_asyncio.fixture(loop_scope="function")
async def client(door: Door) -> AsyncGenerator[Client]:
    made = Client(door.url, "token")
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("status", "body", "calls"),
    [
        (HTTPStatus.SERVICE_UNAVAILABLE, b"{}", ATTEMPTS),
        (HTTPStatus.BAD_GATEWAY, PAGE, ATTEMPTS),
        (HTTPStatus.NOT_FOUND, PAGE, 1),
        (HTTPStatus.INTERNAL_SERVER_ERROR, PAGE, 1),
        (HTTPStatus.OK, PAGE, 1),
        (HTTPStatus.OK, b'{"shares": [{"id": "many"}]}', 1),
    ],
)
async def test_what_is_not_the_service_s_answer_is_its_absence(
    door: Door, client: Client, status: HTTPStatus, body: bytes, calls: int
) -> None:
    door.status, door.body = status, body

    with pytest.raises(AwayError):
        await client.shares()
    since = client.away_since
    with pytest.raises(AwayError):
        await client.shares()

    assert since is not None
    assert client.away_since == since, "it is away since the first call"
    assert len(door.calls) == 2 * calls
    door.status, door.body = HTTPStatus.OK, b'{"shares": []}'
    assert await client.shares() == ()
    assert client.away_since is None


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (HTTPStatus.NOT_FOUND, b'{"message": "There is no share."}', NoShareError),
        (HTTPStatus.FORBIDDEN, b'{"message": "There is no share."}', RefusedError),
        (HTTPStatus.INSUFFICIENT_STORAGE, b'{"message": "There is no."}', FullError),
        (HTTPStatus.CONFLICT, b'{"message": "There is no.", "head": 7}', StaleError),
    ],
)
async def test_refusal_has_the_words_of_the_service(
    door: Door,
    client: Client,
    status: HTTPStatus,
    body: bytes,
    kind: type[RefusedError],
) -> None:
    door.status, door.body = status, body

    with pytest.raises(kind, match="There is no") as caught:
        await client.publish(1, 6, {"a": File(0, ()), "b": None})

    assert caught.type is kind
    assert caught.value.status == status
    assert client.away_since is None
    assert not isinstance(caught.value, StaleError) or caught.value.head == 7


async def test_refusal_has_all_problems(door: Door, client: Client) -> None:
    door.status = HTTPStatus.BAD_REQUEST
    door.body = b"""{"message": "Nothing was published.", "problems": [
        {"place": ".y", "reason": "is hidden", "remedy": "Rename it."},
        {"place": "", "reason": "has 9 GB", "remedy": ""}]}"""

    with pytest.raises(RefusedError) as caught:
        await client.publish(1, 6, {})

    assert str(caught.value).splitlines() == [
        "Nothing was published.",
        ".y is hidden. Rename it.",
        "The folder has 9 GB.",
    ]


async def test_damaged_chunk_is_not_taken(door: Door, client: Client) -> None:
    door.body = b"other bytes"

    with pytest.raises(AwayError, match="damaged"):
        await client.chunk(1, 1, "0" * 64)


async def test_door_that_knows_no_share_ends_none(door: Door, tmp_path: Path) -> None:
    (tmp_path / "service").mkdir()
    async with (
        sharing(tmp_path / "service") as service,
        home(service, "ann", tmp_path / "a") as ann,
    ):
        await ann.share("work", {"n.csv": b"1"})
    # A proxy that does not find the service, and one that answers for it.
    for body in (PAGE, b'{"message": "Not found"}'):
        door.status, door.body = HTTPStatus.NOT_FOUND, body
        closed = Sharing(door.url, 0, service.people, service.chunks)
        door.calls.clear()
        async with home(closed, "ann", tmp_path / "a") as ann:
            await becomes(lambda: len(door.calls) > 2)
            assert ann.folders.states == []

    assert (ann.root / "work/.cygnet-share/share.json").exists()


async def test_service_that_wants_fewer_calls_is_not_away(
    door: Door, client: Client
) -> None:
    door.status, door.body = HTTPStatus.TOO_MANY_REQUESTS, b'{"message": "Too many."}'

    with pytest.raises(BusyError, match="Too many"):
        await client.shares()

    assert len(door.calls) == ATTEMPTS
    assert client.away_since is None


async def test_calls_of_all_folders_of_a_server_wait_for_each_other(
    door: Door, client: Client
) -> None:
    door.is_slow, door.body = True, b"hi"
    chunk = hashlib.sha256(b"hi").hexdigest()
    async with asyncio.TaskGroup() as calls:
        for share in range(30):
            calls.create_task(client.chunk(share, 1, chunk))
            calls.create_task(client.send(share, chunk, b"hi"))
        news = calls.create_task(client.news(None))
        await becomes(lambda: len(door.waiting) >= 2 * AT_ONCE + 1)
        # What comes more has had its time: a call that waits for nothing has come.
        most = len(door.waiting)
        door.is_slow = False
        news.cancel()
        door.answer()

    assert most == 2 * AT_ONCE + 1
    assert len(door.calls) == 61
