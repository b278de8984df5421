import json
import socket
import stat
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from cygnet_hub.local import settings
from cygnet_hub.service import lock_file

from tests.support.client import ask
from tests.support.command import Command
from tests.support.hub import Visitor
from tests.support.waiting import until


def test_link_logs_in_once(running: Command) -> None:
    link = running.run("login-link").stdout.strip()

    first, second = (running.hub.visitor() for _ in range(2))
    token = link.partition("token=")[2]
    assert first.spend(token).url.path == "/hub/spawn"
    assert second.spend(token).status_code == 403
    for visitor in (first, second):
        visitor.http.close()


def test_second_up_says_that_it_runs_and_gives_a_new_link(running: Command) -> None:
    before = running.pids

    links = {running.run("up").stdout for _ in range(2)}
    done = running.run("up")

    assert done.returncode == 0
    assert f"running already and shows {running.root_dir}" in done.stderr
    assert len(links) == 2
    assert all(it.startswith(running.hub.url + "/hub/login-link?") for it in links)
    assert running.pids == before


def test_tunnel_is_reported_over_ssh_alone(running: Command) -> None:
    port = running.hub.settings.port
    owner = running.hub.settings.owner

    over_ssh = running.run("up", SSH_CONNECTION="10.1.2.3 51000 10.9.8.7 22")
    other_port = running.run("up", SSH_CONNECTION="10.1.2.3 51000 10.9.8.7 2222")
    here = running.run("up", SSH_CONNECTION="")

    tunnel = f"-L {port}:127.0.0.1:{port} {owner}@10.9.8.7\n"
    assert f"ssh -N {tunnel}" in over_ssh.stderr
    assert f"ssh -N -p 2222 {tunnel}" in other_port.stderr
    assert "ssh" not in here.stderr


def test_status_names_the_processes(running: Command) -> None:
    status = running.run("status")

    assert status.returncode == 0
    assert f"runs at {running.hub.url}/" in status.stdout
    assert "hub: process" in status.stdout
    assert "proxy: process" in status.stdout


def test_everything_listens_on_loopback_alone(running: Command) -> None:
    chosen = running.hub.settings
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        address = probe.getsockname()[0]

    for port in (chosen.port, chosen.hub_port, chosen.proxy_api_port):
        socket.create_connection(("127.0.0.1", port)).close()
        with socket.socket() as other:
            assert other.connect_ex((address, port)) != 0


def test_secrets_are_for_the_owner_alone(running: Command) -> None:
    files = ["hub.sqlite", "cookie_secret", "settings.json", "service.json", "lock"]
    modes = {it: (running.data_dir / it).stat().st_mode for it in files}
    links = list((running.data_dir / "login-links").iterdir())

    assert {stat.S_IMODE(it) for it in modes.values()} == {0o600}
    assert {stat.S_IMODE(it.stat().st_mode) for it in links} <= {0o600}
    assert stat.S_IMODE(running.data_dir.stat().st_mode) == 0o700


def test_no_log_has_a_token(running: Command) -> None:
    token = running.run("login-link").stdout.partition("token=")[2].strip()
    ask("GET", f"{running.hub.url}/hub/login-link?token={token}")
    secret = running.hub.settings.api_token.get_secret_value()

    until(lambda: "/hub/login-link" in running.hub.log, "the visit is logged")
    for file in (running.data_dir / "logs").iterdir():
        assert token not in file.read_text()
        assert secret not in file.read_text()


def test_taken_port_gives_way_to_the_next_one(cygnet: Command) -> None:
    with socket.create_server(("127.0.0.1", cygnet.port)):
        done = cygnet.run("up", "--detach")

        assert done.returncode == 0, done.stderr
        chosen = settings.saved(cygnet.data.settings)
        assert chosen is not None
        assert chosen.port > cygnet.port
        assert f"Port {cygnet.port} is taken, using {chosen.port}" in done.stderr
        assert cygnet.hub.answers()


def serving(running: Command) -> Visitor:
    """Return the owner, whose notebook server runs."""
    owner = running.hub.owner()
    if owner.headline("/hub/home") != "Your server is running":
        owner.start_server()
    return owner


