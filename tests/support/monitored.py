"""A real kernel with the Spark monitor alone, and what its frames say of a cell."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from spark_monitor.frame import Cell, Frame, SavedCell
from spark_monitor.wire import decode
from tests.support.kernel import Outcome, RunningKernel
from tests.support.quick_java import quick_java
from tests.support.source import ROOT
from tests.support.waiting import SLOW_S

COMM_ID = "cygnet-spark-monitor"
MIME_TYPE = "application/vnd.cygnet.spark+json"
MAKE_SESSION = """
import os
from pyspark.sql import SparkSession
spark = (
    SparkSession.builder.master("local[2]").appName("test")
    .config("spark.ui.enabled", False)
    .config("spark.ui.showConsoleProgress", False)
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.local.dir", os.getcwd())
    .config("spark.sql.shuffle.partitions", 4)
    # For two seconds a place for tasks would wait for the worker of a killed one.
    .config("spark.python.task.killTimeout", "100ms")
    .getOrCreate()
)
sc = spark.sparkContext
sc.setLogLevel("OFF")
"""
CANCEL_OWN = """
import threading, time
def cancel():
    while not sc.statusTracker().getActiveJobsIds(): time.sleep(0.05)
    sc.cancelAllJobs()
threading.Thread(target=cancel).start()
"""
"""The user's own cancel, of the job that the rest of the cell runs."""


def start(directory: Path, **more: str) -> RunningKernel:
    """Start a kernel with the monitor; use it as a context manager."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {
        "JAVA_HOME": str(quick_java(directory)),
        "PYTHONPATH": path,
        "SPARK_LOCAL_IP": "127.0.0.1",
        **more,
    }
    return RunningKernel(
        directory, extensions=("spark_monitor",), environment=environment
    )


def run(kernel: RunningKernel, code: str, cell_id: str | None = None) -> Outcome:
    """Run a cell that must not fail."""
    outcome = kernel.execute(code, cell_id)
    assert outcome.is_ok, outcome.error_text
    return outcome


def saved(outcome: Outcome) -> SavedCell | None:
    """Give the newest Spark summary in a cell's output."""
    found = [it["data"] for it in outcome.displays if MIME_TYPE in it["data"]]
    return decode(SavedCell, found[-1][MIME_TYPE]) if found else None


def saved_cell(outcome: Outcome) -> Cell:
    """Give what the summary in a cell's output says; there must be one."""
    summary = saved(outcome)
    assert summary is not None, "The cell has no summary."
    return summary.cell


def frames(kernel: RunningKernel, after: int = 0) -> list[Frame]:
    """Give every frame from iopub index `after` on, all of them valid."""
    data = kernel.comm_data(COMM_ID, after)
    return [decode(Frame, it["frame"]) for it in data if it["type"] == "frame"]


def application_id(kernel: RunningKernel) -> str:
    """Give the id that the newest frame says."""
    data = kernel.comm_data(COMM_ID)
    newest = next(it for it in reversed(data) if it["type"] == "frame")
    return decode(Frame, newest["frame"]).application.id


def wait_for_frame(
    kernel: RunningKernel,
    is_wanted: Callable[[Frame], bool],
    *,
    after: int = 0,
    timeout: float = SLOW_S,
) -> Frame:
    """Wait for a frame from iopub index `after` on."""
    data = kernel.wait_for_comm(
        COMM_ID,
        lambda it: it["type"] == "frame" and is_wanted(decode(Frame, it["frame"])),
        after=after,
        timeout=timeout,
    )
    return decode(Frame, data["frame"])


def wait_for_cell(
    kernel: RunningKernel, execution_id: str, is_wanted: Callable[[Cell], bool]
) -> Cell:
    """Wait until a frame tells this of an execution."""

    def found(data: dict[str, Any]) -> list[Cell]:
        # A kernel of many tests has sent hundreds of frames about other cells.
        ids = [it["execution_id"] for it in data.get("frame", {}).get("cells", ())]
        cells = decode(Frame, data["frame"]).cells if execution_id in ids else ()
        its = (it for it in cells if it.execution_id == execution_id)
        return [it for it in its if is_wanted(it)]

    try:
        return found(kernel.wait_for_comm(COMM_ID, lambda it: bool(found(it))))[0]
    except TimeoutError:
        told = [it for frame in frames(kernel) for it in frame.cells]
        states = [it for it in told if it.execution_id == execution_id]
        printed = kernel.outcome(execution_id).stderr
        message = f"Told last: {states[-1:]}; the cell's errors: {printed}"
        raise AssertionError(message) from None


def summaries(kernel: RunningKernel, after: int = 0) -> list[Mapping[str, Any]]:
    """Give every summary message from iopub index `after` on."""
    data = kernel.comm_data(COMM_ID, after)
    return [it["summary"] for it in data if it["type"] == "summary"]
