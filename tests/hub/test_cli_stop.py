import signal

import psutil
import pytest
from cygnet_hub import inventory
from cygnet_hub.inventory import Role

from tests.support.command import Command, is_gone
from tests.support.waiting import until

FOREVER = "import time\nwhile True: time.sleep(0.1)"


def roles(cygnet: Command) -> set[Role]:
    return {it.role for it in inventory.take(cygnet.data_dir).members}


def test_ctrl_c_ends_everything_when_no_kernel_is_busy(cygnet: Command) -> None:
    terminal = cygnet.up()
    with cygnet.notebook():
        assert roles(cygnet) >= {Role.HUB, Role.PROXY, Role.SERVER, Role.KERNEL}

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
        terminal.wait_for("Cygnet goes on.")
        assert roles(cygnet) >= {Role.HUB, Role.PROXY, Role.SERVER, Role.KERNEL}

        terminal.press_ctrl_c()
        terminal.wait_for("A kernel is busy: long job.ipynb.")
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


def test_stop_ends_everything_and_the_watching_command(cygnet: Command) -> None:
    terminal = cygnet.up()
    with cygnet.notebook() as notebook:
        notebook.begin(FOREVER)

        done = cygnet.run("stop")

        assert done.returncode == 0, done.stderr
        terminal.wait_for("The service was stopped.")
        assert terminal.ended() == 0
    assert cygnet.pids == set()
    assert cygnet.run("status").returncode == 3


def test_stop_asks_on_a_terminal(cygnet: Command) -> None:
    cygnet.detached()
    with cygnet.notebook("mine.ipynb") as notebook:
        notebook.begin(FOREVER)

        terminal = cygnet.type("stop")
        terminal.wait_for("A kernel is busy: mine.ipynb.")
        terminal.press("\n")

        assert terminal.ended() == 1
        assert Role.KERNEL in roles(cygnet)


def test_stop_where_nothing_runs_is_content(cygnet: Command) -> None:
    done = cygnet.run("stop")

    assert done.returncode == 0
    assert "is running" in done.stderr


def test_java_ends_with_its_kernel(cygnet: Command) -> None:
    terminal = cygnet.up()
    with cygnet.notebook() as notebook:
        notebook.run(
            "import os\n"
            "from spark_connector import environment, java\n"
            "here = environment.read_environment()\n"
            "home = java.find_java(here.java_home, here.cache).home\n"
            "os.environ['JAVA_HOME'] = str(home)\n"
            "from pyspark.sql import SparkSession\n"
            "spark = SparkSession.builder.master('local[1]').getOrCreate()"
        )
        (jvm,) = inventory.take(cygnet.data_dir).of(Role.JVM)

        terminal.press_ctrl_c()

        assert terminal.ended() == 0
    until(lambda: is_gone(jvm.process), "Java has ended")
    assert cygnet.pids == set()


def test_stranger_with_an_old_number_is_left_alone(cygnet: Command) -> None:
    cygnet.detached()
    stranger = psutil.Process()
    file = cygnet.data_dir / "service.json"
    hub = inventory.take(cygnet.data_dir).of(Role.HUB)[0].process
    file.write_text(file.read_text().replace(str(hub.pid), str(stranger.pid)))

    assert cygnet.run("stop", "--yes").returncode == 0

    assert stranger.is_running()
    assert is_gone(hub)
