"""What the listener counts, against real jobs of each kind."""

import json

import pytest

from spark_monitor.frame import Cell, Job
from tests.support.kernel import RunningKernel
from tests.support.monitored import (
    CANCEL_OWN,
    COMM_ID,
    application_id,
    frames,
    run,
    saved_cell,
    wait_for_cell,
)

IN_A_THREAD = """
from threading import Thread
work = Thread(target=sc.parallelize([1], 1).count)
work.start()
work.join(60)
"""
IN_A_POOL = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(1) as pool:
    pool.submit(sc.parallelize([1], 1).count).result()
"""


def only_job(cell: Cell) -> Job:
    (job,) = cell.job_list
    return job


def test_succeeded_job_is_counted(watched: RunningKernel) -> None:
    outcome = run(watched, "sc.parallelize(range(10), 4).count()", "plain")

    cell = saved_cell(outcome)
    assert (cell.cell_id, cell.execution_id) == ("plain", outcome.message_id)
    assert cell.state == "succeeded"
    assert (cell.jobs.total, cell.jobs.succeeded) == (1, 1)
    assert (cell.stages.total, cell.stages.succeeded) == (1, 1)
    assert (cell.tasks.total, cell.tasks.succeeded) == (4, 4)
    assert cell.ended_ms is not None
    assert cell.started_ms <= cell.ended_ms
    job = only_job(cell)
    assert job.error is None
    assert job.name == "count, line 1"
    assert [it.state for it in job.stage_list] == ["succeeded"]


def test_job_of_a_query_is_called_after_what_was_asked(watched: RunningKernel) -> None:
    cell = saved_cell(run(watched, "spark.range(9).repartition(2).count()", "query"))

    names = {stage.name for job in cell.job_list for stage in job.stage_list}
    assert {job.name for job in cell.job_list} == {"count"}
    assert names == {""}


def test_skipped_stage_is_reported_from_one_that_ran(watched: RunningKernel) -> None:
    run(watched, "pairs = sc.parallelize(range(20), 3).map(lambda x: (x % 2, x))")
    run(watched, "sums = pairs.reduceByKey(lambda a, b: a + b, 2); sums.count()")

    cell = saved_cell(run(watched, "sums.collect()", "again"))

    job = only_job(cell)
    assert (job.stages.total, job.stages.succeeded, job.stages.skipped) == (2, 1, 1)
    assert (job.tasks.total, job.tasks.succeeded, job.tasks.skipped) == (2, 2, 3)
    assert [it.state for it in job.stage_list] == ["skipped", "succeeded"]
    assert job.stage_list[0].started_ms is None
    assert cell.stages == job.stages


def test_failed_job_reports_why(watched: RunningKernel) -> None:
    outcome = watched.execute(
        "def fail(x): raise ValueError('Überlauf — Ελλάδα 🚀 ' + str(x))\n"
        "sc.parallelize(range(4), 2).map(fail).count()",
        "failing",
    )

    cell = saved_cell(outcome)
    assert outcome.status == "error"
    assert cell.state == "failed"
    assert cell.jobs.failed == 1
    job = only_job(cell)
    assert job.state == "failed"
    assert "ValueError: Überlauf — Ελλάδα 🚀" in (job.error or "")
    assert job.tasks.failed >= 1
    assert job.tasks.active == 0
    assert [it.state for it in job.stage_list] == ["failed"]


def test_cancelled_job_is_stopped_while_its_cell_runs(watched: RunningKernel) -> None:
    execution = watched.submit(
        "import time\n"
        "pairs = sc.parallelize(range(4), 4).map(lambda x: (time.sleep(60), x))\n"
        "pairs.reduceByKey(max).count()",
        "long",
    )
    cell = wait_for_cell(watched, execution, lambda it: it.tasks.active == 2)
    assert cell.state == "running"

    message = {
        "type": "cancel",
        "cell_id": "long",
        "execution_id": execution,
        "application_id": application_id(watched),
    }
    watched.send_comm(COMM_ID, message)
    outcome = watched.wait(execution, timeout=20)

    assert outcome.status == "error"
    cell = saved_cell(outcome)
    assert cell.state == "stopped"
    assert (cell.jobs.total, cell.jobs.stopped) == (1, 1)
    assert (cell.stages.failed, cell.stages.skipped) == (1, 1)
    assert (cell.tasks.total, cell.tasks.active) == (4, 0)
    assert cell.tasks.killed == 2
    assert only_job(cell).error == "Stopped from the notebook"


def test_cancel_reaches_that_cell_only(watched: RunningKernel) -> None:
    code = (
        "import threading, time\n"
        "def work(): sc.parallelize([0], 1).map(lambda x: time.sleep(60)).count()\n"
        "threading.Thread(target=work, daemon=True).start()"
    )
    first, second = watched.execute(code, "one"), watched.execute(code, "two")
    for execution in (first.message_id, second.message_id):
        wait_for_cell(watched, execution, lambda it: it.tasks.active == 1)

    stop = {"type": "cancel", "application_id": application_id(watched)}
    watched.send_comm(
        COMM_ID, {**stop, "cell_id": "one", "execution_id": first.message_id}
    )
    wait_for_cell(watched, first.message_id, lambda it: it.state == "stopped")

    states = {it.execution_id: it.state for it in frames(watched)[-1].cells}
    assert states[second.message_id] == "running"
    watched.send_comm(
        COMM_ID, {**stop, "cell_id": "two", "execution_id": second.message_id}
    )
    wait_for_cell(watched, second.message_id, lambda it: it.state == "stopped")


def test_jobs_cancelled_by_the_user_are_stopped(watched: RunningKernel) -> None:
    job = "sc.parallelize([0], 1).map(lambda x: time.sleep(60)).count()"

    outcome = watched.execute(f"{CANCEL_OWN}\n{job}", "own-cancel")

    assert saved_cell(outcome).state == "stopped"


def test_retried_stage_is_counted_once(watched: RunningKernel) -> None:
    # Without its files the shuffle cannot be fetched: Spark runs the first stage,
    # which it had skipped, after all, and the second one once more.
    outcome = run(
        watched,
        """
