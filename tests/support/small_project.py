"""A project with lanes of its own, which the real runner runs in another process."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.lanes.table import Errand, Lane
from tests.support.source import ROOT
from tests.support.waiting import until

PROGRAM = """
import sys
from pathlib import Path
from scripts import flaky, run_tests
from scripts.lanes.table import Errand, Lane, Table
table = Table(Path.cwd(), {lanes}, {errands})
sys.exit({task}.main(sys.argv[1:], table))
"""
# The plugins that the runner needs, and none of the others, which take their time.
PLUGINS = "-p pytest_reportlog.plugin -p xdist.plugin -p no:cacheprovider"


@dataclass(frozen=True, slots=True)
class SmallProject:
    """Such a project."""

    root: Path
    lanes: tuple[Lane, ...]
    errands: tuple[Errand, ...] = ()

    def write(self, files: Mapping[str, str]) -> None:
        """Write test files; each lane has the conftest.py of the real ones."""
        for name, text in files.items():
            file = self.root / "tests" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        shutil.copy(ROOT / "tests/conftest.py", self.root / "tests")
        (self.root / "pytest.ini").write_text(
            "[pytest]\naddopts = --import-mode=importlib --strict-markers\n"
        )

    def start(self, *words: str, task: str = "run_tests") -> subprocess.Popen[str]:
        """Start the runner on the words of `ARGS`."""
        text = PROGRAM.format(lanes=self.lanes, errands=self.errands, task=task)
        return subprocess.Popen(
            [sys.executable, "-c", text, *words],
            cwd=self.root,
            env={
                **os.environ,
                "CI": "",
                "XDG_CACHE_HOME": str(self.root / "cache"),
                "PYTHONPATH": str(ROOT),
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                "PYTEST_ADDOPTS": PLUGINS,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str, task: str = "run_tests") -> tuple[int, str]:
        """Run it to its end, and give its exit code and what it printed."""
        with self.start(*words, task=task) as process:
            output, _ = process.communicate()
        return process.returncode, output

    def interrupted(self, number: signal.Signals, mark: str) -> tuple[int, str]:
        """Run it until a test has made a file, then send a signal."""
        with self.start() as process:
            until((self.root / mark).exists, f"a test makes {mark}")
            process.send_signal(number)
            output, _ = process.communicate()
        return process.returncode, output
