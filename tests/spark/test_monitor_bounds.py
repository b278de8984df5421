"""Frames stay small and true under more than any notebook does.

A Scala program in `listener/` drives the listener's own table with thousands of jobs
and prints what it writes; here it is judged.
"""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.build_jar import compile_scala, find_spark_jars
from spark_connector.java import find_java
from spark_monitor import saved_output
from spark_monitor.attach import JAR
from spark_monitor.frame import Cell, Frame, Job, SavedCell
from spark_monitor.wire import decode

STORM = Path(__file__).parent / "listener" / "FrameStorm.scala"
DATA = Path(__file__).parent.parent / "data" / "monitor"


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """What the program printed: kind and text of each line."""
    directory = tmp_path_factory.mktemp("storm")
    java = find_java(os.environ.get("JAVA_HOME", ""), directory).home / "bin" / "java"
    jars = find_spark_jars()
    classes = directory / "classes"
    classes.mkdir()
    compile_scala(java, jars, [STORM], classes, extra=[JAR])
    path = os.pathsep.join([str(classes), str(JAR), f"{jars}/*"])
    program = "org.apache.spark.cygnet.FrameStorm"
    command = [str(java), "-cp", path, program, "6", "800"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    pairs = (line.split(" ", 1) for line in done.stdout.splitlines())
    return [(kind, text) for kind, text in pairs]


def decoded(lines: list[tuple[str, str]], wanted: str) -> Iterator[bytes]:
    return (base64.b64decode(text) for kind, text in lines if kind == wanted)


def test_storm_makes_many_frames(lines: list[tuple[str, str]]) -> None:
    found = [parse(it) for it in decoded(lines, "frame")]

    assert len(found) > 100
    assert max(len(it.cells) for it in found) == 16 or any(
        it.cells_omitted for it in found
    )
    assert any(job.jobs_omitted for frame in found for job in frame.cells)


def test_every_frame_is_at_most_8192_bytes_as_python_sends_it(
    lines: list[tuple[str, str]],
) -> None:
    for raw in decoded(lines, "frame"):
        assert len(raw) <= 8192
        spaced = json.dumps(json.loads(raw), ensure_ascii=False).encode()
        assert len(spaced) <= 8192


def test_every_frame_adds_up(lines: list[tuple[str, str]]) -> None:
    for raw in decoded(lines, "frame"):
        frame = parse(raw)
        assert len(frame.cells) + frame.cells_omitted <= 100
        assert len(frame.cells) <= 16
        for cell in frame.cells:
            check(cell)


def test_every_saved_output_is_at_most_16_kilobytes(
    lines: list[tuple[str, str]],
) -> None:
    for raw in decoded(lines, "saved"):
        saved = decode(SavedCell, json.loads(raw))
        check(saved.cell)
        bundle = saved_output.bundle(saved)
        rich = json.dumps(bundle.pop(saved_output.MIME_TYPE), ensure_ascii=False)
        texts = (rich, *bundle.values())
        assert sum(len(it.encode()) for it in texts) <= 16 * 1024


def test_frame_has_the_shape_of_the_golden_one(lines: list[tuple[str, str]]) -> None:
    golden = json.loads((DATA / "frame_running.json").read_text())
    wanted = shape(golden)

    found = [shape(json.loads(raw)) for raw in decoded(lines, "frame")]

    assert all(it <= wanted for it in found)
    assert wanted in found


def test_endless_work_needs_no_more_room(lines: list[tuple[str, str]]) -> None:
    (text,) = (text for kind, text in lines if kind == "kept")
    cells, jobs, folded, total, stages = map(int, text.split())

    assert cells <= 100
    assert jobs <= 200
    assert cells + folded == 2000
    assert total == 10 * cells
    # Some of the storm's tasks never end, as when Spark drops events.
    assert stages <= 5000


def test_rate_gives_way_to_size(lines: list[tuple[str, str]]) -> None:
    rates = {}
    for kind, text in lines:
        if kind == "pace":
            size, *frames = map(int, text.split())
            rates[size] = frames

    changing, urgent, running, idle = zip(*rates.values(), strict=True)
    assert changing == tuple(sorted(changing, reverse=True))
    # Ten seconds: at most ten a second, two for the largest, one as a heartbeat.
    assert changing[0] == 100
    assert 20 <= changing[-1] <= 21
    assert all(40 <= it <= 100 for it in urgent)
    assert set(running) == {10}
    assert set(idle) == {1}


def parse(raw: bytes) -> Frame:
    return decode(Frame, json.loads(raw))


def check(cell: Cell) -> None:
    """Hold a cell against what docs/reference/wire.md promises of its numbers."""
    jobs, stages = cell.jobs, cell.stages
    assert jobs.active + jobs.succeeded + jobs.failed + jobs.stopped == jobs.total
    assert len(cell.job_list) + cell.jobs_omitted == jobs.total
    goes_on = jobs.active > 0 or (cell.execution_id or "").endswith("-on")
    assert (cell.ended_ms is None) == (cell.state == "running") == goes_on
    assert stages.total == sum(
        (stages.pending, stages.active, stages.succeeded, stages.failed, stages.skipped)
    )
    assert cell.tasks.active <= 2
    running = [it.state == "running" for it in cell.job_list]
    assert running == sorted(running, reverse=True)
    for job in cell.job_list:
        check_job(job)


def check_job(job: Job) -> None:
    assert len(job.name) <= 200
    assert job.error is None or len(job.error) <= 400
    assert len(job.stage_list) + job.stages_omitted == job.stages.total
    assert job.tasks.succeeded <= job.tasks.total
    ids = [it.stage_id for it in job.stage_list]
    assert ids == sorted(ids)
    for stage in job.stage_list:
        assert len(stage.name) <= 120
        assert stage.tasks.succeeded <= stage.tasks.total


def shape(value: object, place: str = "") -> frozenset[str]:
    """Give the path of every field, whatever its value."""
    if isinstance(value, dict):
        inner = (shape(part, f"{place}.{name}") for name, part in value.items())
        return frozenset().union(*inner)
    if isinstance(value, list):
        return frozenset().union(*(shape(part, f"{place}[]") for part in value))
    return frozenset([place])
