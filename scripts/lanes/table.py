"""The table of lanes: what each one runs, with how many workers, and in which stage.

Lanes of one stage run at the same time, and a stage begins when the one before has
ended. To change what runs together or how many workers share a lane, change its line.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
PYTHON = str(BIN / "python")
CLOSING = re.compile(r"^=+ .* in \d+\.\d+s\b.* =+$|^=+ no tests ran .*=+$")
"""The line with which pytest ends."""
CHECKS_CLOSING = re.compile(
    r"^(?:All checks passed!|Found \d+ .*|\d+ files? (?:already|would be) .*"
    r"|Contracts: .*|Checked \d+ files? in .*|Success: no issues .*"
    r"|\u2139 (?:tests|pass|fail|duration_ms) .*)$"
)
"""The lines with which ruff, import-linter, biome, mypy and Node.js end."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of check."""

    name: str
    """As `ARGS` has it; for pytest, also the folder in `tests/`."""
    stage: int
    """When it runs: with all lanes of the same stage."""
    workers: int = 0
    """How many processes of pytest-xdist share its files; 0 runs them in one."""
    command: tuple[str, ...] = ()
    """What it runs; empty for pytest."""

    @property
    def is_pytest(self) -> bool:
        """Whether pytest runs it, so that it takes paths and options."""
        return not self.command

    @property
    def closing(self) -> re.Pattern[str]:
        """What the last lines of its tools look like."""
        return CLOSING if self.is_pytest else CHECKS_CLOSING


@dataclass(frozen=True, slots=True)
class Errand:
    """A program that prepares something for lanes while earlier ones run."""

    name: str
    """As the runner prints it."""
    stage: int
    """The earliest stage during which it runs."""
    command: tuple[str, ...]
    """What it runs."""
    wanted_by: tuple[str, ...]
    """The lanes that use what it prepares."""
    is_awaited: bool
    """Whether those lanes begin only after its end; if not, they wait themselves."""


@dataclass(frozen=True, slots=True)
class Table:
    """All lanes and errands of one project."""

    root: Path
    """The project's folder."""
    lanes: tuple[Lane, ...]
    """In the order of the summary."""
    errands: tuple[Errand, ...] = ()
    """What runs next to them."""

    @property
    def artifacts(self) -> Path:
        """The folder for the lanes' output."""
        return self.root / "tests/artifacts"


TABLE = Table(
    ROOT,
    lanes=(
        Lane("lint", 1, command=("make", "lint")),
        Lane("type", 1, command=("make", "type")),
        Lane("page", 1, command=(PYTHON, "-m", "scripts.npm", "test")),
        Lane("pure", 1),
        # Its tests see how long the page takes, so no other lane runs meanwhile.
        Lane("browser", 2),
        Lane("hub", 3, workers=3),
        Lane("spark", 4, workers=2),
        Lane("cluster", 5, workers=2),
    ),
    errands=(
        Errand(
            "packages",
            1,
            (PYTHON, "-m", "scripts.get_packages"),
            wanted_by=("browser", "hub", "spark", "cluster"),
            is_awaited=True,
        ),
        # From nothing that is half an hour of processor, of which it takes only what no
        # other program wants until the cluster lane begins. That waits for the end, and
        # reports what failed by trying again.
        Errand(
            "images",
            2,
            (PYTHON, "-m", "tests.cluster.node", "build"),
            wanted_by=("cluster",),
            is_awaited=False,
        ),
    ),
)
