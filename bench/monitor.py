"""What watching a job costs: ours and the peer's, each against not watching.

Each arm has one kernel with one JVM, in which watched and unwatched runs take turns.
The order changes from round to round and every run has a new SparkContext, so that a
ratio compares two neighbours in time in one JVM. Two JVMs would differ by more than
watching costs, because each compiles its code in its own way.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from bench.kernel import Arm, Kernel, Message, running

SHOWN = {"comm_msg", "display_data", "update_display_data"}
PAUSE_S = 2.0
LONGEST_BACKLOG_S = 180.0
WARM_UPS = (True, False, False)
SESSION = """
from pyspark.sql import SparkSession
if "spark" in globals():
    spark.stop()
settings = {{
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}}
builder = SparkSession.builder.master("local[*]")
for key, value in settings.items():
    builder = builder.config(key, value)
{watch}
spark = builder.getOrCreate()
spark.range(10).count()
"""
OURS = """
for name in ("spark_monitor", "spark_connector"):
    get_ipython().run_line_magic({magic!r}, name)
"""
# SWAN's extension puts its settings into the notebook as `conf`. What a JVM was
# started with stays, so that the listener has to be taken away by name.
PEERS = {
    True: "builder = builder.config(conf=conf)",
    False: "builder = builder.config('spark.extraListeners', '')",
}
JOB = """
import time
began = time.time()
rows = spark.range(0, {tasks}, 1, {tasks}).selectExpr("sum(id)").collect()
print(time.time() - began)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the job on one arm."""

    arm: str
    """Which arm."""
    is_watched: bool
    """Whether its monitor was at work."""
    round: int
    """In which round, counted from 0."""
    wall_s: float
    """How long the job took."""
    kernel_s: float
    """Processor seconds of the kernel's process until the job's end."""
    jvm_s: float
    """Processor seconds of the JVM until the job's end."""
    messages: int
    """How many messages had reached the page at the job's end."""
    size: int
    """How many bytes they were."""
    backlog_s: float
    """How long messages went on arriving after the job's end."""
    backlog_messages: int
    """How many these were."""
    first_s: float | None
    """From the job's start to the first message about it."""
    final_s: float | None
    """From the job's end to the first message that says so."""

    @property
    def cpu_s(self) -> float:
        """Processor seconds of both."""
        return self.kernel_s + self.jvm_s


def measure(arms: list[Arm], rounds: int, tasks: int) -> Iterator[Run]:
    """Run the job watched and not, ``rounds`` times on each arm, warmed up before."""
    with ExitStack() as stack:
        kernels = [(arm, stack.enter_context(running(arm))) for arm in arms]
        for arm, kernel in kernels:
            open_page(arm, kernel)
            # The peer's jar has to be there when its JVM starts: watched comes first.
            for is_watched in WARM_UPS:
                measure_once(arm, kernel, Plan(0, is_watched, tasks // 2))
        for number in range(rounds):
            for arm, kernel in kernels[:: -1 if number % 2 else 1]:
                for is_watched in (False, True)[:: -1 if number % 2 else 1]:
                    plan = Plan(number, is_watched, tasks)
                    yield measure_once(arm, kernel, plan)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run is to be."""

    round: int
    """In which round, counted from 0."""
    is_watched: bool
    """Whether the monitor is at work."""
    tasks: int
    """How many tasks the job has."""


def begin_session(arm: Arm, kernel: Kernel, *, is_watched: bool) -> None:
    """Make a new SparkContext, watched or not."""
    if arm.name == "cygnet":
        magic = "reload_ext" if is_watched else "unload_ext"
        kernel.run(OURS.format(magic=magic))
        kernel.run(SESSION.format(watch=""))
    else:
        kernel.run(SESSION.format(watch=PEERS[is_watched]))


def open_page(arm: Arm, kernel: Kernel) -> None:
    """Do what the arm's page does when a notebook opens; ours says nothing."""
    if arm.name == "sparkmonitor":
        kernel.open_channel("SparkMonitor", {"msgtype": "openfromfrontend"})


def measure_once(arm: Arm, kernel: Kernel, plan: Plan) -> Run:
    """Run the job once in a new SparkContext."""
    begin_session(arm, kernel, is_watched=plan.is_watched)
    kernel.wait_until_silent(PAUSE_S, LONGEST_BACKLOG_S)
    before = kernel.cpu()
    messages = kernel.run(JOB.format(tasks=plan.tasks))
    after = kernel.cpu()
    began, ended = messages[0].at, messages[-1].at
    backlog_s = kernel.wait_until_silent(PAUSE_S, LONGEST_BACKLOG_S)
    shown = [it for it in kernel.since(began) if it.kind in SHOWN]
    in_time = [it for it in shown if it.at <= ended]
    printed = [it.content["text"] for it in messages if it.kind == "stream"]
    first_s, final_s = delays(arm, shown, began)
    return Run(
        arm=arm.name,
        is_watched=plan.is_watched,
        round=plan.round,
        wall_s=float(printed[-1]),
        kernel_s=after.kernel - before.kernel,
        jvm_s=after.jvm - before.jvm,
        messages=len(in_time),
        size=sum(it.size for it in in_time),
        backlog_s=backlog_s,
        backlog_messages=len(shown) - len(in_time),
        first_s=first_s,
        final_s=final_s,
    )


def delays(
    arm: Arm, shown: list[Message], since: float
) -> tuple[float | None, float | None]:
    """Give the delays of the first and of the final news, by the JVM's clock."""
    told = our_news(shown) if arm.name == "cygnet" else peer_news(shown)
    starts = [(at, began) for at, began, _ in told if began and began >= since]
    ends = [(at, ended) for at, _, ended in told if ended and ended >= since]
    if not starts or not ends:
        return None, None
    # A query is several Spark jobs: the first start and the last end count.
    last = max(ended for _, ended in ends)
    final = min(at for at, ended in ends if ended == last) - last
    at, began = starts[0]
    return at - began, final


News = tuple[float, float | None, float | None]
"""When news arrived, and the start or end of work that it tells of."""


def our_news(shown: list[Message]) -> list[News]:
    """Read arrival, start and end of the work out of our frames."""
    told: list[News] = []
    for message in shown:
        data = message.content.get("data", {})
        if data.get("type") == "frame":
            told += [
                (message.at, seconds(cell["started_ms"]), seconds(cell["ended_ms"]))
                for cell in data["frame"]["cells"][:1]
                if cell["cell_id"] == "bench"
            ]
    return told


def peer_news(shown: list[Message]) -> list[News]:
    """Read arrival, start and end of each job out of the peer's messages."""
    told: list[News] = []
    for message in shown:
        data = message.content.get("data", {})
        if data.get("msgtype") != "fromscala":
            continue
        event: dict[str, Any] = json.loads(data["msg"])
        if event["msgtype"] == "sparkJobStart":
            told.append((message.at, seconds(event["submissionTime"]), None))
        elif event["msgtype"] == "sparkJobEnd":
            told.append((message.at, None, seconds(event["completionTime"])))
    return told


def seconds(milliseconds: int | None) -> float | None:
    """Turn the wire's milliseconds into seconds."""
    return None if milliseconds is None else milliseconds / 1000
