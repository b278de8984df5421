"""What the runner reads from the reports of pytest."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.lanes.report import Reports

FILE = "tests/hub/test_a.py"


@pytest.fixture
def reports(tmp_path: Path) -> Reports:
    return Reports(tmp_path / "reports", tmp_path / "count")


def entry(name: str, when: str, outcome: str = "passed", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON.
    kept: dict[str, Any] = {"location": [FILE, 1, name], "keywords": {}, "sections": []}
    kept |= {"nodeid": f"{FILE}::{name}", "when": when, "outcome": outcome}
    kept |= {"longrepr": None, "duration": 0.5, "$report_type": "TestReport"}
    return kept | more


def write(reports: Reports, *entries: dict[str, Any], end: str = "\n") -> None:
    with reports.file.open("a") as file:
        file.write("\n".join(map(json.dumps, entries)) + end)


def passed(name: str) -> list[dict[str, Any]]:
    return [entry(name, it) for it in ("setup", "call", "teardown")]


def test_nothing_is_known_before_pytest_writes(reports: Reports) -> None:
    assert reports.read() == []
    assert reports.collected is None


def test_tests_are_counted_when_they_end(reports: Reports) -> None:
    reports.count_file.write_text("3")
    write(reports, *passed("one"), entry("two", "setup"))

    assert reports.read() == []
    assert (reports.done, reports.collected) == (1, 3)
    assert reports.seconds == {FILE: 2.0}


def test_half_a_line_waits_for_its_other_half(reports: Reports) -> None:
    text = json.dumps(entry("one", "call", "failed", longrepr="why"))
    reports.file.write_text(text[:20])
    assert reports.read() == []

    with reports.file.open("a") as file:
        file.write(f"{text[20:]}\n")

    assert [it.node_id for it in reports.read()] == [f"{FILE}::one"]
    assert reports.read() == []


def test_failure_has_its_output_and_no_group(reports: Reports) -> None:
    printed = [["Captured stdout call", "what it printed\n"]]
    write(
        reports,
        entry("one@group", "call", "failed", longrepr="why", sections=printed),
        entry("two", "setup", "failed", longrepr="no server"),
    )

    one, two = reports.read()

    assert (one.node_id, one.phase) == (f"{FILE}::one", "call")
    assert one.text == "why\n--- Captured stdout call\nwhat it printed"
    assert (two.phase, two.text) == ("setup", "no server")
    assert reports.outcomes == {f"{FILE}::one": "failed", f"{FILE}::two": "failed"}


def test_file_that_is_not_collected_fails_once_for_all_workers(
    reports: Reports,
) -> None:
    error: dict[str, Any] = {"nodeid": FILE, "outcome": "failed", "sections": []}
    error |= {"longrepr": {"longrepr": "no import"}}
    error |= {"result": None, "$report_type": "CollectReport"}
    write(reports, error, error)

    (failure,) = reports.read()

    assert (failure.node_id, failure.phase) == (FILE, "collect")


def test_test_of_a_worker_that_crashed_has_ended(reports: Reports) -> None:
    write(reports, entry("one", "???", "failed", longrepr="worker 'gw0' crashed"))

    assert [it.text for it in reports.read()] == ["worker 'gw0' crashed"]
    assert reports.done == 1


def test_known_fault_is_no_skip(reports: Reports) -> None:
    write(
        reports,
        entry("one", "call", "skipped", wasxfail="known"),
        entry("two", "setup", "skipped", longrepr=["file", 1, "Skipped: no tool"]),
    )

    assert reports.read() == []
    assert reports.skipped == 1
