"""What `kill -9` takes along, who says so, and what the next `cygnet up` does."""

import signal

import psutil
from cygnet_hub.local import process_tree
from cygnet_hub.local.process_tree import Role

from tests.support.command import Command, connect, kill
from tests.support.waiting import until


def member(cygnet: Command, role: Role) -> psutil.Process:
    (found,) = process_tree.take(cygnet.data).of(role)
    return found.process


def test_kernel_survives_a_killed_hub_and_is_taken_over(cygnet: Command) -> None:
    terminal = cygnet.up()
    with cygnet.notebook() as notebook:
        notebook.run("kept = 41")
        server = member(cygnet, Role.SERVER)
        share_port = cygnet.hub.settings.share_port
        kernel = member(cygnet, Role.KERNEL)

        kill(member(cygnet, Role.HUB))

        said = terminal.wait_for("and starts the hub.")
        assert "The hub was killed by SIGKILL." in said
        assert f"notebook server: process {server.pid}" in said
        assert terminal.ended() == 1
        status = cygnet.run("status")
        assert status.returncode == 1
        assert "was killed by SIGKILL" in status.stdout
        assert f"kernel: process {kernel.pid}" in status.stdout
        assert "Run `cygnet up --data-dir " in status.stdout

        other = cygnet.directory / "other"
        other.mkdir()
        terminal = cygnet.type("up", str(other))
        said = terminal.wait_for("Stop it with Ctrl-C.")

        assert f"goes on showing {cygnet.root_dir}" in said
        assert f"To see {other}, stop it on the start page" in said
        assert member(cygnet, Role.SERVER) == server
        # The server goes on asking the sharing service where it was.
        assert cygnet.hub.settings.share_port == share_port
        assert f":{share_port}/" in server.environ()["CYGNET_SHARE_URL"]
        assert cygnet.run("status").returncode == 0
        assert cygnet.ask_server("GET", f"kernels/{notebook.kernel_id}")
        assert notebook.run("print(kept + 1)") == "42\n"
        terminal.press_ctrl_c()
        assert terminal.ended() == 0
    assert cygnet.pids == set()


def test_hub_killed_unwatched_is_reported_by_status(cygnet: Command) -> None:
    cygnet.detached()

    kill(member(cygnet, Role.HUB))

    status = cygnet.run("status")
    assert status.returncode == 1
    assert "exited without a message" in status.stdout
    assert f"proxy: process {member(cygnet, Role.PROXY).pid}" in status.stdout


def test_stop_ends_what_a_killed_hub_left(cygnet: Command) -> None:
    cygnet.detached()
    with cygnet.notebook():
        kill(member(cygnet, Role.HUB))

        done = cygnet.run("stop")

        assert done.returncode == 0, done.stderr
    assert cygnet.pids == set()


def test_everything_killed_is_cleaned_up_by_the_next_start(cygnet: Command) -> None:
    cygnet.detached()
    with cygnet.notebook():
        kernel = member(cygnet, Role.KERNEL)
        for role in (Role.HUB, Role.SERVER):
            kill(member(cygnet, role))

        done = cygnet.run("up", "--detach")

        assert done.returncode == 0, done.stderr
        assert "Ending a process of the last run: proxy" in done.stderr
        assert not kernel.is_running()
    assert cygnet.roles == {Role.HUB, Role.PROXY, Role.SHARING}


def test_killed_proxy_is_reported_and_comes_back(cygnet: Command) -> None:
    terminal = cygnet.up()
    proxy = member(cygnet, Role.PROXY)

    kill(proxy)

    terminal.wait_for("The proxy died.")
    terminal.wait_for("The proxy is back.")
    until(cygnet.hub.answers, "the proxy answers")
    assert member(cygnet, Role.PROXY) != proxy
    assert cygnet.run("status").returncode == 0


def test_killed_server_is_reported_by_status(cygnet: Command) -> None:
    cygnet.detached()
    with cygnet.notebook():
        kill(member(cygnet, Role.SERVER))

        until(
            lambda: "was killed by SIGKILL" in cygnet.run("status").stdout,
            "the status tells of the server",
        )
    status = cygnet.run("status")
    assert status.returncode == 1
    assert "Start it again on the start page" in status.stdout


def test_terminated_hub_ends_its_servers_and_is_reported(cygnet: Command) -> None:
    cygnet.detached()
    hub = member(cygnet, Role.HUB)
    until(lambda: "is now running" in cygnet.hub.log, "the hub minds signals")

    hub.send_signal(signal.SIGTERM)

    hub.wait(60)
    status = cygnet.run("status")
    assert status.returncode == 1
    assert "was ended by a signal" in status.stdout
    assert cygnet.run("up", "--detach").returncode == 0


def test_notebook_file_is_whole_after_everything_was_killed(cygnet: Command) -> None:
    cygnet.detached()
    with cygnet.notebook() as notebook:
        body = {"type": "file", "format": "text", "content": "x" * 100_000}
        cygnet.ask_server("PUT", "contents/kept.txt", body)
        connection = cygnet.data_dir / "runtime" / f"kernel-{notebook.kernel_id}.json"
        connect(connection).stop_channels()

        for found in process_tree.take(cygnet.data).members:
            kill(found.process)

    assert (cygnet.root_dir / "kept.txt").read_text() == "x" * 100_000
    assert cygnet.run("up", "--detach").returncode == 0
