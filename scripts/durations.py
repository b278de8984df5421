"""Keeps how long each lane and each test file took.

The log lies in the user's cache and has the last runs of each lane. Test files start
longest first by it, and the runner reports a lane that became slower. Where there is
no log yet, `tests/durations.json` gives the files' times. As a program, this module
writes that file from the log.
"""

import json
import os
import platform
import statistics
from pathlib import Path

from pydantic import BaseModel

from scripts.lanes.table import ROOT

SEED = ROOT / "tests/durations.json"
KEPT = 10
"""How many runs of each lane the log has."""
TOLERANCE = 1.1
"""How much longer than the median of earlier runs a lane may take unreported."""


class Run(BaseModel):
    """One whole run of a lane in which every test passed."""

    machine: str
    """Where: times of another machine say nothing about this one."""
    seconds: float
    """The time of the lane."""
    files: dict[str, float]
    """The seconds in each test file."""


class Log(BaseModel):
    """The last runs of each lane, oldest first."""

    lanes: dict[str, list[Run]] = {}
    """By name."""


def log_file() -> Path:
    """Return the place of the log."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "cygnet/tests/durations.json"


def machine() -> str:
    """Return what distinguishes this machine: its name and its processors."""
    return f"{platform.node()} with {os.cpu_count()} processors"


def load() -> Log:
    """Read the log; one that is missing or not readable counts as empty."""
    try:
        return Log.model_validate_json(log_file().read_bytes())
    except (OSError, ValueError):
        return Log()


def add(lane: str, run: Run) -> None:
    """Add a run to the log, in one step, and drop the oldest beyond those kept."""
    log = load()
    log.lanes[lane] = [*log.lanes.get(lane, []), run][-KEPT:]
    _write(log_file(), log.model_dump_json(indent=1))


def expected() -> dict[str, float]:
    """Return the seconds of each known test file, by path.

    They are the median of the log, else what the project's own file has.
    """
    found: dict[str, list[float]] = {}
    for run in (run for runs in load().lanes.values() for run in runs):
        for file, seconds in run.files.items():
            found.setdefault(file, []).append(seconds)
    medians = {file: statistics.median(it) for file, it in found.items()}
    return {**_seed(), **medians}


def usual(lane: str) -> tuple[float, int] | None:
    """Return the median time of a lane on this machine, and of how many runs."""
    runs = load().lanes.get(lane, [])
    seconds = [it.seconds for it in runs if it.machine == machine()]
    return (statistics.median(seconds), len(seconds)) if seconds else None


def slowness(lane: str, seconds: float) -> str:
    """Describe in a sentence how a lane became slower; empty if it did not."""
    found = usual(lane)
    if found is None or seconds <= found[0] * TOLERANCE:
        return ""
    median, runs = found
    return (
        f"{lane} took {seconds:.1f} s; the median of its last {runs} runs on this "
        f"machine is {median:.1f} s."
    )


def _seed() -> dict[str, float]:
    try:
        return {str(k): float(v) for k, v in json.loads(SEED.read_text()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _write(file: Path, text: str) -> None:
    """Write a file so that no reader meets a half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    unfinished.write_text(text + "\n")
    unfinished.replace(file)


def main() -> None:
    """Write the project's own file from what is known now."""
    there = {k: round(v, 1) for k, v in expected().items() if (ROOT / k).exists()}
    _write(SEED, json.dumps(dict(sorted(there.items())), indent=1))
    print(f"Wrote the seconds of {len(there)} test files to {SEED}.")


if __name__ == "__main__":
    main()