class Stranger(BaseHTTPRequestHandler):
    """Another web server, content with whatever it is asked."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")


def test_port_that_is_lost_while_the_hub_starts_gives_way(cygnet: Command) -> None:
    terminal = cygnet.type("up")
    terminal.wait_for("Starting the hub")
    with HTTPServer(("127.0.0.1", cygnet.port), Stranger) as stranger:
        Thread(target=stranger.serve_forever, daemon=True).start()

        terminal.wait_for("Another program took a port first.")
        terminal.wait_for("Stop it with Ctrl-C.")

        assert cygnet.hub.settings.port > cygnet.port
        assert cygnet.hub.answers()
        assert cygnet.run("status").returncode == 0
        stranger.shutdown()


def test_other_kernels_are_offered_and_the_services_own_is_not(
    running: Command,
) -> None:
    mine = running.directory / "jupyter_data_dir" / "kernels" / "mine" / "kernel.json"
    mine.parent.mkdir(parents=True)
    spec = {"argv": ["mine"], "display_name": "My own", "language": "mine"}
    mine.write_text(json.dumps(spec))

    serving(running).http.close()
    found = running.ask_server("GET", "kernelspecs")

    offered = {name: it["spec"] for name, it in found["kernelspecs"].items()}
    assert found["default"] == "python3"
    assert offered["mine"]["display_name"] == "My own"
    python = running.data_dir / "kernels" / "python" / "bin" / "python"
    assert offered["python3"]["argv"][0] == str(python)
    assert not [it for it in offered.values() if it["argv"][0] == sys.executable]


def test_lab_asks_for_no_news_and_follows_the_systems_theme(running: Command) -> None:
    owner = serving(running)
    home = f"/user/{running.hub.settings.owner}/lab"

    page = owner.get(home).text
    themes = "@jupyterlab/apputils-extension:themes"
    answer = owner.get(f"{home}/api/settings/{themes}").json()
    quiet = "@jupyterlab/apputils-extension:notification"
    notices = owner.get(f"{home}/api/settings/{quiet}").json()["schema"]["properties"]
    update = owner.get(f"{home}/api/update").json()
    owner.http.close()

    assert '"news": {"disabled": true}' in page
    assert answer["schema"]["properties"]["adaptive-theme"]["default"] is True
    assert answer["raw"] == "{}"
    assert notices["fetchNews"]["default"] == "false"
    assert notices["checkForUpdates"]["default"] is False
    assert update["notification"] is None


def test_terminal_has_the_kernels_environment_and_not_the_services(
    running: Command,
) -> None:
    serving(running).http.close()
    questions = (
        "command -v python",
        "echo $VIRTUAL_ENV",
        "echo $PATH",
        "pip --version",
    )
    shown = running.shell("; ".join(questions))

    place = str(running.data.kernels)
    python, active, path, pip = shown.splitlines()[:4]
    assert python == f"{place}/bin/python"
    assert active == place
    assert f"{Path(place).resolve()}/" in pip
    assert path.split(":")[0] == f"{place}/bin"
    assert f"{sys.prefix}/bin" not in path.split(":")


def test_another_command_at_work_is_reported(cygnet: Command) -> None:
    with lock_file.hold(cygnet.data):
        done = cygnet.run("up", "--detach")

    assert done.returncode == 2
    assert "Another command is starting or stopping" in done.stderr


def test_two_services_live_side_by_side(running: Command, cygnet: Command) -> None:
    started = cygnet.run("up", "--detach", PYTHONPATH=":/nowhere")

    assert started.returncode == 0, started.stderr
    assert "PYTHONPATH: '' was left out" in started.stdout + started.stderr
    assert cygnet.run("stop").returncode == 0

    assert running.hub.answers()
    assert running.run("status").returncode == 0


def test_examples_come_once_and_are_never_overwritten(cygnet: Command) -> None:
    mine = cygnet.root_dir / "examples" / "flights.ipynb"
    mine.parent.mkdir()
    mine.write_text("mine")

    cygnet.detached()

    assert mine.read_text() == "mine"
