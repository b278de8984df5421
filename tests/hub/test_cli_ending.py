"""One stop of a service in which a lot is going on, and what each part had of it."""

import json
import os
import sys
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
import websocket
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import kernel_environment, process_tree
from cygnet_hub.local.kernel_environment import Wanted
from cygnet_hub.local.process_tree import Role

from tests.support.command import FOREVER, Command, Notebook, command
from tests.support.waiting import SLOW_S, until

LAST_WORDS = """
import atexit, pathlib, time
def write():
    time.sleep(0.5)
    pathlib.Path({file!r}).write_text("whole")
atexit.register(write)
"""
DEAF = """
async def ignore(*_): pass
get_ipython().kernel.control_handlers["shutdown_request"] = ignore
"""
NODE = '#!/bin/sh\necho "$@" >> "{file}"\nexit 1\n'
SIZE = 300_000


@dataclass
class Ended:
    """What is left of the service."""

    place: Command
    outcome: tuple[int, str]
    """The exit code of the stop, and what it said."""
    seconds: dict[Role, float]
    """When parts of it ended, after the stop was begun."""
    saves: int
    """How often the file was saved meanwhile."""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, kernels: Path) -> Generator[Ended]:
    directory = tmp_path_factory.mktemp("ending")
    programs = directory / "bin"
    programs.mkdir()
    (programs / "node").write_text(NODE.format(file=directory / "node-was-run"))
    (programs / "node").chmod(0o755)
    path = os.pathsep.join((str(programs), os.environ["PATH"]))
    with command(directory, kernels) as place, ThreadPoolExecutor() as threads:
        done = place.run("up", "--detach", PATH=path)
        assert done.returncode == 0, done.stderr
        with place.notebook("idle.ipynb") as idle, ExitStack() as open_ones:
            open_ones.enter_context(closing(page(place, idle.kernel_id)))
            busy, deaf = (
                Notebook.open(place, it) for it in ("busy.ipynb", "deaf.ipynb")
            )
            for it in (busy, deaf):
                open_ones.callback(it.client.stop_channels)
            for notebook, name in ((idle, "idle"), (busy, "busy")):
                file = str(place.root_dir / f"{name}.txt")
                notebook.run(LAST_WORDS.format(file=file))
            busy.begin(FOREVER)
            deaf.run(DEAF)
            saves = threads.submit(save, place)
            until((place.root_dir / "saved.txt").exists, "it is saved")
            ends = watch(place, threads)
            done = place.run("stop", "--yes")
            seconds = {role: it.result(SLOW_S) for role, it in ends.items()}
            outcome = done.returncode, done.stderr
            yield Ended(place, outcome, seconds, saves.result(SLOW_S))


def page(place: Command, kernel_id: str) -> websocket.WebSocket:
    """Connect to a kernel as a page does, and never notice the other side's end."""
    saved = place.hub.settings
    return websocket.create_connection(
        f"ws://127.0.0.1:{saved.port}/user/{saved.owner}/api/kernels/{kernel_id}/channels",
        header=[f"Authorization: token {saved.api_token.get_secret_value()}"],
    )


def save(place: Command) -> int:
    """Save a file again and again until nobody takes it any more."""
    number = 0
    while True:
        body = {"type": "file", "format": "text", "content": str(number % 10) * SIZE}
        try:
            place.ask_server("PUT", "contents/saved.txt", body)
        except (httpx.HTTPError, AssertionError):
            return number
        number += 1


def watch(place: Command, threads: ThreadPoolExecutor) -> dict[Role, Future[float]]:
    """Note when hub and notebook server end."""
    began = time.monotonic()

    def wait(process: psutil.Process) -> float:
        process.wait(SLOW_S)
        return time.monotonic() - began

    members = process_tree.take(place.data)
    return {
        role: threads.submit(wait, members.of(role)[0].process)
        for role in (Role.HUB, Role.SERVER)
    }


def test_everything_has_ended(ended: Ended) -> None:
    assert ended.outcome[0] == 0, ended.outcome
    assert "Ending the remaining processes" not in ended.outcome[1]
    assert ended.place.pids == set()


@pytest.mark.parametrize("kernel", ["idle", "busy"])
def test_kernel_has_its_chance_to_end_well(ended: Ended, kernel: str) -> None:
    assert (ended.place.root_dir / f"{kernel}.txt").read_text() == "whole"


def test_file_that_was_saved_meanwhile_is_whole(ended: Ended) -> None:
    text = (ended.place.root_dir / "saved.txt").read_text()

    assert len(text) == SIZE
    assert len(set(text)) == 1
    assert ended.saves > 0


def test_page_that_stays_connected_holds_nothing_up(ended: Ended) -> None:
    # Traefik's own grace is ten seconds, of which the kernels need three.
    assert ended.seconds[Role.HUB] - ended.seconds[Role.SERVER] < 5


def test_start_did_without_yarn(ended: Ended) -> None:
    run = ended.place.directory / "node-was-run"

    # Others may run Node.js: the finder of language servers asks npm for its folder.
    assert "yarn" not in (run.read_text() if run.exists() else "")


@pytest.mark.parametrize("is_kept", [True, False])
def test_packages_are_compiled_where_python_would_not_keep_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_kept: bool
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", not is_kept)
    stamp = json.dumps({"python": "{}.{}".format(*sys.version_info)})

    kernel_environment.ensure(DataDirectory(tmp_path), Wanted(("six",), stamp), print)

    place = DataDirectory(tmp_path).kernels
    assert bool(list(place.rglob("six.*.pyc"))) is not is_kept
