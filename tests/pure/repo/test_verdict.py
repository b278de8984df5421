"""The verdict on a lane and on a run, and what is remembered of them."""

import signal
import subprocess
from pathlib import Path

import pytest

from scripts import durations
from scripts.lanes import screen, summary
from scripts.lanes.children import Child
from scripts.lanes.course import Course, Verdict
from scripts.lanes.report import Reports
from scripts.lanes.request import Part
from scripts.lanes.table import TABLE, Lane

NO_TESTS = 5
PYTEST = """
3 workers [9 items]
pure: 29.0 s
===== short test summary info ====
==== 1 failed, 3494 passed in 29.10s (0:00:29) ====
"""
CHECKS = """
All checks passed!
352 files already formatted
Analyzed 123 files, 456 dependencies.
Contracts: 4 kept, 0 broken.
Checked 88 files in 65ms. No fixes applied.
"""


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(durations, "SEED", tmp_path / "durations.json")


def ended(
    exit_code: int, *options: str, seconds: float = 10, lane: str = "hub"
) -> Course:
    process = subprocess.Popen.__new__(subprocess.Popen)
    process.returncode, process._child_created = exit_code, False  # type: ignore[attr-defined]  # noqa: SLF001
    child = Child(process, signal.SIGINT, exit_code=exit_code, seconds=seconds)
    reports = Reports(Path(), Path(), seconds={"tests/hub/test_a.py": 1.234})
    return Course(Part(Lane(lane, 1), (), options), child, reports, Path())


@pytest.mark.parametrize(
    ("courses", "expected"),
    [
        ([ended(0), ended(0)], 0),
        ([ended(0), ended(1)], 1),
        ([ended(0), ended(-9)], 1),
        # Nothing is a failure, unless options may have selected it away.
        ([ended(0), ended(NO_TESTS)], 1),
        ([ended(0, "-k", "a"), ended(NO_TESTS, "-k", "a")], 0),
        ([ended(NO_TESTS, "-k", "a"), ended(NO_TESTS, "-k", "a")], 1),
    ],
)
def test_run_passes_when_every_lane_does(courses: list[Course], expected: int) -> None:
    parts = [it.part for it in courses]

    assert summary.exit_code(parts, courses) == expected


def test_lane_that_did_not_begin_has_not_passed() -> None:
    one = ended(0)

    assert summary.exit_code([one.part, one.part], [one]) == 1


def test_lane_that_was_ended_has_not_passed() -> None:
    one = ended(0)
    one.was_ended = True

    assert one.verdict is Verdict.ENDED
    assert summary.exit_code([one.part], [one]) == 1


def test_time_is_kept_of_a_lane_that_passed_as_a_whole() -> None:
    skipped = ended(0)
    skipped.reports.outcomes["tests/hub/test_a.py::test_x"] = "skipped"

    assert summary.record([ended(1), ended(0, "-x"), skipped]) == []
    assert durations.load().lanes == {}

    assert summary.record([ended(0)]) == []
    assert durations.expected() == {"tests/hub/test_a.py": 1.23}


def test_lane_is_compared_with_its_earlier_runs() -> None:
    summary.record([ended(0), ended(0)])

    (complaint,) = summary.record([ended(0, seconds=12), ended(0, lane="spark")])

    assert complaint.startswith("hub took 12.0 s; the median of its last 2 runs ")


@pytest.mark.parametrize(
    ("lane", "text", "expected"),
    [
        ("pure", PYTEST, PYTEST.splitlines()[-1:]),
        (
            "lint",
            CHECKS,
            [it for it in CHECKS.split("\n") if (it and it[0] != "A") or "All" in it],
        ),
        (
            "type",
            "Success: no issues found in 352 source files\n",
            ["Success: no issues found in 352 source files"],
        ),
        (
            "page",
            "\u2139 tests 9\n\u2139 suites 0\n\u2139 fail 0\n",
            ["\u2139 tests 9", "\u2139 fail 0"],
        ),
    ],
)
def test_closing_lines_are_those_of_the_tools(
    lane: str, text: str, expected: list[str], tmp_path: Path
) -> None:
    one = ended(0)
    one.log = tmp_path / "log"
    one.log.write_text(text)
    found = next(it for it in TABLE.lanes if it.name == lane)
    one.part = Part(found)

    assert one.closing() == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.4, "0 s"), (59.6, "1 min 00 s"), (3723, "62 min 03 s")]
)
def test_time_is_written_for_people(seconds: float, expected: str) -> None:
    assert screen.duration(seconds) == expected
