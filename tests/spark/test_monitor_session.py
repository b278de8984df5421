"""Sessions that come and go, and the end of a JVM, each in a kernel of its own."""

import json
from collections.abc import Iterator

import pytest

from tests.support import monitored
from tests.support.kernel import RunningKernel
from tests.support.monitored import (
    COMM_ID,
    MAKE_SESSION,
    MIME_TYPE,
    application_id,
    frames,
    run,
    saved_cell,
    summaries,
    wait_for_cell,
    wait_for_frame,
)

COUNT = "sc.parallelize(range(4), 2).count()"
STRANGERS = ("pyspark", "pydantic", "ipywidgets", "py4j")


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningKernel]:
    with monitored.start(tmp_path_factory.mktemp("session")) as running:
        yield running


def comms(kernel: RunningKernel) -> list[str]:
    code = "print(*get_ipython().kernel.comm_manager.comms)"
    return run(kernel, code).stdout.split()


def test_loading_imports_nothing_heavy(kernel: RunningKernel) -> None:
    loaded = run(kernel, f"import sys; print({{*{STRANGERS}}} & {{*sys.modules}})")

    assert loaded.stdout.strip() == "set()"
    assert comms(kernel).count(COMM_ID) == 1


def test_page_may_ask_before_there_is_spark(kernel: RunningKernel) -> None:
    kernel.send_comm(COMM_ID, {"type": "hello"})
    kernel.send_comm(COMM_ID, {"type": "cancel"})
    kernel.send_comm(COMM_ID, {"type": "news of a later version"})

    assert run(kernel, "1 + 1").result == "2"
    assert kernel.comm_data(COMM_ID) == []


def test_first_job_counts_for_the_cell_that_made_the_session(
    kernel: RunningKernel,
) -> None:
    early = run(
        kernel,
        f"""
import threading
gate = threading.Event()
def work(): gate.wait(); {COUNT}
waiting = threading.Thread(target=work); waiting.start()
""",
        "early",
    )

    outcome = run(kernel, f"{MAKE_SESSION}\n{COUNT}", "maker")

    assert saved_cell(outcome).cell_id == "maker"
    # A thread that was there before the session works for the cell that began it.
    run(kernel, "gate.set(); waiting.join()", "opener")
    late = wait_for_cell(kernel, early.message_id, lambda it: it.state == "succeeded")
    assert late.cell_id == "early"
    idle = frames(kernel)[0]
    assert (idle.cells, idle.application.state) == ((), "running")
    assert (idle.executors.count, idle.executors.cores) == (1, 2)
    assert idle.application.master == "local[2]"


def test_two_sessions_in_one_cell_leave_an_output_each(kernel: RunningKernel) -> None:
    outcome = run(
        kernel, f"{COUNT}\nspark.stop()\n{MAKE_SESSION}\n{COUNT}; {COUNT}", "both"
    )

    found = [
        it["data"][MIME_TYPE] for it in outcome.displays if MIME_TYPE in it["data"]
    ]
    assert [it["cell"]["jobs"]["total"] for it in found] == [1, 2]
    assert len({it["application"]["id"] for it in found}) == 2
    assert found[0]["application"]["state"] == "stopped"


def test_stopped_session_is_reported_and_another_cell_starts_a_new_one(
    kernel: RunningKernel,
) -> None:
    old = application_id(kernel)
    run(kernel, "spark.stop()", "stopper")
    wait_for_frame(
        kernel,
        lambda it: (it.application.id, it.application.state) == (old, "stopped"),
    )

    handler = "import signal; print(signal.getsignal(signal.SIGINT).__module__)"
    outcome = run(kernel, f"{MAKE_SESSION}\n{COUNT}\n{handler}", "starter")

    # pyspark's would cancel the jobs of all cells.
    assert outcome.stdout == "spark_monitor.interrupt\n"
    assert saved_cell(outcome).jobs.total == 1
    assert application_id(kernel) != old


def test_stopping_ends_running_jobs_as_stopped(kernel: RunningKernel) -> None:
    outcome = run(
        kernel,
        """
import threading, time
def work():
    try: sc.parallelize([0], 1).map(lambda x: time.sleep(60)).count()
    except Exception: pass
thread = threading.Thread(target=work); thread.start()
while not sc.statusTracker().getActiveJobsIds(): time.sleep(0.05)
spark.stop(); thread.join()
""",
        "abandon",
    )

    cell = saved_cell(outcome)
    assert cell.state == "stopped"
    assert (cell.jobs.stopped, cell.tasks.active) == (1, 0)
    assert cell.job_list[0].error == "The Spark application was stopped."
    run(kernel, MAKE_SESSION)


