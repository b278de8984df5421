import http.server
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from tests.support import probe
from tests.support.inside import program

SECRET = "the-secret-that-nobody-else-has"  # noqa: S105 - Planted by these tests.


class Teapot(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/moved" else 418)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"short and stout")

    @override
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Generator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Teapot) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_program_answers_on_the_standard_input_of_a_python(server: int) -> None:
    questions = [("reach", {"host": "127.0.0.1", "port": server})]

    answer = subprocess.run(
        [sys.executable, "-"],
        input=program(questions),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert json.loads(answer.stdout) == ["open"]


def test_reach_distinguishes_open_from_refused(server: int) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

        assert probe.reach("127.0.0.1", server) == "open"
        assert probe.reach("127.0.0.1", port) == "refused"


def test_ask_returns_refusals_and_follows_nothing(server: int) -> None:
    url = f"http://127.0.0.1:{server}"

    assert probe.ask(url) == {"status": 418, "text": "short and stout"}
    assert probe.ask(f"{url}/moved")["status"] == 302
    assert probe.ask("http://127.0.0.1:1")["status"] == 0


def test_hunt_finds_a_value_in_files_across_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "CHUNK", 10)
    file = tmp_path / "file"
    file.write_text(f"xxxxxxx{SECRET}")

    assert probe.in_file(file, [b"absent", SECRET.encode()]) == {SECRET.encode()}
    assert probe.in_file(file, [b"absent", b"as absent"]) == set()


def test_hunt_finds_a_value_in_environments_and_command_lines() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "input()", SECRET],
        env={"PLANTED": SECRET},
        stdin=subprocess.PIPE,
    ) as process:
        found = set(probe.in_processes([b"absent", SECRET.encode()]))
        process.kill()

    places = ("environ of a process", "cmdline of a process")
    assert found == {(SECRET.encode(), it) for it in places}
    assert set(probe.in_processes([SECRET.encode()])) == set()
