import copy
import json
from pathlib import Path

import pytest

from spark_monitor.errors import FrameError
from spark_monitor.frame import Frame, SavedCell
from spark_monitor.lost_frame import as_lost
from spark_monitor.wire import decode, parse, to_json
from tests.support.source import ROOT

DATA = ROOT / "tests/data/monitor"
FRAMES = sorted(DATA.glob("frame_*.json"))
SAVED = sorted(DATA.glob("saved_*.json"))


def running_frame() -> Frame:
    return parse(Frame, (DATA / "frame_running.json").read_text())


@pytest.mark.parametrize("path", FRAMES, ids=lambda path: path.stem)
def test_golden_frame_survives_the_values(path: Path) -> None:
    text = path.read_text()

    assert json.loads(json.dumps(to_json(parse(Frame, text)))) == json.loads(text)


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_golden_saved_cell_survives_the_values(path: Path) -> None:
    text = path.read_text()

    assert json.loads(json.dumps(to_json(parse(SavedCell, text)))) == json.loads(text)


def test_unknown_field_is_ignored() -> None:
    data = json.loads((DATA / "frame_running.json").read_text())
    data["cells"][0]["news"] = {"of": "a later version"}

    assert decode(Frame, data) == running_frame()


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("version",), 2, "Frame.version"),
        (("seq",), "42", "Frame.seq"),
        (("seq",), True, "Frame.seq"),
        (("cells",), {}, "Frame.cells"),
        (("cells", 0), [], "Frame.cells.0"),
        (("cells", 0, "state"), "done", "Frame.cells.0.state"),
        (("cells", 0, "started_ms"), None, "Frame.cells.0.started_ms"),
        (("cells", 1, "cell_id"), 7, "Frame.cells.1.cell_id"),
        (
            ("cells", 0, "job_list", 0, "stage_list", 2, "tasks", "total"),
            1.5,
            "Frame.cells.0.job_list.0.stage_list.2.tasks.total",
        ),
    ],
)
def test_wrong_value_is_named(
    path: tuple[str | int, ...], value: object, place: str
) -> None:
    data = json.loads((DATA / "frame_running.json").read_text())
    inner = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value

    with pytest.raises(FrameError) as caught:
        decode(Frame, data)

    assert caught.value.place == place


def test_missing_field_is_named() -> None:
    data = json.loads((DATA / "frame_running.json").read_text())
    del data["cells"][0]["jobs"]["stopped"]

    with pytest.raises(FrameError, match="stopped") as caught:
        decode(Frame, data)

    assert caught.value.place == "Frame.cells.0.jobs"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"frame"'])
def test_no_frame_is_refused(text: str) -> None:
    with pytest.raises(FrameError):
        parse(Frame, text)


def test_nothing_runs_in_a_lost_frame() -> None:
    frame = running_frame()

    lost = as_lost(frame, frame.at_ms + 5)

    assert lost.application.state == "lost"
    assert lost.seq > frame.seq
    assert lost.executors.tasks_active == 0
    cell = lost.cells[0]
    assert (cell.state, cell.ended_ms) == ("failed", frame.at_ms + 5)
    assert (cell.jobs.active, cell.jobs.failed) == (0, 1)
    job = cell.job_list[0]
    assert job.state == "failed"
    assert job.error
    assert [stage.state for stage in job.stage_list] == [
        "succeeded",
        "failed",
        "skipped",
    ]


def test_lost_frame_keeps_its_sums() -> None:
    lost = as_lost(running_frame(), 0)

    cell = lost.cells[0]
    stages = cell.stages
    assert stages.pending == stages.active == 0
    assert stages.succeeded + stages.failed + stages.skipped == stages.total
    assert (cell.tasks.total, cell.tasks.skipped) == (202, 8)
    assert (cell.tasks.active, cell.tasks.killed) == (0, 2)
    assert cell.tasks == cell.job_list[0].tasks


def test_ended_cells_of_a_lost_frame_stay() -> None:
    frame = running_frame()

    assert as_lost(frame, 0).cells[1:] == frame.cells[1:]


def test_lost_frame_is_a_frame() -> None:
    lost = to_json(as_lost(running_frame(), 0))

    assert decode(Frame, json.loads(json.dumps(copy.deepcopy(lost))))
