"""The frame of docs/reference/wire.md as values: what Spark does, cell by cell.

Only the shape: `wire` reads and writes it as JSON, the listener decides how often there
is a frame and what fits into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

JobState = Literal["running", "succeeded", "failed", "stopped"]
StageState = Literal["pending", "active", "succeeded", "failed", "skipped"]
ApplicationState = Literal["running", "stopped", "lost"]


@dataclass(frozen=True, slots=True)
class Application:
    """The Spark application that a frame tells of."""

    id: str
    """Spark's own id of it."""
    name: str
    """At most 120 characters."""
    master: str
    """Where it runs, such as `local[2]`."""
    spark_version: str
    """The JVM side's."""
    started_ms: int
    """Epoch milliseconds."""
    state: ApplicationState
    """`lost` when its JVM ended by itself."""


@dataclass(frozen=True, slots=True)
class Executors:
    """The computing power that the application has now."""

    count: int
    """How many executors have a core."""
    cores: int
    """All of them together."""
    tasks_active: int
    """Tasks that run now, whatever their cell."""
    wanted: int
    """How many executors Spark asks for; `count` where it asks for none."""
    trouble: str | None
    """Why there are fewer than wanted, at most 200 characters."""


@dataclass(frozen=True, slots=True)
class JobCounts:
    """Numbers of jobs of one cell."""

    total: int
    """All of them."""
    active: int
    """Still running."""
    succeeded: int
    """Ended well."""
    failed: int
    """Ended with an error."""
    stopped: int
    """Cancelled."""


@dataclass(frozen=True, slots=True)
class StageCounts:
    """Numbers of stages of a job or a cell."""

    total: int
    """All of them."""
    pending: int
    """Not begun."""
    active: int
    """Running."""
    succeeded: int
    """Ended well."""
    failed: int
    """Ended with an error or a cancel."""
    skipped: int
    """Never needed."""


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """Numbers of tasks of a job or a cell."""

    total: int
    """Of all stages that are not skipped."""
    active: int
    """Running."""
    succeeded: int
    """Partitions that are done."""
    failed: int
    """Attempts that ended with an error, also when a later one succeeded."""
    killed: int
    """Attempts that were ended from outside."""
    skipped: int
    """Of skipped stages."""


@dataclass(frozen=True, slots=True)
class StageTaskCounts:
    """Numbers of tasks of one stage."""

    total: int
    """Partitions of the stage."""
    active: int
    """Running."""
    succeeded: int
    """Partitions that are done."""
    failed: int
    """Attempts that ended with an error."""
    killed: int
    """Attempts that were ended from outside."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage as one job sees it."""

    stage_id: int
    """Spark's id of it."""
    attempt: int
    """The newest attempt, from 0."""
    name: str
    """At most 120 characters."""
    state: StageState
    """Skipped when the job never needed to run it."""
    started_ms: int | None
    """When the newest attempt began."""
    ended_ms: int | None
    """When it ended."""
    tasks: StageTaskCounts
    """Its tasks."""


@dataclass(frozen=True, slots=True)
class Job:
    """A Spark job."""

    job_id: int
    """Spark's id of it."""
    name: str
    """At most 200 characters."""
    state: JobState
    """How it stands or ended."""
    started_ms: int
    """Epoch milliseconds."""
    ended_ms: int | None
    """None while it runs."""
    stages: StageCounts
    """Complete, whatever `stage_list` holds."""
    tasks: TaskCounts
    """Complete too."""
    error: str | None
    """Why it failed or was stopped, at most 400 characters."""
    stage_list: tuple[Stage, ...]
    """By id."""
    stages_omitted: int
    """How many stages the list does not hold."""


@dataclass(frozen=True, slots=True)
class Cell:
    """All work that one execution of one cell submitted."""

    cell_id: str | None
    """None when it is not known."""
    execution_id: str | None
    """None when it is not known."""
    state: JobState
    """Running as long as a job, a query or the cell's own code runs."""
    started_ms: int
    """The first job's start."""
    ended_ms: int | None
    """The last job's end, None while the cell is running."""
    jobs: JobCounts
    """Complete, whatever `job_list` holds."""
    stages: StageCounts
    """Each stage once, also when jobs share it."""
    tasks: TaskCounts
    """Of those stages."""
    job_list: tuple[Job, ...]
    """Running jobs first, then newest first."""
    jobs_omitted: int
    """How many jobs the list does not hold."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything that Spark does for one application now."""

    version: Literal[1]
    """Of the wire."""
    seq: int
    """Grows with every frame of the application."""
    at_ms: int
    """When the frame was made."""
    application: Application
    """Whose frame it is."""
    executors: Executors
    """What it computes with."""
    cells: tuple[Cell, ...]
    """At most 16, running ones first, then the most recently ended."""
    cells_omitted: int
    """How many more there are."""


@dataclass(frozen=True, slots=True)
class SavedCell:
    """What a cell's saved output holds."""

    version: Literal[1]
    """Of the wire."""
    application: Application
    """Where the cell's jobs ran."""
    executors: Executors
    """What they ran on, when they ended."""
    cell: Cell
    """What ran."""
    saved_ms: int
    """Epoch milliseconds."""
