"""Shows one line for each lane that runs, and messages that stay.

On a terminal the lines are rewritten in place. Elsewhere, in continuous integration
for instance, a lane has a line when it begins, one a minute, and one when it ends.
"""

import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TextIO

PERIOD_S = 60.0
"""How often a lane has a line where lines cannot be rewritten."""
REDRAW_S = 0.5
UP_AND_CLEAR = "\x1b[{}F\x1b[J"
"""Moves the cursor up by lines, and clears from there on."""


@dataclass(slots=True)
class Screen:
    """Where the runner prints."""

    output: TextIO = field(default_factory=lambda: sys.stdout)
    """A terminal, or a file or pipe."""
    _drawn: int = 0
    _redrawn: float = 0.0
    _printed: dict[str, float] = field(default_factory=dict)

    @property
    def is_terminal(self) -> bool:
        """Whether lines can be rewritten."""
        return self.output.isatty()

    def show(self, lines: Mapping[str, str]) -> None:
        """Show the progress of each running lane, by its name."""
        now = time.monotonic()
        if self.is_terminal:
            if now - self._redrawn >= REDRAW_S:
                self._redrawn = now
                self._draw(lines)
            return
        for name in lines:
            if now - self._printed.setdefault(name, now) >= PERIOD_S:
                self._printed[name] = now
                self._print(lines[name])

    def begin(self, name: str, line: str) -> None:
        """Print that a lane begins, where that is not seen anyway."""
        self._printed[name] = time.monotonic()
        if not self.is_terminal:
            self._print(line)

    def say(self, text: str) -> None:
        """Print something that stays."""
        self._erase()
        self._redrawn = 0.0
        self._print(text)

    def _draw(self, lines: Mapping[str, str]) -> None:
        width = shutil.get_terminal_size().columns - 1
        self._erase()
        self._print("\n".join(it[:width] for it in lines.values()))
        self._drawn = len(lines)

    def _erase(self) -> None:
        if self._drawn:
            self.output.write(UP_AND_CLEAR.format(self._drawn))
            self._drawn = 0

    def _print(self, text: str) -> None:
        if text:
            self.output.write(f"{text}\n")
            self.output.flush()


def duration(seconds: float) -> str:
    """Write a time for the terminal."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
