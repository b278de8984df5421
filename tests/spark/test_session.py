"""One kernel's life with sessions, in the order in which a user meets it."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.authority import Authority, https_server, make_authority
from tests.support.connector import own_world
from tests.support.kernel import RunningKernel
from tests.support.quick_java import trust

CHANNEL = "cygnet-spark-connector"
WEIRD = "a b\t=:#!\\é 𝄞 ${x} \nspark.authenticate=false"
# The lock is read every second and a half; the machine may be busy.
PATIENCE_S = 30
# A class of our name, but from another jar.
ADD_LISTENER = """
import os, shutil
from spark_monitor.attach import JAR
shutil.copy(JAR, "theirs.jar")
urls = sc._gateway.new_array(sc._jvm.java.net.URL, 1)
urls[0] = sc._jvm.java.io.File(os.path.abspath("theirs.jar")).toURI().toURL()
parent = sc._jsc.sc().getClass().getClassLoader()
loader = sc._jvm.java.net.URLClassLoader(urls, parent)
theirs = loader.loadClass("org.apache.spark.cygnet.CellListener").newInstance()
sc._jsc.sc().addSparkListener(theirs)
"""
SENTENCE = "is not defined: no Spark session is connected. Run"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def of_java(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give an authority that Java has in its own list alone."""
    return make_authority(tmp_path_factory.mktemp("of-java"))


@pytest.fixture(scope="module")
def kernel(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, of_java: Authority
) -> Iterator[RunningKernel]:
    directory = tmp_path_factory.mktemp("kernel")
    world = {**own_world(directory), "SSL_CERT_FILE": str(authority.certificate)}
    trust(Path(world["JAVA_HOME"]), of_java.certificate)
    with RunningKernel(directory, environment=world) as running:
        yield running


def jvm_of(kernel: RunningKernel) -> psutil.Process:
    (process,) = [it for it in kernel.descendants() if it.name() == "java"]
    return process


def state_of(kernel: RunningKernel) -> dict[str, Any]:
    """Ask for the state, as a page does when it is opened."""
    after = len(kernel.messages)
    kernel.send_comm(CHANNEL, {"type": "hello"})
    message = kernel.wait_for_comm(CHANNEL, lambda _: True, after=after)
    state: dict[str, Any] = message["state"]
    return state


def await_phase(kernel: RunningKernel, phase: str, after: int) -> dict[str, Any]:
    message = kernel.wait_for_comm(
        CHANNEL,
        lambda data: data["state"]["phase"] == phase,
        after=after,
        timeout=180,
    )
    state: dict[str, Any] = message["state"]
    return state


def test_page_hears_of_the_bundles_before_anything_is_imported(
    kernel: RunningKernel,
) -> None:
    state = state_of(kernel)

    assert state["phase"] == "disconnected"
    assert state["lock"]["reasons"] == ["There is no session."]
    assert {"local-small", "local-all-cores"} <= {b["name"] for b in state["catalog"]}
    assert kernel.execute("import sys; 'pyspark' in sys.modules").result == "False"


def test_cell_that_needs_a_session_gets_one_sentence(kernel: RunningKernel) -> None:
    for code in ("spark.range(3)", "def f():\n    return sc.version\nf()"):
        outcome = kernel.execute(code)

        assert outcome.error_name == "NameError"
        assert SENTENCE in outcome.error_text
        assert "spark_connector.connect()" in outcome.error_text
        assert len(outcome.error_text.splitlines()) == 1


def test_other_name_errors_are_left_alone(kernel: RunningKernel) -> None:
    library = "import types\nlibrary = types.ModuleType('library')\n"
    library += "exec('def f():\\n    return spark', vars(library))\nlibrary.f()"

    for code in ("sparks", "undefined", library):
        outcome = kernel.execute(code)

        assert outcome.error_name == "NameError"
        assert SENTENCE not in outcome.error_text
        assert "Traceback" in outcome.error_text
    caught = "try:\n    spark\nexcept NameError as error:\n    print(error)"
    assert kernel.execute(caught).stdout == "name 'spark' is not defined\n"


def test_conf_of_swan_is_bound_where_a_cell_misses_it(kernel: RunningKernel) -> None:
    outcome = kernel.execute("swan_spark_conf.get('spark.master')")

    assert outcome.result == "'local[2]'", outcome.error_text
    assert "as in SWAN" in outcome.displays[0]["data"]["text/plain"]
    assert kernel.execute("'conf' in globals()").result == "False"
    assert kernel.execute("conf = 5; conf").result == "5"
    kernel.execute("del conf, swan_spark_conf")


