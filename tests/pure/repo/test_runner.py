"""The runner on small lanes: what it prints, its exit code, and what it leaves."""

import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from scripts.lanes.table import Errand, Lane
from tests.support.small_project import SmallProject

NAMES = ("one", "two", "three")
GOOD = """
from pathlib import Path

def test_one(): Path("met").touch()

def test_two(): pass
"""
# It ends well only at the same time as the lane that runs the tests above.
CHECK = """
for i in $(seq 600); do
  [ -e met ] && echo 'rule broken' && exit 3
  sleep 0.1
done
"""
# With a process below it that works in other threads than its first, as buildah has.
SLOW = (
    sys.executable,
    "-c",
    """
import os, subprocess, sys, time
from pathlib import Path
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
code = "import os, threading, time\\n"
code += "def wait():\\n    while os.sched_getscheduler(0): time.sleep(0.05)\\n"
code += "threading.Thread(target=wait).start(); wait()"
below = subprocess.Popen([sys.executable, "-c", code])
Path("idle").touch()
below.wait()
Path("hurried").touch()
""",
)
INSTALLS = ("sh", "-c", "sleep 2; touch installed")
NEEDS = ("sh", "-c", "[ -e installed ] && touch needed")
BAD = """
import pytest

@pytest.fixture
def server():
    raise OSError("no server")

@pytest.mark.parametrize("word", ["$a b"])
def test_bad(word):
    print("what it printed")
    assert word == "c"

def test_setup(server): pass
"""
# Two files that must not be in one process, and one test that must join the first.
APART = """
import os
from pathlib import Path
import pytest

def note(name):
    with Path(name).open("a") as file:
        file.write(f"{os.getpid()}\\n")

def test_a(): note("NAME")

def test_b(): note("NAME")

@pytest.mark.xdist_group("shared")
def test_c(): note("shared")
"""
STAYS = """
import os
import subprocess
import sys
import time
from pathlib import Path
import pytest

DAEMON = (
    "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', "
    "'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "time.sleep(600)'], start_new_session=True, stdout=subprocess.DEVNULL); "
    "print(p.pid)"
)

@pytest.fixture(scope="session")
def server():
    yield
    Path("ended").touch()

def test_stays(server):
    command = [sys.executable, "-c", DAEMON]
    pid = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    Path("unfinished").write_text(pid)
    Path("unfinished").rename("daemon")
    time.sleep(WAIT)
"""


def awaiting(file: str) -> tuple[str, ...]:
    """Give a command that ends well once there is a file."""
    wait = f"for i in $(seq 300); do [ -e {file} ] && exit 0; sleep 0.1; done; exit 3"
    return ("sh", "-c", wait)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, Path]:
    """Run lanes of which each is at fault in its own way, but one."""
    tools = ("sh", "-c", "echo no tool; exit 4")
    project = SmallProject(
        tmp_path_factory.mktemp("faulty"),
        (
            Lane("check", 1, command=("sh", "-c", CHECK)),
            Lane("good", 1),
            Lane("bad", 1, workers=2),
            Lane("broken", 1),
            Lane("apart", 2, workers=2),
            Lane("stays", 2),
            Lane("empty", 3),
        ),
        (
            Errand("tools", 3, tools, wanted_by=("empty",), is_awaited=True),
            Errand("early", 2, ("touch", "early"), ("empty",), is_awaited=False),
            Errand("installs", 1, INSTALLS, wanted_by=("stays",), is_awaited=True),
            Errand("needs", 2, NEEDS, wanted_by=("empty",), is_awaited=False),
            Errand("late", 1, ("touch", "late"), ("good",), is_awaited=False),
        ),
    )
    project.write(
        {
            "good/test_good.py": GOOD,
            "bad/test_bad.py": BAD,
            "broken/test_broken.py": "import nothing_of_this_name\n",
            "stays/test_stays.py": STAYS.replace("WAIT", "0"),
            "empty/test_empty.py": "",
            **{f"apart/test_{it}.py": APART.replace("NAME", it) for it in NAMES},
        }
    )
    return *project.run(), project.root


def test_any_fault_fails_the_run(faulty: tuple[int, str, Path]) -> None:
    code, said, _ = faulty

    assert code == 1
    rows = [it.split()[:2] for it in said.partition("== summary")[2].splitlines()]
    failed = [name for name, verdict in rows[2:9] if verdict == "FAILED"]
    assert failed == ["check", "bad", "broken", "empty"]


def test_failure_is_printed_with_output_and_command(
    faulty: tuple[int, str, Path],
) -> None:
    _, said, _ = faulty

    assert 'assert word == "c"' in said
    assert "--- Captured stdout call\nwhat it printed\n" in said
    assert "OSError: no server" in said
    command = "make test ARGS=''\"'\"'tests/bad/test_bad.py::test_bad[$$a b]'\"'\"''"
    assert f"Repeat it: {command}\n" in said
    assert "Repeat it: make test ARGS=tests/bad/test_bad.py::test_setup\n" in said


