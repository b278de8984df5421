"""Runs every check of the project, one after the other, and sums up.

All of them run, also when one fails; the exit code is 0 only when none did.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
LANES = ("pure", "browser", "hub", "spark", "cluster")
"""What the browser shows in time is seen while nothing else is done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check ended."""

    name: str
    """What was checked."""
    exit_code: int
    """Zero when it succeeded."""
    seconds: float
    """How long it took."""


def checks(names: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Give the name and command of each check, or only of those in ``names``."""
    front_end = [str(BIN / "python"), "-m", "scripts.npm", "test"]
    table = {"lint": ["make", "lint"], "type": ["make", "type"], "page": front_end}
    for lane in LANES:
        table[lane] = [str(BIN / "pytest"), f"tests/{lane}"]
    unknown = set(names) - set(table)
    if unknown:
        sys.exit(f"No such check: {', '.join(unknown)}. There are {', '.join(table)}.")
    return ((name, table[name]) for name in names or table)


def run(name: str, command: list[str]) -> Outcome:
    """Run one check with its output shown."""
    print(f"\n== {name}: {' '.join(command)}", flush=True)
    began = time.monotonic()
    exit_code = subprocess.run(command, check=False).returncode
    return Outcome(name, exit_code, time.monotonic() - began)


def build_cluster() -> None:
    """Build what the cluster runs beside lanes that mostly wait.

    From nothing that is half an hour of processor, taken when nobody else wants it.
    The cluster lane waits for the end, and tells what went wrong by trying again.
    """
    task = [str(BIN / "python"), "-m", "tests.cluster.node", "build"]
    null = subprocess.DEVNULL
    subprocess.Popen(task, stdin=null, stdout=null, stderr=null)


def main(names: list[str]) -> int:
    """Run the checks and give the exit code of all of them together."""
    outcomes = []
    chosen = dict(checks(names))
    for name, command in chosen.items():
        if name == "hub" and "cluster" in chosen:
            build_cluster()
        outcomes.append(run(name, command))
    print("\n== all checks")
    for it in outcomes:
        verdict = f"FAILED ({it.exit_code})" if it.exit_code else "passed"
        print(f"{it.name:8} {verdict:12} {it.seconds:7.1f} s")
    return int(any(it.exit_code for it in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