def test_wrong_wishes_are_refused_before_java_starts(kernel: RunningKernel) -> None:
    outcome = kernel.execute(
        "import spark_connector\nspark_connector.connect('local-smal', 'other')\n",
    )

    assert outcome.error_name == "RefusedError"
    assert outcome.error_text.splitlines()[0] == "No session was started: 2 problems."
    assert "Did you mean 'local-small'" in outcome.error_text
    assert "Traceback" not in outcome.error_text
    assert kernel.descendants() == []
    state = state_of(kernel)
    assert state["phase"] == "failed"
    assert len(state["problems"]) == 2


def test_connect_gives_the_session_and_names(kernel: RunningKernel) -> None:
    after = len(kernel.messages)
    options = {"spark.cygnet.weird": WEIRD, "spark.hadoop.x.secret": "hunter2"}

    outcome = kernel.execute(
        f"mine = spark_connector.connect('local-small', **{options!r})", cell_id="one"
    )

    assert outcome.is_ok, outcome.error_text
    assert outcome.stderr == ""
    assert outcome.stdout == ""
    assert len({it["transient"]["display_id"] for it in outcome.displays}) == 1
    text = outcome.displays[-1]["data"]["text/plain"]
    assert "Java " in text
    assert "is up: 2 cores, 1 GB" in text
    assert await_phase(kernel, "connecting", after)["session"] is None
    assert kernel.execute("mine is spark, sc is spark.sparkContext").result == (
        "(True, True)"
    )


def test_lock_is_closed_after_reading_back(kernel: RunningKernel) -> None:
    state = state_of(kernel)

    assert state["phase"] == "connected"
    assert state["chosen"] == ["local-small"]
    assert state["session"]["master"] == "local[2]"
    assert state["lock"]["state"] == "closed", state["lock"]
    assert {it["key"] for it in state["lock"]["settings"]} >= {
        "spark.authenticate",
        "spark.network.crypto.enabled",
        "spark.io.encryption.enabled",
        "spark.ui.enabled",
    }


@pytest.mark.parametrize(
    ("weaken", "mend", "says"),
    [
        (
            "server = sc._jvm.java.net.ServerSocket(0)",
            "server.close()",
            "for other machines too",
        ),
        (
            "sc._jsc.sc().conf().set('spark.network.crypto.enabled', 'false')",
            "sc._jsc.sc().conf().set('spark.network.crypto.enabled', 'true')",
            "spark.network.crypto.enabled is false, not true.",
        ),
        (
            ADD_LISTENER,
            "sc._jsc.sc().removeSparkListener(theirs)",
            "is org.apache.spark.cygnet.CellListener too, which no setting names.",
        ),
    ],
)
def test_lock_opens_with_the_reason_while_something_does_not_hold(
    kernel: RunningKernel, weaken: str, mend: str, says: str
) -> None:
    def is_open(data: dict[str, Any]) -> bool:
        return any(says in it for it in data["state"]["lock"]["reasons"])

    after, began = len(kernel.messages), time.monotonic()
    assert kernel.execute(weaken).is_ok

    kernel.wait_for_comm(CHANNEL, is_open, after=after)
    assert time.monotonic() - began < PATIENCE_S
    after = len(kernel.messages)
    kernel.execute(mend)
    message = kernel.wait_for_comm(CHANNEL, lambda it: not is_open(it), after=after)
    assert message["state"]["lock"]["state"] == "closed"


def test_every_port_is_on_loopback(kernel: RunningKernel) -> None:
    kernel.execute("sc.parallelize(range(8), 2).map(lambda x: x * x).sum()")

    listening = [
        connection.laddr.ip
        for connection in jvm_of(kernel).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]

    assert listening
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


def test_no_setting_is_on_a_command_line_and_the_file_is_gone(
    kernel: RunningKernel,
) -> None:
    kernel.execute("sc.parallelize([1]).map(str).collect()")
    lines = [word for it in kernel.descendants() for word in it.cmdline()]

    properties = Path(lines[lines.index("--properties-file") + 1])

    assert not properties.exists()
    assert not properties.parent.exists()
    assert "hunter2" not in " ".join(lines)
    assert "spark.authenticate" not in " ".join(lines)


def test_secret_is_nowhere_to_be_seen(kernel: RunningKernel) -> None:
    outcome = kernel.execute(
        "keys = [key for key, _ in sc.getConf().getAll()]\n"
        "print([key for key in keys if key.startswith('spark.authenticate')])\n"
        "print(spark_connector.status())\n"
        "print(spark_connector.explain(**{'spark.hadoop.x.secret': 'hunter2'}))"
    )

    assert outcome.stdout.splitlines()[0] == "['spark.authenticate']"
    assert "hunter2" not in outcome.stdout
    assert "hunter2" not in json.dumps(kernel.comm_data(CHANNEL))


