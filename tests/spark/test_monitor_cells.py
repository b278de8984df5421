"""Which cell a job counts for: the one that submitted the work, or none."""

import pytest

from tests.support.kernel import RunningKernel
from tests.support.monitored import (
    frames,
    run,
    saved,
    saved_cell,
    summaries,
    wait_for_cell,
    wait_for_frame,
)

KINDS = {
    "dataframe": "spark.range(10).selectExpr('sum(id)').collect()",
    "rdd": "sc.parallelize(range(10), 2).count()",
    "pandas": "spark.range(10).toPandas()",
    "broadcast": """
from pyspark.sql.functions import broadcast
spark.range(10).join(broadcast(spark.range(5)), 'id').collect()
""",
    "subquery": """
spark.range(10).createOrReplaceTempView('v')
spark.sql('select (select max(id) from v), id from v').collect()
""",
}
THREADS = {
    "thread": """
from threading import Thread
thread = Thread(target=work); thread.start(); thread.join()
""",
    "inheritable": """
from pyspark import InheritableThread
thread = InheritableThread(target=work); thread.start(); thread.join()
""",
    "executor": """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(1) as pool: pool.submit(work).result()
""",
    "pool": """
from multiprocessing.pool import ThreadPool
with ThreadPool(1) as pool: pool.apply(work)
""",
    "to-thread": "import asyncio; await asyncio.to_thread(work)",
    "loop": """
import asyncio
await asyncio.get_running_loop().run_in_executor(None, work)
""",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_job_counts_for_its_cell(
    watched: RunningKernel, kind: str
) -> None:
    before = len(watched.messages)
    outcome = run(watched, KINDS[kind], kind)

    assert saved_cell(outcome).cell_id == kind
    # A cell that is over before the next frame is due is in a frame behind it.
    wait_for_cell(watched, outcome.message_id, lambda it: it.state == "succeeded")
    strangers = {
        cell.execution_id
        for frame in frames(watched, before)
        for cell in frame.cells
        if cell.started_ms >= saved_cell(outcome).started_ms
    }
    assert strangers == {outcome.message_id}


@pytest.mark.parametrize("kind", THREADS)
def test_job_of_a_thread_counts_for_the_cell_that_submitted_it(
    watched: RunningKernel, kind: str
) -> None:
    run(watched, "def work(): return spark.range(10).selectExpr('sum(id)').collect()")

    outcome = run(watched, THREADS[kind], kind)

    assert saved_cell(outcome).cell_id == kind


def test_cell_on_a_subshell_counts_for_itself(watched: RunningKernel) -> None:
    main = watched.submit(
        "import threading\n"
        "gate = threading.Event()\n"
        "gate.wait(60)\n"
        "sc.parallelize([1], 1).count()",
        "main-shell",
    )
    watched.wait_for(
        lambda it: (
            it["msg_type"] == "execute_input"
            and it["parent_header"].get("msg_id") == main
        )
    )

    side = watched.submit(
        "sc.parallelize(range(2), 2).count(); gate.set()",
        "side-shell",
        on_subshell=True,
    )

    assert saved_cell(watched.wait(side)).tasks.total == 2
    assert saved_cell(watched.wait(side)).cell_id == "side-shell"
    assert saved_cell(watched.wait(main)).cell_id == "main-shell"


def test_pooled_thread_serves_the_cell_that_submits(watched: RunningKernel) -> None:
    setup = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "kept = ThreadPoolExecutor(1)\n"
        "def work(): return sc.parallelize([1], 1).count()\n"
        "kept.submit(work).result()"
    )
    first = run(watched, setup, "pool-first")

    second = run(watched, "kept.submit(work).result()", "pool-second")

    assert saved_cell(first).jobs.total == 1
    assert saved_cell(second).cell_id == "pool-second"


def test_inherited_properties_of_an_older_cell_do_not_win(
    watched: RunningKernel,
) -> None:
    run(
        watched,
        "from pyspark import inheritable_thread_target\n"
        "from threading import Thread\n"
        "kept = inheritable_thread_target(lambda: sc.parallelize([1], 1).count())",
        "inherit-first",
    )

    outcome = run(
        watched,
        "thread = Thread(target=kept); thread.start(); thread.join()",
        "inherit-second",
    )

    assert saved_cell(outcome).cell_id == "inherit-second"


