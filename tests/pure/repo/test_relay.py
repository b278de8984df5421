"""The relay of the tests on Kubernetes, run as its pod runs it."""

import http.server
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typing_extensions import override

from tests.support import relay
from tests.support.port import free_ports
from tests.support.waiting import listens, until

PATIENCE_S = 30


class Echo(http.server.BaseHTTPRequestHandler):
    """Tells what it was asked, over connections that it would keep open."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        told = self.rfile.read(int(self.headers["Content-Length"]))
        content = f"{self.requestline} {self.headers['Host']} {told.decode()}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    @override
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Generator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def port() -> Generator[int]:
    (port,) = free_ports(1)
    program = Path(relay.__file__).read_text()
    process = subprocess.Popen([sys.executable, "-c", program, str(port)])
    until(lambda: listens(port), "the relay listens", PATIENCE_S)
    yield port
    process.kill()
    process.wait()


def test_plain_requests_arrive_as_if_they_were_direct(port: int, server: str) -> None:
    with httpx.Client(proxy=f"http://127.0.0.1:{port}") as client:
        answers = [
            client.post(f"http://{server}/a%20b?c=d", content=it)
            for it in ("first", "second")
        ]

    expected = f"POST /a%20b?c=d HTTP/1.1 {server}"
    assert [it.text for it in answers] == [f"{expected} first", f"{expected} second"]
    assert {it.headers["Connection"] for it in answers} == {"close"}


def test_tunnel_carries_anything_in_both_directions(port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as aim:
        near = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        near.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % aim.getsockname()[1])
        far, _ = aim.accept()
        with near, far:
            assert near.recv(99) == b"HTTP/1.1 200 Connected\r\n\r\n"

            near.sendall(b"up")
            assert far.recv(99) == b"up"
            far.sendall(b"down")
            assert near.recv(99) == b"down"

            near.shutdown(socket.SHUT_WR)
            assert far.recv(99) == b""


def test_place_that_is_not_reached_is_reported(port: int) -> None:
    (nobody,) = free_ports(1)

    with httpx.Client(proxy=f"http://127.0.0.1:{port}") as client:
        answers = [client.get(f"http://127.0.0.1:{nobody}/") for _ in range(9)]

    assert {it.status_code for it in answers} == {502}