def test_session_made_in_a_thread_is_watched(kernel: RunningKernel) -> None:
    run(kernel, "spark.stop()")
    outcome = run(
        kernel,
        f"""
import threading
def make():
    exec('''{MAKE_SESSION}''', globals())
thread = threading.Thread(target=make); thread.start(); thread.join()
{COUNT}
""",
        "threaded",
    )

    assert saved_cell(outcome).cell_id == "threaded"


def test_hello_repeats_frame_and_summaries_until_forgotten(
    kernel: RunningKernel,
) -> None:
    outcome = run(kernel, COUNT, "kept")
    wait_for_cell(kernel, outcome.message_id, lambda it: it.state == "succeeded")

    before = len(kernel.messages)
    kernel.send_comm(COMM_ID, {"type": "hello"})
    kernel.wait_for_comm(
        COMM_ID,
        lambda it: (
            it["type"] == "summary"
            and it["summary"]["execution_id"] == outcome.message_id
        ),
        after=before,
    )
    told = {it["cell_id"] for it in summaries(kernel, before)}
    assert {"maker", "both", "starter", "kept"} <= told
    wait_for_frame(kernel, lambda _: True, after=before)

    run(kernel, COUNT, "after-kept")
    before = len(kernel.messages)
    kernel.send_comm(COMM_ID, {"type": "forget", "cell_id": "kept"})
    kernel.send_comm(COMM_ID, {"type": "hello"})
    kernel.wait_for_comm(
        COMM_ID,
        lambda it: it["type"] == "summary" and it["summary"]["cell_id"] == "after-kept",
        after=before,
    )
    # Summaries come oldest first.
    assert "kept" not in {it["cell_id"] for it in summaries(kernel, before)}


def test_cell_that_ran_again_without_spark_is_not_reported_again(
    kernel: RunningKernel,
) -> None:
    run(kernel, COUNT, "again")
    run(kernel, "1 + 1", "again")
    run(kernel, COUNT, "after-again")

    before = len(kernel.messages)
    kernel.send_comm(COMM_ID, {"type": "hello"})

    kernel.wait_for_comm(
        COMM_ID,
        lambda it: (
            it["type"] == "summary" and it["summary"]["cell_id"] == "after-again"
        ),
        after=before,
    )
    # Summaries come oldest first.
    assert "again" not in {it["cell_id"] for it in summaries(kernel, before)}


def test_panel_stays_out_of_the_notebook_by_choice(kernel: RunningKernel) -> None:
    run(kernel, "%config SparkMonitor.saves_panels = False")
    before = len(kernel.messages)

    outcome = run(kernel, COUNT, "unsaved")

    cell = wait_for_cell(kernel, outcome.message_id, lambda it: it.state != "running")
    assert cell.state == "succeeded"
    assert outcome.displays == [] or MIME_TYPE not in outcome.displays[-1]["data"]
    assert summaries(kernel, before) == []
    run(kernel, "%config SparkMonitor.saves_panels = True")
    again = run(kernel, COUNT, "saved")
    (panel,) = (it for it in again.displays if MIME_TYPE in it["data"])
    assert panel["metadata"] == {"tags": ["spark-panel"]}


def test_page_is_answered_while_a_cell_runs(kernel: RunningKernel) -> None:
    execution = kernel.submit("import time; time.sleep(30)", "busy")
    kernel.wait_for(
        lambda it: (
            it["msg_type"] == "execute_input"
            and it["parent_header"].get("msg_id") == execution
        )
    )
    before = len(kernel.messages)

    kernel.send_comm(COMM_ID, {"type": "hello"})

    kernel.wait_for_comm(
        COMM_ID, lambda it: it["type"] == "frame", after=before, timeout=10
    )
    kernel.interrupt()
    kernel.wait(execution)


