"""How a lane treats skips, and that it tells its time."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.source import ROOT

MODULES = {
    "test_one.py": "import pytest\n\ndef test_it():\n    pytest.skip('no tool')\n",
    "test_all.py": "import pytest\n\npytest.skip('no jar', allow_module_level=True)\n",
    "test_known.py": "import pytest\n\n@pytest.mark.xfail\n"
    "def test_it():\n    assert False\n",
}


def run(folder: Path, ci: str) -> str:
    lane = folder / "tests/pure"
    lane.mkdir(parents=True)
    shutil.copy(ROOT / "tests/conftest.py", folder / "tests")
    for name, text in MODULES.items():
        (lane / name).write_text(text)
    options = ["--continue-on-collection-errors", "--import-mode=importlib"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests/pure"],
        cwd=folder,
        env={
            **os.environ,
            "CI": ci,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            # What conftest.py imports of the project is found there.
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    ).stdout


def test_skip_is_a_skip_at_home_where_a_lane_reports_its_time(tmp_path: Path) -> None:
    said = run(tmp_path, ci="")

    assert "2 skipped, 1 xfailed" in said
    assert re.search(r"^pure: \d+\.\d s$", said, re.MULTILINE)


def test_skip_is_a_failure_in_ci(tmp_path: Path) -> None:
    said = run(tmp_path, ci="true")

    assert "1 failed, 1 xfailed, 1 error" in said
    for sentence in ("Skipped: no tool", "Skipped: no jar"):
        assert f"may not skip in CI: {sentence}" in said
