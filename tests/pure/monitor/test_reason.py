"""What is said of the failures that Spark tells at length."""

import subprocess
import sys
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest
from py4j.clientserver import ClientServer, JavaParameters, PythonParameters
from py4j.java_gateway import GatewayClient, JavaMember, JavaObject, JavaPackage
from py4j.protocol import Py4JError

from spark_monitor import java_process
from spark_monitor.own_lines import Line
from spark_monitor.reason import Reason, reason_of
from tests.support.throwable import Throwable, raised

NOBODY_LISTENS = 1
RENEWAL = "Run spark_connector.connect() for a new session."
NO_MEMORY = "Spark's Java ran out of memory (1 GB)"
LESS = "collect less"
CELL = "/cells/345.py"
FORMER = "This belongs to a Spark session that has ended: make it again in a new one."
GIGABYTE = 1024**3
WORKER = """Job aborted due to stage failure: Task 0 in stage 1.0 failed 1 times
org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "/venv/site-packages/pyspark/worker.py", line 2094, in main
    process()
  File "/cells/345.py", line 2, in fail
    raise ValueError("boom")
{said}

\tat org.apache.spark.api.python.BasePythonRunner.handle(PythonRunner.scala:1)

Driver stacktrace:
"""
SHORT_WORKER = (
    "[PYTHON_EXCEPTION] An exception was thrown from the worker: Traceback (most "
    'recent call last):\n  File "/cells/345.py", line 2, in fail\nValueError: boom\n '
    "SQLSTATE: 38000"
)
COLUMN = (
    "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column `wrong` cannot be resolved. "
    "Did you mean one of the following? [`id`]. SQLSTATE: 42703;\n"
    "'Project ['wrong]\n+- Range (0, 3, step=1, splits=Some(2))\n"
)


def client() -> GatewayClient:
    """Give py4j's side of a JVM that does not answer."""
    made = ClientServer(
        JavaParameters(port=NOBODY_LISTENS), PythonParameters(port=0, eager_load=False)
    )
    found: GatewayClient = vars(made)["_gateway_client"]
    return found


def remembered(code: int) -> GatewayClient:
    """Give the client of a Java process that ended like this."""
    made = client()
    ended = [sys.executable, "-c", f"import os; os._exit({code})"]
    process = subprocess.Popen(ended)
    gateway = SimpleNamespace(
        _gateway_client=made, jvm=Runtime(), cygnet_process=process
    )
    java_process.remember(cast("Any", SimpleNamespace(_gateway=gateway)))
    process.wait(20)
    return made


