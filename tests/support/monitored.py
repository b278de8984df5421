"""A real kernel with the Spark monitor alone, and what its frames say of a cell."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from spark_connector.java import find_java
from spark_monitor.frame import Cell, Frame, SavedCell
from spark_monitor.wire import decode
from tests.support.kernel import Outcome, RunningKernel
from tests.support.source import ROOT

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
    .getOrCreate()
)
sc = spark.sparkContext
sc.setLogLevel("OFF")
"""


def start(directory: Path) -> RunningKernel:
    """Start a kernel with the monitor; use it as a context manager."""
    java = find_java(os.environ.get("JAVA_HOME", ""), directory)
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {
        "JAVA_HOME": str(java.home),
        "PYTHONPATH": path,
        "SPARK_LOCAL_IP": "127.0.0.1",
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


def wait_for_frame(
    kernel: RunningKernel,
    is_wanted: Callable[[Frame], bool],
    *,
    after: int = 0,
    timeout: float = 30,
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

    def found(frame: Frame) -> list[Cell]:
        cells = (it for it in frame.cells if it.execution_id == execution_id)
        return [it for it in cells if is_wanted(it)]

    return found(wait_for_frame(kernel, lambda frame: bool(found(frame))))[0]


def summaries(kernel: RunningKernel, after: int = 0) -> list[Mapping[str, Any]]:
    """Give every summary message from iopub index `after` on."""
    data = kernel.comm_data(COMM_ID, after)
    return [it["summary"] for it in data if it["type"] == "summary"]