import pathlib
shuffled = sc.parallelize(range(40), 4).map(lambda x: (x % 4, x)).groupByKey(2)
shuffled.count()
for file in pathlib.Path(sc.getConf().get("spark.local.dir")).rglob("shuffle_*"):
    file.unlink()
retried = shuffled.count()
""",
        "retried",
    )

    again = saved_cell(outcome).job_list[0]
    assert again.state == "succeeded"
    assert (again.stages.total, again.stages.succeeded) == (2, 2)
    assert (again.tasks.total, again.tasks.succeeded) == (6, 6)
    assert again.tasks.failed >= 1
    first, second = again.stage_list
    assert second.attempt >= 1
    assert (first.tasks.total, first.tasks.succeeded) == (4, 4)
    assert (second.tasks.total, second.tasks.succeeded) == (2, 2)


def test_stage_shared_by_two_jobs_counts_once_for_the_cell(
    watched: RunningKernel,
) -> None:
    outcome = run(
        watched,
        """
import threading, time
slow = sc.parallelize(range(4), 2).map(lambda x: (time.sleep(0.5), (x % 2, x))[1])
shared = slow.reduceByKey(lambda a, b: a + b, 3)
threads = [threading.Thread(target=shared.count) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
""",
        "shared",
    )

    cell = saved_cell(outcome)
    first, second = cell.job_list
    shared = {it.stage_id for it in first.stage_list} & {
        it.stage_id for it in second.stage_list
    }
    assert len(shared) == 1
    for job in (first, second):
        assert (job.stages.total, job.stages.succeeded) == (2, 2)
        assert (job.tasks.total, job.tasks.succeeded) == (5, 5)
    assert (cell.stages.total, cell.stages.succeeded) == (3, 3)
    assert (cell.tasks.total, cell.tasks.succeeded) == (8, 8)


def test_stage_that_another_job_has_finished_is_skipped(watched: RunningKernel) -> None:
    outcome = run(
        watched,
        """
import pathlib, threading, time
begun, go = pathlib.Path("begun").absolute(), pathlib.Path("go").absolute()
def hold(part):
    begun.touch()
    while not go.exists(): time.sleep(0.05)
    return part
shared = sc.parallelize(range(4), 2).map(lambda x: (x % 2, x)).reduceByKey(max, 1)
first = threading.Thread(target=shared.mapPartitions(hold).count); first.start()
while not begun.exists(): time.sleep(0.05)
shared.count()
go.touch(); first.join()
""",
        "finished",
    )

    cell = saved_cell(outcome)
    second, first = cell.job_list
    assert first.stage_list[0].stage_id == second.stage_list[0].stage_id
    assert [it.state for it in first.stage_list] == ["succeeded", "succeeded"]
    assert [it.state for it in second.stage_list] == ["skipped", "succeeded"]
    assert (second.tasks.total, second.tasks.skipped) == (1, 2)
    assert (cell.stages.total, cell.stages.succeeded) == (3, 3)
    assert (cell.tasks.total, cell.tasks.succeeded) == (4, 4)


@pytest.mark.parametrize("length", [200, 10_000])
def test_job_description_arrives_whole_or_shortened(
    watched: RunningKernel, length: int
) -> None:
    text = ("<b>für</b> & Ελλάδα \\u202e" * length)[:length]
    outcome = run(
        watched,
        f"sc.setJobDescription({text!r})\n"
        "sc.parallelize([1], 1).count()\n"
        "sc.setJobDescription(None)",
        "described",
    )

    name = only_job(saved_cell(outcome)).name
    assert len(name) <= 200
    assert name == text if length <= 200 else name == text[:199] + "…"
    page = outcome.displays[-1]["data"]["text/html"]
    assert "<b>für" not in page
    assert "&lt;b&gt;für" in page


def test_query_is_named_after_its_call(watched: RunningKernel) -> None:
    outcome = run(
        watched,
        "small = spark.range(10)\nspark.range(100).join(small, 'id').collect()",
        "join",
    )

    names = {it.name for it in saved_cell(outcome).job_list}
    assert names
    assert not any("$anonfun" in it or "CompletableFuture" in it for it in names)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("spark.range(9).show()", "show"),
        ("spark.range(9).repartition(2).tail(2)", "tail, line 1"),
        ("list(spark.range(9).toLocalIterator())", "toLocalIterator, line 1"),
        (IN_A_THREAD, "count"),
        (IN_A_POOL, "count"),
    ],
)
def test_job_is_called_what_was_written(
    watched: RunningKernel, code: str, name: str
) -> None:
    cell = saved_cell(run(watched, code, "written"))

    assert {job.name for job in cell.job_list} == {name}


def test_job_of_a_stream_is_called_after_the_stream(watched: RunningKernel) -> None:
    code = """
import tempfile
folder = tempfile.TemporaryDirectory()
rows = spark.range(3).selectExpr("cast(id as string)")
rows.write.mode("overwrite").text(folder.name)
lines = spark.readStream.text(folder.name).writeStream.trigger(availableNow=True)
{named}.format("noop").start().awaitTermination(60)
folder.cleanup()
"""
    named = run(watched, code.format(named='lines.queryName("lines")'), "named")
    unnamed = run(watched, code.format(named="lines"), "unnamed")

    assert "lines, batch 0" in {job.name for job in saved_cell(named).job_list}
    assert "Stream, batch 0" in {job.name for job in saved_cell(unnamed).job_list}


def test_job_is_seen_to_begin_and_to_end(watched: RunningKernel) -> None:
    # Longer than the shortest gap between two frames, and shorter than a heartbeat.
    rest = "import time; rest = lambda rows: time.sleep(0.4) or rows\n"
    code = f"{rest}sc.parallelize(range(2), 2).mapPartitions(rest).count()"
    outcome = run(watched, code, "fast")
    wait_for_cell(watched, outcome.message_id, lambda it: it.state == "succeeded")

    told = [
        cell
        for frame in frames(watched)
        for cell in frame.cells
        if cell.execution_id == outcome.message_id
    ]
    assert told[0].state == "running"
    assert told[-1].state == "succeeded"


def test_settings_that_the_driver_works_with_are_reported(
    watched: RunningKernel,
) -> None:
    outcome = run(
        watched,
        "from spark_monitor.attach import load_class\n"
        "reader = load_class(sc, 'org.apache.spark.cygnet.EffectiveSettings')\n"
        "print(reader.read(sc._jsc.sc()))",
    )

    assert json.loads(outcome.stdout) == {
        "spark.authenticate": "false",
        "spark.network.crypto.enabled": "false",
        "spark.io.encryption.enabled": "false",
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.master": "local[2]",
        "secret.present": "false",
        "spark.extraListeners": "",
    }


def test_real_frames_are_small_and_numbered(watched: RunningKernel) -> None:
    sent = frames(watched)
    seqs = [it.seq for it in sent]

    assert seqs == sorted(seqs)
    for data in watched.comm_data(COMM_ID):
        if data["type"] == "frame":
            assert len(json.dumps(data["frame"], ensure_ascii=False).encode()) <= 8192
