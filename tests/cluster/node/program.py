"""Runs other programs, says what takes long, and waits for conditions."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.cluster.node.progress import PROGRESS

phase, say = PROGRESS.step, PROGRESS.say


class ClusterError(Exception):
    """What kept the test cluster from doing its work."""


def run(
    *command: str | Path,
    text: str | None = None,
    cwd: Path | None = None,
    **environment: str,
) -> str:
    """Run a command and give what it printed; fail with what it complained of."""
    result = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
    )
    if result.returncode:
        shown = " ".join(map(str, command))
        said = (result.stdout + result.stderr)[-4000:]
        message = f"`{shown}` ended with {result.returncode}:\n{said}"
        raise ClusterError(message)
    return result.stdout


def wait_for(what: str, is_so: Callable[[], bool], seconds: float = 90) -> None:
    """Wait for a condition, and say which one did not come true in time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            message = f"Waited {seconds:.0f} s in vain for {what}."
            raise ClusterError(message)
        time.sleep(0.1)
