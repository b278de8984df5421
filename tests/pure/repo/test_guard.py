"""The guard of the lanes names the test that leaves something, and no other one."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.source import ROOT

CONFTEST = """
from tests.support import guard
from tests.support.guard import pytest_runtest_call, pytest_runtest_teardown
guard.PATIENCE_S = 0.3
"""
MODULE = """
import os, subprocess, sys
from pathlib import Path
import pytest

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
AWAY = {**QUIET, "start_new_session": True}
started, detached = [], []

@pytest.fixture(scope="module")
def shared():
    process = subprocess.Popen(SLEEP, **QUIET)
    yield process
    process.kill()
    process.wait()

def test_leaves_a_process():
    started.append(subprocess.Popen(SLEEP, **QUIET))

def test_leaves_a_detached_process():
    code = f"import subprocess as s; print(s.Popen({SLEEP!r}, **{AWAY!r}).pid)"
    command = [sys.executable, "-c", code]
    detached.append(int(subprocess.run(command, capture_output=True).stdout))

def test_leaves_a_file():
    (Path.home() / ".jupyter").mkdir()

def test_leaves_a_variable():
    os.environ["LEFT"] = "yes"

def test_leaves_nothing(shared, tmp_path):
    (tmp_path / "mine").touch()
    process = subprocess.Popen(["true"])
    process.wait()

def test_replaces_a_process(shared):
    started[0].kill()
    started[0].wait()
    started[0] = subprocess.Popen(SLEEP, **QUIET)

def test_ends_what_is_left():
    started[0].kill()
    started[0].wait()
    os.kill(detached[0], 9)
"""


def test_guard_names_the_test_and_what_it_leaves(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_it.py").write_text(MODULE)

    said = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_it.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    ).stdout

    found = re.findall(r"test_it\.py::test_(\w+) leaves:\nE? *(\w+)", said)
    assert dict(found) == {
        "leaves_a_process": "process",
        "leaves_a_detached_process": "process",
        "leaves_a_file": "file",
        "leaves_a_variable": "variable",
    }
    assert "7 passed, 4 errors" in said
