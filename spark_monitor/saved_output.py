"""The saved output of a cell's Spark work: one MIME bundle.

Decides its words and its table; the page draws the rich form from the JSON part. The
table is for GitHub, nbviewer, VS Code and nbconvert: plain HTML with inline styles that
inherit the colours around them, so that it reads in light and in dark.
"""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

from spark_monitor.wire import to_json

if TYPE_CHECKING:
    from spark_monitor.frame import Cell, Job, SavedCell, TaskCounts

MIME_TYPE = "application/vnd.cygnet.spark+json"
TAG = "spark-panel"
"""Tells our outputs from others; nbconvert can leave those with a tag out."""
METADATA = {"tags": [TAG]}
"""What goes into the notebook beside the bundle."""
BUNDLE_BYTES = 16 * 1024
_RICH_BYTES = 7 * 1024
_CELL_STYLE = "text-align:left;padding:2px 12px 2px 0;vertical-align:top"
_LINE_STYLE = "border-top:1px solid rgba(128,128,128,.35)"
_SECOND = 1000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE


def bundle(saved: SavedCell) -> dict[str, Any]:
    """Return the MIME bundle of a cell: together at most 16 KB.

    It has `application/vnd.cygnet.spark+json`, `text/html` and `text/plain`. Jobs that
    do not fit are counted.
    """
    line = sentence(saved)
    data = to_json(saved)
    while saved.cell.job_list and _json_size(data) > _RICH_BYTES:
        saved = _without_last_job(saved)
        data = to_json(saved)
    room = BUNDLE_BYTES - _json_size(data) - _size(line)
    jobs = saved.cell.job_list
    page = table(saved, jobs)
    while jobs and _size(page) > room:
        jobs = jobs[:-1]
        page = table(saved, jobs)
    return {MIME_TYPE: data, "text/html": page, "text/plain": line}


def sentence(saved: SavedCell) -> str:
    """Return one line about a cell's work, without skipped stages and tasks.

    E.g. ``Spark: 3 jobs, 12 stages, 210 tasks, 4.2 s, 2 cores — succeeded``.
    """
    cell = saved.cell
    parts = [
        _many(cell.jobs.total, "job"),
        _many(cell.stages.total - cell.stages.skipped, "stage"),
        _many(cell.tasks.total, "task"),
        duration(_end(cell, saved.saved_ms) - cell.started_ms),
    ]
    if saved.executors.cores:
        parts.append(_many(saved.executors.cores, "core"))
    return f"Spark: {', '.join(parts)} — {_cell_word(saved)}"


def table(saved: SavedCell, jobs: tuple[Job, ...]) -> str:
    """Return the static table of a cell's jobs, newest first, as HTML.

    It has no scripts, classes or anything from elsewhere, and all text is escaped.
    """
    header = "".join(
        f'<th scope="col" style="{_CELL_STYLE};font-weight:600">{title}</th>'
        for title in ("Job", "State", "Stages", "Tasks", "Time", "What")
    )
    rows = "".join(_row(job, saved.saved_ms) for job in jobs)
    omitted = saved.cell.jobs.total - len(jobs)
    more = f"<div>… and {_many(omitted, 'more job')}</div>" if omitted else ""
    body = (
        '<table style="border-collapse:collapse;margin:4px 0;background:none">'
        f"<thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table>"
        if jobs
        else ""
    )
    return (
        '<div style="font-size:13px;line-height:1.4">'
        f"<div><b>{escape(sentence(saved))}</b></div>{body}{more}</div>"
    )


def duration(milliseconds: int) -> str:
    """Return a time in words: ``310 ms``, ``4.2 s``, ``3 min 12 s`` or ``2 h 5 min``.

    A negative one counts as 0.
    """
    time = max(0, milliseconds)
    if time < _SECOND:
        return f"{time} ms"
    if time < _MINUTE:
        return f"{time // 100 / 10:.1f} s"
    if time < _HOUR:
        return f"{time // _MINUTE} min {time % _MINUTE // _SECOND} s"
    return f"{time // _HOUR} h {time % _HOUR // _MINUTE} min"


def _row(job: Job, saved_ms: int) -> str:
    ended = saved_ms if job.ended_ms is None else job.ended_ms
    what = escape(job.name)
    if job.error:
        what += f"<br>{'<br>'.join(map(escape, job.error.splitlines()))}"
    run = job.stages.total - job.stages.skipped
    values = (
        str(job.job_id),
        job.state,
        f"{job.stages.succeeded}/{run}{_extra(job.stages.skipped, 'skipped')}",
        _tasks(job.tasks),
        duration(ended - job.started_ms),
        what,
    )
    cells = "".join(f'<td style="{_CELL_STYLE}">{value}</td>' for value in values)
    return f'<tr style="{_LINE_STYLE};background:none">{cells}</tr>'


def _tasks(tasks: TaskCounts) -> str:
    return (
        f"{tasks.succeeded}/{tasks.total}"
        f"{_extra(tasks.failed, 'failed')}{_extra(tasks.killed, 'killed')}"
    )


def _extra(number: int, word: str) -> str:
    return f", {number} {word}" if number else ""


def _cell_word(saved: SavedCell) -> str:
    if saved.application.state == "lost":
        return f"{saved.cell.state}, the JVM of the application ended"
    return "still running" if saved.cell.state == "running" else saved.cell.state


def _end(cell: Cell, saved_ms: int) -> int:
    return saved_ms if cell.ended_ms is None else cell.ended_ms


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _without_last_job(saved: SavedCell) -> SavedCell:
    cell = replace(
        saved.cell,
        job_list=saved.cell.job_list[:-1],
        jobs_omitted=saved.cell.jobs_omitted + 1,
    )
    return replace(saved, cell=cell)


def _json_size(data: dict[str, Any]) -> int:
    return _size(json.dumps(data, ensure_ascii=False))


def _size(text: str) -> int:
    return len(text.encode())
