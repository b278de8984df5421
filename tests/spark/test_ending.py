"""Sessions end in seconds: also where Java called Python back, or stands still."""

import time
from collections.abc import Iterator

import psutil
import pytest

from spark_monitor.interrupt import SENTENCE
from tests.support.connector import own_world
from tests.support.kernel import Outcome, RunningKernel

MONITOR = "cygnet-spark-monitor"
CONNECTOR = "cygnet-spark-connector"
CONNECT = "spark = spark_connector.connect('local-small')"
CALL_BACK = """
import time
from pyspark.sql.streaming import StreamingQueryListener
heard = []
class Ear(StreamingQueryListener):
    def onQueryStarted(self, event): heard.append("started")
    def onQueryProgress(self, event): heard.append("progress")
    def onQueryTerminated(self, event): heard.append("terminated")
ear = Ear()
spark.streams.addListener(ear)
query = (
    spark.readStream.format("rate").load()
    .writeStream.foreachBatch(lambda frame, _: heard.append(frame.count()))
    .trigger(processingTime="0.2 seconds").start()
)
while "progress" not in heard: time.sleep(0.1)
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningKernel]:
    directory = tmp_path_factory.mktemp("kernel")
    with RunningKernel(directory, environment=own_world(directory)) as running:
        run(running, "import spark_connector")
        yield running


def run(kernel: RunningKernel, code: str, timeout: float = 60) -> Outcome:
    outcome = kernel.execute(code, "cell", timeout)
    assert outcome.is_ok, outcome.error_text
    return outcome


def jvm_of(kernel: RunningKernel) -> psutil.Process:
    (process,) = [it for it in kernel.descendants() if it.name() == "java"]
    return process


def test_session_that_called_python_back_is_disconnected(
    kernel: RunningKernel,
) -> None:
    run(kernel, CONNECT)
    run(kernel, CALL_BACK)
    jvm = jvm_of(kernel)

    run(kernel, "spark_connector.disconnect()", timeout=20)

    jvm.wait(timeout=5)
    assert run(kernel, "print(spark_connector.status().phase)").stdout


def test_java_that_stands_still_holds_up_nothing(kernel: RunningKernel) -> None:
    run(kernel, CONNECT)
    run(kernel, "spark.range(3).count()")
    jvm = jvm_of(kernel)
    jvm.suspend()

    stuck = kernel.submit("print(1, flush=True); spark.range(3).count()", "stuck")
    kernel.wait_for(
        lambda it: (
            it["msg_type"] == "stream" and it["parent_header"].get("msg_id") == stuck
        )
    )
    after = len(kernel.messages)
    for comm in (CONNECTOR, MONITOR):
        kernel.send_comm(comm, {"type": "hello"})
    kernel.wait_for_comm(CONNECTOR, lambda _: True, after=after, timeout=10)
    kernel.wait_for_comm(MONITOR, lambda _: True, after=after, timeout=10)
    kernel.interrupt()
    outcome = kernel.wait(stuck, timeout=15)
    assert outcome.error_text == f"{SENTENCE} %tb shows where."
    assert outcome.stderr == ""
    began = time.monotonic()
    run(kernel, "1 + 1")
    assert time.monotonic() - began < 2
    again = "assert spark_connector.connect('local-small') is spark"
    run(kernel, f"{again}; spark_connector.status()", timeout=10)

    run(kernel, "spark_connector.disconnect()", timeout=20)

    jvm.wait(timeout=5)


def test_session_that_called_python_back_is_stopped(kernel: RunningKernel) -> None:
    run(kernel, CONNECT)
    run(kernel, CALL_BACK)
    jvm = jvm_of(kernel)

    outcome = run(kernel, "query.stop(); spark.stop(); print('stopped')", timeout=20)

    assert outcome.stdout == "stopped\n"
    run(kernel, CONNECT)
    assert run(kernel, "spark.range(3).count()").result == "3"
    jvm.wait(timeout=5)


def test_end_of_the_kernel_takes_java_along(kernel: RunningKernel) -> None:
    run(kernel, CONNECT)
    run(kernel, CALL_BACK)
    jvm = jvm_of(kernel)
    jvm.suspend()

    kernel.submit("exit()")

    psutil.Process(kernel.pid).wait(timeout=30)
    jvm.wait(timeout=5)
