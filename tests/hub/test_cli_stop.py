import psutil
from cygnet_hub.local import process_tree
from cygnet_hub.local.process_tree import Role

from tests.support.command import FOREVER, Command, is_gone
from tests.support.waiting import until


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
        assert Role.KERNEL in cygnet.roles


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
        (jvm,) = process_tree.take(cygnet.data).of(Role.JVM)

        terminal.press_ctrl_c()

        assert terminal.ended() == 0
    until(lambda: is_gone(jvm.process), "Java has ended")
    assert cygnet.pids == set()


def test_stranger_with_an_old_number_is_left_alone(cygnet: Command) -> None:
    cygnet.detached()
    stranger = psutil.Process()
    file = cygnet.data_dir / "service.json"
    hub = process_tree.take(cygnet.data).of(Role.HUB)[0].process
    file.write_text(file.read_text().replace(str(hub.pid), str(stranger.pid)))

    assert cygnet.run("stop", "--yes").returncode == 0

    assert stranger.is_running()
    assert is_gone(hub)
