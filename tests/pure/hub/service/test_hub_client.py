"""Whether what answers on a port is the hub."""

import http.server
import threading
from collections.abc import Generator

import pytest
from cygnet_hub.service import hub_client, rest
from typing_extensions import override


class Stranger(http.server.BaseHTTPRequestHandler):
    """Answers all that it is asked in one way."""

    status, body = 200, b""

    def do_GET(self) -> None:
        is_elsewhere = self.path == "/elsewhere"
        self.send_response(200 if is_elsewhere else self.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"{}" if is_elsewhere else self.body)

    @override
    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def port() -> Generator[int]:
    with http.server.HTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "body", "is_healthy"),
    [
        (200, b"", True),
        (200, b"{}", True),
        (200, b"<p>Welcome to another program", False),
        (200, b"\xff", False),
        (302, b"", False),
        (503, b"{}", False),
    ],
)
def test_only_a_hub_is_healthy(
    port: int,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    body: bytes,
    *,
    is_healthy: bool,
) -> None:
    monkeypatch.setattr(Stranger, "status", status)
    monkeypatch.setattr(Stranger, "body", body)
    # What leads out of the machine does not lead to the hub.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")

    assert hub_client.is_healthy(port) is is_healthy


@pytest.mark.parametrize(
    ("port_of_url", "token"), [("x", ""), ("", "two\nlines"), ("", "snow ☃")]
)
def test_token_and_port_that_http_cannot_carry_get_no_answer(
    port: int, port_of_url: str, token: str
) -> None:
    url = f"http://127.0.0.1:{port_of_url or port}/"

    assert rest.ask(url, token).status == 0


def test_port_without_a_server_is_not_healthy(port: int) -> None:
    del port
    assert not hub_client.is_healthy(9)
