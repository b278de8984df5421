import json
from dataclasses import replace

from spark_monitor.cell_outputs import CellOutputs
from spark_monitor.cells import CellRun
from spark_monitor.frame import SavedCell
from spark_monitor.wire import parse
from tests.support.source import ROOT

DATA = ROOT / "tests/data/monitor"
SAVED = parse(SavedCell, (DATA / "saved_succeeded.json").read_text())
RUN = CellRun("cell-a", "execution-1")


def after_more_work() -> SavedCell:
    jobs = replace(SAVED.cell.jobs, total=2, succeeded=2)
    return replace(SAVED, cell=replace(SAVED.cell, jobs=jobs))


def test_first_output_is_new() -> None:
    publication = CellOutputs().record(RUN, SAVED)

    assert publication is not None
    assert not publication.is_update
    told = publication.summary.to_json()
    assert set(told) == {
        *("version", "cell_id", "execution_id", "application_id", "display_id"),
        "bundle",
    }
    assert json.dumps(told)


def test_same_output_is_not_repeated() -> None:
    outputs = CellOutputs()
    outputs.record(RUN, SAVED)

    assert outputs.record(RUN, replace(SAVED, saved_ms=SAVED.saved_ms + 1)) is None
    assert not outputs.is_news(
        SAVED.application.id, replace(SAVED.cell, execution_id=RUN.execution_id)
    )


def test_later_work_updates_under_the_same_display_id() -> None:
    outputs = CellOutputs()
    first = outputs.record(RUN, SAVED)

    second = outputs.record(RUN, after_more_work())

    assert first is not None
    assert second is not None
    assert second.is_update
    assert second.summary.display_id == first.summary.display_id
    assert outputs.summaries() == [second.summary]


def test_other_execution_and_application_are_other_outputs() -> None:
    outputs = CellOutputs()
    other = replace(SAVED, application=replace(SAVED.application, id="local-2"))

    outputs.record(RUN, SAVED)
    again = outputs.record(CellRun("cell-a", "execution-2"), SAVED)
    elsewhere = outputs.record(RUN, other)

    assert again is not None
    assert elsewhere is not None
    assert not again.is_update
    assert not elsewhere.is_update
    assert len({it.display_id for it in outputs.summaries()}) == 3


def test_newest_twenty_summaries_are_kept() -> None:
    outputs = CellOutputs()

    for number in range(25):
        outputs.record(CellRun("cell-a", f"execution-{number}"), SAVED)

    kept = [it.execution_id for it in outputs.summaries()]
    assert kept == [f"execution-{number}" for number in range(5, 25)]


def test_forgotten_cell_is_not_reported_again() -> None:
    outputs = CellOutputs()
    outputs.record(RUN, SAVED)
    outputs.record(CellRun("cell-b", "execution-2"), SAVED)

    outputs.forget("cell-a")

    assert [it.cell_id for it in outputs.summaries()] == ["cell-b"]


def test_late_work_does_not_bring_a_forgotten_output_back() -> None:
    outputs = CellOutputs()
    outputs.record(RUN, SAVED)
    outputs.forget("cell-a")

    assert outputs.record(RUN, after_more_work()) is None
    assert outputs.summaries() == []
    # Nobody asks about it again and again either.
    later = replace(after_more_work().cell, execution_id=RUN.execution_id)
    assert not outputs.is_news(SAVED.application.id, later)
    assert outputs.record(CellRun("cell-a", "execution-2"), SAVED) is not None


def test_older_executions_of_a_cell_that_starts_again_are_not_reported() -> None:
    outputs = CellOutputs()
    outputs.begin(RUN)
    outputs.record(RUN, SAVED)
    outputs.record(CellRun("cell-b", "execution-2"), SAVED)
    outputs.record(CellRun(None, "execution-3"), SAVED)

    outputs.begin(CellRun("cell-a", "execution-4"))

    assert [it.cell_id for it in outputs.summaries()] == ["cell-b", None]
    assert outputs.record(RUN, after_more_work()) is None
    assert outputs.record(CellRun("cell-a", "execution-4"), SAVED) is not None


def test_cell_that_is_said_to_start_twice_keeps_its_output() -> None:
    outputs = CellOutputs()
    outputs.begin(RUN)
    first = outputs.record(RUN, SAVED)
    outputs.begin(RUN)

    assert first is not None
    assert outputs.summaries() == [first.summary]
