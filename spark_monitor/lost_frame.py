"""The last frame of an application whose JVM has ended by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spark_monitor.frame import Executors

if TYPE_CHECKING:
    from spark_monitor.frame import Cell, Frame, Job, Stage, StageCounts, TaskCounts


def as_lost(frame: Frame, at_ms: int) -> Frame:
    """Return the last frame with nothing running: the JVM's end was noticed at `at_ms`.

    Jobs and stages that ran have failed, tasks that ran were killed.
    """
    return replace(
        frame,
        seq=frame.seq + 1,
        at_ms=at_ms,
        application=replace(frame.application, state="lost"),
        executors=Executors(count=0, cores=0, tasks_active=0, wanted=0, trouble=None),
        cells=tuple(_lost_cell(cell, at_ms) for cell in frame.cells),
    )


def _pending_tasks(job: Job) -> int:
    pending = (stage for stage in job.stage_list if stage.state == "pending")
    return sum(stage.tasks.total for stage in pending)


def _lost_cell(cell: Cell, at_ms: int) -> Cell:
    if cell.state != "running":
        return cell
    jobs = cell.jobs
    return replace(
        cell,
        state="failed",
        ended_ms=at_ms,
        jobs=replace(jobs, active=0, failed=jobs.failed + jobs.active),
        stages=_lost_stages(cell.stages),
        tasks=_lost_tasks(cell.tasks, sum(map(_pending_tasks, cell.job_list))),
        job_list=tuple(_lost_job(job, at_ms) for job in cell.job_list),
    )


def _lost_job(job: Job, at_ms: int) -> Job:
    if job.state != "running":
        return job
    return replace(
        job,
        state="failed",
        ended_ms=at_ms,
        stages=_lost_stages(job.stages),
        tasks=_lost_tasks(job.tasks, _pending_tasks(job)),
        error="The JVM of the Spark application ended.",
        stage_list=tuple(_lost_stage(stage, at_ms) for stage in job.stage_list),
    )


def _lost_stage(stage: Stage, at_ms: int) -> Stage:
    if stage.state == "pending":
        return replace(stage, state="skipped")
    if stage.state != "active":
        return stage
    tasks = stage.tasks
    killed = replace(tasks, active=0, killed=tasks.killed + tasks.active)
    return replace(stage, state="failed", ended_ms=at_ms, tasks=killed)


def _lost_stages(counts: StageCounts) -> StageCounts:
    return replace(
        counts,
        pending=0,
        active=0,
        failed=counts.failed + counts.active,
        skipped=counts.skipped + counts.pending,
    )


def _lost_tasks(counts: TaskCounts, pending: int) -> TaskCounts:
    return replace(
        counts,
        total=counts.total - pending,
        active=0,
        killed=counts.killed + counts.active,
        skipped=counts.skipped + pending,
    )
