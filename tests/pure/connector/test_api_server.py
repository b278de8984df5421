"""The pod's own question to the Kubernetes API."""

import json
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import certifi
import pytest
from typing_extensions import override

from spark_connector.api_server import list_executors
from tests.support.connector import pod

ITEM = {"metadata": {"name": "x-exec-1"}, "status": {"phase": "Pending"}}


class ApiServer(ThreadingHTTPServer):
    """Notes what it is asked and by whom."""

    asked: list[tuple[str | None, str]]
    answer = json.dumps({"items": [ITEM]})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: ApiServer

    def do_GET(self) -> None:
        self.server.asked.append((self.headers["Authorization"], self.path))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.answer.encode())

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ApiServer]:
    made = ApiServer(("127.0.0.1", 0), Handler)
    made.asked = []
    thread = Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def account(tmp_path: Path) -> Path:
    shutil.copy(certifi.where(), tmp_path / "ca.crt")
    (tmp_path / "token").write_text("first\n")
    return tmp_path


def test_pods_of_the_application_are_listed(server: ApiServer, account: Path) -> None:
    found = list_executors(pod(api=server.url), "spark-1", account)

    assert found == [ITEM]
    ((token, path),) = server.asked
    assert token == "Bearer first"  # noqa: S105 - of this test alone.
    parts = urlsplit(path)
    assert parts.path == "/api/v1/namespaces/cygnet-user-ada/pods"
    query = parse_qs(parts.query)
    assert query["labelSelector"] == ["spark-app-selector=spark-1,spark-role=executor"]
    assert query["limit"] == ["100"]


def test_token_is_read_again_each_time(server: ApiServer, account: Path) -> None:
    here = pod(api=server.url)
    list_executors(here, "spark-1", account)
    (account / "token").write_text("second")

    list_executors(here, "spark-1", account)

    assert [token for token, _ in server.asked] == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize("answer", ["", "[]", "{}", "no JSON"])
def test_answer_that_is_none_gives_no_pods(
    server: ApiServer, account: Path, answer: str
) -> None:
    server.answer = answer

    assert list_executors(pod(api=server.url), "spark-1", account) == []


def test_without_token_or_server_there_are_no_pods(
    account: Path, tmp_path: Path
) -> None:
    assert list_executors(pod(api="http://127.0.0.1:1"), "spark-1", account) == []
    assert list_executors(pod(), "spark-1", tmp_path / "gone") == []
