"""What an interrupt leaves: the cell's batch jobs end, all other work goes on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spark_monitor.interrupt import SENTENCE
from tests.support.kernel import Outcome, RunningKernel
from tests.support.monitored import (
    MAKE_SESSION,
    run,
    saved_cell,
    start,
    wait_for_cell,
    wait_for_frame,
)

SAID = f"{SENTENCE} %tb shows where."
SLOW = """
import time
from pyspark.sql.functions import udf
def wait(x):
    time.sleep(60)
    return x
def deep(): return sc.parallelize([0], 1).map(wait).count()
# In one part: an iterator has a job for each, and that of an empty one ends by itself.
slow = spark.range(0, 1, 1, 1).select(udf(wait, "long")("id").alias("x"))
"""
KINDS = {
    "rdd": "deep()",
    "dataframe": "slow.collect()",
    "show": "slow.show()",
    "pandas": "slow.toPandas()",
    "iterator": "list(slow.toLocalIterator())",
    "write": "slow.write.mode('overwrite').parquet('interrupted.parquet')",
    "pool": """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(2) as pool: list(pool.map(lambda _: deep(), range(6)))
""",
    "thread": """
from threading import Thread
def quiet():
    try: deep()
    except Exception: pass
thread = Thread(target=quiet); thread.start(); thread.join()
""",
    "async": "import asyncio\nawait asyncio.to_thread(deep)",
}
BARE = """
from threading import Thread
thread = Thread(target=deep, name='mine'); thread.start(); thread.join()
"""
LEFT = "print(*sc.statusTracker().getActiveJobsIds())"


@pytest.fixture(scope="module")
def slow(watched: RunningKernel) -> Iterator[RunningKernel]:
    run(watched, SLOW)
    yield watched
    run(watched, "sc.cancelAllJobs()")


def interrupted(
    kernel: RunningKernel, code: str, cell_id: str, timeout: float = 15
) -> Outcome:
    """Run a cell and interrupt it once its job works."""
    execution = kernel.submit(code, cell_id)
    wait_for_cell(kernel, execution, lambda it: it.tasks.active > 0)
    kernel.interrupt()
    return kernel.wait(execution, timeout)


def wait_for_text(kernel: RunningKernel, execution: str) -> None:
    """Wait until a cell has printed something."""
    kernel.wait_for(
        lambda it: (
            it["msg_type"] == "stream"
            and it["parent_header"].get("msg_id") == execution
        )
    )


@pytest.mark.parametrize("kind", KINDS)
def test_interrupted_cell_says_so_in_a_sentence_and_stops(
    slow: RunningKernel, kind: str
) -> None:
    outcome = interrupted(slow, KINDS[kind], f"interrupted-{kind}")

    assert outcome.error_text == SAID
    assert outcome.error_name in {"KeyboardInterrupt", "CancelledError"}
    assert outcome.stderr == ""
    cell = wait_for_cell(slow, outcome.message_id, lambda it: it.state != "running")
    assert (cell.state, cell.jobs.active) == ("stopped", 0)
    assert run(slow, LEFT).stdout == "\n"


def test_interrupted_thread_says_so_in_a_sentence(slow: RunningKernel) -> None:
    before = len(slow.messages)
    outcome = interrupted(slow, BARE, "interrupted-bare")

    assert outcome.error_text == SAID
    # The thread may hear of it a moment after the cell, and what threads print counts
    # for the newest cell.
    told = slow.wait_for(
        lambda it: it["msg_type"] == "stream" and it["content"]["name"] == "stderr",
        after=before,
    )
    assert told["content"]["text"] == f"In mine: {SENTENCE}\n"
    run(slow, "thread.join(30)")


def test_traceback_of_an_interrupted_cell_can_be_seen(slow: RunningKernel) -> None:
    interrupted(slow, "deep()", "interrupted-hidden")

    shown = slow.execute("%tb").error_text

    assert "deep" in shown
    assert "KeyboardInterrupt" in shown


def test_work_of_other_cells_and_streams_goes_on(slow: RunningKernel) -> None:
    background = slow.submit(
        "from threading import Thread\nThread(target=quiet).start()", "interrupted-not"
    )
    wait_for_cell(slow, background, lambda it: it.tasks.active > 0)
    stream = """
from threading import Timer
query = (
    spark.readStream.format('rate').load()
    .writeStream.foreachBatch(lambda frame, _: frame.count())
    .trigger(processingTime='0.2 seconds').start()
)
while query.lastProgress is None: time.sleep(0.1)
# Said while the cell waits, not before.
Timer(0.5, print, ('streams',), {'flush': True}).start()
query.awaitTermination()
"""
    execution = slow.submit(stream, "interrupted-stream")
    wait_for_text(slow, execution)

    slow.interrupt()
    outcome = slow.wait(execution, timeout=15)

    assert outcome.error_text == SAID
    assert outcome.stderr == ""
    kept = run(
        slow,
        "seen = query.lastProgress['batchId']\n"
        f"while query.lastProgress['batchId'] < seen + 3: time.sleep(0.1)\n"
        f"print(query.exception(), query.isActive); query.stop(); {LEFT}",
    ).stdout.splitlines()
    assert kept[0] == "None True"
    assert len(kept[1].split()) == 1
    run(slow, "sc.cancelAllJobs()")


def test_cell_that_catches_an_interrupt_goes_on_with_spark(
    slow: RunningKernel,
) -> None:
    code = """
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(1)
kept = pool.map(lambda _: quiet(), range(6))
try: deep()
except KeyboardInterrupt: pass
sum(sc.parallelize([1], 1).count() for _ in range(10))
"""
    # Spark waits for the worker of a task that it has killed, and there are two places
    # for tasks.
    outcome = interrupted(slow, code, "interrupted-caught", timeout=60)

    assert outcome.result == "10", outcome.error_text
    assert saved_cell(outcome).jobs.succeeded == 10
    run(slow, "pool.shutdown(cancel_futures=True)")
    assert run(slow, LEFT).stdout == "\n"


def test_interrupt_at_any_moment_is_nothing_but_that(slow: RunningKernel) -> None:
    # Said while the cell works, not before.
    say = (
        "from threading import Timer\nTimer(0.1, print, (1,), {'flush': True}).start()"
    )
    code = f"{say}\nwhile True: sc.parallelize([1], 1).count()"

    for number in range(12):
        execution = slow.submit(code, f"interrupted-{number}")
        wait_for_text(slow, execution)
        time.sleep(number / 50)
        slow.interrupt()
        outcome = slow.wait(execution, timeout=15)

        assert outcome.error_name == "KeyboardInterrupt", outcome.error_text
        assert outcome.error_text == SAID
        assert outcome.stderr == ""
        # The answers of Java still belong to what was asked.
        assert run(slow, "sc.parallelize([1, 2], 1).sum()").result == "3"


def test_jobs_without_marks_end_too(tmp_path: Path) -> None:
    with start(tmp_path, PYSPARK_PIN_THREAD="false") as kernel:
        run(kernel, MAKE_SESSION)
        run(kernel, SLOW)
        execution = kernel.submit("deep()", "interrupted-shared")
        wait_for_frame(kernel, lambda it: any(c.tasks.active for c in it.cells))

        kernel.interrupt()
        outcome = kernel.wait(execution, timeout=15)

        assert outcome.error_text == SAID
        # The cell does not wait for what has no mark.
        rest = f"while sc.statusTracker().getActiveJobsIds(): time.sleep(0.1)\n{LEFT}"
        assert run(kernel, rest).stdout == "\n"
