"""What a cell says when the Stop button of its panel has ended its job."""

import pytest

from tests.support.kernel import Outcome, RunningKernel
from tests.support.monitored import (
    CANCEL_OWN,
    COMM_ID,
    MIME_TYPE,
    application_id,
    run,
    saved_cell,
    wait_for_cell,
)

SLOW = """
import time
from pyspark.sql.functions import udf
def wait(x):
    time.sleep(60)
    return x
frame = spark.range(2).select(udf(wait, "long")("id").alias("x"))
frame.createOrReplaceTempView("slow")
def deep(): return frame.collect()
"""
KINDS = {
    "rdd": "sc.parallelize([0], 1).map(wait).count()",
    "dataframe": "frame.collect()",
    "function": "deep()",
    "show": "frame.show()",
    "pandas": "frame.toPandas()",
    "write": "frame.write.mode('overwrite').parquet('stopped.parquet')",
    "shuffle": "frame.groupBy('x').count().collect()",
    "sql": "spark.sql('select sum(x) from slow').head()",
    "thread": "from multiprocessing.pool import ThreadPool\nThreadPool(1).apply(deep)",
    "async": "import asyncio\nawait asyncio.to_thread(deep)",
}


@pytest.fixture(scope="module")
def slow(watched: RunningKernel) -> RunningKernel:
    run(watched, SLOW)
    return watched


def stopped(kernel: RunningKernel, code: str, cell_id: str) -> Outcome:
    """Run a cell and press Stop once its job works."""
    execution = kernel.submit(code, cell_id)
    wait_for_cell(kernel, execution, lambda it: it.tasks.active > 0)
    message = {
        "type": "cancel",
        "cell_id": cell_id,
        "execution_id": execution,
        "application_id": application_id(kernel),
    }
    kernel.send_comm(COMM_ID, message)
    return kernel.wait(execution, timeout=30)


@pytest.mark.parametrize("kind", KINDS)
def test_stopped_cell_says_so_in_a_sentence(slow: RunningKernel, kind: str) -> None:
    outcome = stopped(slow, KINDS[kind], kind)

    assert outcome.status == "error"
    job = saved_cell(outcome).job_list[0].job_id
    assert outcome.error_text == (
        f"Stopped: the Spark job was stopped from the notebook (job {job}). "
        "%tb shows where."
    )
    assert outcome.stderr == ""


def test_traceback_of_a_stopped_cell_can_be_seen(slow: RunningKernel) -> None:
    stopped(slow, "deep()", "hidden")

    shown = slow.execute("%tb")

    assert "deep" in shown.error_text
    assert "cancelled Stopped from the notebook" in shown.error_text
    assert not any(MIME_TYPE in it["data"] for it in shown.displays)


def test_error_made_of_a_stop_is_shown_whole(slow: RunningKernel) -> None:
    code = "try: deep()\nexcept Exception as error: raise KeyError('mine') from error"

    outcome = stopped(slow, code, "wrapped")

    assert outcome.error_name == "KeyError"
    assert "mine" in outcome.error_text
    assert "Traceback" in outcome.error_text


def test_job_that_the_user_cancels_is_shown_whole(slow: RunningKernel) -> None:
    code = f"{CANCEL_OWN}\nsc.parallelize([0], 1).map(wait).count()"

    outcome = slow.execute(code, "cancelled")

    assert "Stopped:" not in outcome.error_text
    assert "Traceback" in outcome.error_text


def test_handlers_of_others_stay_in_force(slow: RunningKernel) -> None:
    run(
        slow,
        "def handle(shell, kind, error, trace, tb_offset=None): print('handled')\n"
        "get_ipython().set_custom_exc((ZeroDivisionError,), handle)",
    )

    assert slow.execute("1 / 0").stdout == "handled\n"
    assert stopped(slow, "deep()", "beside").error_text.startswith("Stopped:")
    run(slow, "get_ipython().set_custom_exc((), None)")
