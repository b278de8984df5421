"""A fault of an input, its place and its remedy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why an input was refused or an action failed."""

    place: str
    """Where it stands: a file with its line, or an origin such as a variable."""

    key: str | None
    """The Spark key or the key of the file, where there is one."""

    reason: str
    """What is wrong, one sentence."""

    remedy: str
    """What to do about it, one sentence."""

    @property
    def text(self) -> str:
        """The whole problem, on two lines."""
        head = self.place if self.key is None else f"{self.place}: {self.key}"
        return f"{head}\n  {self.reason} {self.remedy}".rstrip()
