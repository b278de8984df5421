"""What a cell says that fails in Spark: reason, remedy, and the user's own lines."""

import re
from collections.abc import Iterator

import pytest

from tests.support.connector import own_world
from tests.support.kernel import Outcome, RunningKernel

CONNECT = "spark = spark_connector.connect('local-small')"
SETUP = f"""
import os, sys, threading, time
import psutil, spark_connector
from pyspark.sql.functions import udf
{CONNECT}
frame = spark.range(3)
plain = udf(lambda x: x + 1, "int")
frame.select(plain("id")).collect()
os.mkdir("libs")
with open("libs/far.py", "w") as file: file.write("def f(x): return x + 1")
sys.path.append(os.path.abspath("libs"))
import far
def fail(x):
    raise ValueError(f"boom {{x}}")
def in_thread(work):
    thread = threading.Thread(target=work, name="mine"); thread.start(); thread.join()
def java():
    children = psutil.Process().children(recursive=True)
    return next(it for it in children if it.name() == "java")
"""
FORMER = "This belongs to a Spark session that has ended: make it again in a new one."
RENEWAL = "Run spark_connector.connect() for a new session."
TABLE = "spark.sql('create table if not exists numbers as select 1 as a')"
MORE = "%tb shows everything."
KILLED = f"Spark's Java process was killed (SIGKILL). {RENEWAL}"
NO_MEMORY = "Spark's Java ran out of memory (1 GB)"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningKernel]:
    directory = tmp_path_factory.mktemp("failure")
    with RunningKernel(directory, environment=own_world(directory)) as running:
        outcome = running.execute(SETUP)
        assert outcome.is_ok, outcome.error_text
        yield running


def told(outcome: Outcome) -> list[str]:
    """Give the lines of a failure without the numbers of cells."""
    assert outcome.stderr == ""
    return re.sub(r"In\[\d+\]", "In[n]", outcome.error_text).splitlines()


def failure(kernel: RunningKernel, code: str) -> list[str]:
    outcome = kernel.execute(code)
    assert outcome.status == "error"
    return told(outcome)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("frame.select('wrong').count()", "Did you mean one of the following? [`id`]"),
        ("spark.read.format('nope').load('x')", "Failed to find the data source: nope"),
        ("spark.sql('selct 1')", "Syntax error at or near 'selct'"),
        ("spark._jvm.org.foo.Bar()", "Spark's Java has no class of this name"),
        ("spark.sql('select 1 / 0').collect()", "Division by zero"),
    ],
)
def test_fault_is_reported_in_a_sentence_with_its_line(
    kernel: RunningKernel, code: str, said: str
) -> None:
    lines = failure(kernel, code)

    assert said in lines[0]
    assert lines[-2:] == [f"  Cell In[n], line 1: {code}", MORE]
    assert len("".join(lines)) < 700


@pytest.mark.parametrize(
    "code",
    [
        "sc.parallelize(range(4), 2).map(fail).count()",
        "frame.select(udf(fail, 'int')('id')).collect()",
    ],
)
def test_failure_of_a_function_comes_first(kernel: RunningKernel, code: str) -> None:
    first, *lines = failure(kernel, code)

    assert first.startswith("ValueError: boom ")
    assert lines == [
        "In a Python worker:",
        '  Cell In[n], line 13, in fail: raise ValueError(f"boom {x}")',
        "Called by:",
        f"  Cell In[n], line 1: {code}",
        MORE,
    ]
    assert "py4j" in kernel.execute("%tb").error_text


def test_module_that_workers_do_not_find_gets_advice(kernel: RunningKernel) -> None:
    code = "frame.select(udf(far.f, 'int')('id')).collect()"
    first, advice, *_ = failure(kernel, code)

    assert first == "ModuleNotFoundError: No module named 'far'"
    call = re.search(r"run (sc\.addPyFile\('.+/libs/far\.py'\)) before", advice)
    assert call is not None
    assert kernel.execute(f"{call[1]}\n{code}").is_ok


def test_failure_in_a_thread_is_reported_in_a_sentence(kernel: RunningKernel) -> None:
    code = "in_thread(lambda: sc.parallelize([0], 1).map(fail).count())"

    outcome = kernel.execute(code)

    lines = outcome.stderr.splitlines()
    assert lines[0] == "In mine: ValueError: boom 0"
    assert len(lines) == 5


def test_prints_of_workers_are_kept(kernel: RunningKernel) -> None:
    code = """
def speak(x):
    print("\\tspoken", x)
    if x > 1: raise ValueError("unspoken")
try: sc.parallelize([1, 2], 1).map(speak).count()
except Exception: pass
"""
    after = len(kernel.messages)
    assert kernel.execute(code).is_ok

    message = kernel.wait_for_comm(
        "cygnet-spark-connector",
        lambda it: "\tspoken 2" in it["state"]["printed"],
        after=after,
    )
    assert message["state"]["printed"] == ["\tspoken 1", "\tspoken 2"]
    assert "spoken 2" in kernel.execute("print(spark_connector.status())").stdout


def test_parts_of_a_former_session_are_reported(kernel: RunningKernel) -> None:
    kernel.execute(TABLE)
    kernel.execute("there = frame; spark_connector.disconnect()")
    assert failure(kernel, "frame.count()")[0] == FORMER
    assert failure(kernel, "there.sparkSession.range(3)")[0] == FORMER

    assert kernel.execute(f"{CONNECT}; frame = spark.range(3)").is_ok

    for code in (
        "there.count()",
        "frame.select(plain('id')).collect()",
    ):
        assert failure(kernel, code) == [FORMER, f"  Cell In[n], line 1: {code}", MORE]


def test_table_of_a_former_session_is_reported_with_the_ways_on(
    kernel: RunningKernel,
) -> None:
    lines = failure(kernel, TABLE)

    assert re.search(r"The table numbers .+/spark-warehouse/numbers holds", lines[0])
    call = re.search(r'spark\.sql\(".+?"\)', "\n".join(lines))
    assert call is not None
    assert kernel.execute(call[0]).is_ok
    counted = kernel.execute(f"{TABLE}\nspark.table('numbers').count()")
    assert counted.result == "1", counted.error_text


def test_memory_that_ends_java_is_reported(kernel: RunningKernel) -> None:
    code = 'spark.range(1).selectExpr("length(repeat(id, 2000000000))").collect()'

    lines = failure(kernel, code)

    assert lines[0].startswith(NO_MEMORY)
    assert "collect less" in lines[0]
    assert lines[1:] == [f"  Cell In[n], line 1: {code}", MORE]
    kernel.wait_for_comm(
        "cygnet-spark-connector",
        lambda data: any(
            "it ran out of memory" in it["reason"] for it in data["state"]["problems"]
        ),
    )


def test_killed_java_is_reported_in_a_thread_too(kernel: RunningKernel) -> None:
    assert kernel.execute(f"{CONNECT}; frame = spark.range(3)").is_ok
    job = "sc.parallelize([0], 1).map(lambda x: time.sleep(60)).count()"

    outcome = kernel.execute(
        f"""
def kill():
    while not sc.statusTracker().getActiveJobsIds(): time.sleep(0.05)
    java().kill()
threading.Thread(target=kill).start()
in_thread(lambda: {job})
"""
    )

    lines = re.sub(r"In\[\d+\]", "In[n]", outcome.stderr).splitlines()
    assert lines[0] == f"In mine: {KILLED}"
    assert lines[1].startswith("  Cell In[n], line 5")
    assert len(lines) == 2
    assert failure(kernel, "frame.count()")[0] == KILLED
