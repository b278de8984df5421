"""What Spark did in a cell, as the monitor saved it in the notebook.

`docs/reference/wire.md` defines the fields; a notebook may hold anything there, so
each is read by type, and every text is shown as text.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal, TypeAlias

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cygnet_share.notebook import Json
from cygnet_share.viewer import text as readable
from cygnet_share.viewer.template import fill

MIME_TYPE: Final = "application/vnd.cygnet.spark+json"
"""The type of the saved output."""

_Count: TypeAlias = Annotated[int, Field(strict=True, ge=0, le=2**53)]
_Text: TypeAlias = Annotated[str, Field(strict=True, max_length=100_000)]
_WORDS = {
    "running": "Running when saved",
    "active": "Running when saved",
    "pending": "Waiting",
    "succeeded": "Succeeded",
    "failed": "Failed",
    "stopped": "Stopped",
    "skipped": "Skipped",
}
_SECOND, _MINUTE, _HOUR = 1000, 60_000, 3_600_000


class _Part(BaseModel):
    """A part of the output; what later versions add is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Tasks(_Part):
    total: _Count
    succeeded: _Count
    failed: _Count
    killed: _Count
    skipped: _Count = 0


class _Stages(_Part):
    total: _Count
    succeeded: _Count
    failed: _Count
    skipped: _Count


class _Jobs(_Part):
    total: _Count
    succeeded: _Count
    failed: _Count
    stopped: _Count


class _Stage(_Part):
    stage_id: _Count
    attempt: _Count
    name: _Text
    state: Literal["pending", "active", "succeeded", "failed", "skipped"]
    started_ms: _Count | None
    ended_ms: _Count | None
    tasks: _Tasks


class _Job(_Part):
    job_id: _Count
    name: _Text
    state: Literal["running", "succeeded", "failed", "stopped"]
    started_ms: _Count
    ended_ms: _Count | None
    stages: _Stages
    tasks: _Tasks
    error: _Text | None
    stage_list: Annotated[Sequence[_Stage], Field(max_length=1000)]
    stages_omitted: _Count


class _Cell(_Part):
    state: Literal["running", "succeeded", "failed", "stopped"]
    started_ms: _Count
    ended_ms: _Count | None
    jobs: _Jobs
    stages: _Stages
    tasks: _Tasks
    job_list: Annotated[Sequence[_Job], Field(max_length=1000)]
    jobs_omitted: _Count


class _Executors(_Part):
    cores: _Count


class _Saved(_Part):
    version: Literal[1]
    executors: _Executors
    cell: _Cell
    saved_ms: _Count


class _Row(_Part):
    """A line of the table."""

    name: str
    detail: str
    state: str
    tasks: str
    time: str
    error: str = ""
    note: str = ""
    """About what follows but is not listed."""
    is_stage: bool = False


def markup(found: Json) -> Markup:
    """Give a saved output as a table, or say that it is none."""
    try:
        saved = _Saved.model_validate(found)
    except (ValidationError, RecursionError):
        return Markup('<p class="note">{}</p>').format(
            "This output cannot be read: it is not a Spark summary."
        )
    cell = saved.cell
    return fill(
        "spark.html",
        state=_WORDS[cell.state],
        facts=tuple(_facts(saved)),
        rows=tuple(_rows(saved)),
        omitted=_omitted(cell.jobs_omitted, "job"),
    )


def _facts(saved: _Saved) -> Iterator[str]:
    """Give the counts of a cell in words."""
    cell = saved.cell
    yield _of(cell.jobs.succeeded, cell.jobs.total, "job")
    yield _of(cell.stages.succeeded, cell.stages.total - cell.stages.skipped, "stage")
    yield _of(cell.tasks.succeeded, cell.tasks.total, "task")
    yield _plural(saved.executors.cores, "core")
    yield _span(cell.started_ms, cell.ended_ms, saved.saved_ms)


def _rows(saved: _Saved) -> Iterator[_Row]:
    """Give the lines of the table: each job, and its stages."""
    for job in saved.cell.job_list:
        yield _Row(
            name=f"Job {job.job_id}",
            detail=_line(job.name) or "Unnamed job",
            state=_WORDS[job.state],
            tasks=_tasks(job.tasks),
            time=_span(job.started_ms, job.ended_ms, saved.saved_ms),
            error=readable.clean(job.error or ""),
        )
        for stage in job.stage_list:
            again = f", attempt {stage.attempt + 1}" if stage.attempt else ""
            yield _Row(
                name=f"Stage {stage.stage_id}{again}",
                detail=_line(stage.name),
                state=_WORDS[stage.state],
                tasks=_tasks(stage.tasks),
                time=_span(stage.started_ms, stage.ended_ms, saved.saved_ms),
                note=_omitted(job.stages_omitted, "stage")
                if stage is job.stage_list[-1]
                else "",
                is_stage=True,
            )


def _tasks(tasks: _Tasks) -> str:
    """Give counts of tasks, with what is out of the ordinary."""
    named = (("failed", tasks.failed), ("killed", tasks.killed))
    rest = [f"{count} {word}" for word, count in (*named, ("skipped", tasks.skipped))]
    kept = ", ".join(it for it in rest if not it.startswith("0 "))
    return f"{tasks.succeeded} of {tasks.total}" + (f" ({kept})" if kept else "")


def _of(done: int, total: int, noun: str) -> str:
    """Write e.g. `2 of 3 jobs`."""
    return f"{done} of {_plural(total, noun)}"


def _plural(count: int, noun: str) -> str:
    """Write e.g. `3 jobs`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _omitted(count: int, noun: str) -> str:
    """Say how many are not listed."""
    return f"{_plural(count, f'more {noun}')} not listed" if count else ""


def _span(started: int | None, ended: int | None, saved: int) -> str:
    """Write how long something took, e.g. `3 min 12 s`."""
    if started is None:
        return "not started"
    time = max(0, (saved if ended is None else ended) - started)
    if time < _SECOND:
        return f"{time} ms"
    if time < _MINUTE:
        return f"{time / _SECOND:.1f} s"
    if time < _HOUR:
        return f"{time // _MINUTE} min {time % _MINUTE // _SECOND} s"
    return f"{time // _HOUR} h {time % _HOUR // _MINUTE} min"


def _line(text: str) -> str:
    """Give the first line of a text."""
    return readable.clean(text).strip().partition("\n")[0]
