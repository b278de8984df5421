"""One lane from its begin to its verdict."""

import os
import signal
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from scripts.lanes.children import Child, Children
from scripts.lanes.node_id import repetition
from scripts.lanes.report import Failure, Reports
from scripts.lanes.request import Part
from scripts.lanes.screen import duration
from scripts.lanes.table import Table

NO_TESTS = 5
"""pytest's exit code when it has collected nothing."""
RULE = 80
LONGEST = 300
"""How many characters the summary has of one failure."""


class Verdict(StrEnum):
    """How a lane ended."""

    PASSED = "passed"
    FAILED = "FAILED"
    EMPTY = "no tests"
    """The options of the request leave none: not a failure."""
    ENDED = "ended"
    """The user did not want to wait for it."""


@dataclass(slots=True)
class Course:
    """A lane that runs or has run."""

    part: Part
    """What of the lane runs."""
    child: Child
    """The program that runs it."""
    reports: Reports
    """Of its tests; without any for a lane without pytest."""
    log: Path
    """Its output."""
    was_ended: bool = False
    """Whether it was ended at the user's wish."""

    @property
    def name(self) -> str:
        """The lane's name."""
        return self.part.lane.name

    @property
    def verdict(self) -> Verdict:
        """How it ended."""
        if self.was_ended:
            return Verdict.ENDED
        if self.child.exit_code == NO_TESTS and self.part.options:
            return Verdict.EMPTY
        return Verdict.FAILED if self.child.exit_code else Verdict.PASSED

    @property
    def is_complete(self) -> bool:
        """Whether its time is that of the whole lane with every test passed."""
        return (
            self.part.is_whole
            and self.verdict is Verdict.PASSED
            and not self.reports.skipped
        )

    @property
    def processor_share(self) -> float:
        """How much of the machine's processors it used, from 0 to 1."""
        available = self.child.seconds * (os.cpu_count() or 1)
        return self.child.processor_s / available if available else 0.0

    def line(self) -> str:
        """Describe its progress."""
        ended = self.child.exit_code is not None
        seconds = self.child.seconds if ended else time.monotonic() - self.child.began
        words = [self.verdict.value] if ended else []
        reports = self.reports
        if self.part.lane.is_pytest and reports.collected is not None:
            words.append(f"{reports.done} of {reports.collected} tests")
            words.append(f"{len({it.node_id for it in reports.failures})} failed")
        elif not ended:
            words.append("collecting" if self.part.lane.is_pytest else "running")
        return f"{self.name:8} {', '.join(words)}, {duration(seconds)}"

    def closing(self) -> list[str]:
        """Return the last lines of the lane's tools, as they print them."""
        pattern = self.part.lane.closing
        lines = [it for it in self.text().splitlines() if pattern.match(it)]
        return lines[-1:] if self.part.lane.is_pytest else lines

    def failed(self) -> list[str]:
        """Return what failed: for each the command that repeats it, and a reason."""
        if self.verdict is not Verdict.FAILED:
            return []
        failures = self.reports.failures
        lines = [f"{repetition(it.node_id)}  # {it.reason}" for it in failures]
        alone = f"{repetition(self.name)}  # exit code {self.child.exit_code}"
        return [it[:LONGEST] for it in lines or [alone]]

    def text(self) -> str:
        """Return the lane's output."""
        return self.log.read_text(errors="replace")

    def failure_text(self, failure: Failure) -> str:
        """Return what failed, its output, and the command that repeats it."""
        title = f" {self.name}: {failure.node_id} failed ({failure.phase}) "
        repeat = f"Repeat it: {repetition(failure.node_id)}"
        return f"{title:=^{RULE}}\n{failure.text}\n{repeat}"

    def log_text(self) -> str:
        """Return all output of a lane that failed without a report of a test."""
        title = f" {self.name} failed: exit code {self.child.exit_code} "
        repeat = f"Repeat it: {repetition(self.name)}"
        return f"{title:=^{RULE}}\n{self.text().rstrip()}\n{repeat}"


def begin(part: Part, children: Children, table: Table) -> Course:
    """Start a lane."""
    places = [
        table.artifacts / f"{part.lane.name}.{it}" for it in ("log", "jsonl", "count")
    ]
    for place in places:
        place.unlink(missing_ok=True)
    log, report, count = places
    child = children.start(
        part.command(report, count),
        table.root,
        log,
        # pytest ends the fixtures of its tests at a keyboard interrupt only.
        asked_by=signal.SIGINT if part.lane.is_pytest else signal.SIGTERM,
    )
    return Course(part, child, Reports(report, count), log)