def test_thread_of_an_ended_cell_updates_its_output(watched: RunningKernel) -> None:
    before = len(watched.messages)
    outcome = run(
        watched,
        """
import threading
begun, gate = threading.Event(), threading.Event()
def work():
    sc.parallelize([1], 1).count()
    begun.set()
    gate.wait()
    sc.parallelize([1], 1).count()
late = threading.Thread(target=work); late.start()
begun.wait()
""",
        "background",
    )
    assert saved(outcome) is not None

    other = run(watched, "gate.set(); late.join()", "other")
    cell = wait_for_cell(
        watched,
        outcome.message_id,
        lambda it: it.jobs.succeeded == 2,
    )

    assert cell.cell_id == "background"
    assert saved(other) is None
    watched.wait_for(
        lambda it: (
            it["msg_type"] == "update_display_data"
            and it["parent_header"].get("msg_id") == outcome.message_id
        )
    )
    latest = watched.outcome(outcome.message_id)
    assert saved_cell(latest).jobs.succeeded == 2
    ids = {it["display_id"] for it in summaries(watched, before)}
    assert len(ids) == 1


def test_work_that_begins_after_its_cell_gets_its_output(
    watched: RunningKernel,
) -> None:
    outcome = run(
        watched,
        """
import threading
gate = threading.Event()
def work():
    gate.wait()
    sc.parallelize([1], 1).count()
late = threading.Thread(target=work); late.start()
""",
        "later",
    )
    assert saved(outcome) is None

    run(watched, "gate.set(); late.join()", "opener")
    watched.wait_for(
        lambda it: (
            it["msg_type"] == "display_data"
            and it["parent_header"].get("msg_id") == outcome.message_id
        )
    )

    assert saved_cell(watched.outcome(outcome.message_id)).cell_id == "later"


def test_work_of_nobody_counts_for_no_cell(watched: RunningKernel) -> None:
    before = len(watched.messages)
    outcome = run(
        watched,
        """
import contextvars, threading
from spark_monitor import cells
def work():
    cells.enter(None)
    sc.parallelize([1], 1).count()
thread = threading.Thread(target=work); thread.start(); thread.join()
""",
        "nobody",
    )

    frame = wait_for_frame(
        watched,
        lambda it: any(cell.execution_id is None for cell in it.cells),
        after=before,
    )
    unknown = next(it for it in frame.cells if it.execution_id is None)
    assert unknown.cell_id is None
    assert saved(outcome) is None


def test_cell_without_jobs_gets_no_output(watched: RunningKernel) -> None:
    before = len(watched.messages)

    plain = run(watched, "1 + 1", "plain-python")
    lazy = run(watched, "spark.range(10).count", "lazy")
    metadata = run(watched, "spark.range(10).schema", "metadata")

    assert [saved(it) for it in (plain, lazy, metadata)] == [None, None, None]
    assert summaries(watched, before) == []


def test_cell_without_an_id_keeps_its_execution(watched: RunningKernel) -> None:
    outcome = run(watched, "sc.parallelize([1], 1).count()")

    cell = saved_cell(outcome)
    assert (cell.cell_id, cell.execution_id) == (None, outcome.message_id)


def test_interrupted_cell_keeps_what_ran(watched: RunningKernel) -> None:
    execution = watched.submit(
        "import time\nsc.parallelize([1], 1).count()\n"
        "print('asleep', flush=True); time.sleep(60)",
        "interrupted",
    )
    wait_for_cell(watched, execution, lambda it: it.jobs.succeeded == 1)
    # Earlier, py4j may turn the interrupt into an error of its own.
    watched.wait_for(
        lambda it: (
            it["msg_type"] == "stream"
            and it["parent_header"].get("msg_id") == execution
        )
    )

    watched.interrupt()
    outcome = watched.wait(execution, timeout=20)

    assert outcome.error_name == "KeyboardInterrupt"
    assert saved_cell(outcome).jobs.succeeded == 1


def test_monitor_prints_nothing(watched: RunningKernel) -> None:
    streams = [it for it in watched.messages if it["msg_type"] == "stream"]
    text = "".join(it["content"]["text"] for it in streams)

    assert "Error in callback" not in text
    assert "frame not handled" not in text
