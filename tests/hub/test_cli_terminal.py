"""What the terminal of `cygnet up` does to the service: Ctrl-C, SIGTERM, its loss."""

import signal

import pytest
from cygnet_hub.local.process_tree import Role

from tests.support.command import FOREVER, Command


def test_ctrl_c_ends_everything_when_no_kernel_is_busy(cygnet: Command) -> None:
    terminal = cygnet.up()
    with cygnet.notebook():
        assert cygnet.roles >= {Role.HUB, Role.PROXY, Role.SERVER, Role.KERNEL}

        terminal.press_ctrl_c()

        terminal.wait_for("Everything has ended.")
        assert terminal.ended() == 0
    assert cygnet.pids == set()
    assert not (cygnet.data_dir / "service.json").exists()


def test_ctrl_c_asks_once_and_names_the_busy_notebook(cygnet: Command) -> None:
    terminal = cygnet.up()
    with cygnet.notebook("long job.ipynb") as notebook:
        notebook.begin(FOREVER)

        terminal.press_ctrl_c()
        terminal.wait_for("A kernel is busy: long job.ipynb.")
        terminal.press("n\n")
        terminal.wait_for("Cygnet keeps running.")
        assert cygnet.roles >= {Role.HUB, Role.PROXY, Role.SERVER, Role.KERNEL}

        terminal.press_ctrl_c()
        terminal.wait_for("A kernel is busy: long job.ipynb.")
        terminal.press("y\n")
        assert terminal.ended() == 0
    assert cygnet.pids == set()


def test_kernel_that_its_server_does_not_follow_yet_counts_as_busy(
    cygnet: Command,
) -> None:
    terminal = cygnet.up()
    with cygnet.notebook("calm.ipynb"):
        # No client asks it anything, so the server hears nothing of it.
        body = {"path": "new.ipynb", "name": "new.ipynb", "type": "notebook"}
        cygnet.ask_server("POST", "sessions", {**body, "kernel": {"name": "python3"}})

        terminal.press_ctrl_c()

        terminal.wait_for("A kernel is busy: new.ipynb.")
        terminal.press("y\n")
        assert terminal.ended() == 0
    assert cygnet.pids == set()


def test_second_ctrl_c_is_a_yes(cygnet: Command) -> None:
    terminal = cygnet.up()
    with cygnet.notebook() as notebook:
        notebook.begin(FOREVER)

        terminal.press_ctrl_c()
        terminal.wait_for("[y/N]")
        terminal.press_ctrl_c()

        assert terminal.ended() == 0
    assert cygnet.pids == set()


def test_sigterm_ends_everything_without_asking(cygnet: Command) -> None:
    terminal = cygnet.up()
    with cygnet.notebook() as notebook:
        notebook.begin(FOREVER)

        terminal.process.send_signal(signal.SIGTERM)

        assert terminal.ended() == 0
    assert cygnet.pids == set()


@pytest.mark.parametrize("is_asking", [False, True])
def test_lost_terminal_leaves_everything_running(
    cygnet: Command, *, is_asking: bool
) -> None:
    terminal = cygnet.up()
    with cygnet.notebook() as notebook:
        notebook.begin(FOREVER)
        before = cygnet.pids
        if is_asking:
            terminal.press_ctrl_c()
            terminal.wait_for("[y/N]")

        terminal.close_window()

        assert terminal.ended() == 0
        assert cygnet.pids == before
        assert cygnet.run("status").returncode == 0
