"""Follows the reports of a run of pytest, which pytest-reportlog writes as JSON lines.

It reads how far the tests are, what failed with which output, and how long each file
took. pytest's text is not read.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from scripts.lanes.node_id import bare, file_of

LAST_PHASES = ("teardown", "???")
"""The phases after which a test has ended; a worker that crashed gives the second."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What did not pass, and why."""

    node_id: str
    """The test, or the file that pytest could not collect."""
    phase: str
    """`setup`, `call`, `teardown`, or `collect`."""
    text: str
    """The traceback, then what the test has printed and logged."""

    @property
    def reason(self) -> str:
        """The first line of the error."""
        lines = self.text.splitlines() or [""]
        marked = (it.removeprefix("E ") for it in lines if it.startswith("E "))
        return next(marked, lines[-1]).strip()


@dataclass(slots=True)
class Reports:
    """The reports of one run, as far as they are written."""

    file: Path
    """Where pytest-reportlog writes."""
    count_file: Path
    """Where `tests/conftest.py` writes how many tests there are."""
    failures: list[Failure] = field(default_factory=list)
    """In the order of their reports."""
    outcomes: dict[str, str] = field(default_factory=dict)
    """How each test ended: `passed`, `failed` or `skipped`."""
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """The time in each file, with the fixtures that its tests were the first to use."""
    _ended: set[str] = field(default_factory=set)
    _offset: int = 0

    @property
    def collected(self) -> int | None:
        """How many tests run; None while pytest still collects them."""
        try:
            return int(self.count_file.read_text())
        except (OSError, ValueError):
            return None

    @property
    def done(self) -> int:
        """How many tests have ended."""
        return len(self._ended)

    @property
    def skipped(self) -> int:
        """How many tests were skipped."""
        return sum(it == "skipped" for it in self.outcomes.values())

    def read(self) -> list[Failure]:
        """Return the failures that were written since the last call.

        Those that several workers report come once.
        """
        known = len(self.failures)
        try:
            with self.file.open("rb") as file:
                file.seek(self._offset)
                text = file.read()
        except FileNotFoundError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            entry = json.loads(line)
            # pytest-xdist adds its worker, which the log keeps by its name alone.
            entry.pop("node", None)
            self._take(entry)
        return self.failures[known:]

    def _take(self, entry: dict[str, Any]) -> None:
        kind, outcome = entry.get("$report_type"), entry.get("outcome")
        if kind == "CollectReport":
            if outcome == "failed":
                report = pytest.CollectReport._from_json(entry)  # noqa: SLF001
                self._fail(entry["nodeid"], "collect", report)
        elif outcome is not None:
            self._take_test(entry, str(outcome))

    def _take_test(self, entry: dict[str, Any], outcome: str) -> None:
        node_id = bare(entry["nodeid"])
        self.seconds[file_of(node_id)] += float(entry.get("duration", 0))
        if entry.get("when") in LAST_PHASES:
            self._ended.add(node_id)
        # What was expected to fail, and did, has the outcome `skipped` too.
        found = "passed" if "wasxfail" in entry and outcome == "skipped" else outcome
        ranks = ("passed", "skipped", "failed")
        before = self.outcomes.get(node_id, "passed")
        self.outcomes[node_id] = max(before, found, key=ranks.index)
        if outcome == "failed":
            report = pytest.TestReport._from_json(entry)  # noqa: SLF001
            self._fail(node_id, str(entry.get("when")), report)

    def _fail(
        self, node_id: str, phase: str, report: pytest.TestReport | pytest.CollectReport
    ) -> None:
        if any((it.node_id, it.phase) == (node_id, phase) for it in self.failures):
            return
        parts = [report.longreprtext]
        parts += [f"--- {title}\n{text.rstrip()}" for title, text in report.sections]
        self.failures.append(Failure(node_id, phase, "\n".join(parts)))
