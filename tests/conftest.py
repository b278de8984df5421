"""What every lane has: skips that fail in CI, the installed packages, order, time."""

import os
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
LANES = tuple(sorted(it.name for it in Path(__file__).parent.iterdir() if it.is_dir()))
BEGAN = pytest.StashKey[float]()
SECONDS = pytest.StashKey[dict[str, float]]()

# `tests.support` is found through the project's root. The root goes last, so that
# an installed wheel is tested and not the packages that lie beside the tests.
sys.path[:] = [it for it in sys.path if Path(it or ".").resolve() != ROOT]
sys.path.append(str(ROOT))

from scripts import durations  # noqa: E402 - Found by the line above.
from scripts.lanes.node_id import bare  # noqa: E402 - As well.
from tests.support import order  # noqa: E402 - As well.


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-test-data",
        action="store_true",
        help="rewrite golden files in tests/data from what the code gives",
    )
    parser.addoption(
        "--count-file",
        type=Path,
        help="write the number of tests to this file, for `make test`",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[BEGAN] = time.monotonic()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - pytest-xdist may be missing.
    # All workers must order their tests alike, whatever another run writes meanwhile.
    if SECONDS not in node.config.stash:
        node.config.stash[SECONDS] = durations.expected()
    node.workerinput["seconds"] = node.config.stash[SECONDS]


# pytest-xdist appends the groups to the tests' ids in the same hook, tryfirst.
@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    if is_worker(config):
        order.arrange(items, config.workerinput["seconds"])  # type: ignore[attr-defined]
    yield


def pytest_collection_finish(session: pytest.Session) -> None:
    if not is_worker(session.config):
        write_count(session.config, len(session.items))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(
    node: Any,  # noqa: ANN401 - As above.
    ids: Sequence[str],
) -> None:
    write_count(node.config, len(ids))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],  # noqa: ARG001 - pytest passes hook arguments by name.
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if is_skip_a_fault() and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{bare(item.nodeid)} may not skip in CI: {reason(report)}"
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


def is_worker(config: pytest.Config) -> bool:
    """Say whether this process runs tests that another one distributes."""
    return hasattr(config, "workerinput")


def write_count(config: pytest.Config, count: int) -> None:
    file = config.getoption("count_file")
    if file is not None:
        file.write_text(str(count))


def is_skip_a_fault() -> bool:
    return os.environ.get("CI") == "true"


def reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    longrepr = report.longrepr
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)
