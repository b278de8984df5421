"""Shows which steps of some work run, and since when.

On a terminal each has a line that is rewritten; elsewhere one as it begins, one a
minute, and one as it ends. As a program it does one step, for the Makefile.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from scripts.lanes.screen import Screen, duration

TICK_S = 0.5
"""How often lines of a terminal are rewritten."""


@dataclass(slots=True)
class Progress:
    """The steps that run; threads may share it."""

    output: TextIO | None = None
    """Where it prints; standard error, whatever that is by then, if unset."""
    title: str = "cluster"
    """How each line begins."""
    _screen: Screen | None = None
    _began: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _end: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def shown(self) -> Generator[None]:
        """Show the steps of the block while they run, and not only as they end."""
        self._screen = Screen(self.output or sys.stderr)
        self._end.clear()
        ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
        ticker.start()
        try:
            yield
        finally:
            self._end.set()
            ticker.join(10)
            with self._lock:
                # Erases what stands there of steps that failed.
                self._screen.say("")
                self._screen = None

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """Do a step, and say at its end how long it took."""
        began = time.monotonic()
        with self._lock:
            self._began[name] = began
            if self._screen is not None:
                self._screen.begin(name, f"{self.title}: {name} …")
        try:
            yield
        finally:
            with self._lock:
                self._began.pop(name, None)
        self.say(f"{name}: {duration(time.monotonic() - began)}")

    def say(self, message: str) -> None:
        """Print a line that stays."""
        with self._lock:
            screen = self._screen or Screen(self.output or sys.stderr)
            screen.say(f"{self.title}: {message}")

    def _tick(self) -> None:
        while not self._end.wait(TICK_S):
            now = time.monotonic()
            with self._lock:
                lines = {
                    name: f"{self.title}: {name}, {duration(now - began)}"
                    for name, began in self._began.items()
                }
                if self._screen is not None:
                    self._screen.show(lines)


PROGRESS = Progress()
"""What all parts of the test cluster share."""


def main(name: str, *command: str) -> int:
    """Run a command as a step; print what it said only when it fails."""
    with PROGRESS.shown(), PROGRESS.step(name):
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode:
        sys.stderr.write(done.stdout)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