def test_value_arrives_as_it_was_written(kernel: RunningKernel) -> None:
    outcome = kernel.execute("sc.getConf().get('spark.cygnet.weird')")

    assert outcome.result == repr(WEIRD)


def test_workers_run_the_kernels_python(kernel: RunningKernel) -> None:
    code = (
        "sc.parallelize([1], 1).map(lambda _: __import__('sys').executable).collect()"
    )

    assert kernel.execute(code).result == repr([sys.executable])


def test_java_trusts_what_the_machine_trusts_and_what_it_did(
    kernel: RunningKernel, authority: Authority, of_java: Authority, tmp_path: Path
) -> None:
    code = "sc._jvm.java.net.URL('https://localhost:{}/').openStream().read()"
    strange = make_authority(tmp_path)

    for trusted in (authority, of_java):
        with https_server(trusted) as port:
            assert kernel.execute(code.format(port)).result == str(ord("h"))
    with https_server(strange) as port:
        assert "SSLHandshakeException" in kernel.execute(code.format(port)).error_text


def test_conf_of_a_session_has_its_settings_but_no_secret(
    kernel: RunningKernel,
) -> None:
    code = (
        "conf.get('spark.app.id') == sc.applicationId, 'hunter2' in str(conf.getAll())"
    )

    assert kernel.execute(code).result == "(True, False)"


def test_session_is_the_active_one_of_every_thread(kernel: RunningKernel) -> None:
    kernel.execute("""
from concurrent.futures import ThreadPoolExecutor
from pyspark.sql import SparkSession
java = spark._jvm.org.apache.spark.sql.classic.SparkSession
def active():
    # Java knows it by the thread, Python for all.
    return java.getActiveSession().isDefined(), SparkSession.getActiveSession() is spark
with ThreadPoolExecutor(1) as pool: found = [active(), pool.submit(active).result()]
""")

    assert kernel.execute("found").result == str([(True, True)] * 2)


def test_same_wish_gives_the_same_session(kernel: RunningKernel) -> None:
    assert kernel.execute("spark_connector.connect() is mine").result == "True"

    outcome = kernel.execute("spark_connector.connect('many-small-files')")

    assert outcome.error_name == "ConflictError"
    assert outcome.error_text == (
        "There is a session with local-small. "
        "Call spark_connector.disconnect() first; it ends that session."
    )


def test_names_of_the_user_are_brought_back_by_connect(kernel: RunningKernel) -> None:
    kernel.execute("spark = 'mine now'; del sc")
    assert kernel.execute("spark").result == "'mine now'"

    kernel.execute("again = spark_connector.connect()")

    assert kernel.execute("spark is mine, sc.version is not None").result == (
        "(True, True)"
    )


def test_stop_by_the_user_is_reported_and_connect_works_again(
    kernel: RunningKernel,
) -> None:
    jvm, after = jvm_of(kernel), len(kernel.messages)

    assert kernel.execute("spark.stop()").is_ok

    assert await_phase(kernel, "disconnected", after)["session"] is None
    jvm.wait(timeout=20)
    assert SENTENCE in kernel.execute("spark").error_text
    outcome = kernel.execute("spark_connector.connect('local-small').range(5).count()")
    assert outcome.result == "5", outcome.error_text


def test_killed_java_is_reported_and_connect_works_again(kernel: RunningKernel) -> None:
    after = len(kernel.messages)

    jvm_of(kernel).kill()

    state = await_phase(kernel, "failed", after)
    assert state["problems"][0]["reason"] == (
        "Spark's Java process is gone: it was killed (SIGKILL)."
    )
    assert SENTENCE in kernel.execute("spark").error_text
    outcome = kernel.execute("spark_connector.connect('local-small').range(6).count()")
    assert outcome.result == "6", outcome.error_text
    assert outcome.stderr == ""


def test_session_made_in_the_stopped_ones_java_is_foreign(
    kernel: RunningKernel,
) -> None:
    outcome = kernel.execute(
        "spark.stop()\n"
        "from pyspark.sql import SparkSession\n"
        "theirs = SparkSession.builder.getOrCreate()\n"
        "theirs.range(7).count()"
    )

    assert outcome.result == "7", outcome.error_text
    state = state_of(kernel)
    assert state["phase"] == "foreign"
    assert state["lock"]["state"] == "open"
    jvm = jvm_of(kernel)
    kernel.execute("theirs.stop()")
    jvm.wait(timeout=20)
    assert state_of(kernel)["phase"] == "disconnected"