class Runtime:
    """Java's, reached as `jvm.java.lang.Runtime.getRuntime()`."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - anything of Java.
        return (lambda: GIGABYTE) if name == "maxMemory" else self

    def __call__(self) -> "Runtime":
        return self


def failure(work: Any) -> BaseException:  # noqa: ANN401 - any function.
    with pytest.raises((Py4JError, OSError)) as caught:
        work()
    error: BaseException = caught.value
    return error


def said_of(error: BaseException | None) -> str:
    reason = reason_of(error)
    assert reason is not None
    return reason.sentence


def member_of(made: GatewayClient) -> JavaMember:
    return JavaMember("count", None, "o1", made)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            java_process.OUT_OF_MEMORY,
            f"{NO_MEMORY} and has ended: {LESS}, or ask for more memory. {RENEWAL}",
        ),
        (
            7,
            f"Spark's Java process ended with exit code 7. {RENEWAL}",
        ),
        (0, FORMER),
    ],
)
def test_end_of_java_is_reported(code: int, said: str) -> None:
    assert said_of(failure(member_of(remembered(code)))) == said


def test_killed_java_is_reported_with_its_signal() -> None:
    assert java_process.in_words(-9) == "was killed (SIGKILL)"


def test_object_of_a_former_session_is_reported() -> None:
    former, newer = remembered(java_process.OUT_OF_MEMORY), remembered(0)

    assert said_of(failure(member_of(former))) == FORMER
    frame = JavaObject("o7", former)
    error = failure(lambda: member_of(newer)(frame))
    assert said_of(error) == FORMER


def test_connection_of_others_is_none_of_ours() -> None:
    remembered(java_process.OUT_OF_MEMORY)

    assert reason_of(ConnectionRefusedError(111, "Connection refused")) is None
    assert reason_of(Py4JError("An error occurred while calling o1.count")) is None


def test_unknown_java_is_left_alone() -> None:
    assert reason_of(failure(member_of(client()))) is None


@pytest.mark.parametrize(
    "throwable",
    [
        Throwable("Java heap space", "java.lang.OutOfMemoryError"),
        Throwable("Job aborted.", cause=Throwable("x", "java.lang.OutOfMemoryError")),
        Throwable("Task failed: java.lang.OutOfMemoryError: Java heap space"),
    ],
)
def test_java_that_goes_on_without_memory_is_reported(throwable: Throwable) -> None:
    remembered(0)

    said = said_of(raised(throwable))

    assert said.startswith(f"{NO_MEMORY}: {LESS}, or")
    assert "spark.driver.memory" in said


def test_stopped_session_is_reported() -> None:
    text = "Cannot call methods on a stopped SparkContext.\nThis stopped ..."

    assert said_of(raised(Throwable(text))) == FORMER


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("ValueError: boom", "ValueError: boom"),
        ("helper.Odd: a\nb", "helper.Odd: a\nb"),
    ],
)
def test_failure_in_a_worker_is_reported_with_its_lines(lines: str, said: str) -> None:
    error = raised(Throwable(WORKER.format(said=lines)))

    assert reason_of(error) == Reason(said, (Line(CELL, 2, "fail"),))


def test_failure_without_java_is_reported_the_same() -> None:
    assert reason_of(raised(Throwable(SHORT_WORKER))) == Reason(
        "ValueError: boom", (Line(CELL, 2, "fail"),)
    )


@pytest.mark.parametrize(
    ("file", "call"),
    [
        ("/libs/helper.py", "sc.addPyFile('/libs/helper.py')"),
        (
            "/libs/helper/__init__.py",
            "sc.addPyFile(shutil.make_archive('helper', 'zip', '/libs', 'helper'))",
        ),
    ],
)
def test_module_that_workers_do_not_find_gets_advice(
    file: str, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("helper")
    module.__file__ = file
    monkeypatch.setitem(sys.modules, "helper", module)
    said = "ModuleNotFoundError: No module named 'helper.parts'"

    first, advice = said_of(raised(Throwable(WORKER.format(said=said)))).splitlines()

    assert first == said
    assert f"run {call} before" in advice


def test_module_that_nobody_has_gets_no_advice() -> None:
    said = "ModuleNotFoundError: No module named 'nowhere'"

    assert said_of(raised(Throwable(WORKER.format(said=said)))) == said


def test_fault_that_spark_names_is_reported_without_the_plan() -> None:
    assert said_of(raised(Throwable(COLUMN))) == (
        "A column `wrong` cannot be resolved. Did you mean one of the "
        "following? [`id`]. SQLSTATE: 42703 [UNRESOLVED_COLUMN.WITH_SUGGESTION]"
    )


def test_folder_of_a_former_table_is_reported_with_the_ways_on() -> None:
    text = (
        "[LOCATION_ALREADY_EXISTS] Cannot name the managed table as "
        "`spark_catalog`.`default`.`numbers`, as its associated location "
        "'file:/home/ada/spark-warehouse/numbers' already exists. Please pick"
    )

    said = said_of(raised(Throwable(text)))

    folder = "/home/ada/spark-warehouse/numbers"
    assert said.startswith(
        f"The table numbers was not made, because its folder {folder} holds the files"
    )
    assert f"create table numbers using parquet location '{folder}'" in said
    assert f"shutil.rmtree('{folder}')" in said
    assert "give the new table another name" in said
    assert "spark.sql.catalogImplementation=hive" in said


def test_class_that_java_does_not_have_is_reported() -> None:
    package: Any = JavaPackage("org.foo.Bar", client())
    with pytest.raises(TypeError) as caught:
        package()

    assert "spark.jars.packages" in said_of(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        None,
        TypeError("'int' object is not callable"),
        ValueError("Traceback (most recent call last):"),
        KeyboardInterrupt(),
        raised(Throwable(None)),
        raised(Throwable("dead")),
        raised(Throwable("a message of a library")),
        raised(Throwable("[SPARK_JOB_CANCELLED] Job 7 cancelled SQLSTATE: XXKDA")),
    ],
)
def test_other_errors_are_left_alone(error: BaseException | None) -> None:
    assert reason_of(error) is None


def test_endless_chain_of_causes_ends() -> None:
    circle = Throwable("a")
    circle.cause = circle

    assert reason_of(raised(circle)) is None