def test_summary_names_each_failure(faulty: tuple[int, str, Path]) -> None:
    _, said, _ = faulty

    summary = said.partition("== summary")[2]
    assert "make test ARGS=check  # exit code 3\n" in summary
    name = "test_bad[$$a b]"
    assert f"{name}'\"'\"''  # AssertionError: assert '$a b' == 'c'" in summary
    assert "test_setup  # OSError: no server\n" in summary
    missing = "ModuleNotFoundError: No module named 'nothing_of_this_name'"
    assert f"test_broken.py  # {missing}\n" in summary
    assert "test_good" not in summary


def test_file_that_cannot_be_collected_is_printed(
    faulty: tuple[int, str, Path],
) -> None:
    _, said, _ = faulty

    output = said.partition("== summary")[0]
    assert output.count("No module named 'nothing_of_this_name'") == 1
    assert "Repeat it: make test ARGS=tests/broken/test_broken.py\n" in said


def test_check_is_printed_with_its_log(faulty: tuple[int, str, Path]) -> None:
    _, said, root = faulty

    assert "rule broken\nRepeat it: make test ARGS=check\n" in said
    assert (root / "tests/artifacts/check.log").read_text() == "rule broken\n"


def test_progress_and_closing_line_of_each_lane(faulty: tuple[int, str, Path]) -> None:
    _, said, _ = faulty

    assert "\ngood     begins\n" in f"\n{said}"
    assert "\ngood     passed, 2 of 2 tests, 0 failed, " in said
    assert "\nbad      FAILED, 2 of 2 tests, 2 failed, " in said
    assert "\ngood     ==" in said
    assert " 2 passed in " in said


def test_errand_runs_during_or_before_the_stages_of_its_lanes(
    faulty: tuple[int, str, Path],
) -> None:
    _, said, root = faulty

    assert "tools failed: exit code 4\nno tool\n" in said
    assert said.index("no tool") < said.index("empty    begins")
    assert (root / "early").exists()
    assert (root / "needed").exists()
    # There is no earlier stage, and its lane does not wait for it.
    assert not (root / "late").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root may change the policy back.")
def test_idle_errand_hurries_once_its_lane_begins(tmp_path: Path) -> None:
    errand = Errand("slow", 1, SLOW, wanted_by=("second",), is_awaited=False)
    lanes = (
        Lane("first", 1, command=awaiting("idle")),
        Lane("second", 2, command=awaiting("hurried")),
    )
    with SmallProject(tmp_path, lanes, (errand,)).start() as process:
        said, _ = process.communicate(timeout=120)

    assert process.returncode == 0, said


def test_times_of_a_lane_are_kept_when_all_of_it_passed(
    faulty: tuple[int, str, Path],
) -> None:
    _, _, root = faulty

    log = json.loads((root / "cache/cygnet/tests/durations.json").read_text())

    assert list(log["lanes"]) == ["good", "apart", "stays"]
    assert list(log["lanes"]["good"][0]["files"]) == ["tests/good/test_good.py"]


def test_workers_share_files_and_keep_groups(faulty: tuple[int, str, Path]) -> None:
    _, said, root = faulty

    assert "apart    passed, 9 of 9 tests" in said
    pids = {it: set((root / it).read_text().split()) for it in (*NAMES, "shared")}
    assert all(len(it) == 1 for it in pids.values())
    assert len(set.union(*pids.values())) == 2


def test_process_that_a_lane_leaves_is_ended_and_named(
    faulty: tuple[int, str, Path],
) -> None:
    _, said, root = faulty

    assert "Ended a process that was left running: " in said
    assert not psutil.pid_exists(int((root / "daemon").read_text()))


@pytest.mark.parametrize(
    ("number", "workers"), [(signal.SIGTERM, 0), (signal.SIGINT, 2)]
)
def test_interrupt_ends_fixtures_and_leaves_nothing(
    number: signal.Signals, workers: int, tmp_path: Path
) -> None:
    project = SmallProject(tmp_path, (Lane("stays", 1, workers), Lane("later", 2)))
    stays = STAYS.replace("WAIT", "600")
    project.write({"stays/test_a.py": stays, "later/test_a.py": GOOD})

    code, said = project.interrupted(number, "daemon")

    assert code == 130
    assert "Interrupted: every lane and all its processes are ended.\n" in said
    assert "later    begins" not in said
    assert (tmp_path / "ended").exists()
    assert not psutil.pid_exists(int((tmp_path / "daemon").read_text()))


def test_unstable_test_is_named_with_its_share(tmp_path: Path) -> None:
    project = SmallProject(tmp_path, (Lane("shaky", 1),))
    shaky = 'import os\n\ndef test_a():\n    os.rename("once", "again")\n'
    project.write({"shaky/test_a.py": f"{shaky}\n\ndef test_b(): pass\n"})
    (tmp_path / "once").touch()

    code, said = project.run("shaky", "-n", "2", task="flaky")

    assert code == 1
    assert said.splitlines()[-1] == (
        "tests/shaky/test_a.py::test_a failed in 1 of 2 rounds. "
        "Repeat it: make test ARGS=tests/shaky/test_a.py::test_a"
    )
    loops = [
        it for it in psutil.process_iter(["cwd"]) if it.info["cwd"] == str(tmp_path)
    ]
    assert loops == []
