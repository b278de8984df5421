"""What `make cluster-up` says: first all that is missing, then each step's time."""

import io
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typing_extensions import override

from scripts.lanes import screen
from tests.cluster.node import progress, requirement
from tests.cluster.node.progress import Progress
from tests.support.source import ROOT
from tests.support.waiting import until

CHECK = "tests.cluster.node.requirement"
STEP = "tests.cluster.node.progress"


class Terminal(io.StringIO):
    @override
    def isatty(self) -> bool:
        return True


def test_everything_missing_is_reported_at_once_and_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requirement, "PLACES", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(requirement, "ROOM_GIB", {tmp_path / "a": (10**6, 10**6)})
    monkeypatch.setattr(requirement, "FILE_SYSTEMS", ("ninefs",))
    monkeypatch.setattr(requirement, "fault", lambda: "Python has no `venv` here.")

    found = "\n".join(requirement.problems())

    assert re.search(r"apt-get install .*buildah.*socat.*` as root", found)
    assert "Go 1.26 or newer is missing" in found
    assert "root, with the right to make namespaces" in found
    assert "cannot mount ninefs" in found
    assert "Python has no `venv` here." in found
    assert f"1000000 GiB are needed below {tmp_path}" in found


def test_other_systems_need_a_virtual_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")

    assert requirement.lack() == "A node needs Linux: start it in a virtual machine."


def test_check_needs_nothing_that_is_installed(tmp_path: Path) -> None:
    check = subprocess.run(
        [sys.executable, "-S", "-m", CHECK],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert check.returncode == 1
    assert check.stderr.startswith("This machine lacks what the test cluster needs:\n")
    assert "Go 1.26 or newer is missing" in check.stderr
    assert "Traceback" not in check.stderr


def test_make_checks_before_it_installs_anything() -> None:
    makefile = (ROOT / "Makefile").read_text()
    rule = re.search(r"^cluster-up:(.*)\n((?:\t.*\n)+)", makefile, re.MULTILINE)

    assert rule is not None
    assert rule[1] == ""
    lines = rule[2].splitlines()
    # No syntax of a newer Python is read before it is known to be new enough.
    assert lines[0] == "\t@$(PYTHON) scripts/make_venv.py --only-look cluster-up"
    assert lines[1] == f"\t@$(PYTHON) -m {CHECK}"
    assert "$(MAKE)" in lines[2]
    assert f"$(PYTHON) -m {STEP}" in lines[2]


def test_step_has_one_line_that_is_rewritten_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "TICK_S", 0.01)
    monkeypatch.setattr(screen, "REDRAW_S", 0.0)
    output = Terminal()
    steps = Progress(output)

    with steps.shown(), steps.step("building"), steps.step("loading"):
        until(lambda: output.getvalue().count("loading, 0 s") > 1, "it is rewritten")

    told = output.getvalue()
    assert "cluster: building, 0 s\ncluster: loading, 0 s\n\x1b[2F\x1b[J" in told
    assert told.endswith("cluster: loading: 0 s\ncluster: building: 0 s\n")


def test_step_elsewhere_has_a_line_as_it_begins_each_minute_and_as_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "TICK_S", 0.01)
    monkeypatch.setattr(screen, "PERIOD_S", 0.05)
    output = io.StringIO()
    steps = Progress(output)

    with steps.shown(), steps.step("building"):
        until(lambda: "building, 0 s" in output.getvalue(), "it is said again")

    lines = output.getvalue().splitlines()
    assert lines[:2] == ["cluster: building …", "cluster: building, 0 s"]
    assert lines[-1] == "cluster: building: 0 s"


def test_failed_step_leaves_no_line_and_ends_what_shows_it() -> None:
    output = Terminal()
    steps = Progress(output)

    def build() -> None:
        with steps.shown(), steps.step("building"):
            until(lambda: "building, " in output.getvalue(), "it is shown")
            message = "broken"
            raise ValueError(message)

    with pytest.raises(ValueError, match="broken"):
        build()

    assert output.getvalue().endswith("\x1b[1F\x1b[J")


@pytest.mark.parametrize(("code", "told"), [(0, False), (3, True)])
def test_step_of_make_is_silent_unless_it_fails(code: int, *, told: bool) -> None:
    script = f"print('words'); raise SystemExit({code})"
    command = [sys.executable, "-S", "-m", STEP, "installing", sys.executable]

    done = subprocess.run(
        [*command, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == code
    assert ("words" in done.stderr) == told
    lines = r"cluster: installing …\ncluster: installing: \d+ s\n"
    assert re.match(lines, done.stderr)
