"""What every lane has: skips that fail in CI, the installed packages, its time."""

import os
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LANES = tuple(sorted(it.name for it in Path(__file__).parent.iterdir() if it.is_dir()))
BEGAN = pytest.StashKey[float]()

# `tests.support` is found through the project's root. The root goes last, so that
# an installed wheel is tested and not the packages that lie beside the tests.
sys.path[:] = [it for it in sys.path if Path(it or ".").resolve() != ROOT]
sys.path.append(str(ROOT))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-test-data",
        action="store_true",
        help="rewrite golden files in tests/data from what the code gives",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[BEGAN] = time.monotonic()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],  # noqa: ARG001 - pytest passes hook arguments by name.
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if is_skip_a_fault() and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not skip in CI: {reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[
    None, pytest.CollectReport, pytest.CollectReport
]:
    report = yield
    if is_skip_a_fault() and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} may not skip in CI: {reason(report)}"
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    seconds = time.monotonic() - config.stash[BEGAN]
    seen = [lane for lane in LANES if any(f"tests/{lane}" in it for it in config.args)]
    name = " and ".join(seen) or "all lanes"
    terminalreporter.write_line(f"{name}: {seconds:.1f} s")


def is_skip_a_fault() -> bool:
    return os.environ.get("CI") == "true"


def reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    longrepr = report.longrepr
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)