def test_reloaded_extension_takes_over_the_session(kernel: RunningKernel) -> None:
    earlier = frames(kernel)[-1]
    before = len(kernel.messages)
    run(kernel, "%reload_ext spark_monitor", "reload")
    # A heartbeat of the extension from before may still come in between.
    taken = wait_for_frame(
        kernel,
        lambda it: all(cell.execution_id is None for cell in it.cells),
        after=before,
    )
    assert taken.seq > earlier.seq

    outcome = run(kernel, COUNT, "after-reload")

    assert comms(kernel).count(COMM_ID) == 1
    assert saved_cell(outcome).cell_id == "after-reload"
    # The jobs from before are known from Spark's own store, without their cells.
    (history,) = taken.cells
    assert (history.cell_id, history.execution_id) == (None, None)
    assert history.jobs.total >= 2
    assert history.state == "succeeded"
    threads = "import threading; print(*(it.name for it in threading.enumerate()))"
    names = run(kernel, threads).stdout.split()
    assert len([it for it in names if it.startswith("cygnet-spark-monitor")]) == 1


def test_unloaded_extension_leaves_nothing(kernel: RunningKernel) -> None:
    run(kernel, "%unload_ext spark_monitor")
    before = len(kernel.messages)

    outcome = run(kernel, COUNT, "unwatched")
    left = run(
        kernel,
        """
import threading, concurrent.futures, multiprocessing.pool, pyspark
places = [
    threading.Thread.start, concurrent.futures.ThreadPoolExecutor.submit,
    multiprocessing.pool.ThreadPool.imap, pyspark.SparkContext.__init__,
    pyspark.SparkContext.stop, sc._gateway._gateway_client.send_command,
]
files = {it.__code__.co_filename for it in places}
print(*(it for it in files if "spark_monitor" in it))
print(*(it.name for it in threading.enumerate() if "cygnet" in it.name))
""",
    )

    assert not any(MIME_TYPE in it["data"] for it in outcome.displays)
    assert kernel.comm_data(COMM_ID, before) == []
    assert left.stdout.strip() == ""
    assert COMM_ID not in comms(kernel)
    run(kernel, "%load_ext spark_monitor")


def test_killed_jvm_is_lost_and_its_jobs_failed(kernel: RunningKernel) -> None:
    execution = kernel.submit(
        "import time\nsc.parallelize([0], 1).map(lambda x: time.sleep(60)).count()",
        "doomed",
    )
    wait_for_cell(kernel, execution, lambda it: it.tasks.active == 1)

    kill_jvm(kernel)
    outcome = kernel.wait(execution, timeout=30)

    sentence, *lines = outcome.error_text.splitlines()
    assert sentence.startswith("Spark's Java process was killed (SIGKILL). Restart the")
    assert len(lines) == 2
    lost = wait_for_frame(kernel, lambda it: it.application.state == "lost")
    assert lost.cells[0].state == "failed"
    assert lost.executors.tasks_active == 0
    cell = saved_cell(outcome)
    assert (cell.state, cell.jobs.failed) == ("failed", 1)
    assert cell.job_list[0].error == "The JVM of the Spark application ended."
    text = outcome.displays[-1]["data"]["text/plain"]
    assert text.endswith("the JVM of the application ended")
    assert run(kernel, "1 + 1", "alive").result == "2"


def test_page_hears_of_the_lost_application_again(kernel: RunningKernel) -> None:
    before = len(kernel.messages)

    kernel.send_comm(COMM_ID, {"type": "hello"})

    told = wait_for_frame(kernel, lambda _: True, after=before)
    assert told.application.state == "lost"


def test_stop_of_a_context_whose_jvm_is_gone_is_no_trouble_of_ours(
    kernel: RunningKernel,
) -> None:
    first = kernel.execute("sc.stop()")
    again = kernel.execute("sc.stop()\nsc._jsc is None")

    # pyspark itself finds nobody to tell; after that the context counts as stopped.
    assert first.error_name in {"ConnectionRefusedError", "Py4JNetworkError", ""}
    assert again.result == "True", again.error_text


def test_every_frame_was_small(kernel: RunningKernel) -> None:
    for data in kernel.comm_data(COMM_ID):
        if data["type"] == "frame":
            assert len(json.dumps(data["frame"], ensure_ascii=False).encode()) <= 8192
        else:
            assert len(json.dumps(data, ensure_ascii=False).encode()) <= 20_000


def kill_jvm(kernel: RunningKernel) -> None:
    (jvm,) = (it for it in kernel.descendants() if it.name() == "java")
    jvm.kill()
