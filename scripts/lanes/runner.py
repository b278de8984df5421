"""Runs the lanes of a request, stage after stage, and their errands.

All stages run, also when a lane failed. At the end, and when the user interrupts, no
process is left.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from scripts.lanes import course
from scripts.lanes.children import Child, Children
from scripts.lanes.course import Course, Verdict
from scripts.lanes.request import Part
from scripts.lanes.screen import Screen
from scripts.lanes.table import Errand, Table
from scripts.lanes.waking import Waking, waking

TICK_S = 0.5
"""How often progress is read."""
GRACE_S = 30.0
"""How long lanes may take to end their fixtures after an interrupt."""


@dataclass(slots=True)
class Runner:
    """One run."""

    table: Table
    """The lanes and errands of the project."""
    screen: Screen = field(default_factory=Screen)
    """Where it prints."""
    children: Children = field(default_factory=Children)
    """What it has started."""
    courses: list[Course] = field(default_factory=list)
    """The lanes that have begun."""
    was_interrupted: bool = False
    """Whether the user ended the run."""
    _errands: dict[str, Child] = field(default_factory=dict)
    _reported: set[str] = field(default_factory=set)

    def run(self, parts: Sequence[Part]) -> list[Course]:
        """Run lanes, in order of their stages.

        Those that have begun are returned: all of them, unless the user has
        interrupted.
        """
        ordered = sorted(parts, key=_stage)
        stages = [(it, list(rest)) for it, rest in groupby(ordered, key=_stage)]
        with waking() as signals:
            try:
                for stage, chosen in stages:
                    self._run_stage(stage, chosen, parts, signals)
                    if self.was_interrupted:
                        break
            finally:
                left = self.children.end()
        self._print_errands()
        for name in left if not self.was_interrupted else []:
            self.screen.say(f"Ended a process that was left running: {name}")
        if self.was_interrupted:
            self.screen.say("Interrupted: every lane and all its processes are ended.")
        return self.courses

    def _run_stage(
        self, stage: int, chosen: list[Part], parts: Sequence[Part], signals: Waking
    ) -> None:
        due = {it.lane.name for it in chosen}
        awaited, others = [], []
        for errand in self.table.errands:
            users = [it for it in parts if it.lane.name in errand.wanted_by]
            is_early = errand.stage <= stage < min(map(_stage, users), default=0)
            is_due = errand.is_awaited and bool(due & set(errand.wanted_by))
            if is_due:
                awaited.append(errand)
            elif is_early:
                others.append(errand)
        self._begin_errands(awaited)
        self._follow([self._errands[it.name] for it in awaited], [], signals)
        if self.was_interrupted:
            return
        for errand in self.table.errands:
            if errand.name in self._errands and due & set(errand.wanted_by):
                self.children.hurry(self._errands[errand.name])
        # What is awaited may have installed what the others need.
        self._begin_errands(others)
        for part in chosen:
            self.screen.begin(part.lane.name, f"{part.lane.name:8} begins")
        begun = [course.begin(it, self.children, self.table) for it in chosen]
        self.courses += begun
        self._follow([it.child for it in begun], begun, signals)

    def _begin_errands(self, errands: Iterable[Errand]) -> None:
        for errand in errands:
            if errand.name in self._errands:
                continue
            log = self.table.artifacts / f"{errand.name}.log"
            child = self.children.start(errand.command, self.table.root, log)
            self._errands[errand.name] = child

    def _follow(
        self, awaited: list[Child], courses: list[Course], signals: Waking
    ) -> None:
        """Wait for programs, and print the progress of lanes until they end."""
        shown: set[str] = set()
        while any(it.exit_code is None for it in awaited):
            signals.wait(TICK_S)
            self.children.reap()
            for it in courses:
                self._print_news(it, shown)
            self._print_errands()
            self.screen.show(
                {it.name: it.line() for it in courses if it.child.exit_code is None}
            )
            if signals.ends:
                self._interrupt(signals)
                return

    def _print_news(self, it: Course, shown: set[str]) -> None:
        if it.name in shown:
            return
        # What is written before the end is noticed must be read after it.
        has_ended = it.child.exit_code is not None
        for failure in it.reports.read():
            self.screen.say(it.failure_text(failure))
        if has_ended:
            shown.add(it.name)
            if it.verdict is Verdict.FAILED and not it.reports.failures:
                self.screen.say(it.log_text())
            self.screen.say(it.line())

    def _print_errands(self) -> None:
        """Print the output of each errand that has ended, once."""
        for name, child in list(self._errands.items()):
            if child.exit_code is not None and name not in self._reported:
                self._reported.add(name)
                text = (self.table.artifacts / f"{name}.log").read_text().strip()
                failed = f"{name} failed: exit code {child.exit_code}\n"
                self.screen.say((failed if child.exit_code else "") + text)

    def _interrupt(self, signals: Waking) -> None:
        """Let lanes end their fixtures; a second interrupt does not wait for that."""
        self.was_interrupted = True
        for it in self.courses:
            it.was_ended = it.child.exit_code is None
        self.screen.say("Interrupted: the lanes end what they have started …")
        self.children.ask()
        begun, asked = time.monotonic(), signals.ends
        while self.children.are_running and signals.ends == asked:
            if time.monotonic() - begun > GRACE_S:
                break
            signals.wait(TICK_S)
            self.children.reap()


def _stage(part: Part) -> int:
    return part.lane.stage
