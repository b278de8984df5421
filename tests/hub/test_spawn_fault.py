import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.hub import RunningHub, heading, running_hub
from tests.support.waiting import until

# A start that fails at once is told by its form, a later failure by its own page.
REASON = re.compile(r'<p class="cygnet-problem"[^>]*>.*?</p>|<pre .*?</pre>', re.DOTALL)
PROGRAM = """#!{python}
import http.server, os, sys, time
from urllib.parse import urlsplit
port = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"]).port
{body}
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningHub]:
    """A hub whose notebook server is whatever `behave` wrote last."""
    directory = tmp_path_factory.mktemp("fault")
    extra = f"c.LocalSpawner.cmd = ['{directory}/server']\nc.Spawner.http_timeout = 3"
    with running_hub(directory, extra) as hub:
        yield hub


def behave(hub: RunningHub, body: str) -> Path:
    program = hub.data_dir.parent / "server"
    program.unlink(missing_ok=True)
    program.write_text(
        PROGRAM.format(python=sys.executable, body=body), encoding="utf-8"
    )
    program.chmod(0o755)
    return program


def failed(hub: RunningHub) -> httpx.Response:
    """Start the server, see that the failure is shown whole and nothing remains."""
    person = hub.owner()
    page = person.start_server(cores="1")

    assert page.status_code == 503
    assert "Traceback" not in page.text
    assert not hub.server_pids
    later = person.get(f"/hub/spawn-pending/{hub.settings.owner}")
    assert heading(later) == "Your server did not start"
    assert "Start again" in later.text
    home = person.get("/hub/home")
    assert heading(home) == "Your server is not running"
    assert "without a request to stop" not in home.text
    assert not [it for it in REASON.findall(page.text) if it not in home.text]
    assert not [it for it in REASON.findall(page.text) if it not in later.text]
    return later


def test_missing_program_is_named_with_a_remedy(hub: RunningHub) -> None:
    behave(hub, "").unlink()

    page = failed(hub)

    assert f"{hub.data_dir.parent}/server cannot be run" in page.text
    assert "pip install" in page.text


def test_program_that_may_not_be_run_is_named(hub: RunningHub) -> None:
    behave(hub, "").chmod(0o644)

    assert "permission denied" in failed(hub).text


def test_crash_shows_exit_code_and_the_last_lines(hub: RunningHub) -> None:
    behave(
        hub,
        "for n in range(50): print('line', n)\n"
        "print('ModuleNotFoundError: <b>jupyterlab</b> é', flush=True)\n"
        "def main(): raise SystemError('lost')\n"
        "try: main()\n"
        "except SystemError: import traceback; traceback.print_exc(); os._exit(7)",
    )

    page = failed(hub)

    assert "exit code 7" in page.text
    assert "SystemError: lost" in page.text
    assert "ModuleNotFoundError: &lt;b&gt;jupyterlab&lt;/b&gt; é" in page.text
    assert "line 10" not in page.text


def test_kill_at_the_start_names_the_signal(hub: RunningHub) -> None:
    behave(hub, "os.kill(os.getpid(), 9)")

    assert "was killed by SIGKILL while it was starting" in failed(hub).text


def test_silent_server_is_stopped_after_its_time(hub: RunningHub) -> None:
    behave(hub, "print('still thinking', flush=True)\ntime.sleep(600)")

    page = failed(hub)

    assert "did not answer within 3 seconds" in page.text
    assert "still thinking" in page.text


def test_stranger_on_the_port_is_not_taken_for_the_server(hub: RunningHub) -> None:
    behave(
        hub,
        "class Stranger(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(200)\n"
        "        self.end_headers()\n"
        "http.server.HTTPServer(('127.0.0.1', port), Stranger).serve_forever()",
    )

    assert "did not answer" in failed(hub).text


def test_taken_port_is_reported(hub: RunningHub) -> None:
    behave(
        hub,
        "import socket\n"
        "first = socket.socket(); first.bind(('127.0.0.1', port)); first.listen()\n"
        "socket.socket().bind(('127.0.0.1', port))",
    )

    page = failed(hub)

    assert "Another program took the notebook server" in page.text
    assert "another port is chosen" in page.text


def test_full_log_disk_is_reported(hub: RunningHub) -> None:
    behave(hub, "raise OSError(28, os.strerror(28))")

    page = failed(hub)

    assert f"The disk that holds {hub.data_dir} is full" in page.text
    assert "Free some space" in page.text


def test_missing_directory_is_reported(hub: RunningHub) -> None:
    behave(hub, "time.sleep(600)")
    aside = hub.settings.root_dir.with_name("aside")
    hub.settings.root_dir.rename(aside)
    try:
        page = hub.owner().start_server(cores="1")
    finally:
        aside.rename(hub.settings.root_dir)

    assert page.status_code == 507
    assert f"{hub.settings.root_dir} cannot be used" in page.text
    assert not hub.server_pids


@contextmanager
def tmpfs(place: Path, size: str) -> Generator[None]:
    place.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"Only root may mount a small disk: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """Leave no byte free."""
    file = place / "ballast"
    with file.open("wb", buffering=0) as ballast:
        for size in (2**16, 2**10, 1):
            try:
                while True:
                    ballast.write(b"\0" * size)
            except OSError:
                continue
    assert shutil.disk_usage(place).free == 0
    return file


def test_full_disk_at_spawn_is_reported_and_gone_when_freed(tmp_path: Path) -> None:
    data, work = tmp_path / "data", tmp_path / "work"
    with tmpfs(data, "4m"), tmpfs(work, "2m"), running_hub(tmp_path) as hub:
        person = hub.owner()
        form = person.get("/hub/spawn")

        for place in (work, data):
            ballast = fill(place)
            page = person.submit(form, cores="1")
            assert page.status_code == 507
            assert heading(page) == "There is no space left"
            assert f"{place} is full" in page.text
            assert not hub.server_pids
            assert hub.visitor().get("/hub/login").is_success
            ballast.unlink()

        assert "JupyterLab" in person.start_server(cores="1").text


def test_no_port_of_a_failed_server_stays_open(hub: RunningHub) -> None:
    behave(
        hub,
        "import socket\n"
        "s = socket.socket(); s.bind(('127.0.0.1', port)); s.listen()\n"
        "open('port', 'w').write(str(port)); time.sleep(600)",
    )

    failed(hub)

    port = int((hub.settings.root_dir / "port").read_text(encoding="ascii"))
    until(lambda: _is_closed(port), "the port is free")


def _is_closed(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_failing_starts_never_end_the_hub(hub: RunningHub) -> None:
    behave(hub, "sys.exit(1)")
    for _ in range(6):
        hub.owner().start_server(cores="1")

    assert hub.process is not None
    assert psutil.Process(hub.process.pid).is_running()
    assert hub.answers()
