"""What is told of a cell between two of its jobs, and what Stop does there."""

from itertools import groupby

import pytest

from tests.support.kernel import Outcome, RunningKernel
from tests.support.monitored import (
    COMM_ID,
    MIME_TYPE,
    application_id,
    frames,
    run,
    saved_cell,
    wait_for_cell,
)

COUNT = "sc.parallelize([1], 1).count()"
# Each waits between two jobs for longer than it takes until a frame is due.
CELLS = {
    "loop": f"import time\nfor _ in range(4): {COUNT}; time.sleep(0.3)",
    "query": "spark.range(9).count(); time.sleep(0.3); spark.range(9).count()",
    "cell in a cell": f"get_ipython().run_cell('{COUNT}'); time.sleep(0.3); {COUNT}",
    "caught": f"""
try: sc.parallelize([1], 1).map(lambda x: 1 / 0).count()
except Exception: pass
time.sleep(0.3); {COUNT}
""",
    "thread": f"""
import threading
thread = threading.Thread(target=lambda: {COUNT}); thread.start(); thread.join()
time.sleep(0.3)
""",
}
# The job that collects the rows has ended when the table of them is built. A task whose
# result is over a megabyte keeps it for the driver to fetch, which may fail on a busy
# machine, and a local job with it; these are smaller.
JOIN = """
import threading
from pyspark.sql.functions import broadcast
rows = spark.range(0, 2_000_000, 1, 64)
def join(): spark.range(9).join(broadcast(rows), "id").collect()
threading.Thread(target=join).start()
"""
STREAM = """
rates = spark.readStream.format("rate-micro-batch").option("rowsPerBatch", 1).load()
stream = rates.writeStream.format("noop").trigger(processingTime="1 second").start()
"""


def turns(kernel: RunningKernel, outcome: Outcome) -> list[str]:
    """List the states that frames gave a cell, each once for as long as it held."""
    told = (
        cell.state
        for frame in frames(kernel)
        for cell in frame.cells
        if cell.execution_id == outcome.message_id
    )
    return [state for state, _ in groupby(told)]


def stop(kernel: RunningKernel, cell_id: str, execution_id: str) -> None:
    kernel.send_comm(
        COMM_ID,
        {
            "type": "cancel",
            "cell_id": cell_id,
            "execution_id": execution_id,
            "application_id": application_id(kernel),
        },
    )


@pytest.mark.parametrize("kind", CELLS)
def test_cell_is_running_until_it_has_ended(watched: RunningKernel, kind: str) -> None:
    outcome = run(watched, CELLS[kind], kind)

    end = "failed" if kind == "caught" else "succeeded"
    wait_for_cell(watched, outcome.message_id, lambda it: it.state == end)
    assert turns(watched, outcome) == ["running", end]
    assert saved_cell(outcome).state == end
    # Nothing of the cell came after what it shows.
    assert len([it for it in outcome.displays if MIME_TYPE in it["data"]]) == 1


def test_query_of_an_ended_cell_is_running_between_its_jobs(
    watched: RunningKernel,
) -> None:
    outcome = run(watched, JOIN, "join")

    wait_for_cell(watched, outcome.message_id, lambda it: it.jobs.succeeded == 2)
    wait_for_cell(watched, outcome.message_id, lambda it: it.state == "succeeded")
    assert turns(watched, outcome) == ["running", "succeeded"]


def test_stream_is_running_until_it_is_stopped(watched: RunningKernel) -> None:
    outcome = run(watched, STREAM, "stream")
    wait_for_cell(watched, outcome.message_id, lambda it: it.jobs.succeeded == 3)

    run(watched, "stream.stop()", "stopper")

    wait_for_cell(watched, outcome.message_id, lambda it: it.state != "running")
    assert turns(watched, outcome)[0] == "running"
    assert len(turns(watched, outcome)) == 2


def test_stop_between_two_jobs_stops_the_cell(watched: RunningKernel) -> None:
    code = f"for _ in range(60): {COUNT}; time.sleep(0.5)"
    execution = watched.submit(code, "stopped")
    between = wait_for_cell(
        watched, execution, lambda it: it.jobs.active == 0 and it.jobs.succeeded > 0
    )
    assert between.state == "running"

    stop(watched, "stopped", execution)
    outcome = watched.wait(execution, timeout=20)

    assert outcome.error_text.startswith("Stopped: the Spark job was stopped")
    assert saved_cell(outcome).state == "stopped"
    # The next time it runs, the same cell is not stopped.
    assert saved_cell(run(watched, COUNT, "stopped")).state == "succeeded"


def test_stop_between_two_batches_stops_the_stream(watched: RunningKernel) -> None:
    outcome = run(watched, STREAM, "stopped-stream")
    wait_for_cell(
        watched,
        outcome.message_id,
        lambda it: it.jobs.active == 0 and it.jobs.succeeded > 0,
    )

    stop(watched, "stopped-stream", outcome.message_id)

    cell = wait_for_cell(
        watched, outcome.message_id, lambda it: it.state not in {"running", "succeeded"}
    )
    assert cell.state == "stopped"
    assert run(watched, "stream.isActive").result == "False"
    # Threads of an ended cell may work on once it has come to rest.
    run(watched, "stream.stop()")
