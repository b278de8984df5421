"""How a lane treats skips, and that it tells its time."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.source import ROOT

ONE_TEST = (
    "import pytest\n\ndef test_it():\n    pytest.skip('no tool: run `get tool`')\n"
)
WHOLE_MODULE = "import pytest\n\npytest.skip('no tool', allow_module_level=True)\n"
EXPECTED_FAILURE = (
    "import pytest\n\n"
    "@pytest.mark.xfail(reason='not yet')\n"
    "def test_it():\n    assert False\n"
)


def run(folder: Path, text: str, ci: str) -> subprocess.CompletedProcess[str]:
    lane = folder / "tests/pure"
    lane.mkdir(parents=True)
    shutil.copy(ROOT / "tests/conftest.py", folder / "tests")
    (lane / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/pure"]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("text", [ONE_TEST, WHOLE_MODULE])
def test_skip_is_a_failure_in_ci_alone(text: str, tmp_path: Path) -> None:
    at_home = run(tmp_path / "home", text, "")
    in_ci = run(tmp_path / "ci", text, "true")

    assert "1 skipped" in at_home.stdout
    assert in_ci.returncode not in {0, pytest.ExitCode.NO_TESTS_COLLECTED}
    assert "may not skip in CI: Skipped: no tool" in in_ci.stdout


def test_expected_failure_is_none_in_ci(tmp_path: Path) -> None:
    assert run(tmp_path, EXPECTED_FAILURE, "true").returncode == 0


def test_lane_tells_its_time(tmp_path: Path) -> None:
    said = run(tmp_path, ONE_TEST, "").stdout

    assert re.search(r"^pure: \d+\.\d s$", said, re.MULTILINE)
