"""What this machine offers: the one place that measures it."""

import os
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Machine:
    """The parts of a machine that the start page speaks of."""

    cores: int
    """Processors that this process may use, at least 1."""
    memory_mib: int
    """Physical memory in MiB."""
    examples: frozenset[str]
    """Names of the files in ``examples`` of the directory that JupyterLab shows."""


def measure(root_dir: Path) -> Machine:
    """Measure the machine as it is now.

    There are no examples when their folder is missing or cannot be read.
    """
    try:
        examples = frozenset(file.name for file in (root_dir / "examples").iterdir())
    except OSError:
        examples = frozenset()
    return Machine(
        cores=_cores(),
        memory_mib=psutil.virtual_memory().total // 2**20,
        examples=examples,
    )


def _cores() -> int:
    """Count what the scheduler grants, which can be less than there is."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
