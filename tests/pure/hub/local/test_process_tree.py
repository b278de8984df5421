"""Which processes are a service's, and what counts as the end of one."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import psutil
import pytest
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import port, process_tree
from cygnet_hub.local.process_tree import SERVICE_VARIABLE
from typing_extensions import override

from tests.support.port import free_ports
from tests.support.waiting import until

# A parent that never asks how its child ended, such as a container's first process.
CARELESS = (
    "import signal, subprocess, sys\n"
    "child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1)\n"
    "print(child.pid, flush=True)\n"
    "signal.pause()"
)
# Starts children that change its variables and one without any; prints their numbers.
PARENT = (
    "import json, os, subprocess, sys\n"
    "command = [sys.executable, '-c', 'input()']\n"
    "for it in json.loads(sys.argv[1]):\n"
    "    child = subprocess.Popen(command, stdin=-1, env={**os.environ, **it})\n"
    "    print(child.pid, flush=True)\n"
    "dropped = subprocess.Popen(command, stdin=-1, env={})\n"
    "print(dropped.pid, flush=True)\n"
    "input()"
)
# Many threads and much memory: after the first thread, the others end for a while.
LISTENER = """
import socket, sys, threading
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
memory = bytearray(200_000_000)
def spin():
    while True:
        sum(range(10_000))
for _ in range(30):
    threading.Thread(target=spin, daemon=True).start()
print("up", flush=True)
threading.Event().wait()
"""
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


@contextmanager
def tree(
    marks: Mapping[str, str], *children: Mapping[str, str]
) -> Generator[tuple[int, ...]]:
    """A process, children that change its variables, and one that has dropped them."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, json.dumps(children)],
        env={**os.environ, **marks},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        started = [int(parent.stdout.readline()) for _ in (*children, "dropped")]
        yield (parent.pid, *started)
        for pid in (*started, parent.pid):
            psutil.Process(pid).kill()


def test_what_a_notebook_server_started_is_found_without_its_variables(
    tmp_path: Path,
) -> None:
    ours, mark = {SERVICE_VARIABLE: str(tmp_path)}, {process_tree.MARK: "1"}
    other = {SERVICE_VARIABLE: str(tmp_path / "other")}

    with (
        tree({**ours, **mark}, {}, other) as (server, kernel, stranger, dropped),
        tree(ours) as (hub, nameless),
    ):
        found = process_tree.take(DataDirectory(tmp_path))

    inside = {it.process.pid for it in found.inside}
    assert inside == {server, kernel, dropped}
    assert found.pids == inside | {hub}
    assert not found.pids & {stranger, nameless}


def test_process_that_the_system_hides_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where /proc is mounted with `hidepid=1`: the number shows, and no more."""

    class Hidden(psutil.Process):
        @override
        def status(self) -> NoReturn:
            raise psutil.AccessDenied(self.pid)

    hidden = Hidden(psutil.Process().ppid())
    seen = psutil.process_iter

    def iterate() -> Iterator[psutil.Process]:
        yield hidden
        yield from (it for it in seen() if it != hidden)

    monkeypatch.setattr(psutil, "process_iter", iterate)
    marks = {SERVICE_VARIABLE: str(tmp_path), process_tree.MARK: "1"}
    with tree(marks) as (server, dropped):
        found = process_tree.take(DataDirectory(tmp_path))

    assert found.pids == {server, dropped}


def test_calling_process_is_no_member(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from cygnet_hub.data_directory import DataDirectory\n"
        "from cygnet_hub.local import process_tree\n"
        "print(process_tree.take(DataDirectory(Path(sys.argv[1]))).members)"
    )
    monkeypatch.setenv(SERVICE_VARIABLE, str(tmp_path))
    monkeypatch.setenv(process_tree.MARK, str(tmp_path))

    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == "()\n"


def test_ended_process_holds_no_port() -> None:
    (wanted,) = free_ports(1)
    command = [sys.executable, "-c", LISTENER, str(wanted)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listener:
        assert listener.stdout is not None
        assert listener.stdout.readline() == "up\n"
        process = psutil.Process(listener.pid)

        process.kill()

        assert process_tree.await_end([process], PATIENCE) == []
        assert port.is_free(wanted)
