"""What counts as the end of a process."""

import subprocess
import sys
import time
from collections.abc import Generator
from datetime import timedelta

import psutil
import pytest
from cygnet_hub.local import process_tree

from tests.support.waiting import until

# A parent that never asks how its child ended, such as a container's first process.
CARELESS = (
    "import signal, subprocess, sys\n"
    "child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1)\n"
    "print(child.pid, flush=True)\n"
    "signal.pause()"
)
PATIENCE = timedelta(minutes=1)
SHORT = timedelta(milliseconds=50)


@pytest.fixture
def orphan() -> Generator[psutil.Process]:
    """A process that nobody is going to reap."""
    command = [sys.executable, "-c", CARELESS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        yield psutil.Process(int(parent.stdout.readline()))
        parent.kill()


def test_end_of_an_unreaped_process_is_seen(orphan: psutil.Process) -> None:
    began = time.monotonic()

    process_tree.end([orphan], PATIENCE)

    assert orphan.status() == psutil.STATUS_ZOMBIE
    assert time.monotonic() - began < PATIENCE.total_seconds()
    assert not process_tree.identify(orphan.pid).is_running()


def test_what_does_not_end_is_named(orphan: psutil.Process) -> None:
    assert process_tree.await_end([orphan], SHORT) == [orphan]

    orphan.kill()

    until(lambda: process_tree.await_end([orphan], SHORT) == [], "it has ended")
