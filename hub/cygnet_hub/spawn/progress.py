"""The lines that the waiting page shows while a server starts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the waiting page."""

    progress: int
    """How far the start is, from 0 to 100."""
    message: str
    """What happens, a sentence."""


class Progress:
    """The lines of one start: none twice, progress never going back."""

    def __init__(self, furthest: int = 0) -> None:
        self.furthest = furthest
        """How far the start is, from 0 to 100."""
        self._steps: list[Step] = []

    def say(self, step: Step) -> None:
        """Add a line, unless it is there."""
        if step.message not in {it.message for it in self._steps}:
            self.furthest = max(self.furthest, step.progress)
            self._steps.append(Step(self.furthest, step.message))

    def since(self, count: int) -> tuple[Step, ...]:
        """Return the lines after the first ones."""
        return tuple(self._steps[count:])
